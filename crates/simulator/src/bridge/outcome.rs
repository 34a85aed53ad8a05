//! The outcome of a call: the response with its effects, and the details for the ledger.

use super::response::{CallResponse, Effect};
use crate::container::{Container, Locale};
use serde_json::{Value, json};

/// A call that was not refused.
#[derive(Debug)]
pub(super) struct CallOutcome {
    pub(super) response: CallResponse,
    /// For the ledger: no personal data, no code, no token.
    pub(super) log: Value,
}

impl CallOutcome {
    pub(super) fn success(container: Container, fields: Value) -> Self {
        CallResponse::success(container, fields).into()
    }

    pub(super) fn with_effect(mut self, effect: Effect) -> Self {
        if let CallResponse::Success { effects, .. } = &mut self.response {
            effects.push(effect);
        }
        self
    }

    /// Shows a toast over the page, in GoPay's language.
    pub(super) fn with_toast(self, container: Container, indonesian: &str, english: &str) -> Self {
        let text = match container.locale {
            Locale::Indonesian => indonesian,
            Locale::English => english,
        };
        self.with_effect(Effect::Notice {
            text: format!("Simulator: {text}"),
            seconds: 3.0,
        })
    }

    pub(super) fn with_log(self, log: Value) -> Self {
        Self { log, ..self }
    }
}

impl From<CallResponse> for CallOutcome {
    fn from(response: CallResponse) -> Self {
        Self {
            response,
            log: json!({}),
        }
    }
}
