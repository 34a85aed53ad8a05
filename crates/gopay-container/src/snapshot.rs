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

/// Deep enough for any documented answer, of which the deepest has three levels, and an end
/// for cycles.
const DEPTH: u32 = 8;

/// The value, if it is one that JSON knows, no deeper than 8 levels, with at most `room`
/// fields and characters of text, of which not one is copied before all are counted.
pub(crate) fn snapshot(value: &JsValue, room: u32) -> Option<Value> {
    Room(room).copy(value, DEPTH)
}

struct Room(u32);

impl Room {
    fn take(&mut self, size: u32) -> Option<()> {
        self.0 = self.0.checked_sub(size)?;
        Some(())
    }

    fn copy(&mut self, value: &JsValue, depth: u32) -> Option<Value> {
        if value.is_null() || value.is_undefined() {
            Some(Value::Null)
        } else if let Some(flag) = value.as_bool() {
            Some(Value::Bool(flag))
        } else if let Some(number) = value.as_f64() {
            Some(number_value(number))
        } else if let Some(text) = value.dyn_ref::<JsString>() {
            self.take(text.length())?;
            Some(Value::String(text.into()))
        } else if value.is_object() {
            self.copy_object(value, depth.checked_sub(1)?)
        } else {
            None
        }
    }

    fn copy_object(&mut self, value: &JsValue, depth: u32) -> Option<Value> {
        let is_array = is_array(value).ok()?;
        let entries = entries(value).ok()?;
        self.take(entries.length())?;
        let mut list = Vec::new();
        let mut fields = Map::new();
        for entry in entries.iter() {
            let entry: Array = entry.unchecked_into();
            let inner = entry.get(1);
            // As in JSON, a field that holds code is none.
            if inner.is_function() || inner.is_symbol() {
                continue;
            }
            let inner = self.copy(&inner, depth)?;
            if is_array {
                list.push(inner);
            } else {
                let name: JsString = entry.get(0).unchecked_into();
                self.take(name.length())?;
                fields.insert(name.into(), inner);
            }
        }
        Some(if is_array {
            Value::Array(list)
        } else {
            Value::Object(fields)
        })
    }
}

/// Whole numbers without a fraction, as JSON has them: a code `1003` reads `1003`.
fn number_value(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        Value::from(number as i64)
    } else {
        // Neither an infinity nor "not a number" is a number in JSON.
        Value::from(number)
    }
}
