//! Money goes back: once, no more than was paid, and whatever happens to GoPay's answers.

use crate::test_database::run_past;
use crate::test_env::{Buyer, TestEnv};
use contract::{Order, OrderStatus, Rupiah};
use merchant::{
    adapters::{database::Store, gopay::GoPay},
    domain::{
        operator_policy::LatePaymentPolicy,
        refund::{LEASE, RefundState, StoredRefund},
        time::Timestamp,
    },
    ports::Clock,
    workers::refund::RefundWorker,
};
use serde_json::{Value, json};
use std::{
    future::{self, Future},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use strum::IntoEnumIterator;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

const HOUR: Duration = Duration::from_hours(1);

fn now() -> Timestamp {
    Clock::system().now()
}

/// Somebody whose order is paid.
async fn paid() -> (TestEnv, Buyer, Order) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    env.wait_for_inquiry(0).await;
    (env, buyer, order)
}

async fn refund(env: &TestEnv, order: &Order, amount: Option<u64>) -> Result<String, String> {
    let staff = env.staff().await;
    let asked = staff
        .refund(order.id.as_str(), amount.map(Rupiah::new))
        .await;
    asked.map_err(|error| error.to_string())
}

/// How many rupiah GoPay gave back of all payments together.
async fn back(env: &TestEnv) -> u64 {
    let ledger = env.ledger().await;
    let payments = ledger["payments"].as_array().unwrap().iter();
    payments
        .map(|payment| payment["refunded"].as_u64().unwrap())
        .sum()
}

/// The newest refund there is, in whatever state.
async fn newest(env: &TestEnv) -> StoredRefund {
    newest_of(&env.store().await).await
}

async fn newest_of(store: &Store) -> StoredRefund {
    let mut all = Vec::new();
    for state in RefundState::iter() {
        all.extend(store.refunds(state).await.unwrap());
    }
    all.into_iter()
        .max_by_key(|refund| refund.progress.created_at)
        .unwrap()
}

async fn wait_for_state(env: &TestEnv, state: RefundState) {
    let store = env.store().await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let seen = newest_of(&store).await.state;
        (seen == state).then_some(()).ok_or(seen)
    })
    .await;
}

/// The test with each case, in an environment of its own, side by side.
async fn for_each<T, const N: usize>(cases: [T; N], test: impl AsyncFn(T)) {
    // Several on the stack would be more than a thread of tests has.
    let mut tests = cases.map(|case| Box::pin(test(case)));
    let mut open = [true; N];
    future::poll_fn(|context| {
        for (test, open) in tests.iter_mut().zip(&mut open) {
            *open = *open && test.as_mut().poll(context).is_pending();
        }
        match open.contains(&true) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        }
    })
    .await;
}

/// A refund worker of the test's own, on the database of a merchant that is not running.
async fn worker(env: &TestEnv) -> RefundWorker<Store> {
    let gopay = GoPay::new(Arc::new(env.config().gopay), Clock::system()).unwrap();
    RefundWorker::new(env.store().await, Arc::new(gopay))
}

