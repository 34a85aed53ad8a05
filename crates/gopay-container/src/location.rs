//! Where the phone is: `GPLocation.getLocation`.

use crate::{Error, method::Method};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Asks where the phone is.
///
/// Both containers; needs the consent `location`.
/// <https://docs.midtrans.com/reference/frontend-v2#get-location>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn get_location(accuracy: Accuracy) -> Result<Position, Error> {
    let method = Method::interactive("GPLocation", "getLocation").with_consent();
    let enable_high_accuracy = accuracy == Accuracy::High;
    let params = Params {
        enable_high_accuracy,
    };
    let Coords { coords } = method.ask(&params, "no coords").await?;
    Ok(coords)
}

/// How precisely the phone is located.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// By what the phone knows already.
    Low,
    /// As precisely as the phone can, which takes longer and more of its battery.
    High,
}

/// Where the phone is. Personal data: Debug hides it.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Position {
    /// Degrees east.
    pub longitude: f64,
    /// Degrees north.
    pub latitude: f64,
    /// When it was there. Unverified: in which unit, and since when; the page's sample
    /// says 12.
    pub time: Option<f64>,
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Position([redacted])")
    }
}

#[derive(Serialize)]
struct Params {
    enable_high_accuracy: bool,
}

#[derive(Deserialize)]
struct Coords {
    coords: Position,
}
