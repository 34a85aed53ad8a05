//! What V1 has around the page: the bar above it, and toasts over it.

use super::{
    done::Done,
    parameter::{number, text},
    reply::Effect,
};
use crate::container::{Container, HeightShape};
use serde_json::{Map, Value, json};

/// The longest a toast stays, in seconds.
const LONGEST_TOAST: f64 = 30.0;

const BAR: [&str; 5] = [
    "title",
    "titleColor",
    "barStyle",
    "backgroundColor",
    "hideBackButton",
];

/// What was given is passed on to the phone; the rest of the bar stays as it is.
pub(super) fn change(container: Container, params: &Value) -> Done {
    let bar: Map<String, Value> = BAR
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), params.get(name)?.clone())))
        .collect();
    let bar = Value::Object(bar);
    Done::success(container, json!({}))
        .with(Effect::Bar { bar: bar.clone() })
        .noting(bar)
}

/// Docs disagree: see [`HeightShape`]. The numbers are those of the simulator's phone.
pub(super) fn height(container: Container) -> Done {
    let fields = match container.height_shape {
        HeightShape::Envelope => json!({}),
        HeightShape::Windvane => json!({"height": 54, "screenWidth": 390, "screenHeight": 844}),
    };
    Done::success(container, fields)
}

/// Unverified: the unit of `duration`; seconds, as in the related WindVane.
pub(super) fn toast(container: Container, params: &Value) -> Done {
    let message = text(params, "message");
    let seconds = number(params, "duration").unwrap_or_default();
    Done::success(container, json!({}))
        .with(Effect::Notice {
            text: message.to_owned(),
            seconds: seconds.min(LONGEST_TOAST),
        })
        .noting(json!({"characters": message.chars().count(), "duration": seconds}))
}
