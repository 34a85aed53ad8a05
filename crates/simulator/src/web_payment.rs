//! The back end of the web pages on which a buyer pays without a container: Snap's, on both hosts,
//! and the one of the sandbox's BI-SNAP payments `[testing-bi-snap-on-sandbox-environment]`.
//!
//! Unverified: all of it, but for the PIN of the sandbox, the way back to the merchant, and what
//! `snap.js` hands to the callbacks `[snap-js]` `[js-callback]` `[window-redirection]`.

use crate::{
    app_state::AppState,
    bridge::{Decision, page_state},
    checkout::SnapLeft,
    container::Locale,
    control::ControlError,
    gopay_state::GoPayState,
    host::Host,
    input::{Input, Parameters, PathParameters},
    ledger::Actor,
    merchants::Merchant,
    payments::{ActionError, PayError, Payment, PaymentAction, PaymentOutcome, PaymentState},
    scenario::Scenario,
    transaction::transaction,
};
use axum::{
    Extension, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

pub(crate) fn router(host: Host) -> Router<Arc<AppState>> {
    Router::new()
        .route("/payments/{name}", get(show))
        .route("/payments/{name}/open", post(open))
        .route("/payments/{name}/{act}", post(act))
        .layer(Extension(host))
}

/// Why a page cannot be opened.
#[derive(Debug, Clone, Copy)]
struct OpenError {
    http: StatusCode,
    message: &'static str,
}

impl OpenError {
    /// `result` has the form of `[js-callback]`'s error.
    fn into_response(self, locale: Locale) -> Response {
        let body = json!({
            "locale": locale,
            "result": {
                "status_code": self.http.as_str(),
                "status_message": [self.message],
            },
        });
        (self.http, Json(body)).into_response()
    }
}

/// The payment of a page: a Snap token, or the reference number of a BI-SNAP payment of the sandbox.
fn find<'a>(gopay: &'a GoPayState, host: Host, name: &str) -> Option<&'a Payment> {
    let by_reference = || {
        let payment = gopay.payments.get(name);
        payment.filter(|it| host == Host::Sandbox && it.is_bi_snap_on(host))
    };
    gopay.payments.by_token(host, name).or_else(by_reference)
}

#[derive(Debug, Default, Deserialize)]
struct Opening {
    /// `data-client-key` of `snap.js`; a page that is opened at its address has none.
    client_key: Option<String>,
}

/// The buyer opens the page; in Snap, this is the choice to pay with GoPay.
async fn open(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    PathParameters(name): PathParameters<String>,
    Input(Opening { client_key }): Input<Opening>,
) -> Response {
    match choose(&state, host, &name, client_key.as_deref()) {
        Ok(()) => StatusCode::OK.into_response(),
        Err(error) => {
            let locale = state.read(|gopay| gopay.container.locale);
            error.into_response(locale)
        }
    }
}

fn choose(
    state: &AppState,
    host: Host,
    name: &str,
    client_key: Option<&str>,
) -> Result<(), OpenError> {
    state.write(|gopay| {
        let payment = find(gopay, host, name);
        let is_own = |key: &str| {
            let is_of = |merchant: &Merchant| {
                key == match host {
                    Host::Production => &merchant.account.snap_client_key,
                    Host::Sandbox => &merchant.account.sandbox_snap_client_key,
                }
            };
            match payment {
                Some(payment) => is_of(gopay.merchants.of(payment.merchant)),
                None => gopay.merchants.find(is_of).is_some(),
            }
        };
        if client_key.is_some_and(|key| !is_own(key)) {
            return Err(OpenError {
                http: StatusCode::UNAUTHORIZED,
                message: "Access denied, please check client or server key",
            });
        }
        let payment = payment.ok_or(OpenError {
            http: StatusCode::NOT_FOUND,
            message: "Transaction is not available, or the address is wrong",
        })?;
        if payment.snap().is_some_and(|session| session.is_canceled) {
            return Err(OpenError {
                http: StatusCode::NOT_ACCEPTABLE,
                message: "token already canceled",
            });
        }
        let reference_no = payment.reference_no.clone();
        gopay.choose(&reference_no);
        Ok(())
    })
}

