//! What a JavaScript value holds, copied at once, before the container can change it.
//!
//! Invariant: own properties only, read once. What lies on a polluted prototype, behind a
//! throwing getter, in a promise or in a cycle cannot pose as an answer, and nothing here
//! throws.

use js_sys::{Array, JsString};
use serde_json::{Map, Value};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Array, js_name = isArray, catch)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(js_namespace = Object, catch)]
    fn entries(value: &JsValue) -> Result<Array, JsValue>;
}

/// The deepest documented answer has three levels. Also ends cycles.
const MAX_DEPTH: u32 = 8;

/// The value, if it can be read, is no deeper than 8 levels and has at most `max_size` fields
/// and characters of text; no text is copied before it is counted. What JSON does not know,
/// such as a function, is null.
pub(crate) fn snapshot(value: &JsValue, max_size: u32) -> Option<Value> {
    Budget(max_size).copy(value, MAX_DEPTH)
}

struct Budget(u32);

impl Budget {
    fn take(&mut self, size: u32) -> Option<()> {
        self.0 = self.0.checked_sub(size)?;
        Some(())
    }

    fn copy(&mut self, value: &JsValue, depth: u32) -> Option<Value> {
        Some(if let Some(flag) = value.as_bool() {
            Value::Bool(flag)
        } else if let Some(number) = value.as_f64() {
            number_value(number)
        } else if let Some(text) = value.dyn_ref::<JsString>() {
            Value::String(self.text(text)?)
        } else if value.is_object() {
            self.object(value, depth.checked_sub(1)?)?
        } else {
            // Nothing, or something that JSON does not know, such as a function.
            Value::Null
        })
    }

    fn text(&mut self, text: &JsString) -> Option<String> {
        self.take(text.length())?;
        Some(text.into())
    }

    fn object(&mut self, value: &JsValue, depth: u32) -> Option<Value> {
        let is_array = is_array(value).ok()?;
        let entries = entries(value).ok()?;
        self.take(entries.length())?;
        let mut items = Vec::new();
        let mut fields = Map::new();
        for index in 0..entries.length() {
            let entry: Array = entries.get(index).unchecked_into();
            let inner = self.copy(&entry.get(1), depth)?;
            if is_array {
                items.push(inner);
            } else {
                let name = self.text(entry.get(0).unchecked_ref())?;
                fields.insert(name, inner);
            }
        }
        Some(if is_array {
            Value::Array(items)
        } else {
            Value::Object(fields)
        })
    }
}

/// Whole numbers without a fraction, as JSON has them: a code `1003` reads `1003`. Neither
/// an infinity nor "not a number" is one in JSON.
fn number_value(number: f64) -> Value {
    let whole = number as i64;
    if whole as f64 == number {
        Value::from(whole)
    } else {
        Value::from(number)
    }
}
