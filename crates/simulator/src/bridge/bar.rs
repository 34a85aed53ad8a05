//! V1's native elements around the page: navigation bar and toasts.

use super::{
    outcome::CallOutcome,
    parameter::{number, text},
    response::Effect,
};
use crate::container::{Container, HeightShape};
use serde_json::{Map, Value, json};

const MAX_TOAST_SECONDS: f64 = 30.0;

const BAR_FIELDS: [&str; 5] = [
    "title",
    "titleColor",
    "barStyle",
    "backgroundColor",
    "hideBackButton",
];

/// Passes the given fields on to the phone; the other fields of the bar stay.
pub(super) fn change(container: Container, params: &Value) -> CallOutcome {
    let bar: Map<String, Value> = BAR_FIELDS
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), params.get(name)?.clone())))
        .collect();
    let bar = Value::Object(bar);
    CallOutcome::success(container, json!({}))
        .with_effect(Effect::Bar { bar: bar.clone() })
        .with_log(bar)
}

/// Docs disagree: see [`HeightShape`]. The numbers are those of the simulator's phone.
pub(super) fn height(container: Container) -> CallOutcome {
    let fields = match container.height_shape {
        HeightShape::Envelope => json!({}),
        HeightShape::Windvane => json!({"height": 54, "screenWidth": 390, "screenHeight": 844}),
    };
    CallOutcome::success(container, fields)
}

/// Unverified: the unit of `duration`; seconds, as in the related WindVane.
pub(super) fn toast(container: Container, params: &Value) -> CallOutcome {
    let message = text(params, "message");
    let seconds = number(params, "duration").unwrap_or_default();
    CallOutcome::success(container, json!({}))
        .with_effect(Effect::Notice {
            text: message.to_owned(),
            seconds: seconds.min(MAX_TOAST_SECONDS),
        })
        .with_log(json!({"characters": message.chars().count(), "duration": seconds}))
}
