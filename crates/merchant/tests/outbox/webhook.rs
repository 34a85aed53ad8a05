//! The webhook of every paid order is sent, and of each one under one id.

use crate::test_database::run_past;
use crate::{
    receiver::{Receiver, line_to},
    store_fixture::{DAY, NOON, StoreFixture, TOTAL, ms},
};
use contract::{OrderStatus, Rupiah};
use merchant::{
    domain::{
        fulfilment::{DeliveryState, Fulfilment},
        operator_policy::Confirmation,
        operator_policy::FulfilmentMode,
        payment_event::PaymentEvent,
        refund::{RefundRequest, ReserveOutcome},
        retry::{LEASE, MAX_TRIES},
    },
    ports::{AttemptRepository, Clock, OrderRepository},
    workers::{Heartbeat, webhook::WebhookWorker},
};
use reqwest::Url;
use serde_json::{Value, json};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};
use tokio::net::TcpListener;

async fn in_state(fixture: &StoreFixture, state: DeliveryState) -> Vec<Fulfilment> {
    fixture.store.fulfilments(state).await.unwrap()
}

/// I-28, I-29: heard once, signed, with all that is needed to hand it over and no more.
#[tokio::test]
async fn the_hook_hears_of_a_paid_order_once() {
    let (fixture, mut receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    assert_eq!(worker.poll_once(NOON).await.unwrap(), 0);
    let id = fixture.paid().await;
    let order = fixture.store.order(&id).await.unwrap().unwrap();
    assert_eq!(worker.poll_once(NOON + ms(1_500)).await.unwrap(), 1);
    assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 0);

    let heard = receiver.next().await;
    assert_eq!(vec![heard.id.clone()], fixture.owed(&id).await);
    assert_eq!(heard.timestamp, NOON.as_seconds().0 + 1);
    assert_eq!(
        serde_json::from_str::<Value>(&heard.body).unwrap(),
        json!({
            "type": "order.paid",
            "timestamp": "2026-11-22T05:00:00Z",
            "data": {
                "fulfilment_id": heard.id.as_str(),
                "order_id": id,
                "mini_app": "kedai",
                "pickup_code": order.pickup_code,
                "lines": [{
                    "product": "kopi-susu",
                    "name": {"id": "Kopi susu", "en": "Milk coffee"},
                    "quantity": 2,
                    "price": 25_000
                }],
                "total": 50_000,
                "paid_at": NOON.as_seconds()
            }
        })
    );
    assert!(receiver.heard.is_empty());
    assert_eq!(in_state(&fixture, DeliveryState::Delivered).await.len(), 1);
    fixture.is_sound().await;
}

