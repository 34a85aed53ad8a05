//! Leaving the mini app for another page: `GPNavigator`.

use crate::{Error, method::Method};
use serde::Serialize;

/// Opens a place in GoPay, by a `gopay://` deeplink whose destination GoPay approved at
/// onboarding; any other is refused with code 202.
///
/// Both containers, no consent.
/// <https://docs.midtrans.com/reference/frontend-v2#launch-deeplink>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn launch_deeplink(deeplink: &str) -> Result<(), Error> {
    let method = Method::interactive("GPNavigator", "launchDeeplink");
    method.effect(&Deeplink { deeplink }).await
}

/// Opens a web address in a browser or an in-app page.
///
/// Both containers, no consent. GoPay's guidelines forbid leading buyers to external sites.
/// <https://docs.midtrans.com/reference/frontend-v2#launch-uri>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn launch_uri(uri: &str) -> Result<(), Error> {
    let method = Method::interactive("GPNavigator", "launchUri");
    method.effect(&Uri { uri }).await
}

#[derive(Serialize)]
struct Deeplink<'a> {
    deeplink: &'a str,
}

#[derive(Serialize)]
struct Uri<'a> {
    uri: &'a str,
}
