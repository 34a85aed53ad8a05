//! The phone and its network: `GPSystem`.

use crate::{Error, call::NoParams, method::Method};
use serde::Deserialize;
use std::fmt;

/// Asks for the phone's model and ids.
///
/// V2 only; needs a consent whose name no page gives.
/// <https://docs.midtrans.com/reference/frontend-v2#get-system-info>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn get_system_info() -> Result<SystemInfo, Error> {
    let method = Method::interactive("GPSystem", "getSystemInfo").with_consent();
    method.ask(&NoParams {}, "no system info").await
}

/// Asks whether the phone is rooted.
///
/// `None` where GoPay's word is neither "true" nor "false": the page documents a string and not
/// its values. V2 only; needs a consent whose name no page gives.
/// <https://docs.midtrans.com/reference/frontend-v2#get-rooted-device-info>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn get_rooted_device_info() -> Result<Option<bool>, Error> {
    let method = Method::interactive("GPSystem", "getRootedDeviceInfo").with_consent();
    let Rooted { is_rooted } = method.ask(&NoParams {}, "no is_rooted").await?;
    Ok(match is_rooted {
        Flag::Flag(flag) => Some(flag),
        Flag::Word(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Flag::Word(word) if word.eq_ignore_ascii_case("false") => Some(false),
        Flag::Word(_) => None,
    })
}

/// Asks which Wi-Fi network the phone uses.
///
/// V2 only; needs a consent whose name no page gives.
/// <https://docs.midtrans.com/reference/frontend-v2#get-wifi-info>
///
/// # Errors
///
/// Any [`Error`]; [`Error::TimedOut`] after 2 min.
pub async fn get_wifi_info() -> Result<WifiInfo, Error> {
    let method = Method::interactive("GPSystem", "getWifiInfo").with_consent();
    method.ask(&NoParams {}, "no wifi info").await
}

/// The phone; a field that GoPay leaves out is empty. Personal data, because the ids
/// follow a person: Debug hides all but the platform.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(default)]
pub struct SystemInfo {
    /// Android or iOS. Unverified: in which words.
    pub platform: String,
    /// Whether it is an emulator.
    pub is_emulator: bool,
    /// The manufacturer.
    pub brand: String,
    /// The model name for buyers.
    pub model: String,
    /// The manufacturer's own name of the model.
    pub product: String,
    /// An id of the phone or of the app on it; no page says which.
    pub uuid: String,
    /// iOS's id for advertisers.
    pub idfa: String,
    /// iOS's id for the vendor of an app.
    pub idfv: String,
}

impl fmt::Debug for SystemInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemInfo")
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// A Wi-Fi network. Personal data, because it tells where the buyer is: Debug hides it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct WifiInfo {
    /// Address of the access point.
    #[serde(rename = "wifi_bssid")]
    pub bssid: String,
    /// The network's name.
    #[serde(rename = "wifi_ssid")]
    pub ssid: String,
}

impl fmt::Debug for WifiInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WifiInfo([redacted])")
    }
}

#[derive(Deserialize)]
struct Rooted {
    is_rooted: Flag,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Flag {
    Flag(bool),
    Word(String),
}