#[tokio::test]
async fn a_refund_by_staff_goes_back_and_the_buyer_sees_it() {
    let (env, buyer, order) = paid().await;
    refund(&env, &order, Some(10_000)).await.unwrap();
    let status = OrderStatus::PartiallyRefunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(back(&env).await, 10_000);
    refund(&env, &order, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(back(&env).await, 50_000);
    wait_for_state(&env, RefundState::Done).await;
    env.reconciled().await;
    let list = env.staff().await.refunds().await.unwrap();
    assert_eq!(list, "parked: 0, failed: 0, open: 0");
}

/// F75: done, and the answer is lost: found by an inquiry, never done twice.
#[tokio::test]
async fn a_refund_whose_answer_was_lost_is_done_once() {
    let harms = ["answer_lost", "html", "truncate", "pending_202"];
    for_each(harms, async |harm| {
        let (env, buyer, order) = paid().await;
        env.faults(json!([{"on": "refund", "do": harm}])).await;
        refund(&env, &order, None).await.unwrap();
        let status = OrderStatus::Refunded;
        buyer.wait_until(&env, &order.id, status).await;
        assert_eq!(env.count("payment_refunded").await, 1, "{harm}");
        wait_for_state(&env, RefundState::Done).await;
        env.reconciled().await;
    })
    .await;
}

/// F75: never heard, and sent again: the same request under the same ids.
#[tokio::test]
async fn a_refund_that_did_not_arrive_is_sent_again_unchanged() {
    let harms = ["reset_before", "error_500", "timeout_504", "conflict_409"];
    for_each(harms, async |harm| {
        let (env, buyer, order) = paid().await;
        env.faults(json!([{"on": "refund", "do": harm}])).await;
        refund(&env, &order, Some(20_000)).await.unwrap();
        let status = OrderStatus::PartiallyRefunded;
        buyer.wait_until(&env, &order.id, status).await;
        let heard = env.entries("refund_requested").await;
        let met = env.faults_met().await;
        assert_eq!(heard[0]["external_id"], met[0]["id"], "{harm}");
        assert_eq!(
            heard[0]["partner_refund_no"],
            newest(&env).await.number.as_str()
        );
        assert_eq!(heard[0]["amount"], "20000.00");
        assert_eq!(back(&env).await, 20_000, "{harm}");
        env.reconciled().await;
    })
    .await;
}

/// F76: 25 hours later nothing is sent any more; GoPay's history decides.
#[tokio::test]
async fn after_a_day_only_an_inquiry_decides() {
    let (mut env, _, order) = paid().await;
    env.stop_merchant().await;
    refund(&env, &order, None).await.unwrap();
    env.withhold().await;
    env.faults(json!([
        // The first inquiry brings an answer, those after it do not.
        {"on": "status", "do": "slow"},
        {"on": "refund", "do": "answer_lost"},
        {"on": "status", "do": "timeout_504"},
    ]))
    .await;
    let worker = worker(&env).await;
    let began = now();
    assert_eq!(worker.poll_once(began).await.unwrap(), 1);
    assert_eq!(back(&env).await, 50_000);
    // GoPay's records are late for a day.
    env.faults(json!([{"on": "status", "do": "not_found"}]))
        .await;
    assert_eq!(worker.poll_once(began + 25 * HOUR).await.unwrap(), 1);
    assert_eq!(newest(&env).await.state, RefundState::Open);
    assert_eq!(worker.poll_once(began + 30 * HOUR).await.unwrap(), 1);
    assert_eq!(newest(&env).await.state, RefundState::Done);
    assert_eq!(env.count("refund_requested").await, 1);
    env.reconciled().await;
}

/// F76: what GoPay never got is not sent so late; the reserve stays, for a person.
#[tokio::test]
async fn a_refund_lost_a_day_ago_is_kept_reserved_and_parked() {
    let (mut env, _, order) = paid().await;
    env.stop_merchant().await;
    refund(&env, &order, None).await.unwrap();
    env.faults(json!([{"on": "refund", "do": "reset_before"}]))
        .await;
    let worker = worker(&env).await;
    let began = now();
    for hours in [0, 25, 71, 74] {
        assert_eq!(worker.poll_once(began + hours * HOUR).await.unwrap(), 1);
    }
    assert_eq!(env.count("refund_requested").await, 0);
    let parked = newest(&env).await;
    assert_eq!((parked.state, parked.tries), (RefundState::DeadLetter, 1));
    assert_eq!(worker.poll_once(began + 99 * HOUR).await.unwrap(), 0);
    let more = refund(&env, &order, Some(1)).await.unwrap_err();
    assert!(more.starts_with("only Rp0 of "), "{more}");
    let list = env.staff().await.refunds().await.unwrap();
    assert!(
        list.contains(&format!("{}  parked", parked.number)),
        "{list}"
    );
    assert!(list.ends_with("parked: 1, failed: 0, open: 0"), "{list}");
    // Somebody finds the money in GoPay's dashboard after all.
    let staff = env.staff().await;
    staff
        .retry_refund(&parked.number, false, None)
        .await
        .unwrap();
    assert_eq!(newest(&env).await.state, RefundState::Open);
}

/// F77: of two who refund everything at once one wins, the other hears why.
#[tokio::test]
async fn two_operators_refund_an_order_once() {
    let (env, buyer, order) = paid().await;
    let (one, other) = tokio::join!(refund(&env, &order, None), refund(&env, &order, None));
    assert!(one.is_ok() != other.is_ok());
    let refused = one.err().or(other.err()).unwrap();
    assert_eq!(
        refused,
        format!(
            "only Rp0 of {} are left to refund: the rest is refunded or reserved, see `merchant refunds`",
            order.id
        )
    );
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(back(&env).await, 50_000);
    assert_eq!(env.count("refund_requested").await, 1);
    env.reconciled().await;
}

/// F78, I-06: parts that come to one rupiah more than was paid.
#[tokio::test]
async fn the_last_part_that_is_too_much_never_leaves_the_house() {
    let (env, buyer, order) = paid().await;
    for part in [20_000, 29_999] {
        refund(&env, &order, Some(part)).await.unwrap();
    }
    let refused = refund(&env, &order, Some(2)).await.unwrap_err();
    assert!(refused.starts_with("only Rp1 of "), "{refused}");
    refund(&env, &order, Some(1)).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(env.count("refund_requested").await, 3);
    assert_eq!(back(&env).await, 50_000);
    env.reconciled().await;
}

/// F79: "inconsistent" means that it was done before, once an inquiry has confirmed it.
#[tokio::test]
async fn an_inconsistent_refund_is_done_when_the_history_has_it() {
    let (env, buyer, order) = paid().await;
    env.faults(json!([{"on": "refund", "do": "inconsistent_404", "done": true}]))
        .await;
    refund(&env, &order, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(env.count("payment_refunded").await, 1);
    env.reconciled().await;
}

/// F79: it is not believed blindly.
#[tokio::test]
async fn an_inconsistent_refund_that_the_history_does_not_have_is_sent_again() {
    let (env, buyer, order) = paid().await;
    env.faults(json!([{"on": "refund", "do": "inconsistent_404"}]))
        .await;
    refund(&env, &order, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(env.count("payment_refunded").await, 1);
    env.reconciled().await;
}

/// F80: answered with 200, and failed in the history: shown, and tried again under a new number.
#[tokio::test]
async fn a_refund_that_failed_gives_its_reserve_back_and_may_be_tried_anew() {
    let (env, buyer, order) = paid().await;
    env.control_put("refunds", json!({"ending": "failed"}))
        .await;
    refund(&env, &order, None).await.unwrap();
    wait_for_state(&env, RefundState::Failed).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    let failed = newest(&env).await.number;
    let staff = env.staff().await;
    let list = staff.refunds().await.unwrap();
    assert!(list.contains(&format!("{failed}  failed")), "{list}");

    env.control_put("refunds", json!({})).await;
    staff.retry_refund(&failed, false, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    let anew = newest(&env).await.number;
    assert_ne!(anew, failed);
    assert_eq!(back(&env).await, 50_000);
    let again = staff
        .retry_refund(&failed, false, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        again.ends_with(&format!("tried again already, as {anew}")),
        "{again}"
    );
    let done = staff
        .retry_refund(&anew, false, None)
        .await
        .unwrap_err()
        .to_string();
    assert!(done.contains("is done"), "{done}");
    wait_for_state(&env, RefundState::Done).await;
    env.reconciled().await;
}

/// F81: GoPay's pages name the number in two ways; under either it is ours.
#[tokio::test]
async fn a_refund_is_ours_under_either_name_of_its_number() {
    for history in ["table", "sample"] {
        let (env, buyer, order) = paid().await;
        env.control_put("refunds", json!({"history": history}))
            .await;
        refund(&env, &order, Some(10_000)).await.unwrap();
        let status = OrderStatus::PartiallyRefunded;
        buyer.wait_until(&env, &order.id, status).await;
        wait_for_state(&env, RefundState::Done).await;
        // Were it taken for somebody else's, less would be left.
        refund(&env, &order, Some(40_000)).await.unwrap();
        let status = OrderStatus::Refunded;
        buyer.wait_until(&env, &order.id, status).await;
        env.reconciled().await;
    }
}

/// F82: somebody refunds in GoPay's dashboard.
#[tokio::test]
async fn a_refund_from_the_dashboard_counts() {
    let (env, buyer, order) = paid().await;
    let reference = env.references().await.remove(0);
    let dashboard = format!("payments/{reference}/refund");
    env.control_post(&dashboard, json!({"amount": 15_000}))
        .await;
    let status = OrderStatus::PartiallyRefunded;
    buyer.wait_until(&env, &order.id, status).await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.refunded, Some(Rupiah::new(15_000)));
    let refused = refund(&env, &order, Some(35_001)).await.unwrap_err();
    assert!(refused.starts_with("only Rp35000 of "), "{refused}");
    refund(&env, &order, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.refunded, Some(seen.total));
    assert_eq!(back(&env).await, 50_000);
    env.reconciled().await;
}

/// F82: the dashboard is faster than our request, which GoPay then refuses.
#[tokio::test]
async fn a_refund_that_the_dashboard_overtook_fails() {
    let (mut env, _, order) = paid().await;
    env.stop_merchant().await;
    refund(&env, &order, None).await.unwrap();
    let reference = env.references().await.remove(0);
    env.control_post(&format!("payments/{reference}/refund"), json!({}))
        .await;
    let worker = worker(&env).await;
    assert_eq!(worker.poll_once(now()).await.unwrap(), 1);
    assert_eq!(newest(&env).await.state, RefundState::Failed);
    assert_eq!(back(&env).await, 50_000);
}

/// A refund of an order that cannot be read, as after a disk error, holds up no other.
#[tokio::test]
async fn a_refund_that_cannot_be_read_holds_up_no_other() {
    let (mut env, _, damaged) = paid().await;
    let buyer = env.sign_in("siti").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    env.stop_merchant().await;
    refund(&env, &damaged, None).await.unwrap();
    refund(&env, &order, None).await.unwrap();
    let mut database = env.database().await;
    let trigger = "orders_stay_what_they_are";
    let spoil = format!(
        "update orders set lines = 'x' || lines where id = '{}'",
        damaged.id
    );
    run_past(&mut database, trigger, "orders", &spoil).await;
    let worker = worker(&env).await;
    assert!(worker.poll_once(now()).await.is_err());
    assert_eq!(env.count("payment_refunded").await, 1);
    // As it was, for what is looked at after each test.
    let restore = format!(
        "update orders set lines = substr(lines, 2) where id = '{}'",
        damaged.id
    );
    run_past(&mut database, trigger, "orders", &restore).await;
}

/// What GoPay refuses outright was never made: its reserve is free again.
#[tokio::test]
async fn a_refund_that_gopay_refuses_fails() {
    for (fault, why) in [
        (
            json!({"on": "refund", "do": "forbidden"}),
            "GoPay refused (4035815): GoPay does not permit it",
        ),
        (
            json!({"on": "refund", "do": "forbidden", "case": 14}),
            "GoPay refused (4035814): the shop's balance at GoPay is too low",
        ),
        (
            json!({"on": "refund", "do": "not_found_404"}),
            "GoPay refused (4045801): GoPay does not know this payment",
        ),
    ] {
        let (env, buyer, order) = paid().await;
        env.faults(json!([fault])).await;
        refund(&env, &order, None).await.unwrap();
        wait_for_state(&env, RefundState::Failed).await;
        let list = env.staff().await.refunds().await.unwrap();
        assert!(list.contains(&format!("last answer: {why}")), "{list}");
        refund(&env, &order, None).await.unwrap();
        let status = OrderStatus::Refunded;
        buyer.wait_until(&env, &order.id, status).await;
        env.reconciled().await;
    }
}

#[tokio::test]
async fn a_refund_that_cannot_be_made_is_refused_with_its_reason() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let refused = refund(&env, &order, None).await.unwrap_err();
    assert_eq!(
        refused,
        format!(
            "order {} is awaiting_payment: nobody paid it, so there is nothing to refund",
            order.id
        )
    );
    let staff = env.staff().await;
    let unknown = staff.refund("nobody's", None).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no order nobody's");
    // The receipt's number names the order too; less of it does not.
    let number = order.id.as_str()[order.id.as_str().len() - 8..].to_ascii_uppercase();
    let unpaid = staff.refund(&number, None).await.unwrap_err();
    assert!(unpaid.to_string().contains("is awaiting_payment"));
    let unknown = staff.refund(&number[1..], None).await.unwrap_err();
    assert!(unknown.to_string().contains("there is no order"));
    let unknown = staff
        .retry_refund(&"none".into(), false, None)
        .await
        .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no refund none; `merchant refunds` lists them"
    );
    env.reconciled().await;
}

/// An order that was paid twice: the first payment is made after GoPay has told its expiry.
async fn paid_twice(env: &TestEnv, buyer: &Buyer) -> Order {
    let order = buyer.order(env).await;
    let reference = env.references().await.remove(0);
    // GoPay is mistaken about the end of the first payment.
    env.repeat(&reference, json!({"status": "08"})).await;
    let again = buyer.pay_again(env, &order.id, "again").send().await;
    assert!(again.unwrap().status().is_success());
    env.act("pay").await;
    buyer.wait_until(env, &order.id, OrderStatus::Paid).await;
    env.control_post(&format!("payments/{reference}/pay"), json!({}))
        .await;
    order
}

/// I-04: what was paid twice is kept once, and the order stays what it was.
#[tokio::test]
async fn a_surplus_payment_goes_back_by_itself() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = paid_twice(&env, &buyer).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    wait_for_state(&env, RefundState::Done).await;
    assert_eq!(back(&env).await, 50_000);
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    env.reconciled().await;
    // All that is left is the price of the order.
    refund(&env, &order, None).await.unwrap();
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    assert_eq!(back(&env).await, 100_000);
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.refunded, Some(seen.total), "not what was too much");
}

