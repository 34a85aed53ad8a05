//! The files, as they are in the repository. A test fails where one is left out.

macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../contract/", $name, ".json")))),*]
    };
}

pub(super) const FILES: [(&str, &str); 28] = files![
    "GP.authorize"
    "GP.getBankAccountToken"
    "GP.launchPayment"
    "GPAnalytics.trackEvent"
    "GPBase.copyToClipboard"
    "GPBase.getAuthCode"
    "GPBase.getLocale"
    "GPCamera.takePhoto"
    "GPConsent.getUserConsent"
    "GPFile.save"
    "GPLocation.getLocation"
    "GPMiniAppAuth.getAuthCode"
    "GPMotion.listenGyro"
    "GPMotion.listeningShake"
    "GPMotion.startAccelerometer"
    "GPMotion.startCompass"
    "GPMotion.stopAccelerometer"
    "GPMotion.stopCompass"
    "GPMotion.vibrate"
    "GPNavigationBar.getHeight"
    "GPNavigationBar.update"
    "GPNavigator.launchDeeplink"
    "GPNavigator.launchUri"
    "GPShare.share"
    "GPSystem.getRootedDeviceInfo"
    "GPSystem.getSystemInfo"
    "GPSystem.getWifiInfo"
    "GPUIToast.toast"
];
