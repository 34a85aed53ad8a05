//! One `gpContainer.call`.

use super::{
    bar, consent, device, file, login,
    method::{Handler, Method},
    motion, navigation,
    outcome::CallOutcome,
    parameter, payment,
    response::{BridgeError, CallResponse, Refusal},
};
use crate::{
    account, app_state::AppState, gopay_state::GoPayState, input::Input, ledger::Event,
    mini_apps::MiniAppUser, scenario::Scenario, sdk_faults::SdkFaultKind,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header::ORIGIN},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Limits a page's own name in the ledger.
const MAX_NAME_CHARS: usize = 80;

/// A call of a page, with its query's own settings.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    class: String,
    method: String,
    #[serde(default)]
    params: Value,
    /// From the page's query; takes precedence over the chosen scenario.
    scenario: Option<Scenario>,
    /// From the page's query.
    buyer: Option<String>,
    /// From the page's query; takes precedence over the plan.
    sdk_fault: Option<SdkFaultKind>,
}

impl Call {
    fn name(&self) -> String {
        format!("{}.{}", self.class, self.method)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    response: CallResponse,
    /// What the stand-in does to the reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<SdkFaultKind>,
}

pub(crate) async fn call(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    Input(call): Input<Call>,
) -> Json<Answer> {
    Json(state.write(|gopay| {
        let user = user(gopay, &headers, &call);
        let response = answer(gopay, &call, &user);
        let fault = match response.ends_in_success() {
            true => take_fault(gopay, &call, &user),
            false => None,
        };
        Answer { response, fault }
    }))
}

fn take_fault(gopay: &mut GoPayState, call: &Call, user: &MiniAppUser) -> Option<SdkFaultKind> {
    let method = call.name();
    let chosen = call.sdk_fault.filter(|kind| kind.applies_to(&method));
    let fault = chosen.or_else(|| gopay.sdk_faults.take(&method))?;
    gopay.record(Event::SdkFaultMet {
        on: method,
        fault,
        mini_app: Some(user.mini_app.clone()),
    });
    Some(fault)
}

/// The origin says which mini app calls; tools have none, and a package has the simulator's own.
fn user(gopay: &GoPayState, headers: &HeaderMap, call: &Call) -> MiniAppUser {
    let mini_apps = &gopay.mini_apps;
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let mini_app = origin.and_then(|origin| mini_apps.by_origin(origin));
    let buyer = call.buyer.as_deref().unwrap_or(account::DEFAULT_BUYER);
    MiniAppUser {
        mini_app: mini_app.unwrap_or(mini_apps.first()).id.clone(),
        buyer: buyer.to_owned(),
    }
}

fn answer(gopay: &mut GoPayState, call: &Call, user: &MiniAppUser) -> CallResponse {
    let scenario = call.scenario.unwrap_or(gopay.scenario);
    if scenario == Scenario::Outside {
        return CallResponse::failure(gopay, BridgeError::Outside);
    }
    let result = perform(gopay, call, user, scenario);
    let (outcome, noted) = match &result {
        Ok(done) => ("done".to_owned(), done.log.clone()),
        Err(Refusal { error, why }) => {
            let noted = why
                .as_ref()
                .map_or_else(|| json!({}), |why| json!({"why": why}));
            (error.code_and_message().0.to_string(), noted)
        }
    };
    gopay.record(Event::ContainerCalled {
        mini_app: user.mini_app.clone(),
        method: call.name().chars().take(MAX_NAME_CHARS).collect(),
        outcome,
        noted,
    });
    match result {
        Ok(done) => done.response,
        Err(refusal) => CallResponse::failure(gopay, refusal),
    }
}

/// Unverified: the order of the checks: the method, its parameters, its consent.
fn perform(
    gopay: &mut GoPayState,
    call: &Call,
    user: &MiniAppUser,
    scenario: Scenario,
) -> Result<CallOutcome, Refusal> {
    let (container, params) = (gopay.container, &call.params);
    let method = Method::find(&call.class, &call.method, container).ok_or_else(|| {
        let why = Method::why_missing(&call.class, &call.method, container);
        BridgeError::NotSupported.because(why)
    })?;
    if scenario == Scenario::Denied {
        return Err(BridgeError::NoPermission.because("the scenario `denied` refuses every call"));
    }
    parameter::check(method.parameters, params)?;
    if let Some(scope) = method.consent
        && !gopay.has_consent(user, scope)
    {
        let why = format!("it needs the consent `{scope}`: ask for it with GP.authorize before");
        return Err(BridgeError::NoPermission.because(why));
    }
    match method.handler {
        Handler::AuthCode(_) if scenario == Scenario::RefuseLogin => {
            Err(BridgeError::NoPermission.because("the scenario `refuse-login` refuses it"))
        }
        Handler::AuthCode(_) => Ok(login::auth_code(gopay, user)),
        Handler::LaunchPayment => {
            payment::launch(gopay, params, user, scenario != Scenario::SilentLaunch)
        }
        Handler::AskConsent(_) => consent::ask(gopay, params, user),
        Handler::OpenDeeplink => navigation::open_deeplink(container, params),
        Handler::OpenUri => navigation::open_uri(container, params),
        Handler::Locate => Ok(device::location(gopay)),
        Handler::BankAccountToken => Ok(device::bank_account_token(gopay)),
        Handler::SystemInfo => Ok(device::system_info(container)),
        Handler::RootedDeviceInfo => Ok(device::rooted(container)),
        Handler::WifiInfo => Ok(device::wifi(container)),
        Handler::TakePhoto => Ok(device::photo(gopay, params)),
        Handler::Start(sensor) => Ok(motion::start(gopay, sensor, motion::interval(params))),
        Handler::Listen(sensor) if parameter::flag(params, "on") => {
            let frequency = parameter::number(params, "frequency");
            Ok(motion::start(gopay, sensor, sensor.every_ms(frequency)))
        }
        Handler::Stop(sensor) | Handler::Listen(sensor) => Ok(motion::stop(container, sensor)),
        Handler::Vibrate => Ok(motion::vibrate(container, params)),
        Handler::SaveFile => Ok(file::save(container, params)),
        Handler::Share => Ok(navigation::share(container, params)),
        Handler::Locale => Ok(login::locale(container)),
        Handler::Copy => Ok(navigation::copy(container, params)),
        Handler::Track => Ok(navigation::track(gopay, params)),
        Handler::Toast => Ok(bar::toast(container, params)),
        Handler::ChangeBar => Ok(bar::change(container, params)),
        Handler::BarHeight => Ok(bar::height(container)),
    }
}