/// I-04: somebody was faster in the dashboard.
#[tokio::test]
async fn money_refunded_elsewhere_does_not_go_back_again() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.withhold().await;
    let order = paid_twice(&env, &buyer).await;
    let reference = env.references().await.remove(0);
    env.control_post(&format!("payments/{reference}/refund"), json!({}))
        .await;
    env.repeat(&reference, json!({})).await;
    env.stop_merchant().await;
    let worker = worker(&env).await;
    assert_eq!(worker.poll_once(now()).await.unwrap(), 0);
    env.restart_merchant().await;
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.status, OrderStatus::Paid);
    assert_eq!(seen.refunded, None, "the order itself was not refunded");
    assert_eq!(back(&env).await, 50_000);
    env.reconciled().await;
}

/// I-04: money that comes after the buyer was told that the order is over.
#[tokio::test]
async fn money_that_comes_too_late_goes_by_the_shops_policy() {
    for paid_late in [LatePaymentPolicy::Fulfil, LatePaymentPolicy::Refund] {
        let mut env = TestEnv::new().await;
        env.paid_late = paid_late;
        env.restart_merchant().await;
        let buyer = env.sign_in("budi").await;
        let order = buyer.order(&env).await;
        let reference = env.references().await.remove(0);
        env.repeat(&reference, json!({"status": "08"})).await;
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Expired);
        env.act("pay").await;
        match paid_late {
            LatePaymentPolicy::Fulfil => {
                let seen = buyer.see(&env, &order.id).await;
                assert_eq!(seen.status, OrderStatus::Paid);
                assert!(seen.pickup_code.is_some());
                assert_eq!(back(&env).await, 0);
            }
            LatePaymentPolicy::Refund => {
                // Heard again, and by another merchant process, it stays refused.
                env.paid_late = LatePaymentPolicy::Fulfil;
                env.restart_merchant().await;
                env.repeat(&reference, json!({"status": "00"})).await;
                let status = OrderStatus::Refunded;
                buyer.wait_until(&env, &order.id, status).await;
                assert_eq!(buyer.see(&env, &order.id).await.pickup_code, None);
                assert_eq!(env.count("payment_refunded").await, 1);
            }
        }
        env.reconciled().await;
    }
}

