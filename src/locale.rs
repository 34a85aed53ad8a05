//! The languages of the app. PURE. Not here: its words (see `text`).

use contract::Wording;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    Id,
    En,
}

impl Locale {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The locale of such a tag, also of `en_ID` and the like.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next() {
            Some("id" | "in") => Some(Self::Id),
            Some("en") => Some(Self::En),
            _ => None,
        }
    }

    /// The locale that `?lang=en` selects.
    pub fn from_query(query: &str) -> Option<Self> {
        (query.trim_start_matches('?').split('&'))
            .find_map(|pair| pair.strip_prefix("lang="))
            .and_then(Self::from_tag)
    }

    pub fn other(self) -> Self {
        match self {
            Self::Id => Self::En,
            Self::En => Self::Id,
        }
    }

    /// The language's own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "Bahasa Indonesia",
            Self::En => "English",
        }
    }

    /// The merchant's words in this language.
    pub fn pick(self, wording: &Wording) -> &str {
        match self {
            Self::Id => &wording.id,
            Self::En => &wording.en,
        }
    }
}