/// F70, I-29: whatever it answers but a 2xx, it hears the same again, under the same id.
#[tokio::test]
async fn a_hook_that_refuses_hears_the_same_again_until_it_does_not() {
    let (fixture, mut receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    fixture.paid().await;
    let refusals = [500, 503, 410, 404, 302, 429];
    receiver.answers(refusals);
    let mut now = NOON;
    let mut first = None;
    for refusal in refusals {
        assert_eq!(worker.poll_once(now).await.unwrap(), 1);
        let heard = receiver.next().await;
        let first = first.get_or_insert_with(|| heard.clone());
        assert_eq!((&heard.id, &heard.body), (&first.id, &first.body));
        let pending = in_state(&fixture, DeliveryState::Pending).await.remove(0);
        assert_eq!(pending.answer, Some(refusal.to_string()));
        assert!(pending.try_at >= now + ms(5_000));
        // Not a moment before its time.
        assert_eq!(worker.poll_once(pending.try_at - ms(1)).await.unwrap(), 0);
        now = pending.try_at;
    }
    assert_eq!(worker.poll_once(now).await.unwrap(), 1);
    let delivered = in_state(&fixture, DeliveryState::Delivered).await.remove(0);
    assert_eq!(delivered.answer.as_deref(), Some("200"));
    assert_eq!(delivered.tries, 7);
    assert_eq!(receiver.effects(), 1);
    fixture.is_sound().await;
}

/// F70: after the last try it is parked, stays visible, and goes on when it is asked for.
#[tokio::test]
async fn a_webhook_never_acknowledged_becomes_a_dead_letter() {
    // Takes every connection, and hangs up.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let silence = tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let (fixture, mut receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    let worker = WebhookWorker::new(fixture.store.clone(), line_to(url));
    fixture.paid().await;
    let mut now = NOON;
    for tries in 1..=MAX_TRIES {
        assert_eq!(in_state(&fixture, DeliveryState::DeadLetter).await, []);
        assert_eq!(worker.poll_once(now).await.unwrap(), 1);
        if tries < MAX_TRIES {
            now = in_state(&fixture, DeliveryState::Pending)
                .await
                .remove(0)
                .try_at;
        }
    }
    silence.abort();
    let parked = in_state(&fixture, DeliveryState::DeadLetter)
        .await
        .remove(0);
    assert_eq!(parked.tries, MAX_TRIES);
    assert_eq!(parked.answer.as_deref(), Some("no answer"));
    assert_eq!(worker.poll_once(now + 30 * DAY).await.unwrap(), 0);

    let mended = WebhookWorker::new(fixture.store.clone(), receiver.client());
    now = now + 30 * DAY;
    fixture
        .store
        .retry_fulfilment(&parked.id, now)
        .await
        .unwrap();
    assert_eq!(mended.poll_once(now).await.unwrap(), 1);
    assert_eq!(receiver.next().await.id, parked.id);
    assert_eq!(in_state(&fixture, DeliveryState::Delivered).await.len(), 1);
    fixture.is_sound().await;
}

/// F69, I-29: a worker that was paused for longer than its lease, and the one that took over,
/// say the same, and it has one effect; whatever the first is told then.
#[tokio::test]
async fn two_workers_have_one_effect() {
    for late_answer in [200, 500] {
        let (fixture, mut receiver) = (
            StoreFixture::new(FulfilmentMode::Webhook).await,
            Receiver::new().await,
        );
        let paused = WebhookWorker::new(fixture.store.clone(), receiver.client());
        let second = WebhookWorker::new(fixture.store.clone(), receiver.client());
        fixture.paid().await;
        receiver.answers([late_answer]);
        receiver.hold(1);
        let paused = tokio::spawn(async move { paused.poll_once(NOON).await });
        let heard = receiver.next().await;
        // While the lease holds, nobody else tries.
        assert_eq!(second.poll_once(NOON + LEASE - ms(1)).await.unwrap(), 0);
        assert_eq!(second.poll_once(NOON + LEASE).await.unwrap(), 1);
        let again = receiver.next().await;
        assert_eq!((again.id, again.body), (heard.id, heard.body));
        receiver.let_go();
        assert_eq!(paused.await.unwrap().unwrap(), 1);
        assert_eq!(in_state(&fixture, DeliveryState::Delivered).await.len(), 1);
        assert_eq!(second.poll_once(NOON + DAY).await.unwrap(), 0);
        assert_eq!(receiver.effects(), 1);
        fixture.is_sound().await;
    }
}

/// Nor does it make the orders of others wait for theirs.
#[tokio::test]
async fn a_receiver_that_hangs_holds_up_no_other_webhook() {
    let (fixture, mut receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    for _ in 0..40 {
        fixture.paid().await;
    }
    receiver.hold(5);
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    let noon = jiff::Timestamp::try_from(NOON).unwrap();
    let running = tokio::spawn(worker.run(Clock::new(move || noon), Heartbeat::default()));
    for _ in 0..40 {
        receiver.next().await;
    }
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let delivered = in_state(&fixture, DeliveryState::Delivered).await.len();
        (delivered == 35).then_some(()).ok_or(delivered)
    })
    .await;
    assert_eq!(receiver.effects(), 40);
    running.abort();
    let _ = running.await;
    fixture.is_sound().await;
}