#[derive(Debug, Deserialize)]
struct PageQuery {
    /// The payment's `leaves` when the page was opened.
    leaves: Option<u32>,
}

/// The payment's current state, which the page polls.
async fn show(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    PathParameters(name): PathParameters<String>,
    Parameters(query): Parameters<PageQuery>,
) -> Result<Json<Value>, ControlError> {
    state.read(|gopay| {
        let payment = find(gopay, host, &name).ok_or(ActionError::Unknown)?;
        let leaves_before = query.leaves.unwrap_or(payment.leaves);
        let ended = ended(payment, leaves_before);
        let mut page = page_state(gopay, payment);
        page["needs_pin"] = json!(host == Host::Sandbox);
        page["return_to"] = json!(ended.and_then(|end| return_address(payment, end)));
        page["verdict"] = json!(ended.map(|end| verdict(gopay, payment, end)));
        Ok(Json(page))
    })
}

/// How a page ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Paid,
    Left,
    Unpaid,
}

fn ended(payment: &Payment, leaves_before: u32) -> Option<End> {
    match payment.state {
        PaymentState::Pending => (payment.leaves > leaves_before).then_some(End::Left),
        PaymentState::Settled {
            outcome: PaymentOutcome::Paid,
            ..
        } => Some(End::Paid),
        PaymentState::Settled { .. } => Some(End::Unpaid),
    }
}

/// Where the page leads. Snap adds what it knows to the query `[window-redirection]`.
///
/// Unverified: that BI-SNAP's page adds nothing.
fn return_address(payment: &Payment, end: End) -> Option<String> {
    let addresses = &payment.return_to;
    let address = match end {
        End::Paid | End::Left => addresses.finish.as_ref(),
        End::Unpaid => addresses.error.as_ref().or(addresses.finish.as_ref()),
    }?;
    if payment.snap().is_none() {
        return Some(address.clone());
    }
    let mut url = Url::parse(address).ok()?;
    let fields = transaction(payment, &payment.latest_transaction_status());
    for name in ["order_id", "status_code", "transaction_status"] {
        let value = fields[name].as_str().unwrap_or_default();
        url.query_pairs_mut().append_pair(name, value);
    }
    Some(url.into())
}

/// The callback of `snap.pay` and its argument; other pages take only that there is one.
fn verdict(gopay: &GoPayState, payment: &Payment, end: End) -> Value {
    let kind = match (end, gopay.checkout.snap_left) {
        _ if gopay.scenario == Scenario::SilentLaunch => "silent",
        (End::Paid, _) => "success",
        (End::Unpaid, _) => "error",
        (End::Left, SnapLeft::Close) => "close",
        (End::Left, SnapLeft::Pending) => "pending",
    };
    let mut result = transaction(payment, &payment.latest_transaction_status());
    result["finish_redirect_url"] = json!(return_address(payment, end));
    json!({"kind": kind, "result": result})
}

/// The buyer's tap; 409 where the payment is settled already, 422 for a wrong PIN and too little money.
async fn act(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    PathParameters((name, act)): PathParameters<(String, PaymentAction)>,
    Input(decision): Input<Decision>,
) -> Result<(), ControlError> {
    state.write(|gopay| {
        let payment = find(gopay, host, &name).ok_or(ActionError::Unknown)?;
        let reference_no = payment.reference_no.clone();
        match (host, act) {
            (Host::Sandbox, PaymentAction::Pay) if !decision.has_right_pin() => {
                Err(PayError::WrongPin.into())
            }
            (Host::Production, PaymentAction::Pay) => decision.pay(gopay, &reference_no),
            _ => Ok(gopay.act(&reference_no, act, Actor::Buyer)?),
        }
    })
}
