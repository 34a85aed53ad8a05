//! Sensors and vibration. The values are no measurements: they count, so that a test knows
//! what comes.

use super::{
    done::Done,
    parameter::{number, text},
    reply::{Effect, Place},
};
use crate::{
    container::{Container, EventPlace, GyroSpelling, Version},
    world::World,
};
use serde_json::{Value, json};

/// The fastest documented interval; nothing comes faster.
const GAME_MS: u64 = 20;
const UI_MS: u64 = 60;
const NORMAL_MS: u64 = 200;
/// The phone is shaken once a second.
const SHAKE_MS: u64 = 1_000;

/// What can be listened to.
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

    /// Unverified: the unit of `frequency`; milliseconds here. For shaking it is the least
    /// time between two events.
    pub(super) fn every_ms(self, frequency: Option<f64>) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "numbers below zero were refused, and a fraction of a millisecond does not count"
        )]
        let asked = frequency.map(|frequency| frequency as u64);
        match self {
            Self::Shake => asked.unwrap_or(0).max(SHAKE_MS),
            _ => asked.unwrap_or(NORMAL_MS).max(GAME_MS),
        }
    }

    /// See [`Effect::Start`].
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
        "game" => GAME_MS,
        "ui" => UI_MS,
        _ => NORMAL_MS,
    }
}

pub(super) fn start(world: &World, sensor: Sensor, every_ms: u64) -> Done {
    let container = world.container;
    let fields = json!({"msg": sensor.message(container, true)});
    Done::success(container, fields)
        .with(Effect::Start {
            event: sensor.event(),
            place: place(container, documented_place(container, sensor)),
            every_ms,
            carries: sensor.carries(world.now().as_millisecond(), every_ms),
        })
        .noting(json!({"every_ms": every_ms}))
}

pub(super) fn stop(container: Container, sensor: Sensor) -> Done {
    let fields = json!({"msg": sensor.message(container, false)});
    Done::success(container, fields).with(Effect::Stop {
        event: sensor.event(),
    })
}

/// V1's one sensor is read from `param`, V2's from the event itself.
fn documented_place(container: Container, sensor: Sensor) -> Place {
    match (container.container, sensor) {
        (Version::V1, Sensor::Compass) => Place::Param,
        _ => Place::Event,
    }
}

/// Where an event has what it carries, now.
pub(super) fn place(container: Container, documented: Place) -> Place {
    match container.event_place {
        EventPlace::Documented => documented,
        EventPlace::Detail => Place::Detail,
        EventPlace::Param => Place::Param,
        EventPlace::Event => Place::Event,
    }
}

/// Unverified: the unit of `duration`; milliseconds by the sample's size.
pub(super) fn vibrate(container: Container, params: &Value) -> Done {
    let duration = number(params, "duration").unwrap_or_default();
    Done::success(container, json!({}))
        .telling(
            container,
            &format!("bergetar {duration} md"),
            &format!("vibrates for {duration} ms"),
        )
        .noting(json!({"duration": duration}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_comes_faster_than_a_game_needs() {
        assert_eq!(Sensor::Gyroscope.every_ms(Some(100.7)), 100);
        assert_eq!(Sensor::Gyroscope.every_ms(Some(0.0)), 20);
        assert_eq!(Sensor::Gyroscope.every_ms(None), 200);
        assert_eq!(Sensor::Shake.every_ms(Some(2.0)), 1_000);
        assert_eq!(Sensor::Shake.every_ms(Some(5_000.0)), 5_000);
    }
}