/// I-29: two workers that come at the same time do not even say it twice.
#[tokio::test(flavor = "multi_thread")]
async fn workers_that_come_together_share_the_work() {
    let (fixture, receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    for _ in 0..8 {
        fixture.paid().await;
    }
    let one = WebhookWorker::new(fixture.store.clone(), receiver.client());
    let other = WebhookWorker::new(fixture.store.clone(), receiver.client());
    let (one, other) = tokio::join!(
        tokio::spawn(async move { one.poll_once(NOON).await.unwrap() }),
        tokio::spawn(async move { other.poll_once(NOON).await.unwrap() }),
    );
    assert_eq!(one.unwrap() + other.unwrap(), 8);
    assert_eq!(receiver.heard.len(), 8);
    assert_eq!(receiver.effects(), 8);
    fixture.is_sound().await;
}

/// I-02: what was refunded, or came into doubt, before its webhook was sent is held back.
#[tokio::test]
async fn the_hook_does_not_hear_of_an_order_that_is_no_longer_paid() {
    for event in [
        PaymentEvent::Refunded(TOTAL),
        PaymentEvent::Refunded(Rupiah::new(1)),
        PaymentEvent::PaidInDoubt(TOTAL),
    ] {
        let (fixture, receiver) = (
            StoreFixture::new(FulfilmentMode::Webhook).await,
            Receiver::new().await,
        );
        let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
        let (id, external_id) = fixture.order().await;
        fixture
            .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
            .await;
        fixture.hear(&external_id, event, NOON).await;
        assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 0);
        assert_eq!(fixture.owed(&id).await.len(), 1);
        fixture.is_sound().await;
    }
}

/// I-02: with the policy, a notification alone hands nothing over.
#[tokio::test]
async fn the_webhook_and_the_code_wait_for_a_confirmation() {
    let (fixture, receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    let (id, external_id) = fixture.order_with(Confirmation::Awaited).await;
    let paid = PaymentEvent::Paid(TOTAL);
    let order = fixture.hear(&external_id, paid, NOON).await;
    assert_eq!((order.status, order.pickup_code), (OrderStatus::Paid, None));
    // GoPay repeats itself: that confirms nothing.
    fixture.hear(&external_id, paid, NOON + ms(1)).await;
    assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 0);
    assert!(fixture.owed(&id).await.is_empty());
    fixture.is_sound().await;

    let order = fixture.inquire(&external_id, paid, NOON + ms(2)).await;
    assert!(order.pickup_code.is_some());
    assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 1);
    let order = fixture.inquire(&external_id, paid, NOON + ms(3)).await;
    assert!(order.pickup_code.is_some());
    assert_eq!(fixture.owed(&id).await.len(), 1);
    fixture.is_sound().await;
}

/// I-02: of an order that was paid twice, the payment that stays has to be confirmed.
#[tokio::test]
async fn an_inquiry_confirms_the_payment_whose_money_stays() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (id, first) = fixture.order_with(Confirmation::Awaited).await;
    fixture.hear(&first, PaymentEvent::Expired, NOON).await;
    let second = fixture.again(&id).await;
    let paid = PaymentEvent::Paid(TOTAL);
    fixture.hear(&first, paid, NOON).await;
    fixture.hear(&second, paid, NOON).await;
    let refunds = fixture.store.refunds_of(&second).await.unwrap();
    assert_eq!(refunds.len(), 1, "the newer one goes back");
    let order = fixture.inquire(&second, paid, NOON + ms(1)).await;
    assert_eq!(order.pickup_code, None);
    let order = fixture.inquire(&first, paid, NOON + ms(2)).await;
    assert!(order.pickup_code.is_some());
    fixture.is_sound().await;
}

