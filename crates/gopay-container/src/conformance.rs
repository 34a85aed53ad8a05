//! Compares the GoPay in which the page is open with its documentation, so that what is
//! `Unverified:` can be settled on a phone. Unstable: not covered by semantic versioning.
//!
//! Invariant: a report holds types, codes, times, and names of programs; see [`contract`].

use crate::{
    Container, Environment, Error,
    analytics::{self, EventFields},
    auth, bank_account,
    call::NoParams,
    camera::{self, PhotoBytes, PhotoSource},
    consent::Consent,
    contract, detect, device,
    file::{self, Destination, File},
    locale,
    location::{self, Accuracy},
    log::{self, Call},
    method::Method,
    motion::{self, Interval, Shake},
    navigation_bar::{self, NavigationBar},
    navigator, payment, sharing, timeout, toast,
};
use futures_core::Stream;
use js_sys::{Object, Reflect};
use serde_json::json;
use std::{future::poll_fn, pin::Pin, time::Duration};
use wasm_bindgen::{JsCast, JsValue};

const FIRST_EVENT_WITHIN: Duration = Duration::from_secs(2);

/// What came of trying a method out.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Whether this crate understood it.
    pub understood: Result<(), Error>,
    /// What was written down about it; nothing where it was not called at all.
    pub call: Option<Call>,
}

/// Calls a method by the function that binds it, with the parameters that the documentation
/// uses. Where events follow, it waits up to two seconds for the first and stops them.
///
/// A method that is not [`harmless`](contract::Method::harmless) shows the buyer something
/// or changes something: ask them first. `GP.launchPayment` is called with a payment that does
/// not exist.
pub async fn try_out(method: &contract::Method) -> Finding {
    let name = method.name();
    let before = log::calls().last().map_or(0, |call| call.number);
    let understood = run(method, &name).await;
    // The first since: what stops a sensor may be called the same, and comes after.
    let mut since = log::calls().into_iter();
    let call = since.find(|call| call.number > before && call.call == name);
    Finding { understood, call }
}

async fn run(method: &contract::Method, name: &str) -> Result<(), Error> {
    const TEXT: &str = "Kedai";
    let interval = Interval::Normal;
    match name {
        "GPMiniAppAuth.getAuthCode" => auth::get_auth_code().await.map(drop),
        "GPBase.getAuthCode" => {
            let method = Method::quick("GPBase", "getAuthCode");
            auth::AuthCode::read(&method.reply(&NoParams {}).await?).map(drop)
        }
        "GP.launchPayment" => {
            let payment = payment::launch_payment("gopay://merchanttransfer?tref=1");
            payment.await.map(drop)
        }
        "GPNavigator.launchDeeplink" => navigator::launch_deeplink("gopay://home").await,
        "GPNavigator.launchUri" => navigator::launch_uri("https://gopay.co.id/").await,
        "GPLocation.getLocation" => location::get_location(Accuracy::High).await.map(drop),
        "GP.authorize" | "GPConsent.getUserConsent" => {
            let method = Method::interactive(&method.class, &method.method);
            let reply = method.reply(&json!({"scope": "location"})).await?;
            Consent::read(&reply, "location").map(drop)
        }
        "GP.getBankAccountToken" => bank_account::get_bank_account_token().await.map(drop),
        "GPSystem.getSystemInfo" => device::get_system_info().await.map(drop),
        "GPSystem.getRootedDeviceInfo" => device::get_rooted_device_info().await.map(drop),
        "GPSystem.getWifiInfo" => device::get_wifi_info().await.map(drop),
        "GPMotion.startAccelerometer" => first(motion::start_accelerometer(interval).await?).await,
        "GPMotion.startCompass" => first(motion::start_compass(interval).await?).await,
        "GPMotion.listenGyro" => {
            first(motion::start_gyroscope(Duration::from_millis(100)).await?).await
        }
        "GPMotion.listeningShake" => first(motion::start_shake(Shake::default()).await?).await,
        "GPMotion.stopAccelerometer" | "GPMotion.stopCompass" => {
            let method = Method::quick(&method.class, &method.method);
            method.effect(&NoParams {}).await
        }
        "GPMotion.vibrate" => motion::vibrate(Duration::from_millis(500)).await,
        "GPFile.save" => {
            let address = text(&js_sys::global(), &["location", "href"]);
            let file = File {
                url: &address,
                name: Some("page.html"),
                destination: Destination::Downloads,
            };
            first(file::save(file).await?).await
        }
        "GPShare.share" => sharing::share(TEXT).await,
        "GPBase.getLocale" => locale::get_locale().await.map(drop),
        "GPBase.copyToClipboard" => sharing::copy_to_clipboard(TEXT).await,
        "GPCamera.takePhoto" => {
            let photo = camera::take_photo(PhotoSource::Camera, PhotoBytes::Base64);
            photo.await.map(drop)
        }
        "GPAnalytics.trackEvent" => {
            let fields = EventFields {
                page_id: Some("conformance"),
                ..EventFields::default()
            };
            analytics::track_event("conformance", fields).await
        }
        "GPUIToast.toast" => toast::toast(TEXT, 1).await,
        "GPNavigationBar.update" => {
            let bar = NavigationBar {
                title: Some(TEXT),
                ..NavigationBar::default()
            };
            navigation_bar::update(bar).await
        }
        "GPNavigationBar.getHeight" => navigation_bar::get_height().await.map(drop),
        _ => Err(Error::Unreadable {
            what: "a method that is not bound",
        }),
    }
}

