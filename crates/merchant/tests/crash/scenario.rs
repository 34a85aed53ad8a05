//! What a buyer does, step by step. Each step can be taken again, as the app takes it again
//! when it got no answer.

use crate::harness::{CrashHarness, Died};
use contract::{Order, OrderStatus};
use merchant::cli::admin::Admin;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, within};
use tokio::time::sleep;

/// Everything that happens to one order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    name: &'static str,
    steps: &'static [Step],
    /// Parts that do the same here as in a scenario before.
    pub(crate) like_before: &'static [&'static str],
    /// How the order ends.
    ends: OrderStatus,
    /// How GoPay's payment ends.
    payment: &'static str,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// GoPay does what it is asked next, and its answer is lost; all that it answers is in the
    /// forms of other SNAP back ends.
    LoseAnAnswer,
    SignIn,
    Order,
    Cancel,
    /// The buyer pays in GoPay, which notifies.
    Pay,
    /// The buyer pays, and all that GoPay says is so little that the merchant has to ask.
    PayInDoubt,
    /// The buyer looks until they see the end.
    See,
    /// The merchant's own systems hear of it.
    HandOver,
    /// GoPay gives the buyer coins for it.
    Reward,
    /// Staff ask for all of it back, beside the running merchant.
    Refund,
    /// The buyer looks until they see that it is.
    SeeItBack,
}

/// All there are.
pub(crate) const ALL: [Scenario; 4] = [
    Scenario {
        name: "paid",
        steps: &[
            Step::SignIn,
            Step::Order,
            Step::Pay,
            Step::See,
            Step::HandOver,
            Step::Reward,
        ],
        like_before: &[],
        ends: OrderStatus::Paid,
        payment: "paid",
    },
    Scenario {
        name: "paid in doubt",
        steps: &[
            Step::LoseAnAnswer,
            Step::SignIn,
            Step::Order,
            Step::PayInDoubt,
            Step::See,
            Step::HandOver,
        ],
        like_before: &[
            "boot",
            "GET /readyz",
            "POST /api/session",
            "webhook worker",
            "webhook",
            "refund worker",
            "mini-app worker",
            "mini_app",
        ],
        ends: OrderStatus::Paid,
        payment: "paid",
    },
    Scenario {
        name: "cancelled",
        steps: &[Step::SignIn, Step::Order, Step::Cancel, Step::See],
        like_before: &[
            "boot",
            "GET /readyz",
            "POST /api/session",
            "POST /api/orders",
            "payment",
            "inquiry worker",
            "webhook worker",
            "refund worker",
            "mini-app worker",
        ],
        ends: OrderStatus::Cancelled,
        payment: "cancelled",
    },
    Scenario {
        name: "refunded",
        steps: &[
            Step::SignIn,
            Step::Order,
            Step::Pay,
            Step::See,
            Step::HandOver,
            Step::Refund,
            Step::SeeItBack,
        ],
        like_before: &[
            "boot",
            "GET /readyz",
            "POST /api/session",
            "POST /api/orders",
            "GET /api/orders/{id}",
            "payment",
            "requested inquiry",
            "inquiry",
            "inquiry worker",
            "webhook worker",
            "webhook",
            "refund worker",
            "mini-app worker",
            "mini_app",
        ],
        ends: OrderStatus::Refunded,
        payment: "paid",
    },
];

impl Scenario {
    /// Takes every step until it is done, whoever dies meanwhile, and then counts.
    pub(crate) async fn play(&self, harness: &mut CrashHarness) {
        for step in self.steps {
            while let Err(Died) = self.take(*step, harness).await {
                harness.revive().await;
            }
        }
        self.check(harness).await;
    }

    /// Takes every step; after each one the merchant is killed once it has been answered.
    pub(crate) async fn play_with_deaths_between(&self, harness: &mut CrashHarness) {
        for step in self.steps {
            self.take(*step, harness).await.unwrap();
            harness.process.kill();
            harness.revive().await;
        }
        self.check(harness).await;
    }

    /// Bounds the loops of all steps.
    async fn take(&self, step: Step, harness: &mut CrashHarness) -> Result<(), Died> {
        let step_of = format!("{}: {step:?}", self.name);
        within(WAIT_TIMEOUT, &step_of, step.take(harness)).await
    }

