//! The phone's sensors, and its vibration: `GPMotion`.
//!
//! A sensor runs as long as a stream of it lives: dropping the last one stops it.
//!
//! ```no_run
//! use futures_core::Stream;
//! use gopay_container::{Error, motion::{Heading, Interval, start_compass}};
//!
//! async fn compass() -> Result<impl Stream<Item = Heading>, Error> {
//!     start_compass(Interval::Ui).await
//! }
//! ```

use crate::{
    Error,
    call::NoParams,
    events::{Events, carried},
    method::{Method, milliseconds},
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
/// V2 only, no consent. <https://docs.midtrans.com/reference/frontend-v2#start-accelerometer>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] where the sensor has not started after 10 s.
pub async fn start_accelerometer(interval: Interval) -> Result<Readings<Vector>, Error> {
    static SENSOR: Sensor = Sensor::new("GPMotion.Event.accelerometer", || {
        Method::quick("GPMotion", "stopAccelerometer").fire_and_forget(&NoParams {});
    });
    let method = Method::quick("GPMotion", "startAccelerometer");
    SENSOR.start(method, &Every { interval }).await
}

/// Measures the direction in which the phone points.
///
/// Both containers, no consent. <https://docs.midtrans.com/reference/frontend-v2#start-compass>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] where the sensor has not started after 10 s.
pub async fn start_compass(interval: Interval) -> Result<Readings<Heading>, Error> {
    static SENSOR: Sensor = Sensor::new("GPMotion.Event.compass", || {
        Method::quick("GPMotion", "stopCompass").fire_and_forget(&NoParams {});
    });
    let method = Method::quick("GPMotion", "startCompass");
    SENSOR.start(method, &Every { interval }).await
}

/// Measures how the phone turns, once every `interval`.
///
/// V2 only, no consent. Unverified: that GoPay counts milliseconds; the page gives no unit.
/// <https://docs.midtrans.com/reference/frontend-v2#listen-gyro>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] where the sensor has not started after 10 s.
pub async fn start_gyroscope(interval: Duration) -> Result<Readings<Vector>, Error> {
    const METHOD: Method<'static> = Method::quick("GPMotion", "listenGyro");
    static SENSOR: Sensor =
        Sensor::new("motion.gyro", || METHOD.fire_and_forget(&Off { on: false }));
    let params = Gyroscope {
        on: true,
        frequency: milliseconds(interval),
    };
    SENSOR.start(METHOD, &params).await
}

/// Detects that the phone is shaken.
///
/// V2 only, no consent. <https://docs.midtrans.com/reference/frontend-v2#listening-shake>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] where the sensor has not started after 10 s.
pub async fn start_shake(shake: Shake) -> Result<Readings<Vector>, Error> {
    const METHOD: Method<'static> = Method::quick("GPMotion", "listeningShake");
    static SENSOR: Sensor = Sensor::new("motion.shake", || {
        METHOD.fire_and_forget(&Off { on: false })
    });
    SENSOR.start(METHOD, &On { on: true, shake }).await
}

/// Vibrates the phone.
///
/// V2 only, no consent. Unverified: that GoPay counts milliseconds; the sample's 7000 says so.
/// <https://docs.midtrans.com/reference/frontend-v2#vibrate>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min, because the answer may come when it ends.
pub async fn vibrate(duration: Duration) -> Result<(), Error> {
    let method = Method::interactive("GPMotion", "vibrate");
    let duration = milliseconds(duration);
    method.effect(&Vibration { duration }).await
}

/// How often a sensor is read. A second stream of one sensor changes it for the first, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Interval {
    /// Every 20 ms.
    Game,
    /// Every 60 ms.
    Ui,
    /// Every 200 ms, which is also the default of the page.
    #[default]
    Normal,
}

/// What counts as a shake; GoPay chooses the fields that are left out. No page gives a unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shake {
    /// The least time between two shakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<f64>,
    /// The least acceleration of a shake.
    #[serde(rename = "shakeThreshold", skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// The number of gestures in a shake.
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

/// The direction in which the phone points.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Heading {
    /// Degrees clockwise from north, from 0 to below 360.
    pub direction: f64,
    /// When; no page gives its unit.
    pub timestamp: Option<f64>,
}

/// Readings of a sensor, which stops when the last of its streams is dropped. The stream has no
/// end, and keeps the newest 16 readings that were not polled yet.
#[derive(Debug)]
#[must_use = "the sensor stops when this is dropped"]
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

    /// Listens before it starts, so that no reading is missed. Where the start fails or its
    /// future is dropped, the sensor is stopped.
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
