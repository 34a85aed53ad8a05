//! Every method of the container: its class, parameters and consent `[frontend-v1]`
//! `[frontend-v2]`.

use super::{
    motion::Sensor,
    parameter::{
        Parameter,
        ParameterType::{Colour, Flag, MetaData, Number, Text, Word},
        optional, required,
    },
};
use crate::container::{
    AuthCodeClass, ConsentCall, Container, FileSave,
    Version::{self, V1, V2},
};

/// A row of the pages' tables of methods.
#[derive(Debug)]
pub(super) struct Method {
    class: &'static str,
    name: &'static str,
    containers: &'static [Version],
    /// The consent that it needs; code 300 without it.
    pub(super) consent: Option<&'static str>,
    pub(super) parameters: &'static [Parameter],
    pub(super) handler: Handler,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Handler {
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

/// Letters that a mistyped method may differ in.
const MAX_TYPOS: usize = 4;

const BOTH: &[Version] = &[V1, V2];
const INTERVAL: &[Parameter] = &[optional("interval", Word(&["game", "ui", "normal"]))];
const SCOPE: &[Parameter] = &[required("scope", Text)];
const TEXT: &[Parameter] = &[required("text", Text)];

const METHODS: [Method; 28] = [
    login("GPMiniAppAuth", AuthCodeClass::MiniAppAuth),
    login("GPBase", AuthCodeClass::Base),
    method("GP", "launchPayment", BOTH, Handler::LaunchPayment)
        .takes(&[required("deeplink", Text)]),
    method("GPNavigator", "launchDeeplink", BOTH, Handler::OpenDeeplink)
        .takes(&[required("deeplink", Text)]),
    method("GPNavigator", "launchUri", BOTH, Handler::OpenUri).takes(&[required("uri", Text)]),
    method("GPLocation", "getLocation", BOTH, Handler::Locate)
        .takes(&[required("enable_high_accuracy", Flag)])
        .needs("location"),
    ask("GP", "authorize", ConsentCall::Authorize),
    ask("GPConsent", "getUserConsent", ConsentCall::GetUserConsent),
    // Unverified: the names of the consents from here on. The tables mention a consent, and name
    // only `location`, and `camera` for the browser's own.
    method(
        "GP",
        "getBankAccountToken",
        &[V2],
        Handler::BankAccountToken,
    )
    .needs("bank_account"),
    method("GPSystem", "getSystemInfo", &[V2], Handler::SystemInfo).needs("system_info"),
    method(
        "GPSystem",
        "getRootedDeviceInfo",
        &[V2],
        Handler::RootedDeviceInfo,
    )
    .needs("system_info"),
    method("GPSystem", "getWifiInfo", &[V2], Handler::WifiInfo).needs("wifi_info"),
    method("GPCamera", "takePhoto", &[V2], Handler::TakePhoto)
        .takes(&[
            required("mode", Word(&["camera", "photo"])),
            optional("needBase64", Flag),
        ])
        .needs("camera"),
    motion(
        "startAccelerometer",
        &[V2],
        Handler::Start(Sensor::Accelerometer),
    )
    .takes(INTERVAL),
    motion(
        "stopAccelerometer",
        &[V2],
        Handler::Stop(Sensor::Accelerometer),
    ),
    motion("startCompass", BOTH, Handler::Start(Sensor::Compass)).takes(INTERVAL),
    motion("stopCompass", BOTH, Handler::Stop(Sensor::Compass)),
    motion("listenGyro", &[V2], Handler::Listen(Sensor::Gyroscope))
        .takes(&[required("on", Flag), optional("frequency", Number)]),
    motion("listeningShake", &[V2], Handler::Listen(Sensor::Shake)).takes(&[
        required("on", Flag),
        optional("frequency", Number),
        optional("shakeThreshold", Number),
        optional("shakeNum", Number),
    ]),
    motion("vibrate", &[V2], Handler::Vibrate).takes(&[required("duration", Number)]),
    method("GPFile", "save", &[V2], Handler::SaveFile).takes(&[
        required("url", Text),
        optional("name", Text),
        required(
            "destination",
            Word(&["DOWNLOADS", "DOCUMENTS", "PICTURES", "DCIM"]),
        ),
    ]),
    method("GPShare", "share", &[V2], Handler::Share).takes(TEXT),
    method("GPBase", "getLocale", &[V2], Handler::Locale),
    method("GPBase", "copyToClipboard", &[V2], Handler::Copy).takes(TEXT),
    method("GPAnalytics", "trackEvent", BOTH, Handler::Track)
        .takes(&[required("eventName", Text), required("metaData", MetaData)]),
    method("GPUIToast", "toast", &[V1], Handler::Toast)
        .takes(&[required("message", Text), required("duration", Number)]),
    method("GPNavigationBar", "update", &[V1], Handler::ChangeBar).takes(&[
        optional("title", Text),
        optional("titleColor", Colour),
        optional("barStyle", Word(&["float"])),
        optional("backgroundColor", Colour),
        optional("hideBackButton", Word(&["true", "false"])),
    ]),
    method("GPNavigationBar", "getHeight", &[V1], Handler::BarHeight),
];

const fn method(
    class: &'static str,
    name: &'static str,
    containers: &'static [Version],
    handler: Handler,
) -> Method {
    Method {
        class,
        name,
        containers,
        consent: None,
        parameters: &[],
        handler,
    }
}

const fn login(class: &'static str, handler: AuthCodeClass) -> Method {
    method(class, "getAuthCode", BOTH, Handler::AuthCode(handler))
}

const fn ask(class: &'static str, name: &'static str, call: ConsentCall) -> Method {
    method(class, name, &[V2], Handler::AskConsent(call)).takes(SCOPE)
}

const fn motion(name: &'static str, containers: &'static [Version], handler: Handler) -> Method {
    method("GPMotion", name, containers, handler)
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

    /// The method of this name, if the chosen container has it.
    pub(super) fn find(class: &str, name: &str, container: Container) -> Option<&'static Self> {
        METHODS
            .iter()
            .find(|method| method.class == class && method.name == name)
            .filter(|method| method.is_in(container))
    }

    /// Why the chosen container has no method of this name.
    pub(super) fn why_missing(class: &str, name: &str, container: Container) -> String {
        let asked = format!("{class}.{name}");
        if let Some(method) = METHODS.iter().find(|method| method.full_name() == asked) {
            let version = container.container;
            return match method.containers.contains(&version) {
                true => format!("{asked} is switched off: see PUT /control/container"),
                false => format!("container {version} has no {asked}, the other one has it"),
            };
        }
        why_unknown(&asked)
    }

    fn full_name(&self) -> String {
        format!("{}.{}", self.class, self.name)
    }

    fn is_in(&self, container: Container) -> bool {
        let switched_on = match self.handler {
            Handler::AuthCode(class) => {
                [class, AuthCodeClass::Both].contains(&container.auth_code_class)
            }
            Handler::AskConsent(call) => {
                [call, ConsentCall::Both].contains(&container.consent_call)
            }
            Handler::SaveFile => container.file_save != FileSave::NotSupported,
            _ => true,
        };
        switched_on && self.containers.contains(&container.container)
    }
}

/// The methods of both containers: `GP.launchPayment`.
pub(crate) fn method_names() -> impl Iterator<Item = String> {
    METHODS.iter().map(Method::full_name)
}

/// The error says what was meant.
pub(crate) fn check_method(asked: &str) -> Result<(), String> {
    match method_names().any(|name| name == asked) {
        true => Ok(()),
        false => Err(why_unknown(asked)),
    }
}

fn why_unknown(asked: &str) -> String {
    let distance =
        |name: &String| strsim::damerau_levenshtein(&name.to_lowercase(), &asked.to_lowercase());
    let nearest = method_names().min_by_key(distance);
    match nearest.filter(|name| distance(name) <= MAX_TYPOS) {
        Some(nearest) => format!("there is no {asked}; did you mean {nearest}?"),
        None => format!("there is no {asked} in either container"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::{collections::BTreeSet, fs, path::Path};

    #[test]
    fn a_missing_method_is_told_the_nearest() {
        let container = Container::default();
        let why = |class, name| Method::why_missing(class, name, container);
        assert_eq!(
            why("GP", "launchPaymnt"),
            "there is no GP.launchPaymnt; did you mean GP.launchPayment?"
        );
        assert_eq!(
            why("GPUIToast", "toast"),
            "container v2 has no GPUIToast.toast, the other one has it"
        );
        assert_eq!(
            why("Stripe", "confirm"),
            "there is no Stripe.confirm in either container"
        );
        assert!(why("GPBase", "getAuthCode").contains("switched off"));
    }

    /// Compares the table with the files that both sides are tested against.
    #[test]
    fn the_table_has_exactly_the_methods_of_the_contract() {
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
                method.consent.is_some() || matches!(method.handler, Handler::AskConsent(_)),
                page["consent"].is_object() || name == "authorize",
                "{class}.{name}"
            );
            let parameters = page["params"].as_object().unwrap();
            let here: BTreeSet<_> = method.parameters.iter().map(Parameter::signature).collect();
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
