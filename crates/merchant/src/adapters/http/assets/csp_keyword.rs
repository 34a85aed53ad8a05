//! The keyword by which a browser's policy allows WebAssembly.
//!
//! `'wasm-unsafe-eval'` is known from Chromium 97 and iOS 16 on. Browsers before that refuse
//! WebAssembly unless the policy has `'unsafe-eval'`, which allows JavaScript's `eval` too.
//!
//! Invariant: `'unsafe-eval'` goes only to versions that are known to need it. A user agent that
//! names no version, or a newer one as well, gets the strict policy; a browser for which that is
//! too strict says that the phone has to be updated (`src/boot.js`).

use axum::http::{HeaderMap, header};
use std::ops::Range;

/// Major versions that need `'unsafe-eval'` and can run the app otherwise. A WebView names the
/// version of Chromium: `; wv) ... Version/4.0 Chrome/88.0.4324.93 Mobile Safari/537.36`.
const CHROMIUM: Range<u32> = 85..97;

/// The same of the system, whose WebKit all browsers there use. A WebView names no more than that:
/// `(iPhone; CPU iPhone OS 15_8 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148`.
const IOS: Range<u32> = 15..16;

/// What a policy's `script-src` has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    WasmUnsafeEval,
    UnsafeEval,
}

impl Keyword {
    /// What the browser that sent these headers needs.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let agent = headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or("");
        let names_only = |versions: Range<u32>, before: &str| {
            let mut named = agent.split(before).skip(1).map(major).peekable();
            let is_named = named.peek().is_some();
            is_named && named.all(|it| it.is_some_and(|it| versions.contains(&it)))
        };
        if names_only(CHROMIUM, "Chrome/")
            || names_only(IOS, "CPU iPhone OS ")
            || names_only(IOS, "CPU OS ")
        {
            Self::UnsafeEval
        } else {
            Self::WasmUnsafeEval
        }
    }

    /// As it stands in a policy.
    pub(super) const fn source(self) -> &'static str {
        match self {
            Self::WasmUnsafeEval => "'wasm-unsafe-eval'",
            Self::UnsafeEval => "'unsafe-eval'",
        }
    }
}

/// The number that a version begins with.
fn major(version: &str) -> Option<u32> {
    let end = version.find(|c: char| !c.is_ascii_digit());
    version[..end.unwrap_or(version.len())].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn keyword(agent: &str) -> Keyword {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_str(agent).unwrap());
        Keyword::of(&headers)
    }

    fn chromium(version: &str) -> String {
        format!(
            "Mozilla/5.0 (Linux; Android 11; SM-A107F Build/RP1A.200720.012; wv) AppleWebKit/537.36 \
             (KHTML, like Gecko) Version/4.0 Chrome/{version} Mobile Safari/537.36 GoPay/1.2"
        )
    }

    fn ios(version: &str) -> String {
        format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS {version} like Mac OS X) AppleWebKit/605.1.15 \
             (KHTML, like Gecko) Mobile/15E148 GoPay/1.2"
        )
    }

    #[test]
    fn only_versions_that_need_it_get_unsafe_eval() {
        for agent in [
            chromium("85.0.4183.81"),
            chromium("88.0.4324.93"),
            chromium("96.0.4664.45"),
            ios("15_0"),
            ios("15_8_3"),
            ios("15_8").replace("iPhone; CPU iPhone", "iPad; CPU"),
        ] {
            assert_eq!(keyword(&agent), Keyword::UnsafeEval, "{agent}");
        }
        for agent in [
            chromium("97.0.4692.70"),
            chromium("156.0.0.0"),
            ios("16_0"),
            ios("26_1"),
        ] {
            assert_eq!(keyword(&agent), Keyword::WasmUnsafeEval, "{agent}");
        }
    }

    #[test]
    fn an_agent_that_cannot_be_placed_gets_the_strict_policy() {
        for agent in [
            "",
            "GoPay/1.2",
            "Chrome/",
            "Chrome/99999999999",
            "Chrome/-88",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
            // Too old for the app whatever its policy.
            &chromium("64.0.3282.137"),
            &ios("14_8"),
            // Versions that contradict each other.
            &chromium("156.0.0.0 Chrome/88.0.4324.93"),
            &chromium("88.0.4324.93 Chrome/156.0.0.0"),
        ] {
            assert_eq!(keyword(agent), Keyword::WasmUnsafeEval, "{agent}");
        }
        assert_eq!(Keyword::of(&HeaderMap::new()), Keyword::WasmUnsafeEval);
    }
}
