//! The phone's sensors, and its vibration: `GPMotion`.
//!
//! A sensor runs for as long as any stream of it lives: the last one to be dropped stops it.

use crate::{
    Error,
    call::{Method, NoParams},
    events::{Events, carried},
};
use futures_core::Stream;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    task::{Context, Poll},
    time::Duration,
};

/// Measures the phone's acceleration.
///
/// V2 only, no consent. Waits 10 s for the start.
/// <https://docs.midtrans.com/reference/frontend-v2#start-accelerometer>
pub async fn start_accelerometer(interval: Interval) -> Result<Readings<Vector>, Error> {
    static SENSOR: Sensor = Sensor::new("GPMotion.Event.accelerometer", || {
        Method::silent("GPMotion", "stopAccelerometer").tell(&NoParams {});
    });
    let method = Method::silent("GPMotion", "startAccelerometer");
    SENSOR.start(method, &Every { interval }).await
}

/// Measures where the phone points.
///
/// Both containers, no consent. Waits 10 s for the start.
/// <https://docs.midtrans.com/reference/frontend-v2#start-compass>
pub async fn start_compass(interval: Interval) -> Result<Readings<Heading>, Error> {
    static SENSOR: Sensor = Sensor::new("GPMotion.Event.compass", || {
        Method::silent("GPMotion", "stopCompass").tell(&NoParams {});
    });
    let method = Method::silent("GPMotion", "startCompass");
    SENSOR.start(method, &Every { interval }).await
}

/// Measures how the phone turns, so many `apart` from each other.
///
/// V2 only, no consent. Waits 10 s for the start. Unverified: that GoPay counts
/// milliseconds; the page gives no unit.
/// <https://docs.midtrans.com/reference/frontend-v2#listen-gyro>
pub async fn start_gyroscope(apart: Duration) -> Result<Readings<Vector>, Error> {
    const METHOD: Method<'static> = Method::silent("GPMotion", "listenGyro");
    static SENSOR: Sensor = Sensor::new("motion.gyro", || METHOD.tell(&Off { on: false }));
    let params = Gyroscope {
        on: true,
        frequency: milliseconds(apart),
    };
    SENSOR.start(METHOD, &params).await
}

/// Notices when the phone is shaken.
///
/// V2 only, no consent. Waits 10 s for the start.
/// <https://docs.midtrans.com/reference/frontend-v2#listening-shake>
pub async fn start_shake(shake: Shake) -> Result<Readings<Vector>, Error> {
    const METHOD: Method<'static> = Method::silent("GPMotion", "listeningShake");
    static SENSOR: Sensor = Sensor::new("motion.shake", || METHOD.tell(&Off { on: false }));
    SENSOR.start(METHOD, &On { on: true, shake }).await
}

/// Vibrates for so long.
///
/// V2 only, no consent. Waits 2 min, because the answer may come when it ends. Unverified:
/// that GoPay counts milliseconds; the sample's 7000 says so.
/// <https://docs.midtrans.com/reference/frontend-v2#vibrate>
pub async fn vibrate(duration: Duration) -> Result<(), Error> {
    let method = Method::patient("GPMotion", "vibrate");
    let duration = milliseconds(duration);
    method.effect(&Vibration { duration }).await
}

/// How often a sensor is to be read. A second stream of one sensor changes it for the
/// first, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Every 20 ms.
    Game,
    /// Every 60 ms.
    Ui,
    /// Every 200 ms, as where nothing is said.
    #[default]
    Normal,
}

/// What counts as a shake; what is left out is GoPay's to choose. No page gives a unit for
/// any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shake {
    /// The least time between two shakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<f64>,
    /// The acceleration from which on it is one.
    #[serde(rename = "shakeThreshold", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How many gestures make one.
    #[serde(rename = "shakeNum", skip_serializing_if = "Option::is_none")]
    pub gestures: Option<u32>,
}

/// A reading in three directions; no page gives its unit.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[expect(missing_docs, reason = "the three directions")]
pub struct Vector {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

/// Where the phone points.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Heading {
    /// Degrees clockwise from north, from 0 to below 360.
    pub direction: f64,
    /// When; no page gives its unit.
    pub timestamp: Option<f64>,
}

/// Readings of a sensor, which stops when the last of its streams is dropped. Has no end of
/// its own; whoever looks too rarely misses all but the newest 16.
#[derive(Debug)]
#[must_use = "the sensor stops at once where this is dropped"]
pub struct Readings<T> {
    events: Events<T>,
    sensor: &'static Sensor,
}

impl<T> Stream for Readings<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.events).poll_next(context)
    }
}

impl<T> Drop for Readings<T> {
    fn drop(&mut self) {
        if self.sensor.streams.fetch_sub(1, Relaxed) == 1 {
            (self.sensor.stop)();
        }
    }
}

#[derive(Debug)]
struct Sensor {
    event: &'static str,
    stop: fn(),
    streams: AtomicU32,
}

impl Sensor {
    const fn new(event: &'static str, stop: fn()) -> Self {
        let streams = AtomicU32::new(0);
        Self {
            event,
            stop,
            streams,
        }
    }

    /// Listens before it starts, so that no reading is missed; where the start fails or
    /// nobody waits for it, the sensor is stopped.
    async fn start<T: DeserializeOwned + 'static>(
        &'static self,
        method: Method<'static>,
        params: &impl Serialize,
    ) -> Result<Readings<T>, Error> {
        self.streams.fetch_add(1, Relaxed);
        let readings = Readings {
            events: Events::new().listen(self.event, |event| carried(self.event, event)),
            sensor: self,
        };
        method.effect(params).await?;
        Ok(readings)
    }
}

fn milliseconds(duration: Duration) -> u32 {
    duration.as_millis().try_into().unwrap_or(u32::MAX)
}

#[derive(Serialize)]
struct Every {
    interval: Interval,
}

#[derive(Serialize)]
struct Gyroscope {
    on: bool,
    frequency: u32,
}

#[derive(Serialize)]
struct On {
    on: bool,
    #[serde(flatten)]
    shake: Shake,
}

#[derive(Serialize)]
struct Off {
    on: bool,
}

#[derive(Serialize)]
struct Vibration {
    duration: u32,
}