    /// One order, one payment, one thing to hand over, what staff gave back once, and no other
    /// end than the right one.
    async fn check(&self, harness: &CrashHarness) {
        assert_eq!(harness.acknowledged.as_ref().unwrap().status, self.ends);
        let payments = harness.payments().await;
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert_eq!(payments[0]["state"], self.payment);
        let ledger = harness.ledger().await;
        let entries = ledger["entries"].as_array().unwrap();
        let of_kind = |kind| entries.iter().filter(move |entry| entry["kind"] == kind);
        assert_eq!(of_kind("payment_settled").count(), 1);
        let given_back: Vec<_> = of_kind("payment_refunded")
            .map(|entry| {
                (
                    entry["rupiah"].as_u64(),
                    entry["partner_refund_no"].as_str(),
                )
            })
            .collect();
        let refunds: Vec<_> = harness.reserved.iter().collect();
        let total = harness.acknowledged.as_ref().unwrap().total.get();
        let expected: Vec<_> = refunds
            .iter()
            .map(|number| (Some(total), Some(number.as_str())))
            .collect();
        assert_eq!(given_back, expected);
        let refunds = i64::try_from(refunds.len()).unwrap();
        assert_eq!(harness.rows("select count(*) from refunds").await, refunds);
        let done = "select count(*) from refunds where state = 'done'";
        assert_eq!(harness.rows(done).await, refunds);
        let paid = i64::from(self.payment == "paid");
        let given: Vec<_> = of_kind("mini_app_requested")
            .filter(|entry| entry["repeated"] == false)
            .collect();
        // What the merchant did not come to before the money went back is not given.
        let is_rewarded = self.steps.iter().any(|it| matches!(it, Step::Reward));
        assert!(given.len() <= 1, "{given:?}");
        assert!(given.len() == 1 || !is_rewarded);
        let requests = "select count(*) from mini_app_requests";
        assert_eq!(harness.rows(requests).await, paid);
        assert_eq!(harness.rows("select count(*) from customers").await, 1);
        assert_eq!(harness.rows("select count(*) from orders").await, 1);
        assert_eq!(harness.rows("select count(*) from attempts").await, 1);
        assert_eq!(harness.rows("select count(*) from fulfilments").await, paid);
        let acted_on = harness.receiver.acted_on.borrow().len();
        assert_eq!(i64::try_from(acted_on).unwrap(), paid);
        harness.verify().await;
    }
}

impl Step {
    async fn take(self, harness: &mut CrashHarness) -> Result<(), Died> {
        match self {
            Self::LoseAnAnswer => {
                let faults = json!([
                    {"on": "payment", "do": "answer_lost"},
                    {"on": "payment", "do": "odd_forms", "times": null},
                    {"on": "status", "do": "odd_ids", "times": 2},
                    {"on": "status", "do": "odd_forms", "times": null},
                ]);
                harness.control("PUT", "faults", faults).await;
                Ok(())
            }
            Self::SignIn => sign_in(harness).await,
            Self::Order => order(harness).await,
            Self::Cancel => cancel(harness).await,
            Self::Pay => {
                pay(harness).await;
                Ok(())
            }
            Self::PayInDoubt => {
                let withhold = json!({"mode": "withhold"});
                harness.control("PUT", "notifications", withhold).await;
                let reference = pay(harness).await;
                let little = json!({"without_amount": true});
                let path = format!("notifications/{reference}/repeat");
                let answer = harness.control("POST", &path, little).await;
                match answer["http_status"].as_u64() {
                    Some(200) => Ok(()),
                    Some(_) => panic!("{answer}"),
                    None => Err(harness.death().await),
                }
            }
            Self::See => see(harness, |status| !status.is_open()).await,
            Self::HandOver => hand_over(harness).await,
            Self::Reward => reward(harness).await,
            Self::Refund => {
                refund(harness).await;
                Ok(())
            }
            Self::SeeItBack => see(harness, |status| status == OrderStatus::Refunded).await,
        }
    }
}

async fn sign_in(harness: &mut CrashHarness) -> Result<(), Died> {
    let answer = loop {
        let code = harness.auth_code().await;
        let request = harness.http.post(harness.url("/api/session"));
        let answer = harness
            .ask(request.json(&json!({"auth_code": code})))
            .await?;
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
            break answer;
        }
        sleep(POLL_INTERVAL).await;
    };
    assert_eq!(answer.status(), StatusCode::OK);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    harness.cookie = cookie.split(';').next().map(str::to_owned);
    Ok(())
}

