//! The phone and its network: `GPSystem`.

use crate::{
    Error,
    call::{Method, NoParams},
};
use serde::Deserialize;
use std::fmt;

/// Asks what phone this is.
///
/// V2 only; needs a consent whose name no page gives. Waits 2 min.
/// <https://docs.midtrans.com/reference/frontend-v2#get-system-info>
pub async fn get_system_info() -> Result<SystemInfo, Error> {
    let method = Method::patient("GPSystem", "getSystemInfo").with_consent();
    method.ask(&NoParams {}, "no system info").await
}

/// Asks whether the phone's owner has taken over its system.
///
/// `None` where GoPay's word for it is neither of "true" and "false": the page documents a
/// string and not its words. V2 only; needs a consent whose name no page gives. Waits 2 min.
/// <https://docs.midtrans.com/reference/frontend-v2#get-rooted-device-info>
pub async fn get_rooted_device_info() -> Result<Option<bool>, Error> {
    let method = Method::patient("GPSystem", "getRootedDeviceInfo").with_consent();
    let Rooted { is_rooted } = method.ask(&NoParams {}, "no is_rooted").await?;
    Ok(match is_rooted {
        Flag::Flag(flag) => Some(flag),
        Flag::Word(word) if word.eq_ignore_ascii_case("true") => Some(true),
        Flag::Word(word) if word.eq_ignore_ascii_case("false") => Some(false),
        Flag::Word(_) => None,
    })
}

/// Asks which Wi-Fi the phone is in.
///
/// V2 only; needs a consent whose name no page gives. Waits 2 min.
/// <https://docs.midtrans.com/reference/frontend-v2#get-wifi-info>
pub async fn get_wifi_info() -> Result<WifiInfo, Error> {
    let method = Method::patient("GPSystem", "getWifiInfo").with_consent();
    method.ask(&NoParams {}, "no wifi info").await
}

/// What phone this is; empty where GoPay does not say. Personal data, because the ids
/// follow a person: Debug hides all but the platform.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SystemInfo {
    /// Android or iOS. Unverified: in which words.
    pub platform: String,
    /// Whether it only plays a phone.
    pub is_emulator: bool,
    /// Who made it.
    pub brand: String,
    /// What its maker calls it.
    pub model: String,
    /// What its maker's factory calls it.
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

/// A Wi-Fi. Personal data, because it tells where somebody is: Debug hides it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
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
