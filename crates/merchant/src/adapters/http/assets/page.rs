//! The page of the bundle, filled in and ready to be sent.
//!
//! In it, the address of the container SDK is the configured one, so that the simulator can
//! stand in for GoPay, the link that opens the mini app in GoPay is filled in, and so is what is
//! painted before the app runs.
//!
//! Where payments open in a browser, the SDK's element gives way to one that tells the app so, and a
//! banner says that no real money moves. Both are the merchant's, so that the bundle carries neither.

use super::{asset_route::Boot, csp_keyword::Keyword, encoding::Encoding};
use crate::config::CspExtra;
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::Bytes,
    http::{HeaderValue, header::InvalidHeaderValue},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::message::snap;
use std::io;

/// Where the page of the bundle loads the SDK from.
const SDK: &str = "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js";

/// What is reported and not stopped: a text that becomes HTML and may hold a script, see `src/boot.js`. Unverified:
/// whether GoPay's SDK writes such texts; where `phone.report` shows none, this can be required.
pub(super) const REPORTED_POLICY: HeaderValue = HeaderValue::from_static(
    "require-trusted-types-for 'script'; trusted-types default; report-uri /api/seen",
);

/// The page's empty place for the link into GoPay.
const DEEPLINK: &str = r#"<meta name="gopay-deeplink" content="">"#;

/// The page's empty place for Snap: the address of its script, and the client key behind a space.
const SNAP: &str = r#"<meta name="snap" content="">"#;

/// In the place of the SDK's element, where there is no container.
const SANDBOX_HEAD: &str = include_str!("sandbox-head.html");

/// Over each screen, where there is no real money.
const SANDBOX_BANNER: &str = include_str!("sandbox-banner.html");

/// Where the banner belongs.
const BODY: &str = "<body>";

/// What is painted first, as it is built.
const BOOT: &str = r#"data-boot="shop""#;

#[derive(Debug)]
pub(super) struct Template {
    /// The value of an attribute, like the deeplink; `None` where payments open in a browser.
    pub(super) sdk_url: Option<String>,
    pub(super) deeplink: String,
    pub(super) snap: Option<Snap>,
    pub(super) simulator: Option<Simulator>,
    /// Whether buyers reach it over TLS.
    pub(super) is_secure: bool,
    /// What the shop's configuration allows beyond that.
    pub(super) extra: CspExtra,
}

/// The simulator's two origins.
#[derive(Debug)]
pub(super) struct Simulator {
    /// Which the SDK's stand-in speaks to.
    pub(super) origin: String,
    /// Which frames the app; under the app's own host name where that is this machine, so that they are
    /// one site.
    pub(super) phone: String,
}

/// Snap Checkout, which the page loads when a payment is opened.
#[derive(Debug)]
pub(super) struct Snap {
    pub(super) origin: String,
    pub(super) client_key: String,
}

/// One page in all its forms, with the headers that follow from what is in it.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) policy: HeaderValue,
    /// The policy's word on frames for browsers that do not know it; it cannot name the simulator.
    pub(super) frame_options: Option<HeaderValue>,
    plain: Form,
    gzip: Form,
    brotli: Form,
}

#[derive(Debug)]
pub(super) struct Form {
    pub(super) bytes: Bytes,
    /// Another one where page, form or headers are others.
    pub(super) etag: HeaderValue,
}

