//! Every method of the container: where it is, what it takes, which consent it needs
//! `[frontend-v1]` `[frontend-v2]`.

use super::{
    motion::Sensor,
    parameter::{
        Kind::{Colour, Flag, MetaData, Number, Text, Word},
        Parameter, optional, required,
    },
};
use crate::container::{
    AuthCodeClass, ConsentCall, Container, FileSave,
    Version::{self, V1, V2},
};

/// A method, as the pages' tables list it.
#[derive(Debug)]
pub(super) struct Method {
    class: &'static str,
    name: &'static str,
    containers: &'static [Version],
    /// The consent without which the answer is code 300.
    pub(super) consent: Option<&'static str>,
    pub(super) parameters: &'static [Parameter],
    pub(super) job: Job,
}

/// What it does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Job {
    AuthCode(AuthCodeClass),
    LaunchPayment,
    AskConsent(ConsentCall),
    OpenDeeplink,
    OpenUri,
    Locate,
    BankAccountToken,
    SystemInfo,
    RootedDeviceInfo,
    WifiInfo,
    TakePhoto,
    Start(Sensor),
    Stop(Sensor),
    Listen(Sensor),
    Vibrate,
    SaveFile,
    Share,
    Locale,
    Copy,
    Track,
    Toast,
    ChangeBar,
    BarHeight,
}

const BOTH: &[Version] = &[V1, V2];
const INTERVAL: &[Parameter] = &[optional("interval", Word(&["game", "ui", "normal"]))];
const SCOPE: &[Parameter] = &[required("scope", Text)];
const TEXT: &[Parameter] = &[required("text", Text)];

const METHODS: [Method; 28] = [
    login("GPMiniAppAuth", AuthCodeClass::MiniAppAuth),
    login("GPBase", AuthCodeClass::Base),
    method("GP", "launchPayment", BOTH, Job::LaunchPayment).takes(&[required("deeplink", Text)]),
    method("GPNavigator", "launchDeeplink", BOTH, Job::OpenDeeplink)
        .takes(&[required("deeplink", Text)]),
    method("GPNavigator", "launchUri", BOTH, Job::OpenUri).takes(&[required("uri", Text)]),
    method("GPLocation", "getLocation", BOTH, Job::Locate)
        .takes(&[required("enable_high_accuracy", Flag)])
        .needs("location"),
    ask("GP", "authorize", ConsentCall::Authorize),
    ask("GPConsent", "getUserConsent", ConsentCall::GetUserConsent),
    // Unverified: the names of the consents from here on. The tables say that there is one,
    // and name only `location`, and `camera` for the browser's own.
    method("GP", "getBankAccountToken", &[V2], Job::BankAccountToken).needs("bank_account"),
    method("GPSystem", "getSystemInfo", &[V2], Job::SystemInfo).needs("system_info"),
    method(
        "GPSystem",
        "getRootedDeviceInfo",
        &[V2],
        Job::RootedDeviceInfo,
    )
    .needs("system_info"),
    method("GPSystem", "getWifiInfo", &[V2], Job::WifiInfo).needs("wifi_info"),
    method("GPCamera", "takePhoto", &[V2], Job::TakePhoto)
        .takes(&[
            required("mode", Word(&["camera", "photo"])),
            optional("needBase64", Flag),
        ])
        .needs("camera"),
    motion(
        "startAccelerometer",
        &[V2],
        Job::Start(Sensor::Accelerometer),
    )
    .takes(INTERVAL),
    motion("stopAccelerometer", &[V2], Job::Stop(Sensor::Accelerometer)),
    motion("startCompass", BOTH, Job::Start(Sensor::Compass)).takes(INTERVAL),
    motion("stopCompass", BOTH, Job::Stop(Sensor::Compass)),
    motion("listenGyro", &[V2], Job::Listen(Sensor::Gyroscope))
        .takes(&[required("on", Flag), optional("frequency", Number)]),
    motion("listeningShake", &[V2], Job::Listen(Sensor::Shake)).takes(&[
        required("on", Flag),
        optional("frequency", Number),
        optional("shakeThreshold", Number),
        optional("shakeNum", Number),
    ]),
    motion("vibrate", &[V2], Job::Vibrate).takes(&[required("duration", Number)]),
    method("GPFile", "save", &[V2], Job::SaveFile).takes(&[
        required("url", Text),
        optional("name", Text),
        required(
            "destination",
            Word(&["DOWNLOADS", "DOCUMENTS", "PICTURES", "DCIM"]),
        ),
    ]),
    method("GPShare", "share", &[V2], Job::Share).takes(TEXT),
    method("GPBase", "getLocale", &[V2], Job::Locale),
    method("GPBase", "copyToClipboard", &[V2], Job::Copy).takes(TEXT),
    method("GPAnalytics", "trackEvent", BOTH, Job::Track)
        .takes(&[required("eventName", Text), required("metaData", MetaData)]),
    method("GPUIToast", "toast", &[V1], Job::Toast)
        .takes(&[required("message", Text), required("duration", Number)]),
    method("GPNavigationBar", "update", &[V1], Job::ChangeBar).takes(&[
        optional("title", Text),
        optional("titleColor", Colour),
        optional("barStyle", Word(&["float"])),
        optional("backgroundColor", Colour),
        optional("hideBackButton", Word(&["true", "false"])),
    ]),
    method("GPNavigationBar", "getHeight", &[V1], Job::BarHeight),
];