/// I-02
#[tokio::test]
async fn an_order_that_staff_refund_before_its_confirmation_is_kept_back() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (id, external_id) = fixture.order_with(Confirmation::Awaited).await;
    let paid = PaymentEvent::Paid(TOTAL);
    fixture.hear(&external_id, paid, NOON).await;
    let all = RefundRequest::default();
    let reserved = fixture.store.reserve_refund(id.as_str(), &all, NOON).await;
    assert!(matches!(reserved, Ok(ReserveOutcome::Reserved(_))));
    let order = fixture.inquire(&external_id, paid, NOON + ms(1)).await;
    assert_eq!(order.pickup_code, None);
    assert!(fixture.owed(&id).await.is_empty());
    fixture.is_sound().await;
}

/// I-02
#[tokio::test]
async fn an_inquiry_that_suspects_fraud_confirms_nothing() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (id, external_id) = fixture.order_with(Confirmation::Awaited).await;
    fixture
        .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
        .await;
    let doubt = PaymentEvent::PaidInDoubt(TOTAL);
    let order = fixture.inquire(&external_id, doubt, NOON + ms(1)).await;
    assert_eq!(
        (order.status, order.pickup_code),
        (OrderStatus::Review, None)
    );
    assert!(fixture.owed(&id).await.is_empty());
    fixture.is_sound().await;
}

/// F45: GoPay has contradicted itself, and has not been heard about it yet.
#[tokio::test]
async fn the_hook_waits_while_a_payment_is_contradicted() {
    for event in [
        PaymentEvent::Cancelled,
        PaymentEvent::Failed,
        PaymentEvent::Expired,
    ] {
        let (fixture, receiver) = (
            StoreFixture::new(FulfilmentMode::Webhook).await,
            Receiver::new().await,
        );
        let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
        let (_, external_id) = fixture.order().await;
        fixture
            .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
            .await;
        fixture.hear(&external_id, event, NOON).await;
        fixture
            .store
            .schedule_inquiry_now(&external_id, NOON)
            .await
            .unwrap();
        assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 0, "{event:?}");
        // GoPay says again that it was paid: nothing is left to ask.
        let until = NOON + ms(90_000);
        let leased = fixture.store.lease(&external_id, NOON, NOON, until).await;
        assert!(leased.unwrap());
        let released = fixture.store.release(&external_id, until, None).await;
        released.unwrap();
        assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 1, "{event:?}");
        fixture.is_sound().await;
    }
}

/// An order that was paid without a webhook gets none when one is configured: it was handed
/// over at the counter.
#[tokio::test]
async fn a_new_hook_does_not_hear_of_old_orders() {
    let (fixture, receiver) = (
        StoreFixture::new(FulfilmentMode::PickupOnly).await,
        Receiver::new().await,
    );
    fixture.paid().await;
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    assert_eq!(worker.poll_once(NOON + DAY).await.unwrap(), 0);
    assert_eq!(in_state(&fixture, DeliveryState::PickupOnly).await.len(), 1);
    fixture.is_sound().await;
}

/// One order that cannot be read, as after a disk error, is no reason not to tell of the others.
#[tokio::test]
async fn an_order_that_cannot_be_read_holds_up_no_other() {
    let (fixture, receiver) = (
        StoreFixture::new(FulfilmentMode::Webhook).await,
        Receiver::new().await,
    );
    let worker = WebhookWorker::new(fixture.store.clone(), receiver.client());
    let damaged = fixture.paid().await;
    for _ in 0..3 {
        fixture.paid().await;
    }
    let mut raw = fixture.raw().await;
    let spoil = format!("update orders set lines = 'x' where id = '{damaged}'");
    run_past(&mut raw, "orders_stay_what_they_are", "orders", &spoil).await;
    let said = worker.poll_once(NOON).await.unwrap_err().to_string();
    assert!(said.contains("order lines"), "{said}");
    assert_eq!(in_state(&fixture, DeliveryState::Delivered).await.len(), 3);
    let pending = in_state(&fixture, DeliveryState::Pending).await.remove(0);
    assert_eq!(pending.order_id, damaged);
}