/// A payment with another amount than the order's, or in doubt, moves by a person's doing only.
#[tokio::test]
async fn an_order_in_review_is_refunded_when_staff_ask() {
    for harm in ["other_amount", "fraud_deny"] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.withhold().await;
        let order = buyer.order(&env).await;
        env.act("pay").await;
        env.faults(json!([{"on": "status", "do": harm, "times": null}]))
            .await;
        buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
        assert_eq!(env.count("refund_requested").await, 0);
        refund(&env, &order, None).await.unwrap();
        wait_for_state(&env, RefundState::Done).await;
        let paid = if harm == "other_amount" { 1 } else { 50_000 };
        assert_eq!(back(&env).await, paid);
        let status = buyer.status(&env, &order.id).await;
        assert_eq!(status, OrderStatus::Refunded, "{harm}");
    }
}

/// I-07: every request that names a number names the same amount.
#[tokio::test]
async fn a_number_stands_for_one_amount() {
    let (env, buyer, order) = paid().await;
    env.faults(json!([{"on": "refund", "do": "error_500", "done": true}]))
        .await;
    for part in [10_000, 15_000, 25_000] {
        refund(&env, &order, Some(part)).await.unwrap();
    }
    let status = OrderStatus::Refunded;
    buyer.wait_until(&env, &order.id, status).await;
    let mut amounts = std::collections::HashMap::<String, Value>::new();
    for asked in env.entries("refund_requested").await {
        let number = asked["partner_refund_no"].as_str().unwrap().to_owned();
        let amount = amounts.entry(number).or_insert(asked["amount"].clone());
        assert_eq!(*amount, asked["amount"]);
    }
    assert_eq!(amounts.len(), 3);
    env.reconciled().await;
}