/// The page cannot be made from what was built.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("an address in the page cannot be in a header")]
    Header(#[from] InvalidHeaderValue),
    #[error("the page cannot be packed")]
    Pack(#[from] io::Error),
}

impl Page {
    /// Takes tens of milliseconds: not for where requests are waiting.
    pub(super) fn make(
        template: &Template,
        built: &str,
        boot: Boot,
        keyword: Keyword,
    ) -> Result<Self, Error> {
        let page = template.fill_in(built, boot);
        let policy = template.policy(&page, keyword);
        let form = |encoding: Encoding| {
            let bytes = encoding.pack(page.as_bytes())?;
            let known_by = [policy.as_bytes(), &bytes].concat();
            let hash = hex::encode(&digest(&SHA256, &known_by).as_ref()[..16]);
            Ok::<_, Error>(Form {
                bytes: bytes.into(),
                etag: HeaderValue::from_str(&format!("\"{hash}\""))?,
            })
        };
        Ok(Self {
            plain: form(Encoding::Plain)?,
            gzip: form(Encoding::Gzip)?,
            brotli: form(Encoding::Brotli)?,
            frame_options: match template.simulator {
                Some(_) => None,
                None => Some(HeaderValue::from_static("DENY")),
            },
            policy: HeaderValue::from_str(&policy)?,
        })
    }

    pub(super) const fn form(&self, encoding: Encoding) -> &Form {
        match encoding {
            Encoding::Plain => &self.plain,
            Encoding::Gzip => &self.gzip,
            Encoding::Brotli => &self.brotli,
        }
    }
}

impl Template {
    fn fill_in(&self, built: &str, boot: Boot) -> String {
        let page = match &self.sdk_url {
            Some(sdk_url) => built.replace(SDK, sdk_url),
            None => in_sandbox(built),
        };
        let page = page.replace(
            DEEPLINK,
            &DEEPLINK.replace(r#""">"#, &format!(r#""{}">"#, self.deeplink)),
        );
        let page = match &self.snap {
            Some(Snap { origin, client_key }) => {
                let content = format!("{origin}{} {client_key}", snap::JS_PATH);
                page.replace(SNAP, &SNAP.replace(r#""">"#, &format!(r#""{content}">"#)))
            }
            None => page,
        };
        // The style sheet says the same words.
        match page.find("<html").and_then(|at| {
            let end = at + page[at..].find('>')?;
            Some((&page[..at], &page[at..end], &page[end..]))
        }) {
            Some((before, html, after)) => {
                let boot = BOOT.replace("shop", boot.into());
                [before, &html.replace(BOOT, &boot), after].concat()
            }
            None => page,
        }
    }

    /// Unverified: whether GoPay's own SDK needs more than this outside the simulator, such as
    /// hosts to talk to, or frames for its bridge. `gopay.csp_extra` allows it, and `/api/seen` says
    /// what was stopped.
    ///
    /// Only what the page itself brings may run or give it its looks: its own files, the
    /// scripts and styles that were built into it (by their hashes), and the SDK.
    ///
    /// What it stops is reported by `report-uri`, which every web view knows; where `report-to` stands
    /// beside it Chromium uses that alone, and its reports wait for a minute. So there is no
    /// `Reporting-Endpoints` either. A manifest, which the page does not have, falls under `default-src`.
    fn policy(&self, page: &str, keyword: Keyword) -> String {
        let wasm = keyword.source();
        let scripts = hashes(page, "script");
        let styles = hashes(page, "style");
        let sdk = match &self.sdk_url {
            Some(sdk_url) => format!(" {sdk_url}"),
            None => String::new(),
        };
        let more = |sources: &[String]| -> String {
            sources.iter().flat_map(|it| [" ", it.as_str()]).collect()
        };
        let (talk, framed_by) = match &self.simulator {
            Some(Simulator { origin, phone }) => (format!(" {origin}"), phone.as_str()),
            None => (String::new(), "'none'"),
        };
        let snap = match &self.snap {
            Some(snap) => format!(" {}", snap.origin),
            None => String::new(),
        };
        let frame = match [&talk, &*snap, &*more(&self.extra.frame)].concat() {
            nothing if nothing.is_empty() => " 'none'".to_owned(),
            sources => sources,
        };
        let (connect, img, script) = (
            more(&self.extra.connect),
            more(&self.extra.img),
            more(&self.extra.script),
        );
        // Without TLS there is nothing to upgrade to.
        let upgrade = match self.is_secure {
            true => "upgrade-insecure-requests; ",
            false => "",
        };
        format!(
            "default-src 'none'; script-src 'self' {wasm}{scripts}{sdk}{snap}{script}; \
             style-src 'self'{styles}; img-src 'self' data:{img}; font-src 'self'; \
             connect-src 'self'{talk}{connect}; frame-src{frame}; \
             worker-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; \
             {upgrade}report-uri /api/seen; frame-ancestors {framed_by}"
        )
    }
}

/// The page without the SDK, and with the banner.
fn in_sandbox(built: &str) -> String {
    let without_sdk = built.find(SDK).and_then(|at| {
        let begin = built[..at].rfind("<script")?;
        let end = "</script>";
        let rest = at + built[at..].find(end)? + end.len();
        Some([&built[..begin], SANDBOX_HEAD, &built[rest..]].concat())
    });
    let page = without_sdk.unwrap_or_else(|| built.to_owned());
    page.replacen(BODY, &[BODY, SANDBOX_BANNER].concat(), 1)
}

/// The sources that allow what stands in the page's elements of this name.
fn hashes(page: &str, element: &str) -> String {
    inline(page, element)
        .map(|text| {
            let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
            format!(" 'sha256-{hash}'")
        })
        .collect()
}

/// The text of every such element that stands in the page itself.
fn inline<'a>(page: &'a str, element: &str) -> impl Iterator<Item = &'a str> {
    let (start, end) = (format!("<{element}"), format!("</{element}>"));
    let starts: Vec<usize> = page.match_indices(&start).map(|(at, _)| at).collect();
    starts.into_iter().filter_map(move |at| {
        let (attributes, rest) = page[at + start.len()..].split_once('>')?;
        let (text, _) = rest.split_once(&end)?;
        (!attributes.contains("src=")).then_some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::http::client_report;

    fn template(simulator: Option<&str>) -> Template {
        Template {
            sdk_url: Some("http://localhost:9090/sdk.js".to_owned()),
            deeplink: "gopay://mini-app?a=1&amp;b=2".to_owned(),
            snap: None,
            simulator: simulator.map(|origin| Simulator {
                origin: origin.to_owned(),
                phone: origin.to_owned(),
            }),
            is_secure: true,
            extra: CspExtra::default(),
        }
    }

    const BUILT: &str = r#"<!doctype html><html lang="id" data-boot="shop"><head>
        <style>[data-boot="shop"]{color:red}</style>
        <meta name="gopay-deeplink" content="">
        <script src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js" async></script>
        <script type="module">boot()</script></head><body></body></html>"#;

    fn page(simulator: Option<&str>, boot: Boot) -> Page {
        Page::make(&template(simulator), BUILT, boot, Keyword::WasmUnsafeEval).unwrap()
    }

    fn policy(simulator: Option<&str>) -> String {
        let policy = page(simulator, Boot::Shop).policy;
        policy.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_page_with_snap_names_its_script_and_lets_it_run() {
        let mut with_snap = template(None);
        with_snap.snap = Some(Snap {
            origin: "https://app.midtrans.com".to_owned(),
            client_key: "Mid-client-a".to_owned(),
        });
        let page = with_snap.fill_in(SNAP, Boot::Shop);
        let content = "https://app.midtrans.com/snap/snap.js Mid-client-a";
        assert_eq!(page, format!(r#"<meta name="snap" content="{content}">"#));
        let policy = with_snap.policy(&page, Keyword::WasmUnsafeEval);
        for directive in ["script-src ", "frame-src "] {
            let (_, sources) = policy.split_once(directive).unwrap();
            let (sources, _) = sources.split_once(';').unwrap();
            assert!(
                sources
                    .split(' ')
                    .any(|it| it == "https://app.midtrans.com"),
                "{policy}"
            );
        }
        assert_eq!(template(None).fill_in(SNAP, Boot::Shop), SNAP);
    }

    #[test]
    fn the_page_gets_its_sdk_and_its_deeplink() {
        let filled = template(None).fill_in(BUILT, Boot::Shop);
        assert!(filled.contains(r#"src="http://localhost:9090/sdk.js""#));
        assert!(filled.contains(r#"content="gopay://mini-app?a=1&amp;b=2">"#));
        assert!(!filled.contains("gwk.gopayapi.com"));
    }

    #[test]
    fn a_page_of_the_sandbox_has_a_banner_and_no_container_sdk() {
        let sandbox = Template {
            sdk_url: None,
            deeplink: String::new(),
            ..template(None)
        };
        let filled = sandbox.fill_in(BUILT, Boot::Shop);
        assert!(!filled.contains("gp-container"));
        assert_eq!(filled.matches("<script").count(), 1);
        let meta = r#"<meta id="sandbox" name="environment" content="sandbox">"#;
        assert_eq!(filled.matches(meta).count(), 1);
        let banner = format!("<body>{SANDBOX_BANNER}</body>");
        assert!(filled.contains(&banner));
        let policy = sandbox.policy(&filled, Keyword::WasmUnsafeEval);
        let script = "script-src 'self' 'wasm-unsafe-eval' 'sha256-";
        assert!(policy.contains(script) && !policy.contains("gopay"));
        let (_, styles) = policy.split_once("style-src 'self'").unwrap();
        let (styles, _) = styles.split_once(';').unwrap();
        assert_eq!(
            styles.matches("'sha256-").count(),
            2,
            "the banner has a style"
        );
        let container = template(None).fill_in(BUILT, Boot::Shop);
        assert!(!container.contains("environment") && !container.contains("sandbox"));
    }

    #[test]
    fn only_the_root_element_names_the_skeleton() {
        let filled = template(None).fill_in(BUILT, Boot::Order);
        assert!(filled.contains(r#"<html lang="id" data-boot="order">"#));
        assert!(filled.contains(r#"<style>[data-boot="shop"]"#));
    }

    /// They are kept as they stand in the source.
    #[test]
    fn the_apps_own_page_has_the_places_to_fill_in() {
        let source = include_str!("../../../../../../index.html");
        assert_eq!(source.matches(SDK).count(), 1);
        assert_eq!(source.matches(DEEPLINK).count(), 1);
        assert_eq!(source.matches(BODY).count(), 1);
        let (_, html) = source.split_once("<html").unwrap();
        let (html, _) = html.split_once('>').unwrap();
        assert_eq!(html.matches(BOOT).count(), 1);
    }

    #[test]
    fn only_the_scripts_and_styles_in_the_page_are_allowed() {
        let policy = policy(None);
        let source = |text: &[u8]| format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text)));
        assert_eq!(policy.matches("'sha256-").count(), 2);
        let style = source(br#"[data-boot="shop"]{color:red}"#);
        assert!(policy.contains(&format!("style-src 'self' {style};")));
        let script = source(b"boot()");
        assert!(policy.contains(&format!("'wasm-unsafe-eval' {script} http")));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }

    #[test]
    fn without_a_simulator_the_policy_is_this() {
        let mut real = template(None);
        real.sdk_url = Some(SDK.to_owned());
        let page = BUILT.replace("boot()", "").replace("color:red", "");
        let empty = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
        let (script, style) = (empty(""), empty(r#"[data-boot="shop"]{}"#));
        assert_eq!(
            real.policy(&page, Keyword::WasmUnsafeEval),
            format!(
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{script}' {SDK}; \
                 style-src 'self' 'sha256-{style}'; img-src 'self' data:; font-src 'self'; \
                 connect-src 'self'; frame-src 'none'; worker-src 'none'; object-src 'none'; \
                 base-uri 'none'; form-action 'none'; upgrade-insecure-requests; \
                 report-uri /api/seen; frame-ancestors 'none'"
            )
        );
        real.is_secure = false;
        let policy = real.policy(&page, Keyword::WasmUnsafeEval);
        assert!(!policy.contains("upgrade"), "{policy}");
    }

    #[test]
    fn a_policy_has_one_keyword_for_webassembly() {
        let page = Page::make(&template(None), BUILT, Boot::Shop, Keyword::UnsafeEval).unwrap();
        let older = page.policy.to_str().unwrap();
        assert!(older.contains("script-src 'self' 'unsafe-eval' 'sha256-"));
        let same = older.replace("'unsafe-eval'", "'wasm-unsafe-eval'");
        assert_eq!(same, policy(None), "nothing else differs");
    }

    #[test]
    fn only_the_simulator_may_frame_the_app_and_only_where_there_is_one() {
        let simulated = policy(Some("http://localhost:9090"));
        assert!(simulated.ends_with("frame-ancestors http://localhost:9090"));
        assert_eq!(page(Some("http://sim"), Boot::Shop).frame_options, None);
        let real = policy(None);
        assert!(real.ends_with("frame-ancestors 'none'"));
        assert!(real.contains("connect-src 'self';"));
        assert_eq!(page(None, Boot::Shop).frame_options.unwrap(), "DENY");
    }

    #[test]
    fn the_configuration_widens_four_directives_and_no_other() {
        let only = |source: &str| vec![source.to_owned()];
        let mut wide = template(None);
        wide.extra = CspExtra {
            connect: only("https://*.gopayapi.com"),
            frame: only("gopay:"),
            img: only("blob:"),
            script: only("https://gwk.gopayapi.com"),
        };
        let wide = Page::make(&wide, BUILT, Boot::Shop, Keyword::WasmUnsafeEval)
            .unwrap()
            .policy;
        let wide = wide.to_str().unwrap();
        for directive in [
            "connect-src 'self' https://*.gopayapi.com;",
            "frame-src gopay:;",
            "img-src 'self' data: blob:;",
            "/sdk.js https://gwk.gopayapi.com;",
        ] {
            assert!(wide.contains(directive), "{directive} in {wide}");
        }
        let narrow = policy(None);
        let differ = wide.split(';').zip(narrow.split(';'));
        assert_eq!(differ.filter(|(one, other)| one != other).count(), 4);
        let both = Template {
            extra: CspExtra {
                frame: only("gopay:"),
                ..CspExtra::default()
            },
            ..template(Some("http://sim"))
        };
        let both = Page::make(&both, BUILT, Boot::Shop, Keyword::WasmUnsafeEval)
            .unwrap()
            .policy;
        assert!(
            both.to_str()
                .unwrap()
                .contains("frame-src http://sim gopay:;")
        );
    }

    #[test]
    fn what_any_directive_of_the_policy_stops_is_counted() {
        let policy = policy(None);
        let names = policy
            .split(';')
            .filter_map(|it| it.split_whitespace().next());
        let stop_nothing = ["report-uri", "upgrade-insecure-requests"];
        for name in names.filter(|name| !stop_nothing.contains(name)) {
            assert!(client_report::DIRECTIVES.contains(&name), "{name}");
        }
    }

    #[test]
    fn another_page_form_or_policy_has_another_tag() {
        let one = page(None, Boot::Shop);
        let other = page(None, Boot::Orders);
        let framed = page(Some("http://sim"), Boot::Shop);
        let older = Page::make(&template(None), BUILT, Boot::Shop, Keyword::UnsafeEval).unwrap();
        let tags = [
            &one.plain,
            &one.gzip,
            &one.brotli,
            &other.plain,
            &framed.plain,
            &older.plain,
        ];
        let mut tags: Vec<&HeaderValue> = tags.map(|form| &form.etag).to_vec();
        tags.sort_by_key(|tag| tag.as_bytes());
        tags.dedup();
        assert_eq!(tags.len(), 6);
    }
}
