//! The envelopes of the bridge `[frontend-v1]` `[frontend-v2]`.

use crate::{
    container::{Container, DataForm, ErrorCode, ErrorSpelling},
    id,
};
use serde::Serialize;
use serde_json::{Value, json};

/// What the SDK does with a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Calls the success callback.
    Success {
        reply: Value,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        effects: Vec<Effect>,
    },
    /// Calls the failure callback.
    Failure { reply: Value },
    /// Shows one of the simulator's pages over the app, and passes on the verdict it ends with.
    Show { page: String, calls_back: bool },
}

/// What happens in the phone once the callback has been called.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Effect {
    /// A short message over the page.
    Notice { text: String, seconds: f64 },
    /// The text is in the clipboard.
    Copy { text: String },
    /// The bar above the page changes; what is not in it stays.
    Bar { bar: Value },
    /// One event on `document`.
    Event {
        event: &'static str,
        place: Place,
        carries: Value,
    },
    /// Events on `document` until stopped. Each value counts up from `from` by `by`, and
    /// starts again after `turn` steps.
    Start {
        event: &'static str,
        place: Place,
        every_ms: u64,
        carries: Value,
    },
    /// No more of them.
    Stop { event: &'static str },
}

/// Where an event has what it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Detail,
    Param,
    Event,
}

impl Verdict {
    /// With fields beside the envelope's, `data` mostly.
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

    pub(crate) fn failure(container: Container, error: BridgeError) -> Self {
        let (code, message) = error.code_and_message();
        if error == BridgeError::NoMetaData {
            let reply = json!({
                "callbackId": id::opaque(),
                "errorCode": "GP_PARAM_ERR",
                "errorMessage": message,
                "ret": "GP_PARAM_ERR",
            });
            return Self::Failure { reply };
        }
        let blank = || (json!(""), "");
        // 1003, which no document has, is a number and in camelCase wherever it was seen.
        let (spelling, (code, message)) = match (error, container.error_code) {
            (BridgeError::Outside, _) => (ErrorSpelling::Camel, (json!(code), message)),
            (_, ErrorCode::Text) => (container.error_spelling, (json!(code.to_string()), message)),
            (_, ErrorCode::Number) => (container.error_spelling, (json!(code), message)),
            (_, ErrorCode::Blank) => (container.error_spelling, blank()),
        };
        let reply = match spelling {
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
        Self::Failure { reply }
    }
}

/// Why a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BridgeError {
    NotSupported,
    MissingParameter,
    WrongType,
    WrongValue,
    NoPermission,
    /// `GPAnalytics.trackEvent` without `metaData`, which has a form of its own.
    NoMetaData,
    /// Unverified: the code that pages saw outside GoPay; no document has it.
    Outside,
}

impl BridgeError {
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
