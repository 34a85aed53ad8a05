//! What a call comes to: the answer, what happens in the phone beside it, and what of it goes
//! into the ledger.

use super::reply::{Effect, Verdict};
use crate::container::{Container, Locale};
use serde_json::{Value, json};

/// A call that was not refused.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) verdict: Verdict,
    /// For the ledger: no personal data, no code, no token.
    pub(super) noted: Value,
}

impl Done {
    /// Calls the success callback, with fields beside the envelope's.
    pub(super) fn success(container: Container, fields: Value) -> Self {
        Self {
            verdict: Verdict::success(container, fields),
            noted: json!({}),
        }
    }

    /// With something that happens in the phone as well.
    pub(super) fn with(mut self, effect: Effect) -> Self {
        if let Verdict::Success { effects, .. } = &mut self.verdict {
            effects.push(effect);
        }
        self
    }

    /// With a short message over the page, in GoPay's language.
    pub(super) fn telling(self, container: Container, indonesian: &str, english: &str) -> Self {
        let text = match container.locale {
            Locale::Indonesian => indonesian,
            Locale::English => english,
        };
        self.with(Effect::Notice {
            text: format!("Simulator: {text}"),
            seconds: 3.0,
        })
    }

    /// With details for the ledger.
    pub(super) fn noting(self, noted: Value) -> Self {
        Self { noted, ..self }
    }
}

impl From<Verdict> for Done {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            noted: json!({}),
        }
    }
}
