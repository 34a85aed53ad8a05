//! Where the app is served: on the merchant's own site (Container V2), or as a package of files on
//! GoPay's hosts (Container V1).
//!
//! The same WebAssembly runs in both; the page says which it is, in `<meta name="merchant">`.

use super::meta;

/// Whether the app was opened from a package.
pub fn is_packaged() -> bool {
    merchant().is_some()
}

/// The merchant's origin, if the page is on another one.
pub fn merchant() -> Option<String> {
    meta("merchant")
}

/// The address of a file of the shop, `/assets/logo.svg`. A package brings these files along, under an
/// unknown path.
pub fn asset(path: &str) -> String {
    if is_packaged() {
        path.trim_start_matches('/').to_owned()
    } else {
        path.to_owned()
    }
}
