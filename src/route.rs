//! Paths of the app. PURE: text in, a value out. Not here: the browser's history.

/// What an address of the app stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Shop,
    /// `/orders/{id}`: GoPay's own order history links here, so it works as a first page.
    Order(String),
    /// Anything else.
    NotFound,
}

impl Route {
    /// Reads a path, without query and fragment.
    pub fn parse(path: &str) -> Self {
        let path = path.trim_end_matches('/');
        match path.strip_prefix("/orders/") {
            Some(id) if is_id(id) => Self::Order(id.to_owned()),
            Some(_) => Self::NotFound,
            None if path.is_empty() || path == "/index.html" => Self::Shop,
            None => Self::NotFound,
        }
    }

    /// The path that [`parse`](Self::parse) reads as this route.
    pub fn path(&self) -> String {
        match self {
            Self::Order(id) => ["/orders/", id].concat(),
            Self::Shop | Self::NotFound => "/".to_owned(),
        }
    }
}

/// Whether `text` may be sent to the merchant as part of a path: nothing in it
/// can end the segment or climb out of it.
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
        for route in [Route::Shop, Route::Order("0199-aB_c".to_owned())] {
            assert_eq!(Route::parse(&route.path()), route);
        }
        assert_eq!(Route::parse("/orders/abc/"), Route::Order("abc".to_owned()));
        assert_eq!(Route::parse(""), Route::Shop);
    }

    #[test]
    fn an_id_that_could_reach_another_endpoint_is_no_order() {
        for path in [
            "/orders/",
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
