//! What the container tells a mini app about its buyer, and in which of the documented ways.

use serde::{Deserialize, Serialize};

/// The language of GoPay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Locale {
    /// Bahasa Indonesia.
    #[default]
    #[serde(rename = "id_ID")]
    Indonesian,
    /// English.
    #[serde(rename = "en_ID")]
    English,
}

/// Docs disagree: `app_locale` at the top level on the API page, `data.appLocale` in the field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LocaleShape {
    #[default]
    Documented,
    Field,
}

/// Docs disagree: camelCase on the V1 page, in the migration note and in the field,
/// snake_case in V2's samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorSpelling {
    #[default]
    Camel,
    Snake,
}

/// How the container behaves; each a switch of the control API.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Container {
    pub(crate) locale: Locale,
    pub(crate) locale_shape: LocaleShape,
    pub(crate) error_spelling: ErrorSpelling,
    /// Whether `GPConsent.getUserConsent` exists. V2's table lists it, nothing specifies it.
    pub(crate) get_user_consent: bool,
}