/// Waits for the first event, at most two seconds.
async fn first<T>(mut events: impl Stream<Item = T> + Unpin) -> Result<(), Error> {
    let event = poll_fn(|context| Pin::new(&mut events).poll_next(context).map(|_| Ok(())));
    timeout(FIRST_EVENT_WITHIN, event).await
}

/// All that was called on this page, as JSON: to be copied and sent to support.
pub async fn report() -> String {
    let environment = match detect().await {
        Environment::GoPay(Some(Container::V1)) => "GoPay, container V1",
        Environment::GoPay(Some(Container::V2)) => "GoPay, container V2",
        Environment::GoPay(None) => "GoPay, unknown container",
        Environment::Browser => "no GoPay",
        Environment::NoSdk => "no SDK",
        Environment::Silent => "an SDK that does not answer",
    };
    let address = js_sys::global();
    let query = text(&address, &["location", "search"]);
    let names: Vec<&str> = (query.trim_start_matches('?').split('&'))
        .filter_map(|pair| pair.split('=').next())
        .filter(|name| contract::is_plain(name))
        .collect();
    let report = json!({
        "gopay_container": env!("CARGO_PKG_VERSION"),
        "environment": environment,
        "user_agent": products(&text(&address, &["navigator", "userAgent"])),
        "sdk_has": keys(&get(&address, &["gpContainer"])),
        "address_has": names,
        "calls": log::calls(),
        "events": log::events(),
    });
    format!("{report:#}")
}

fn get(object: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(object.clone(), |object, name| {
        Reflect::get(&object, &JsValue::from_str(name)).unwrap_or_default()
    })
}

fn text(object: &JsValue, path: &[&str]) -> String {
    get(object, path).as_string().unwrap_or_default()
}

/// The programs that a user agent names, with their versions; what stands in brackets may
/// name the phone, and is left out.
fn products(user_agent: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let outside: String = (user_agent.chars())
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect();
    let is_product = |word: &&str| {
        word.split_once('/').is_some_and(|(name, version)| {
            contract::is_plain(name)
                && version.len() <= 16
                && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
    };
    (outside.split_whitespace().filter(is_product))
        .map(str::to_owned)
        .collect()
}

fn keys(object: &JsValue) -> Vec<String> {
    let Some(object) = object.dyn_ref::<Object>() else {
        return Vec::new();
    };
    let names = Object::keys(object).into_iter();
    (names.filter_map(|name| name.as_string()))
        .filter(|name| contract::is_plain(name))
        .collect()
}
