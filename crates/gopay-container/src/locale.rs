//! The language GoPay is set to: `GPBase.getLocale`.

use crate::{
    Error,
    call::NoParams,
    method::Method,
    reply::{self, Reply},
};

pub(crate) const METHOD: Method<'static> = Method::quick("GPBase", "getLocale");

/// Asks which language the buyer has chosen in GoPay.
///
/// V2 only, no consent. <https://docs.midtrans.com/reference/frontend-v2#getlocale>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 10 s.
pub async fn get_locale() -> Result<Locale, Error> {
    let reply = METHOD.reply(&NoParams {}).await?;
    Locale::read(&reply)
}

/// The language GoPay is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locale {
    /// `id_ID`.
    Indonesian,
    /// `en_ID`.
    English,
    /// A locale that no page documents, as it came, cut to 200 characters. Foreign text:
    /// do not build paths or markup from it.
    Other(String),
}

impl Locale {
    /// Docs disagree: `frontend-v2` has `app_locale` at the top; a wrapper that was used
    /// inside GoPay (react-gopay-miniapp, commit a126248) changed to `data.appLocale`.
    /// Either is read.
    pub(crate) fn read(reply: &Reply) -> Result<Self, Error> {
        let locale = reply
            .text(["appLocale", "app_locale"])
            .map(str::trim)
            .filter(|locale| !locale.is_empty())
            .ok_or(Error::Unreadable {
                what: "no app_locale",
            })?;
        let language = locale.split(['_', '-']).next().unwrap_or_default();
        Ok(match language.to_ascii_lowercase().as_str() {
            // Java, and with it Android, long called Indonesian "in".
            "id" | "in" => Self::Indonesian,
            "en" => Self::English,
            _ => Self::Other(reply::clean(locale)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::answer,
        reply::{Callback, decode},
    };
    use serde_json::json;

    fn read(locale: serde_json::Value) -> Result<Locale, Error> {
        let answer = json!({"success": true, "app_locale": locale});
        Locale::read(&decode(Some(answer), Callback::Success)?)
    }

    #[test]
    fn the_locale_is_read_where_the_page_and_where_the_field_has_it() {
        for (name, locale) in [
            ("documented", Locale::English),
            ("indonesian", Locale::Indonesian),
            ("field", Locale::Indonesian),
        ] {
            let reply = answer("GPBase.getLocale", name).unwrap();
            assert_eq!(Locale::read(&reply), Ok(locale));
        }
    }

    #[test]
    fn the_language_decides_in_any_case_and_with_either_separator() {
        for (locale, language) in [
            ("id_ID", Locale::Indonesian),
            ("id-ID", Locale::Indonesian),
            ("in_ID", Locale::Indonesian),
            ("ID", Locale::Indonesian),
            ("en_ID", Locale::English),
            ("EN-us", Locale::English),
            ("jv_ID", Locale::Other("jv_ID".into())),
            ("../../etc", Locale::Other("../../etc".into())),
        ] {
            assert_eq!(read(json!(locale)), Ok(language));
        }
    }

    #[test]
    fn no_locale_is_unreadable() {
        for locale in [json!(null), json!(""), json!("  "), json!(7)] {
            let result = read(locale.clone());
            assert!(matches!(result, Err(Error::Unreadable { .. })), "{locale}");
        }
    }
}
