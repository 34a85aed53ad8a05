//! Named bodies: `{"use": "order", "with": {"status": "paid"}}` is the body `order` with another
//! status.

use serde_json::{Map, Value};

/// How deep bodies may use other bodies.
const MAX_NESTING: usize = 8;

/// Replaces every `use` in the value by the named body.
pub(super) fn expand(value: Value, bodies: &Map<String, Value>) -> Result<Value, String> {
    expand_to(value, bodies, MAX_NESTING)
}

fn expand_to(value: Value, bodies: &Map<String, Value>, depth: usize) -> Result<Value, String> {
    match value {
        Value::Object(mut object) => match object.remove("use") {
            Some(Value::String(name)) => {
                let body = bodies.get(&name);
                let body =
                    body.ok_or_else(|| format!("uses the body {name}, which is in no file"))?;
                let depth = depth.checked_sub(1);
                let depth = depth.ok_or_else(|| format!("uses the body {name} in itself"))?;
                let mut body = expand_to(body.clone(), bodies, depth)?;
                if let Some(with) = object.remove("with") {
                    merge(&mut body, expand_to(with, bodies, depth)?);
                }
                match object.keys().next() {
                    None => Ok(body),
                    Some(key) => Err(format!(
                        "has {key} beside the body {name} that it uses: put it into `with`"
                    )),
                }
            }
            Some(_) => Err("has a `use` that is no name of a body".to_owned()),
            None => (object.into_iter())
                .map(|(key, value)| Ok((key, expand_to(value, bodies, depth)?)))
                .collect(),
        },
        Value::Array(values) => (values.into_iter())
            .map(|value| expand_to(value, bodies, depth))
            .collect(),
        value => Ok(value),
    }
}

/// Merges objects field by field; any other value, `null` too, replaces the base.
fn merge(base: &mut Value, patch: Value) {
    match (base, patch) {
        (Value::Object(base), Value::Object(patch)) => {
            for (key, value) in patch {
                match base.get_mut(&key) {
                    Some(field) => merge(field, value),
                    None => drop(base.insert(key, value)),
                }
            }
        }
        (base, patch) => *base = patch,
    }
}
