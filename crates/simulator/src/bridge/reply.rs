//! The envelopes of the bridge `[frontend-v1]` `[frontend-v2]`.

use crate::buyer::{Container, ErrorSpelling};
use serde::Serialize;
use serde_json::{Value, json};

/// What the SDK does with a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// Calls the success callback.
    Success { reply: Value },
    /// Calls the failure callback.
    Failure { reply: Value },
    /// Shows one of the simulator's pages over the app, and passes on the verdict it ends with.
    Show { page: String, calls_back: bool },
}

impl Verdict {
    /// With fields beside `data`, which is where some calls have them.
    pub(crate) fn success(fields: Value) -> Self {
        let mut reply = json!({"success": true, "ret": "GP_SUCCESS"});
        if let (Some(reply), Value::Object(fields)) = (reply.as_object_mut(), fields) {
            reply.extend(fields);
        }
        Self::Success { reply }
    }

    pub(crate) fn failure(container: Container, error: BridgeError) -> Self {
        let (code, message) = error.code_and_message();
        // The documents print the codes as text; 1003, which they do not know, is a number
        // and in camelCase wherever it was seen.
        let (code, spelling) = match error {
            BridgeError::Outside => (json!(code), ErrorSpelling::Camel),
            _ => (json!(code.to_string()), container.error_spelling),
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
    /// Unverified: the code that pages saw outside GoPay; no document has it.
    Outside,
}

impl BridgeError {
    fn code_and_message(self) -> (u16, &'static str) {
        match self {
            Self::NotSupported => (100, "Method not supported"),
            Self::MissingParameter => (200, "Incomplete parameter"),
            Self::WrongType => (201, "Invalid type"),
            Self::WrongValue => (202, "Parameter data error"),
            Self::NoPermission => (300, "Permission denied"),
            Self::Outside => (1003, "Not in GoPay"),
        }
    }
}

/// A parameter that has to be there and be text.
pub(crate) fn text<'a>(params: &'a Value, name: &str) -> Result<&'a str, BridgeError> {
    match params.get(name) {
        None | Some(Value::Null) => Err(BridgeError::MissingParameter),
        Some(Value::String(text)) if text.is_empty() => Err(BridgeError::MissingParameter),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(BridgeError::WrongType),
    }
}