/// A merchant is killed while GoPay has its request, and nobody notifies: whoever comes after
/// it waits until it cannot be alive any more, asks, and finds the refund.
#[tokio::test]
async fn a_refund_survives_a_killed_merchant() {
    let (mut env, buyer, order) = paid().await;
    env.stop_merchant().await;
    env.withhold().await;
    env.faults(json!([{"on": "refund", "do": "hold"}])).await;
    refund(&env, &order, None).await.unwrap();
    let began = now();
    let doomed = worker(&env).await;
    let doomed = tokio::spawn(async move { doomed.poll_once(began).await });
    env.wait_for("payment_refunded", 0).await;
    doomed.abort();
    assert!(doomed.await.unwrap_err().is_cancelled());
    let held = newest(&env).await;
    assert_eq!((held.state, held.tries), (RefundState::Open, 1));

    let worker = worker(&env).await;
    assert_eq!(
        worker
            .poll_once(began + LEASE - Duration::from_millis(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(worker.poll_once(began + 2 * LEASE).await.unwrap(), 1);
    assert_eq!(newest(&env).await.state, RefundState::Done);
    assert_eq!(env.count("refund_requested").await, 1);
    env.restart_merchant().await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Refunded);
    env.reconciled().await;
}

/// F75, F81: one whose notification is all that the merchant ever hears.
#[tokio::test]
async fn a_notification_alone_ends_a_refund() {
    for history in ["table", "sample"] {
        let (mut env, buyer, order) = paid().await;
        env.control_put("refunds", json!({"history": history}))
            .await;
        env.stop_merchant().await;
        env.withhold().await;
        refund(&env, &order, None).await.unwrap();
        let down = json!([
            {"on": "status", "do": "slow"},
            {"on": "refund", "do": "answer_lost"},
            {"on": "status", "do": "timeout_504", "times": null},
        ]);
        env.faults(down).await;
        assert_eq!(worker(&env).await.poll_once(now()).await.unwrap(), 1);
        assert_eq!(newest(&env).await.state, RefundState::Open);
        env.restart_merchant().await;
        let reference = env.references().await.remove(0);
        env.repeat(&reference, json!({})).await;
        assert_eq!(newest(&env).await.state, RefundState::Done, "{history}");
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Refunded);
    }
}
