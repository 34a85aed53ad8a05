//! The options of `dist`.

use anyhow::{Result, bail};
use lexopt::prelude::*;

use crate::app::Bundle;
use crate::dist::{Container, Dist};
use crate::package::Package;

pub(super) fn parse(words: &mut lexopt::Parser) -> Result<Dist> {
    let (mut container, mut merchant, mut sdk) = (None, None, None);
    let mut bundle = Bundle::Release;
    while let Some(word) = words.next()? {
        let value = match word {
            Long("debug") if bundle != Bundle::Plain => {
                bundle = Bundle::Debug;
                continue;
            }
            Long("plain") if bundle != Bundle::Debug => {
                bundle = Bundle::Plain;
                continue;
            }
            Long("debug" | "plain") => bail!(not_together("--debug", "--plain")),
            Long("container") => &mut container,
            Long("merchant") => &mut merchant,
            Long("sdk") => &mut sdk,
            _ => return Err(word.unexpected().into()),
        };
        *value = Some(words.value()?.string()?);
    }
    let container = match (container.as_deref(), merchant, sdk) {
        // trunk's own page starts the app by an address that is none in a package.
        (Some("v1"), _, _) if bundle == Bundle::Plain => {
            bail!(not_together("--plain", "--container v1"))
        }
        (Some("v1"), None, _) => bail!(
            "a package cannot tell where its merchant is: add --merchant https://shop.example"
        ),
        (Some("v1"), Some(merchant), sdk) => Container::V1(Package {
            merchant: origin(merchant)?,
            sdk: sdk.map(address).transpose()?,
        }),
        (Some("v2") | None, None, None) => Container::V2,
        (Some("v2") | None, merchant, _) => {
            let option = merchant.map_or("--sdk", |_| "--merchant");
            bail!("{option} goes into a package: add --container v1, or leave it out")
        }
        (Some(word), _, _) => {
            bail!("`{word}` is no container of GoPay's: use v2, or v1 for a package")
        }
    };
    Ok(Dist { container, bundle })
}

fn not_together(one: &str, other: &str) -> String {
    format!("{one} and {other} do not go together: leave one out")
}

/// An origin as browsers write it. One that they would write otherwise is refused rather than
/// corrected: it has to be the same in the merchant's configuration.
fn origin(word: String) -> Result<String> {
    match host(&word) {
        Some((host, port)) if is_name(host) && port.is_none_or(is_port) => Ok(word),
        _ => bail!(
            "`{word}` is no merchant's origin: use https://shop.example, in small letters and \
             without a path; http is for this machine only"
        ),
    }
}

/// An address that can stand in a page between quotation marks.
fn address(word: String) -> Result<String> {
    let is_plain = word
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"\"'<>&\\`".contains(&byte));
    let (origin, _) = split_path(&word);
    match host(origin) {
        Some((host, port)) if is_plain && is_name(host) && port.is_none_or(is_port) => Ok(word),
        _ => bail!(
            "`{word}` is no address of an SDK: use https://...; http is for this machine only"
        ),
    }
}

/// Everything up to the path, and the path.
fn split_path(address: &str) -> (&str, &str) {
    let authority = address.find("://").map_or(0, |at| at + 3);
    let path = address[authority..].find('/');
    address.split_at(path.map_or(address.len(), |at| authority + at))
}

/// Host and port of an origin that may be used: with TLS, or on this machine.
fn host(origin: &str) -> Option<(&str, Option<&str>)> {
    let (scheme, authority) = origin.split_once("://")?;
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_here = host == "localhost" || host.ends_with(".localhost") || host == "127.0.0.1";
    (scheme == "https" || scheme == "http" && is_here).then_some((host, port))
}

fn is_name(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    })
}

fn is_port(port: &str) -> bool {
    port.parse().is_ok_and(|number: u16| number != 0) && !port.starts_with(['+', '0'])
}

#[cfg(test)]
mod tests {
    use super::super::explained;
    use super::*;

    fn shipped(container: Container) -> Dist {
        let bundle = Bundle::Release;
        Dist { container, bundle }
    }

