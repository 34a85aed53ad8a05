//! One `gpContainer.call`.

use super::{
    bar, consent, device,
    done::Done,
    file, login,
    method::{Job, Method},
    motion, outward, parameter, payment,
    reply::{BridgeError, Verdict},
};
use crate::{account, ledger::Event, scenario::Scenario, shared::Shared, world::World};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How much of a name that a page made up goes into the ledger.
const LONGEST_NAME: usize = 80;

/// What the page called, and how it was opened.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    class: String,
    method: String,
    #[serde(default)]
    params: Value,
    /// From the page's own query; goes before the chosen scenario.
    scenario: Option<Scenario>,
    /// From the page's own query: another buyer's phone.
    buyer: Option<String>,
}

/// Answers a call.
pub(crate) async fn call(
    State(shared): State<Arc<Shared>>,
    Json(call): Json<Call>,
) -> Json<Verdict> {
    Json(shared.write(|world| answer(world, &call)))
}

fn answer(world: &mut World, call: &Call) -> Verdict {
    let container = world.container;
    let scenario = call.scenario.unwrap_or(world.scenario);
    if scenario == Scenario::Outside {
        return Verdict::failure(container, BridgeError::Outside);
    }
    let result = perform(world, call, scenario);
    let name = format!("{}.{}", call.class, call.method);
    let (outcome, noted) = match &result {
        Ok(done) => ("done".to_owned(), done.noted.clone()),
        Err(error) => (error.code_and_message().0.to_string(), json!({})),
    };
    world.record(Event::ContainerCalled {
        method: name.chars().take(LONGEST_NAME).collect(),
        outcome,
        noted,
    });
    match result {
        Ok(done) => done.verdict,
        Err(error) => Verdict::failure(container, error),
    }
}

/// Unverified: that a method which is not there says so before its parameters are looked at,
/// and that a consent is missed only after them.
fn perform(world: &mut World, call: &Call, scenario: Scenario) -> Result<Done, BridgeError> {
    let (container, params) = (world.container, &call.params);
    let buyer = call.buyer.as_deref().unwrap_or(account::BUYER);
    let method =
        Method::find(&call.class, &call.method, container).ok_or(BridgeError::NotSupported)?;
    if scenario == Scenario::Denied {
        return Err(BridgeError::NoPermission);
    }
    parameter::check(method.parameters, params)?;
    if let Some(scope) = method.consent
        && !world.has_consent(buyer, scope)
    {
        return Err(BridgeError::NoPermission);
    }
    match method.job {
        Job::AuthCode(_) if scenario == Scenario::RefuseLogin => Err(BridgeError::NoPermission),
        Job::AuthCode(_) => Ok(login::auth_code(world, buyer)),
        Job::LaunchPayment => payment::launch(world, params, scenario != Scenario::SilentLaunch),
        Job::AskConsent(_) => consent::ask(world, params, buyer),
        Job::OpenDeeplink => outward::open_deeplink(container, params),
        Job::OpenUri => outward::open_uri(container, params),
        Job::Locate => Ok(device::location(world)),
        Job::BankAccountToken => Ok(device::bank_account_token(container)),
        Job::SystemInfo => Ok(device::system_info(container)),
        Job::RootedDeviceInfo => Ok(device::rooted(container)),
        Job::WifiInfo => Ok(device::wifi(container)),
        Job::TakePhoto => Ok(device::photo(container, params)),
        Job::Start(sensor) => Ok(motion::start(world, sensor, motion::interval(params))),
        Job::Listen(sensor) if parameter::flag(params, "on") => {
            let frequency = parameter::number(params, "frequency");
            Ok(motion::start(world, sensor, sensor.every_ms(frequency)))
        }
        Job::Stop(sensor) | Job::Listen(sensor) => Ok(motion::stop(container, sensor)),
        Job::Vibrate => Ok(motion::vibrate(container, params)),
        Job::SaveFile => Ok(file::save(container, params)),
        Job::Share => Ok(outward::share(container, params)),
        Job::Locale => Ok(login::locale(container)),
        Job::Copy => Ok(outward::copy(container, params)),
        Job::Track => Ok(outward::track(container, params)),
        Job::Toast => Ok(bar::toast(container, params)),
        Job::ChangeBar => Ok(bar::change(container, params)),
        Job::BarHeight => Ok(bar::height(container)),
    }
}
