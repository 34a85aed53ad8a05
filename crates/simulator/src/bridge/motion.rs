//! Sensors and vibration. The values count instead of measuring, so that a test can predict them.

use super::{
    outcome::CallOutcome,
    parameter::{number, text},
    response::{Effect, Place},
};
use crate::{
    container::{Container, EventPlace, GyroSpelling, Version},
    gopay_state::GoPayState,
};
use serde_json::{Value, json};

/// The shortest documented interval.
const GAME_INTERVAL_MS: u64 = 20;
const UI_INTERVAL_MS: u64 = 60;
const NORMAL_INTERVAL_MS: u64 = 200;
const SHAKE_INTERVAL_MS: u64 = 1_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sensor {
    Accelerometer,
    Compass,
    Gyroscope,
    Shake,
}

impl Sensor {
    fn event(self) -> &'static str {
        match self {
            Self::Accelerometer => "GPMotion.Event.accelerometer",
            Self::Compass => "GPMotion.Event.compass",
            Self::Gyroscope => "motion.gyro",
            Self::Shake => "motion.shake",
        }
    }

    fn message(self, container: Container, starts: bool) -> &'static str {
        match (self, starts) {
            (Self::Accelerometer, true) => "ACCELEROMETER_STARTED",
            (Self::Accelerometer, false) => "ACCELEROMETER_STOPPED",
            (Self::Compass, true) => "COMPASS_STARTED",
            (Self::Compass, false) => "COMPASS_STOPPED",
            (Self::Gyroscope, true) => match container.gyro_spelling {
                GyroSpelling::Sample => "GYROSCPOPE_STARTED",
                GyroSpelling::Comment => "GYROSCOPE_STARTED",
            },
            (Self::Gyroscope, false) => "GYROSCOPE_STOPPED",
            (Self::Shake, true) => "SHAKE_STARTED",
            (Self::Shake, false) => "SHAKE_STOPPED",
        }
    }

    /// Unverified: the unit of `frequency`; milliseconds here. For `Shake` it is the minimum between
    /// two events.
    pub(super) fn every_ms(self, frequency: Option<f64>) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "negative numbers were refused, and fractions of a millisecond are dropped"
        )]
        let asked = frequency.map(|frequency| frequency as u64);
        match self {
            Self::Shake => asked.unwrap_or(0).max(SHAKE_INTERVAL_MS),
            _ => asked.unwrap_or(NORMAL_INTERVAL_MS).max(GAME_INTERVAL_MS),
        }
    }

    fn carries(self, now_ms: i64, every_ms: u64) -> Value {
        let counts = |from: Value, turn: u64| json!({"from": from, "by": 1, "turn": turn});
        match self {
            Self::Compass => json!({
                "direction": counts(json!(0), 360),
                "timestamp": {"from": now_ms, "by": every_ms},
            }),
            Self::Accelerometer | Self::Gyroscope | Self::Shake => json!({
                "x": counts(json!(-1.5), 4),
                "y": counts(json!(-0.5), 2),
                "z": {"from": 9.81, "by": 0},
            }),
        }
    }
}

/// The named intervals of accelerometer and compass.
pub(super) fn interval(params: &Value) -> u64 {
    match text(params, "interval") {
        "game" => GAME_INTERVAL_MS,
        "ui" => UI_INTERVAL_MS,
        _ => NORMAL_INTERVAL_MS,
    }
}

pub(super) fn start(gopay: &GoPayState, sensor: Sensor, every_ms: u64) -> CallOutcome {
    let container = gopay.container;
    let fields = json!({"msg": sensor.message(container, true)});
    CallOutcome::success(container, fields)
        .with_effect(Effect::Start {
            event: sensor.event(),
            place: place(container, documented_place(container, sensor)),
            every_ms,
            carries: sensor.carries(gopay.now().as_millisecond(), every_ms),
        })
        .with_log(json!({"every_ms": every_ms}))
}

pub(super) fn stop(container: Container, sensor: Sensor) -> CallOutcome {
    let fields = json!({"msg": sensor.message(container, false)});
    CallOutcome::success(container, fields).with_effect(Effect::Stop {
        event: sensor.event(),
    })
}

/// V1's one sensor has its values in `param`, V2's in the event itself.
fn documented_place(container: Container, sensor: Sensor) -> Place {
    match (container.container, sensor) {
        (Version::V1, Sensor::Compass) => Place::Param,
        _ => Place::Event,
    }
}

/// The place of an event's values under the chosen switch.
pub(super) fn place(container: Container, documented: Place) -> Place {
    match container.event_place {
        EventPlace::Documented => documented,
        EventPlace::Detail => Place::Detail,
        EventPlace::Param => Place::Param,
        EventPlace::Event => Place::Event,
    }
}

/// Unverified: the unit of `duration`; milliseconds by the sample's size.
pub(super) fn vibrate(container: Container, params: &Value) -> CallOutcome {
    let duration = number(params, "duration").unwrap_or_default();
    CallOutcome::success(container, json!({}))
        .with_toast(
            container,
            &format!("bergetar {duration} md"),
            &format!("vibrates for {duration} ms"),
        )
        .with_log(json!({"duration": duration}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_at_least_the_shortest_documented_one() {
        assert_eq!(Sensor::Gyroscope.every_ms(Some(100.7)), 100);
        assert_eq!(Sensor::Gyroscope.every_ms(Some(0.0)), 20);
        assert_eq!(Sensor::Gyroscope.every_ms(None), 200);
        assert_eq!(Sensor::Shake.every_ms(Some(2.0)), 1_000);
        assert_eq!(Sensor::Shake.every_ms(Some(5_000.0)), 5_000);
    }
}