const fn method(
    class: &'static str,
    name: &'static str,
    containers: &'static [Version],
    job: Job,
) -> Method {
    Method {
        class,
        name,
        containers,
        consent: None,
        parameters: &[],
        job,
    }
}

const fn login(class: &'static str, job: AuthCodeClass) -> Method {
    method(class, "getAuthCode", BOTH, Job::AuthCode(job))
}

const fn ask(class: &'static str, name: &'static str, call: ConsentCall) -> Method {
    method(class, name, &[V2], Job::AskConsent(call)).takes(SCOPE)
}

const fn motion(name: &'static str, containers: &'static [Version], job: Job) -> Method {
    method("GPMotion", name, containers, job)
}

impl Method {
    const fn takes(self, parameters: &'static [Parameter]) -> Self {
        Self { parameters, ..self }
    }

    const fn needs(self, scope: &'static str) -> Self {
        Self {
            consent: Some(scope),
            ..self
        }
    }

    /// The method of this name, where the chosen container has it.
    pub(super) fn find(class: &str, name: &str, container: Container) -> Option<&'static Self> {
        METHODS
            .iter()
            .find(|method| method.class == class && method.name == name)
            .filter(|method| method.is_in(container))
    }

    fn is_in(&self, container: Container) -> bool {
        let switched_on = match self.job {
            Job::AuthCode(class) => {
                [class, AuthCodeClass::Both].contains(&container.auth_code_class)
            }
            Job::AskConsent(call) => [call, ConsentCall::Both].contains(&container.consent_call),
            Job::SaveFile => container.file_save != FileSave::NotSupported,
            _ => true,
        };
        switched_on && self.containers.contains(&container.container)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::{collections::BTreeSet, fs, path::Path};

    /// What is listed here, against the files that both sides are tested with.
    #[test]
    fn it_knows_exactly_the_methods_of_the_contract() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gopay-container/contract");
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        let named = |path: &std::path::PathBuf| path.file_name().unwrap() != "bridge.json";
        let json = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "json");
        let mut seen = BTreeSet::new();
        for file in files.filter(|path| json(path) && named(path)) {
            let page: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
            let (class, name) = (page["class"].as_str(), page["method"].as_str());
            let (class, name) = (class.unwrap(), name.unwrap());
            let method = METHODS
                .iter()
                .find(|method| method.class == class && method.name == name)
                .unwrap_or_else(|| panic!("{class}.{name} is not here"));
            assert_eq!(
                method.consent.is_some() || matches!(method.job, Job::AskConsent(_)),
                page["consent"].is_object() || name == "authorize",
                "{class}.{name}"
            );
            let parameters = page["params"].as_object().unwrap();
            let here: BTreeSet<_> = method.parameters.iter().map(Parameter::listed).collect();
            let there: BTreeSet<_> = parameters
                .iter()
                .map(|(name, parameter)| (name.as_str(), parameter["optional"] != true))
                .collect();
            assert_eq!(here, there, "{class}.{name}");
            seen.insert(format!("{class}.{name}"));
        }
        assert_eq!(seen.len(), METHODS.len());
    }
}
