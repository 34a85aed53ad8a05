//! One `gpContainer.call`.

use super::{
    consent,
    reply::{BridgeError, Verdict, text},
};
use crate::{
    account, buyer::LocaleShape, id, ledger::Event, payments::State as PaymentState,
    scenario::Scenario, shared::Shared, world::World,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

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
    Json(shared.write(|world| {
        answer(world, &call).unwrap_or_else(|error| Verdict::failure(world.container, error))
    }))
}

fn answer(world: &mut World, call: &Call) -> Result<Verdict, BridgeError> {
    let scenario = call.scenario.unwrap_or(world.scenario);
    if scenario == Scenario::Outside {
        return Err(BridgeError::Outside);
    }
    match (call.class.as_str(), call.method.as_str()) {
        ("GPMiniAppAuth", "getAuthCode") if scenario == Scenario::RefuseLogin => {
            Err(BridgeError::NoPermission)
        }
        ("GPMiniAppAuth", "getAuthCode") => Ok(auth_code(world, call.buyer.as_deref())),
        ("GP", "launchPayment") => {
            launch_payment(world, &call.params, scenario != Scenario::SilentLaunch)
        }
        ("GP", "authorize") => consent::ask(consent::Method::Authorize, &call.params),
        ("GPConsent", "getUserConsent") if world.container.get_user_consent => {
            consent::ask(consent::Method::GetUserConsent, &call.params)
        }
        ("GPBase", "getLocale") => Ok(locale(world)),
        _ => Err(BridgeError::NotSupported),
    }
}

fn auth_code(world: &mut World, buyer: Option<&str>) -> Verdict {
    let buyer = buyer.unwrap_or(account::BUYER).to_owned();
    let code = id::opaque();
    let now = world.now();
    let number = world.logins.issue(code.clone(), buyer.clone(), now);
    world.record(Event::AuthCodeIssued {
        auth_code: number,
        buyer,
    });
    Verdict::success(json!({"data": {"authCode": code}}))
}

/// Docs disagree: see [`LocaleShape`].
fn locale(world: &World) -> Verdict {
    let locale = world.container.locale;
    Verdict::success(match world.container.locale_shape {
        LocaleShape::Documented => json!({"app_locale": locale}),
        LocaleShape::Field => json!({"data": {"appLocale": locale}}),
    })
}

/// Opens the sheet of a payment that waits; 202 for any other deeplink.
fn launch_payment(
    world: &mut World,
    params: &Value,
    calls_back: bool,
) -> Result<Verdict, BridgeError> {
    let deeplink = text(params, "deeplink")?;
    let reference_no = transfer(deeplink)
        .filter(|reference_no| {
            let payment = world.payments.get(reference_no);
            payment.is_some_and(|payment| payment.state == PaymentState::Pending)
        })
        .ok_or(BridgeError::WrongValue)?;
    let page = format!("/sheet?tref={reference_no}");
    world.record(Event::SheetOpened { reference_no });
    Ok(Verdict::Show { page, calls_back })
}

/// The one `tref` of a `gopay://merchanttransfer` link.
fn transfer(deeplink: &str) -> Option<String> {
    let url = Url::parse(deeplink).ok()?;
    if url.scheme() != "gopay" || url.host_str() != Some("merchanttransfer") {
        return None;
    }
    let mut transfers = url.query_pairs().filter(|(name, _)| name == "tref");
    match (transfers.next(), transfers.next()) {
        (Some((_, transfer)), None) => Some(transfer.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_transfer_of_gopay_is_launched() {
        assert_eq!(
            transfer("gopay://merchanttransfer?tref=A1&x=y").as_deref(),
            Some("A1")
        );
        for wrong in [
            "gopay://merchanttransfer",
            "gopay://merchanttransfer?tref=A1&tref=A2",
            "gopay://home?tref=A1",
            "https://gopay.co.id/app/merchanttransfer?tref=A1",
            "A1",
        ] {
            assert_eq!(transfer(wrong), None, "{wrong}");
        }
    }
}
