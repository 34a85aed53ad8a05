//! Paths of the app. PURE: text in, a value out. Not here: the browser's history.

use contract::OrderId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Shop,
    /// `/orders/{id}`: GoPay's own order history links here, so it works as a first page.
    Order(OrderId),
    /// `/orders`: all orders of the buyer.
    Orders,
    NotFound,
}

impl Route {
    /// Reads a path, without query and fragment.
    ///
    /// No server answers other paths of a package: there the route is in the fragment, see
    /// [`parse_fragment`](Self::parse_fragment).
    pub fn parse(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        match path.strip_prefix("/orders/") {
            Some(id) if is_id(id) => Self::Order(id.into()),
            Some(_) => Self::NotFound,
            None if path == "/orders" => Self::Orders,
            None if path.is_empty() || path == "/index.html" => Self::Shop,
            None => Self::NotFound,
        }
    }

    /// The path that [`parse`](Self::parse) reads as this route.
    pub fn path(&self) -> String {
        match self {
            Self::Order(id) => ["/orders/", id.as_str()].concat(),
            Self::Orders => "/orders".to_owned(),
            Self::Shop | Self::NotFound => "/".to_owned(),
        }
    }

    /// Reads a fragment, with its number sign: `#/orders/{id}?lang=en`. A fragment that does not begin
    /// with a slash belongs to another program and is the shop.
    pub fn parse_fragment(fragment: &str) -> Self {
        let path = split(fragment).0;
        if path.starts_with('/') {
            Self::parse(path)
        } else {
            Self::Shop
        }
    }

    /// The fragment that [`parse_fragment`](Self::parse_fragment) reads as this route.
    pub fn fragment(&self) -> String {
        ["#", &self.path()].concat()
    }
}

/// The query in a fragment, without its question mark.
pub fn fragment_query(fragment: &str) -> &str {
    split(fragment).1
}

fn split(fragment: &str) -> (&str, &str) {
    let fragment = fragment.trim_start_matches('#');
    fragment.split_once('?').unwrap_or((fragment, ""))
}

/// Whether `text` is safe as one segment of a path to the merchant.
fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_back_as_the_route_that_wrote_it() {
        for route in [Route::Shop, Route::Orders, Route::Order("0199-aB_c".into())] {
            assert_eq!(Route::parse(&route.path()), route);
        }
        assert_eq!(Route::parse("/orders/abc/"), Route::Order("abc".into()));
        assert_eq!(Route::parse("/orders/"), Route::Orders);
        assert_eq!(Route::parse(""), Route::Shop);
    }

    #[test]
    fn a_fragment_is_read_back_as_the_route_that_wrote_it() {
        for route in [Route::Shop, Route::Orders, Route::Order("0199-aB_c".into())] {
            assert_eq!(Route::parse_fragment(&route.fragment()), route);
        }
        for shop in [
            "",
            "#",
            "#/",
            "#?add=klepon",
            "#/?add=klepon",
            "#top",
            "#foo=1&bar",
        ] {
            assert_eq!(Route::parse_fragment(shop), Route::Shop, "{shop}");
        }
        assert_eq!(
            Route::parse_fragment("#/orders/abc?lang=en"),
            Route::Order("abc".into())
        );
        for nothing in ["#/top", "#/orders/../session", "#//orders/abc"] {
            assert_eq!(Route::parse_fragment(nothing), Route::NotFound, "{nothing}");
        }
    }

    #[test]
    fn a_fragment_has_a_query_of_its_own() {
        assert_eq!(
            fragment_query("#/?add=klepon&lang=en"),
            "add=klepon&lang=en"
        );
        assert_eq!(fragment_query("#/orders/abc"), "");
        assert_eq!(fragment_query(""), "");
    }

    #[test]
    fn an_id_that_could_reach_another_endpoint_is_no_order() {
        for path in [
            "/orders/../session",
            "/orders/a/b",
            "/orders/a%2Fb",
            "/orders/a?b",
            "/nothing",
        ] {
            assert_eq!(Route::parse(path), Route::NotFound, "{path}");
        }
    }
}
