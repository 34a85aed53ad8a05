//! The bar above the page in Container V1: `GPNavigationBar`.

use crate::{Error, call::NoParams, method::Method};
use serde::{Deserialize, Serialize, Serializer};

pub(crate) const GET_HEIGHT: Method<'static> = Method::quick("GPNavigationBar", "getHeight");

/// Changes the bar above the page.
///
/// V1 only, no consent. Unverified: that a field which is left out stays as it is.
/// <https://docs.midtrans.com/reference/frontend-v1#update-navbar>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s.
pub async fn update(bar: NavigationBar<'_>) -> Result<(), Error> {
    let method = Method::quick("GPNavigationBar", "update");
    method.effect(&bar).await
}

/// Asks how high that bar is.
///
/// V1 only, no consent. <https://docs.midtrans.com/reference/frontend-v1#getheight>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s.
pub async fn get_height() -> Result<NavigationBarHeight, Error> {
    GET_HEIGHT.ask(&NoParams {}, "no height").await
}

/// The look of the bar above the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NavigationBar<'a> {
    /// The text in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// `#RRGGBB` or `#RRGGBBAA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title_color: Option<&'a str>,
    /// `float`, the one documented value: the bar lies over the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bar_style: Option<&'a str>,
    /// `#RRGGBB` or `#RRGGBBAA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_color: Option<&'a str>,
    /// Whether it has no back button.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_word")]
    pub hide_back_button: Option<bool>,
}

/// How high the bar is.
///
/// Unverified: the fields. The page's sample answer holds none of them; these are those of
/// the related WindVane, so each may be missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize)]
#[non_exhaustive]
#[serde(default, rename_all = "camelCase")]
pub struct NavigationBarHeight {
    /// Of the bar; in which pixels is not known.
    pub height: Option<f64>,
    /// Of the screen.
    pub screen_width: Option<f64>,
    /// Of the screen.
    pub screen_height: Option<f64>,
}

/// The page's sample has `'false'`, a string.
#[expect(clippy::ref_option, reason = "serde calls it so")]
fn as_word<S: Serializer>(flag: &Option<bool>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *flag == Some(true) { "true" } else { "false" })
}
