//! Where the app is at home: on the merchant's own site (Container V2), or in a package of
//! files that GoPay serves from somewhere else (Container V1).
//!
//! The same WebAssembly runs in both; the page says which it is, in `<meta name="merchant">`.

use super::meta;

/// Whether the app was opened from a package.
pub fn is_packaged() -> bool {
    merchant().is_some()
}

/// The merchant's origin, where the page is not on it.
pub fn merchant() -> Option<String> {
    meta("merchant")
}

/// The address of a path on the shop's own host, `/assets/logo.svg`. A package brings those
/// files along, and lies nobody knows where.
pub fn asset(path: &str) -> String {
    if is_packaged() {
        path.trim_start_matches('/').to_owned()
    } else {
        path.to_owned()
    }
}
