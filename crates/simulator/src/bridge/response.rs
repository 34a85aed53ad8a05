//! The bridge's responses and their envelopes `[frontend-v1]` `[frontend-v2]`.

use crate::{
    container::{Container, DataForm, ErrorCode, ErrorSpelling, FailureData},
    gopay_state::GoPayState,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What the SDK stand-in does with a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum CallResponse {
    Success {
        reply: Value,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        effects: Vec<Effect>,
    },
    Failure {
        reply: Value,
        /// For the console of the page; GoPay does not say it.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Shows one of the simulator's pages over the app; that page ends with another response.
    Show { page: String, calls_back: bool },
}

/// What happens in the phone after the callback.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Effect {
    Notice {
        text: String,
        seconds: f64,
    },
    /// The text goes into the clipboard.
    Copy {
        text: String,
    },
    /// The bar above the page changes; missing fields stay.
    Bar {
        bar: Value,
    },
    /// An event on `document`.
    Event {
        event: &'static str,
        place: Place,
        carries: Value,
    },
    /// Repeated events on `document`. Each value counts up from `from` by `by`, and restarts after
    /// `turn` steps.
    Start {
        event: &'static str,
        place: Place,
        every_ms: u64,
        carries: Value,
    },
    Stop {
        event: &'static str,
    },
}

/// Where an event has its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Detail,
    Param,
    Event,
}

impl CallResponse {
    /// Calls the success callback with the envelope and these fields, mostly `data`.
    pub(crate) fn success(container: Container, fields: Value) -> Self {
        let mut reply = json!({"success": true, "ret": "GP_SUCCESS"});
        if let (Some(reply), Value::Object(fields)) = (reply.as_object_mut(), fields) {
            reply.extend(fields);
        }
        if let (DataForm::Text, Some(data)) = (container.data_form, reply.get_mut("data")) {
            *data = Value::String(data.to_string());
        }
        Self::Success {
            reply,
            effects: Vec::new(),
        }
    }

    /// Whether the success callback is called in the end.
    pub(super) const fn ends_in_success(&self) -> bool {
        match self {
            Self::Success { .. } => true,
            Self::Failure { .. } => false,
            Self::Show { calls_back, .. } => *calls_back,
        }
    }

    pub(crate) fn failure(gopay: &GoPayState, refusal: impl Into<Refusal>) -> Self {
        let container = gopay.container;
        let Refusal { error, why } = refusal.into();
        let (code, message) = error.code_and_message();
        if error == BridgeError::NoMetaData {
            let reply = json!({
                "callbackId": gopay.ids.callback_id(),
                "errorCode": "GP_PARAM_ERR",
                "errorMessage": message,
                "ret": "GP_PARAM_ERR",
            });
            return Self::Failure { reply, why };
        }
        let blank = || (json!(""), "");
        // 1003, which no document has, was always seen as a number and in camelCase.
        let (spelling, (code, message)) = match (error, container.error_code) {
            (BridgeError::Outside, _) => (ErrorSpelling::Camel, (json!(code), message)),
            (_, ErrorCode::Text) => (container.error_spelling, (json!(code.to_string()), message)),
            (_, ErrorCode::Number) => (container.error_spelling, (json!(code), message)),
            (_, ErrorCode::Blank) => (container.error_spelling, blank()),
        };
        let mut reply = match spelling {
            ErrorSpelling::Camel => json!({
                "success": false,
                "errorCode": code,
                "errorType": "JS_BRIDGE_ERROR",
                "errorMessage": message,
                "ret": "GP_EXCEPTION",
            }),
            ErrorSpelling::Snake => json!({
                "success": false,
                "error_code": code,
                "error_type": "JS_BRIDGE_ERROR",
                "error_message": message,
                "ret": "GP_EXCEPTION",
            }),
        };
        if container.failure_data == FailureData::Null {
            reply["data"] = Value::Null;
        }
        Self::Failure { reply, why }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BridgeError {
    NotSupported,
    MissingParameter,
    WrongType,
    WrongValue,
    NoPermission,
    /// `GPAnalytics.trackEvent` without `metaData`, which has its own envelope.
    NoMetaData,
    /// Unverified: the code that pages saw outside GoPay; no document has it.
    Outside,
}

/// An error, and what the mistake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(super) error: BridgeError,
    pub(super) why: Option<String>,
}

impl From<BridgeError> for Refusal {
    fn from(error: BridgeError) -> Self {
        Self { error, why: None }
    }
}

impl BridgeError {
    pub(super) fn because(self, why: impl Into<String>) -> Refusal {
        Refusal {
            error: self,
            why: Some(why.into()),
        }
    }

    pub(super) fn code_and_message(self) -> (u16, &'static str) {
        match self {
            Self::NotSupported => (100, "Method not supported"),
            Self::MissingParameter => (200, "Incomplete parameter"),
            Self::NoMetaData => (200, "metaData can not be empty"),
            Self::WrongType => (201, "Invalid type"),
            Self::WrongValue => (202, "Parameter data error"),
            Self::NoPermission => (300, "Permission denied"),
            Self::Outside => (1003, "Not in GoPay"),
        }
    }
}
