//! The parameters of a method, and their checks.
//!
//! Unverified: the order of the checks, and that an empty text counts as missing.

use super::response::{BridgeError, Refusal};
use serde_json::Value;

#[derive(Debug)]
pub(super) struct Parameter {
    name: &'static str,
    kind: ParameterType,
    required: bool,
}

#[derive(Debug)]
pub(super) enum ParameterType {
    Text,
    Flag,
    /// Not negative.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// `#RRGGBB` or `#RRGGBBAA`.
    Colour,
    MetaData,
}

/// The documented keys of `metaData`; all are text.
const META_DATA: [&str; 10] = [
    "mini_app_id",
    "mini_app_version",
    "user_action",
    "completed_action",
    "page_id",
    "page_name",
    "component_id",
    "url",
    "error_code",
    "error_description",
];

pub(super) const fn required(name: &'static str, kind: ParameterType) -> Parameter {
    Parameter {
        name,
        kind,
        required: true,
    }
}

pub(super) const fn optional(name: &'static str, kind: ParameterType) -> Parameter {
    Parameter {
        name,
        kind,
        required: false,
    }
}

pub(super) fn check(parameters: &[Parameter], given: &Value) -> Result<(), Refusal> {
    if !given.is_object() && !given.is_null() {
        return Err(BridgeError::WrongType.because("the parameters are one object"));
    }
    parameters
        .iter()
        .try_for_each(|parameter| parameter.check(given.get(parameter.name)))
}

impl Parameter {
    /// Name, and whether it is required.
    #[cfg(test)]
    pub(super) fn signature(&self) -> (&'static str, bool) {
        (self.name, self.required)
    }

    fn check(&self, given: Option<&Value>) -> Result<(), Refusal> {
        let name = self.name;
        let nothing = match given {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => self.required && text.is_empty(),
            Some(Value::Object(map)) => {
                matches!(self.kind, ParameterType::MetaData) && map.is_empty()
            }
            Some(_) => false,
        };
        match given {
            Some(given) if !nothing => self.kind.check(given).map_err(|error| {
                error.because(format!("`{name}` has to be {}", self.kind.words()))
            }),
            _ if !self.required => Ok(()),
            _ if matches!(self.kind, ParameterType::MetaData) => {
                Err(BridgeError::NoMetaData.because(format!("`{name}` is missing or empty")))
            }
            _ => {
                let why = format!("`{name}` is missing: it is {}", self.kind.words());
                Err(BridgeError::MissingParameter.because(why))
            }
        }
    }
}

impl ParameterType {
    fn words(&self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Number => "a number, 0 or more".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Colour => "a colour such as #00AA13 or #00AA13FF".to_owned(),
            Self::MetaData => "an object whose documented fields are texts".to_owned(),
        }
    }

    fn check(&self, given: &Value) -> Result<(), BridgeError> {
        let (right_type, right_value) = match (self, given) {
            (Self::Text, Value::String(_)) | (Self::Flag, Value::Bool(_)) => (true, true),
            (Self::Number, Value::Number(number)) => {
                (true, number.as_f64().is_some_and(|number| number >= 0.0))
            }
            (Self::Word(words), Value::String(word)) => (true, words.contains(&word.as_str())),
            (Self::Colour, Value::String(colour)) => (true, is_colour(colour)),
            (Self::MetaData, Value::Object(map)) => {
                let text = |key: &&str| map.get(*key).is_none_or(Value::is_string);
                (META_DATA.iter().all(text), true)
            }
            _ => (false, false),
        };
        match (right_type, right_value) {
            (false, _) => Err(BridgeError::WrongType),
            (true, false) => Err(BridgeError::WrongValue),
            (true, true) => Ok(()),
        }
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// A checked text; empty where it is left out.
pub(super) fn text<'a>(params: &'a Value, name: &str) -> &'a str {
    params.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn number(params: &Value, name: &str) -> Option<f64> {
    params.get(name).and_then(Value::as_f64)
}

/// A checked flag; false where it is left out.
pub(super) fn flag(params: &Value, name: &str) -> bool {
    params.get(name).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(parameter: Parameter, given: Value) -> Result<(), BridgeError> {
        check(&[parameter], &given).map_err(|refusal| refusal.error)
    }

    #[test]
    fn a_refusal_names_the_parameter() {
        let why = |parameter, given| check(&[parameter], &given).unwrap_err().why.unwrap();
        let number = || required("duration", ParameterType::Number);
        assert_eq!(
            why(number(), json!({})),
            "`duration` is missing: it is a number, 0 or more"
        );
        assert_eq!(
            why(number(), json!({"duration": "3"})),
            "`duration` has to be a number, 0 or more"
        );
        let word = required("mode", ParameterType::Word(&["camera", "photo"]));
        assert_eq!(
            why(word, json!({"mode": "video"})),
            "`mode` has to be one of camera, photo"
        );
    }

    #[test]
    fn a_missing_a_mistyped_and_a_wrong_parameter_differ() {
        let colour = || optional("it", ParameterType::Colour);
        assert_eq!(code(colour(), json!({})), Ok(()));
        assert_eq!(code(colour(), json!({"it": "#ff00ff80"})), Ok(()));
        let bad = Err(BridgeError::WrongValue);
        assert_eq!(code(colour(), json!({"it": "red"})), bad);
        assert_eq!(code(colour(), json!({"it": "#fff"})), bad);
        assert_eq!(
            code(required("it", ParameterType::Number), json!({"it": -1})),
            bad
        );
        let text = || required("it", ParameterType::Text);
        assert_eq!(
            code(text(), json!({"it": ""})),
            Err(BridgeError::MissingParameter)
        );
        assert_eq!(
            code(text(), Value::Null),
            Err(BridgeError::MissingParameter)
        );
        assert_eq!(code(text(), json!("it")), Err(BridgeError::WrongType));
        assert_eq!(
            code(optional("it", ParameterType::Text), json!({"it": ""})),
            Ok(())
        );
    }

    #[test]
    fn meta_data_is_never_empty_and_its_documented_keys_are_text() {
        let meta = || required("metaData", ParameterType::MetaData);
        for empty in [
            json!({}),
            json!({"metaData": {}}),
            json!({"metaData": null}),
        ] {
            assert_eq!(code(meta(), empty), Err(BridgeError::NoMetaData));
        }
        for wrong in [
            json!({"metaData": "x"}),
            json!({"metaData": {"page_id": 1}}),
        ] {
            assert_eq!(code(meta(), wrong), Err(BridgeError::WrongType));
        }
        let own = json!({"metaData": {"page_id": "shop", "items": 2}});
        assert_eq!(code(meta(), own), Ok(()));
    }
}
