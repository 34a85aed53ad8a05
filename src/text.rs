//! Everything the app says, in both of its languages. PURE.
//!
//! A language is one exhaustive match, so a sentence that is missing in one of them does
//! not compile. House rule for words: what happened, what about your money, what to do next.

mod en;
mod id;
mod message;
// Generated, with lines of any length.
#[rustfmt::skip]
pub mod shop;

pub use message::{Menu, Message};

use crate::locale::Locale;
use std::borrow::Cow;

impl Locale {
    /// What the menu says, in this language.
    pub fn menu(self, words: &Menu) -> Cow<'static, str> {
        match self {
            Self::Id => id::menu(words),
            Self::En => en::menu(words),
        }
    }

    /// The app's words in this language.
    pub fn say(self, message: &Message) -> Cow<'static, str> {
        match self {
            Self::Id => id::say(message),
            Self::En => en::say(message),
        }
    }
}