async fn order(harness: &mut CrashHarness) -> Result<(), Died> {
    let basket =
        json!({"lines": [{"product": "kopi-susu", "quantity": 2}], "expected_total": 50_000});
    let request = |harness: &CrashHarness| {
        let request = harness.http.post(harness.url("/api/orders"));
        let request = request.header("idempotency-key", "the-one-key");
        request.json(&basket)
    };
    repeat(harness, request, StatusCode::CREATED, |_| true).await
}

async fn cancel(harness: &mut CrashHarness) -> Result<(), Died> {
    let id = harness.acknowledged.as_ref().unwrap().id.clone();
    let path = format!("/api/orders/{id}/cancel");
    let request = |harness: &CrashHarness| harness.http.post(harness.url(&path));
    repeat(harness, request, StatusCode::OK, |_| true).await
}

async fn see(harness: &mut CrashHarness, is_end: fn(OrderStatus) -> bool) -> Result<(), Died> {
    let id = harness.acknowledged.as_ref().unwrap().id.clone();
    let path = format!("/api/orders/{id}");
    let request = |harness: &CrashHarness| harness.http.get(harness.url(&path));
    repeat(harness, request, StatusCode::OK, is_end).await
}

/// Sends the buyer's request again while its outcome is unclear, and until the order is where it
/// should be.
async fn repeat(
    harness: &mut CrashHarness,
    request: impl Fn(&CrashHarness) -> RequestBuilder,
    expected: StatusCode,
    is_end: fn(OrderStatus) -> bool,
) -> Result<(), Died> {
    loop {
        let cookie = harness.cookie.as_deref().unwrap();
        let request = request(harness).header("cookie", cookie);
        let (status, answer) = harness.read(request).await?;
        if status == expected {
            let order: Order = serde_json::from_value(answer).unwrap();
            let is_end = is_end(order.status);
            harness.acknowledge(order);
            if is_end {
                return Ok(());
            }
        } else {
            is_unclear(status, &answer);
        }
        sleep(POLL_INTERVAL).await;
    }
}

/// GoPay's id of the payment. The buyer pays once, whatever the merchant is doing.
async fn pay(harness: &CrashHarness) -> String {
    let payment = harness.payments().await.remove(0);
    let reference = payment["reference_no"].as_str().unwrap();
    if payment["state"] == "pending" {
        let act = format!("payments/{reference}/pay");
        harness.control("POST", &act, json!({})).await;
        // GoPay repeats what was not taken.
        let later = json!({"seconds": 120});
        harness.control("POST", "clock/advance", later).await;
    }
    reference.to_owned()
}

/// Until the merchant has written down that they know.
async fn hand_over(harness: &mut CrashHarness) -> Result<(), Died> {
    let mut acted_on = harness.receiver.acted_on.clone();
    tokio::select! {
        heard = acted_on.wait_for(|acted_on| !acted_on.is_empty()) => drop(heard.unwrap()),
        died = harness.death() => return Err(died),
    }
    let delivered = "select count(*) from fulfilments where state = 'delivered'";
    while harness.rows(delivered).await == 0 {
        if harness.process.is_over() {
            return Err(Died);
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

/// Until the merchant has written down that GoPay gave it.
async fn reward(harness: &mut CrashHarness) -> Result<(), Died> {
    let given = "select count(*) from mini_app_requests where state = 'accepted'";
    while harness.rows(given).await == 0 {
        if harness.process.is_over() {
            return Err(Died);
        }
        sleep(POLL_INTERVAL).await;
    }
    Ok(())
}

/// They do it on the database, whatever the merchant is doing.
async fn refund(harness: &mut CrashHarness) {
    let staff = Admin::connect(&harness.config()).await.unwrap();
    let id = &harness.acknowledged.as_ref().unwrap().id;
    let said = staff.refund(id.as_str(), None).await.unwrap();
    harness.reserved = said.split_whitespace().next().map(str::to_owned);
}

/// GoPay said nothing certain, or the merchant, back from the dead, is asking it already.
fn is_unclear(status: StatusCode, problem: &Value) {
    let is_under_way = status == StatusCode::CONFLICT && problem["code"] == "under_way";
    assert!(
        status == StatusCode::SERVICE_UNAVAILABLE || is_under_way,
        "{problem}"
    );
}
