//! What an address outside the API stands for. Not here: whether there is such a file.
//!
//! Invariant: nothing but files that the page may load is looked for on disk: not what only a
//! web server has a use for, no hidden file, nothing above the bundle.

use strum::IntoStaticStr;

/// In the bundle, but no part of the app.
const BUNDLE_METADATA: [&str; 2] = ["/sizes.json", "/_headers"];

/// Ends of names that are other forms of a file, which it is answered with under its own name.
const COMPRESSED_SUFFIXES: [&str; 2] = [".br", ".gz"];

#[derive(Debug, PartialEq, Eq)]
pub(in crate::adapters::http) enum AssetRoute {
    /// A route of the app: the page, as it is painted before the app runs.
    Page(Boot),
    /// A file whose name holds a hash of its content, and which therefore never changes.
    Hashed,
    File,
    /// What is not served, whether it is there or not.
    Nothing,
}

/// What the page shows until the app runs: the value of `data-boot`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(in crate::adapters::http) enum Boot {
    Shop,
    Order,
    Orders,
}

impl AssetRoute {
    /// Reads a path as it was asked for, without its query.
    pub(in crate::adapters::http) fn parse(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        let hidden = path.split('/').any(|part| part.starts_with('.'));
        // No file of a bundle needs it in its name; what it stands for is not our concern.
        let disguised = path.contains('%');
        // The folder is served without the first slashes, and would have one of the names above.
        let has_empty_part = path.contains("//");
        let is_named_like_a_file = name.contains('.') || name.to_lowercase().contains("%2e");
        if hidden
            || BUNDLE_METADATA.contains(&path)
            || COMPRESSED_SUFFIXES.iter().any(|end| name.ends_with(end))
            || ((disguised || has_empty_part) && is_named_like_a_file)
        {
            Self::Nothing
        } else if !is_named_like_a_file || name == "index.html" {
            Self::Page(boot(path))
        } else if is_hashed(name) {
            Self::Hashed
        } else {
            Self::File
        }
    }
}

fn boot(path: &str) -> Boot {
    match path.strip_prefix("/orders") {
        Some("" | "/") => Boot::Orders,
        Some(order) if order.starts_with('/') => Boot::Order,
        _ => Boot::Shop,
    }
}

/// `mini-app-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.'])
        .any(|part| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_the_page_with_what_is_painted_first() {
        for (path, boot) in [
            ("/", Boot::Shop),
            ("/index.html", Boot::Shop),
            ("/anything/else", Boot::Shop),
            ("/ordersheet", Boot::Shop),
            ("/orders", Boot::Orders),
            ("/orders/", Boot::Orders),
            ("/orders/0123", Boot::Order),
            ("/orders/0123%20", Boot::Order),
        ] {
            assert_eq!(AssetRoute::parse(path), AssetRoute::Page(boot), "{path}");
        }
    }

    #[test]
    fn a_file_named_after_its_content_is_known_by_its_name() {
        assert_eq!(
            AssetRoute::parse("/mini-app-1f2e3d4c5b6a7980_bg.wasm"),
            AssetRoute::Hashed
        );
        assert_eq!(
            AssetRoute::parse("/boot-1f2e3d4c5b6a7980.js"),
            AssetRoute::Hashed
        );
        assert_eq!(
            AssetRoute::parse("/assets/products/kopi-susu.svg"),
            AssetRoute::File
        );
        assert_eq!(
            AssetRoute::parse("/app-1f2e3d4c5b6a798.js"),
            AssetRoute::File,
            "a digit short"
        );
    }

    #[test]
    fn a_file_that_is_no_part_of_the_app_has_no_route() {
        for path in [
            "/sizes.json",
            "//sizes.json",
            "/assets//products/kopi-susu.svg",
            "/sizes%2ejson",
            "/sizes%2Ejson",
            "/_headers",
            "/app-0123456789abcdef.js.br",
            "/index.html.gz",
            "/.env",
            "/.git/config",
            "/assets/.hidden/picture.svg",
            "/%2e%2e/merchant.toml",
            "/..%2fmerchant.toml",
            "/../merchant.toml",
        ] {
            assert_eq!(AssetRoute::parse(path), AssetRoute::Nothing, "{path}");
        }
    }
}
