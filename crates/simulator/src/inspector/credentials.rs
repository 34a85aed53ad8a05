//! The likeliest mistake in an `Authorization` that is refused: of the mini-app API, whose AuthCredentials are sent as they
//! are, and of Snap, whose server key is sent in base64. Pure.

use crate::exchanges::Line;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::slice;

/// What may be taken for each other, of a merchant.
pub(super) struct Known<'a> {
    /// Of each mini app.
    pub(super) auth_credentials: &'a [&'a str],
    pub(super) client_secret: &'a str,
    pub(super) client_key: &'a str,
    /// Of production, and of the sandbox.
    pub(super) server_keys: [&'a str; 2],
    pub(super) is_sandbox: bool,
    pub(super) snap_client_keys: [&'a str; 2],
}

/// `is_exchange` is whether the call of the mini-app API exchanges an auth code; all others take what it returns.
pub(super) fn mistake(
    line: Line,
    is_exchange: bool,
    authorization: Option<&str>,
    known: &[Known<'_>],
) -> Option<String> {
    if line == Line::MiniAppApi && !is_exchange {
        let scheme = authorization.and_then(|it| it.split(' ').next());
        return (scheme != Some("Bearer")).then(|| {
            "this call takes a buyer's auth_token: send `Authorization: Bearer ` and the auth_token of the exchange"
                .to_owned()
        });
    }
    let right = match line {
        Line::MiniAppApi => "`Authorization: Basic ` and the AuthCredentials as they are",
        Line::Snap => "`Authorization: Basic ` and the base64 of the server key and a colon",
        _ => return None,
    };
    let found = match authorization {
        None => "there is no Authorization header".to_owned(),
        Some(given) => {
            let mut found = known.iter().map(|known| wrong(line, given, known));
            let found = found.find_map(|found| found);
            found.unwrap_or_else(|| format!("it is no {} that the simulator knows", name(line)))
        }
    };
    Some(format!("{found}: send {right}"))
}

const fn name(line: Line) -> &'static str {
    match line {
        Line::MiniAppApi => "AuthCredentials",
        _ => "server key",
    }
}

fn wrong(line: Line, given: &str, known: &Known<'_>) -> Option<String> {
    let own = match line {
        Line::MiniAppApi => known.auth_credentials,
        // That of the host is right, and not refused.
        _ => slice::from_ref(&known.server_keys[usize::from(known.is_sandbox)]),
    };
    let name = name(line);
    let (scheme, value) = given.split_once(' ').unwrap_or(("", given));
    if scheme.is_empty() && own.contains(&value) {
        return Some(format!("`Basic ` is missing before the {name}"));
    }
    if scheme != "Basic" {
        return Some(format!("the scheme is `{scheme}`"));
    }
    let decoded = STANDARD.decode(value.trim()).ok();
    let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let texts = [Some(value), decoded.as_deref()].into_iter().flatten();
    for (text, is_decoded) in texts.zip([false, true]) {
        let bare = text.trim().trim_matches('"').trim_end_matches(':');
        if own.contains(&bare) {
            let colon = text.trim().ends_with(':');
            return Some(match (line, is_decoded) {
                (Line::MiniAppApi, true) => "the AuthCredentials are in base64".to_owned(),
                (_, true) if !colon => "the colon after the server key is missing".to_owned(),
                (_, false) if line == Line::Snap => "the server key is not in base64".to_owned(),
                _ => format!("there is more than the {name}: a space, a quote or a colon"),
            });
        }
        let others = [
            ("client secret", known.client_secret),
            ("client key", known.client_key),
            ("client key of Snap", known.snap_client_keys[0]),
            ("client key of Snap", known.snap_client_keys[1]),
        ];
        let keys = [
            ("server key of production", known.server_keys[0]),
            ("server key of the sandbox", known.server_keys[1]),
        ];
        let apps = known.auth_credentials.iter();
        let apps = apps.map(|credentials| ("AuthCredentials", *credentials));
        let mut all = others.into_iter().chain(keys).chain(apps);
        if let Some((other, _)) = all.find(|(_, key)| *key == bare) {
            return Some(format!("it is the {other}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: Line, authorization: &str) -> String {
        let known = Known {
            auth_credentials: &["first credentials", "second"],
            client_secret: "client secret",
            client_key: "CLIENT-SNAP",
            server_keys: ["Mid-server-1", "SB-Mid-server-1"],
            is_sandbox: false,
            snap_client_keys: ["Mid-client-1", "SB-Mid-client-1"],
        };
        let given = Some(authorization).filter(|it| !it.is_empty());
        mistake(line, true, given, slice::from_ref(&known)).unwrap()
    }

    #[test]
    fn a_mistake_in_the_auth_credentials_is_named() {
        let base64 = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (authorization, words) in [
            (String::new(), "there is no Authorization header"),
            ("first credentials".to_owned(), "the scheme is `first`"),
            ("second".to_owned(), "`Basic ` is missing"),
            ("Bearer second".to_owned(), "the scheme is `Bearer`"),
            ("basic second".to_owned(), "the scheme is `basic`"),
            (base64("second"), "are in base64"),
            (base64("second:"), "are in base64"),
            (
                "Basic \"second\"".to_owned(),
                "more than the AuthCredentials",
            ),
            ("Basic client secret".to_owned(), "it is the client secret"),
            ("Basic CLIENT-SNAP".to_owned(), "it is the client key"),
            (base64("Mid-server-1:"), "it is the server key"),
            ("Basic else".to_owned(), "it is no AuthCredentials"),
        ] {
            let found = found(Line::MiniAppApi, &authorization);
            assert!(
                found.starts_with(words) || found.contains(words),
                "{authorization}: {found}"
            );
            assert!(found.ends_with("as they are"), "{found}");
        }
    }

    #[test]
    fn a_mistake_in_the_server_key_is_named() {
        let base64 = |text: &str| format!("Basic {}", STANDARD.encode(text));
        for (authorization, words) in [
            (
                base64("Mid-server-1"),
                "the colon after the server key is missing",
            ),
            ("Basic Mid-server-1".to_owned(), "is not in base64"),
            ("Mid-server-1".to_owned(), "`Basic ` is missing"),
            (base64("Mid-client-1:"), "it is the client key of Snap"),
            (base64("first credentials"), "it is the AuthCredentials"),
            (
                base64("SB-Mid-server-1:"),
                "it is the server key of the sandbox",
            ),
        ] {
            let found = found(Line::Snap, &authorization);
            assert!(found.contains(words), "{authorization}: {found}");
        }
    }

    #[test]
    fn a_call_for_a_buyer_takes_the_auth_token() {
        let known = Known {
            auth_credentials: &["first"],
            client_secret: "",
            client_key: "",
            server_keys: ["", ""],
            is_sandbox: false,
            snap_client_keys: ["", ""],
        };
        let found = |given| mistake(Line::MiniAppApi, false, given, slice::from_ref(&known));
        assert!(found(Some("Basic first")).unwrap().contains("Bearer"));
        assert!(found(None).unwrap().contains("auth_token"));
        assert_eq!(found(Some("Bearer unknown")), None);
    }
}