    fn parsed(line: &str) -> Result<Dist, String> {
        let mut words = lexopt::Parser::from_args(line.split_whitespace());
        parse(&mut words).map_err(|error| format!("{:#}", explained(error)))
    }

    #[test]
    fn the_bundle_is_for_the_merchant_to_serve_unless_a_package_is_asked_for() {
        assert_eq!(parsed(""), Ok(shipped(Container::V2)));
        assert_eq!(parsed("--container v2"), Ok(shipped(Container::V2)));
    }

    #[test]
    fn the_debug_view_is_built_on_request_only() {
        let container = Container::V2;
        let bundle = Bundle::Debug;
        assert_eq!(parsed("--debug"), Ok(Dist { container, bundle }));
    }

    #[test]
    fn a_plain_bundle_goes_neither_into_a_package_nor_with_debug() {
        let container = Container::V2;
        let bundle = Bundle::Plain;
        assert_eq!(parsed("--plain"), Ok(Dist { container, bundle }));
        let packed = "--container v1 --merchant https://a.example --plain";
        let together = not_together("--plain", "--container v1");
        assert_eq!(parsed(packed), Err(together));
        let together = not_together("--debug", "--plain");
        assert_eq!(parsed("--plain --debug"), Err(together));
    }

    #[test]
    fn a_package_knows_its_merchant() {
        for merchant in [
            "https://shop.example",
            "https://shop.example:8443",
            "http://localhost:8080",
            "http://kedai.localhost",
            "http://127.0.0.1:8080",
        ] {
            assert_eq!(
                parsed(&format!("--merchant {merchant} --container v1")),
                Ok(shipped(Container::V1(Package {
                    merchant: merchant.to_owned(),
                    sdk: None
                })))
            );
        }
        let sdk = "http://localhost:9090/sdk/stable/gp-container.min.js";
        let line = format!("--container v1 --merchant https://a.example --sdk {sdk}");
        assert_eq!(
            parsed(&line),
            Ok(shipped(Container::V1(Package {
                merchant: "https://a.example".to_owned(),
                sdk: Some(sdk.to_owned())
            })))
        );
    }

    #[test]
    fn a_merchant_that_a_browser_would_write_otherwise_is_refused() {
        for word in [
            "shop.example",
            "http://shop.example",
            "https://shop.example/",
            "https://shop.example/app",
            "https://Shop.example",
            "https://shop.example:",
            "https://shop.example:0",
            "https://shop.example:08443",
            "https://user@shop.example",
            "https://shop.example?x",
            "https://shop..example",
            "https://",
            "ftp://localhost",
        ] {
            let message = parsed(&format!("--container v1 --merchant {word}")).unwrap_err();
            let told = format!("`{word}` is no merchant's origin: use https://shop.example");
            assert!(message.starts_with(&told), "{message}");
        }
    }

    #[test]
    fn an_sdk_that_would_break_the_page_is_refused() {
        for word in [
            "gp.js",
            "http://a.example/x.js",
            "https://a.example/\"x",
            "https:///x",
        ] {
            let line = format!("--container v1 --merchant https://a.example --sdk {word}");
            let message = parsed(&line).unwrap_err();
            let told = format!("`{word}` is no address of an SDK: use https://...");
            assert!(message.starts_with(&told), "{message}");
        }
    }

    #[test]
    fn an_error_names_what_does_not_go_together() {
        for (line, told) in [
            (
                "--container v1",
                "a package cannot tell where its merchant is: add --merchant ",
            ),
            ("--container v3", "`v3` is no container of GoPay's: use v2"),
            ("--container", "`--container` needs a value after it"),
            (
                "--merchant https://a.example",
                "--merchant goes into a package: add --container v1",
            ),
            (
                "--container v2 --sdk https://a.example/x.js",
                "--sdk goes into a package: add --container v1",
            ),
            ("v1", "`v1` is not understood here"),
        ] {
            let message = parsed(line).unwrap_err();
            assert!(message.starts_with(told), "{line}: {message}");
        }
    }
}
