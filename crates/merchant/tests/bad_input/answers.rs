//! G, what GoPay answers.

use crate::{
    catalogue::{Input, inputs},
    env::{Env, Placed},
    gopay_double::{Api, Change},
};
use merchant::adapters::database::sql;
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};
use uuid::Uuid;

/// An answer, and what follows from it.
#[derive(Debug, Deserialize)]
struct Answer {
    on: Api,
    then: Then,
    /// The deeplink that the buyer gets; `{reference}` is GoPay's of the payment.
    link: Option<String>,
    #[serde(flatten)]
    change: toml::Table,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Then {
    /// Of a payment or a token: the buyer gets the payment.
    Offered,
    /// The order is being checked, and the same request gets the payment when GoPay answers well again.
    NotOffered,
    /// Of a payment: there is none, and the order can be paid anew.
    Failed,
    /// Of an inquiry about a payment that was made: the order is paid.
    Paid,
    /// The order is as before, and paid when GoPay answers well again.
    Open,
    /// Staff decide.
    Review,
    /// Of an auth code: there is a session.
    SignedIn,
    /// There is none, and a new code opens one when GoPay answers well again.
    NotSignedIn,
}

pub(crate) async fn run() -> (usize, Vec<String>) {
    let mut failures = Vec::new();
    let inputs = inputs('G');
    let mut env = Env::new().await;
    for input in &inputs {
        if let Err(failure) = run_one(&mut env, input).await {
            failures.push(format!("{}: {failure}", input.name));
        }
        env.double.answer_plainly();
        if let Err(failure) = env.check_process_and_log() {
            failures.push(format!("{}: {failure}", input.name));
        }
    }
    let violations = env.violations().await;
    if !violations.is_empty() {
        failures.push(format!("merchant verify reports {violations:?}"));
    }
    if env.double.has_seen_a_cookie() {
        failures.push("GoPay got a cookie of its own back".to_owned());
    }
    (inputs.len(), failures)
}

async fn run_one(env: &mut Env, input: &Input) -> Result<(), String> {
    let unreadable = |error| format!("the file cannot be read: {error}");
    let mut answer: Answer = toml::Value::Table(input.table.clone())
        .try_into()
        .map_err(unreadable)?;
    let change = std::mem::take(&mut answer.change);
    let change: Change = toml::Value::Table(change).try_into().map_err(unreadable)?;
    match answer.on {
        Api::Token => {
            // A token is requested where none is stored.
            env.restart_without_token().await;
            let before = env.double.requests(Api::Token);
            payment(env, &answer, change).await?;
            match env.double.requests(Api::Token) > before {
                true => Ok(()),
                false => Err("no token was requested".to_owned()),
            }
        }
        Api::Payment => payment(env, &answer, change).await,
        Api::Status => inquiry(env, &answer, change).await,
        Api::Authorization => sign_in(env, &answer, change).await,
    }
}

async fn payment(env: &Env, answer: &Answer, change: Change) -> Result<(), String> {
    let key = Uuid::new_v4().to_string();
    env.double.answer(answer.on, change);
    let (status, said) = env.order(&env.budi, &key).await;
    env.double.answer_plainly();
    let wrong = || Err(format!("{status}: {said}"));
    match answer.then {
        Then::Offered if status != StatusCode::CREATED => wrong(),
        Then::Offered => is_offered(env, &said, answer.link.as_deref()).await,
        Then::Failed if said["status"] != "failed" => wrong(),
        Then::Failed => Ok(()),
        Then::NotOffered
            if status != StatusCode::SERVICE_UNAVAILABLE || said["code"] != "gopay_unavailable" =>
        {
            wrong()
        }
        Then::NotOffered => {
            let open = "select id, status, external_id from orders join attempts on order_id = id
                where orders.idempotency_key = $1";
            let row = sql(open)
                .bind(&key)
                .fetch_one(&mut env.database().await)
                .await
                .unwrap();
            let text = |place| row.at::<String>(place).unwrap();
            let (id, status, external_id) = (text(0), text(1), text(2));
            if status != "checking" {
                return Err(format!("the order is {status}"));
            }
            // As the app repeats a request whose outcome is unknown.
            let order = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
                match env.order(&env.budi, &key).await {
                    (StatusCode::CREATED, order) => Ok(order),
                    (status, _) => Err(status),
                }
            });
            let order = order.await;
            let payments = env.payments().await;
            let made = payments
                .iter()
                .filter(|it| it["external_id"] == external_id.as_str());
            if order["id"] != id.as_str() || made.count() != 1 {
                return Err(format!("afterwards it is not one payment: {order}"));
            }
            is_offered(env, &order, None).await
        }
        _ => Err("this cannot follow from an answer about a payment".to_owned()),
    }
}

async fn is_offered(env: &Env, order: &Value, link: Option<&str>) -> Result<(), String> {
    env.quiet().await;
    let payments = env.payments().await;
    let newest = payments.last().unwrap();
    let reference = newest["reference_no"].as_str().unwrap();
    let link = link.unwrap_or("gopay://merchanttransfer?tref={reference}");
    let link = link.replace("{reference}", reference);
    let is_right = order["status"] == "awaiting_payment"
        && order["payment"]["deeplink"].as_str() == Some(&link)
        && newest["partner_reference_no"] == order["id"];
    match is_right {
        true => Ok(()),
        false => Err(format!("not {link}: {order}")),
    }
}

async fn inquiry(env: &Env, answer: &Answer, change: Change) -> Result<(), String> {
    let placed = env.place(&env.budi).await;
    env.act(&placed, "pay").await;
    env.double.answer(Api::Status, change);
    let status = look(env, &placed).await;
    env.double.answer_plainly();
    let expected = match answer.then {
        Then::Paid => "paid",
        Then::Open => "awaiting_payment",
        Then::Review => "review",
        _ => return Err("this cannot follow from an answer about an inquiry".to_owned()),
    };
    if status != expected {
        return Err(format!("the order is {status}"));
    }
    if answer.then == Then::Open {
        let status = look(env, &placed).await;
        if status != "paid" {
            return Err(format!("afterwards the order is {status}"));
        }
    }
    env.quiet().await;
    Ok(())
}

/// What the buyer is told, after an inquiry.
async fn look(env: &Env, placed: &Placed) -> String {
    let before = env.double.requests(Api::Status);
    env.quiet().await;
    env.allow_inquiry().await;
    let request = env.http.get(env.url(&format!("/api/orders/{}", placed.id)));
    let request = request.header("cookie", format!("sid={}", env.budi));
    let order: Value = request.send().await.unwrap().json().await.unwrap();
    assert!(env.double.requests(Api::Status) > before, "{order}");
    order["status"].as_str().unwrap().to_owned()
}

async fn sign_in(env: &Env, answer: &Answer, change: Change) -> Result<(), String> {
    env.double.answer(Api::Authorization, change);
    let body = json!({"auth_code": env.auth_code("budi").await});
    let request = env.http.post(env.url("/api/session")).json(&body);
    let answered = request.send().await.unwrap();
    env.double.answer_plainly();
    let is_right = match answer.then {
        Then::SignedIn => answered.status() == StatusCode::OK,
        Then::NotSignedIn => {
            let refused = [StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE];
            refused.contains(&answered.status()) && !answered.headers().contains_key("set-cookie")
        }
        _ => return Err("this cannot follow from an answer about an auth code".to_owned()),
    };
    if !is_right {
        let status = answered.status();
        return Err(format!("{status}: {}", answered.text().await.unwrap()));
    }
    if answer.then == Then::NotSignedIn {
        env.sign_in("budi").await;
    }
    Ok(())
}
