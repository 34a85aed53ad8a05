//! Named values: `{"use": "order", "with": {"status": "paid"}}` stands for the body `order`
//! with another status.

use serde_json::{Map, Value};

/// How deep bodies may be made of bodies.
const DEEPEST: usize = 8;

/// The value with every `use` in it replaced by what it names.
pub(super) fn fill_in(value: Value, bodies: &Map<String, Value>) -> Result<Value, String> {
    fill(value, bodies, DEEPEST)
}

fn fill(value: Value, bodies: &Map<String, Value>, depth: usize) -> Result<Value, String> {
    match value {
        Value::Object(mut object) => match object.remove("use") {
            Some(Value::String(name)) => {
                let body = bodies.get(&name);
                let body =
                    body.ok_or_else(|| format!("uses the body {name}, which is in no file"))?;
                let depth = depth.checked_sub(1);
                let depth = depth.ok_or_else(|| format!("uses the body {name} in itself"))?;
                let mut body = fill(body.clone(), bodies, depth)?;
                if let Some(with) = object.remove("with") {
                    lay_over(&mut body, fill(with, bodies, depth)?);
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
                .map(|(key, value)| Ok((key, fill(value, bodies, depth)?)))
                .collect(),
        },
        Value::Array(values) => (values.into_iter())
            .map(|value| fill(value, bodies, depth))
            .collect(),
        value => Ok(value),
    }
}

/// Field by field where both are objects; else the upper one counts, `null` like any other.
fn lay_over(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(field) => lay_over(field, value),
                    None => drop(under.insert(key, value)),
                }
            }
        }
        (under, over) => *under = over,
    }
}
