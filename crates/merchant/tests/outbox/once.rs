//! An order that is paid is owed once, whatever is heard about it.

use crate::store_fixture::{DAY, NOON, StoreFixture, TOTAL, ms};
use contract::{OrderId, OrderStatus, Rupiah};
use merchant::adapters::database::sql;
use merchant::{
    domain::{
        operator_policy::FulfilmentMode,
        payment_event::PaymentEvent,
        refund::{RefundReason, RefundState},
    },
    ports::OrderRepository,
};
use std::collections::HashSet;

/// I-01, I-28, F53, F54: what is heard again, late or in another order adds nothing.
#[tokio::test]
async fn repeated_and_late_evidence_owes_nothing_more() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let (id, external_id) = fixture.order().await;
    let paid = fixture
        .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
        .await;
    let owed = fixture.owed(&id).await;
    assert_eq!(owed.len(), 1);
    for event in [
        PaymentEvent::Paid(TOTAL),
        PaymentEvent::Created,
        PaymentEvent::Expired,
        PaymentEvent::Failed,
        PaymentEvent::Paid(TOTAL),
    ] {
        let order = fixture.hear(&external_id, event, NOON + DAY).await;
        assert_eq!(order.status, OrderStatus::Paid);
        assert_eq!(order.pickup_code, paid.pickup_code);
    }
    assert_eq!(fixture.owed(&id).await, owed);
    fixture.is_sound().await;
}

/// TM06, I-01, F41: many who hear it at once write it down once.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_heard_by_many_at_once_owes_once() {
    let fixture = std::sync::Arc::new(StoreFixture::new(FulfilmentMode::PickupOnly).await);
    let (id, external_id) = fixture.order().await;
    let mut hearing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (fixture, external_id) = (std::sync::Arc::clone(&fixture), external_id.clone());
        hearing.spawn(async move {
            let order = fixture
                .hear(&external_id, PaymentEvent::Paid(TOTAL), NOON)
                .await;
            order.pickup_code.unwrap()
        });
    }
    let codes: HashSet<_> = hearing.join_all().await.into_iter().collect();
    assert_eq!(codes.len(), 1);
    assert_eq!(fixture.owed(&id).await.len(), 1);
    fixture.is_sound().await;
}

/// I-02: neither another amount, nor a doubt, nor money that went back is anything to hand
/// over for; F46: also when the refund is heard of first.
#[tokio::test]
async fn a_payment_in_doubt_is_not_fulfilled() {
    let part = Rupiah::new(1);
    for (heard, status) in [
        (vec![PaymentEvent::Paid(part)], OrderStatus::Review),
        (vec![PaymentEvent::PaidInDoubt(TOTAL)], OrderStatus::Review),
        (
            vec![PaymentEvent::PaidInDoubt(TOTAL), PaymentEvent::Paid(TOTAL)],
            OrderStatus::Review,
        ),
        (
            vec![PaymentEvent::Refunded(TOTAL), PaymentEvent::Paid(TOTAL)],
            OrderStatus::Refunded,
        ),
        (
            vec![PaymentEvent::Refunded(part), PaymentEvent::Paid(TOTAL)],
            OrderStatus::PartiallyRefunded,
        ),
        (vec![PaymentEvent::Cancelled], OrderStatus::Cancelled),
    ] {
        let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
        let (id, external_id) = fixture.order().await;
        for event in &heard {
            fixture.hear(&external_id, *event, NOON).await;
        }
        let order = fixture.store.order(&id).await.unwrap().unwrap();
        assert_eq!(order.status, status, "{heard:?}");
        assert_eq!(order.pickup_code, None, "{heard:?}");
        assert!(fixture.owed(&id).await.is_empty(), "{heard:?}");
        fixture.is_sound().await;
    }
}

/// I-01, I-04: a second payment is nothing more to hand over, but money to give back.
#[tokio::test]
async fn a_second_payment_owes_nothing_more() {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (id, first) = fixture.order().await;
    fixture.hear(&first, PaymentEvent::Expired, NOON).await;
    let second = fixture.again(&id).await;
    fixture.hear(&second, PaymentEvent::Paid(TOTAL), NOON).await;
    let owed = fixture.owed(&id).await;
    let order = fixture
        .hear(&first, PaymentEvent::Paid(TOTAL), NOON + ms(1))
        .await;
    assert_eq!(order.status, OrderStatus::Paid);
    let refunds = fixture.store.refunds(RefundState::Open).await.unwrap();
    let back: Vec<_> = refunds.iter().map(|it| (it.amount, it.reason)).collect();
    assert_eq!(back, [(TOTAL, RefundReason::Surplus)]);
    assert_eq!(fixture.owed(&id).await, owed);
    assert_eq!(owed.len(), 1);
    fixture.is_sound().await;
}

/// TM06, I-01, I-02, I-28: what the code never does, the database does not do either.
#[tokio::test]
async fn the_database_itself_refuses_a_second_one_an_unpaid_one_and_a_change() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let paid = fixture.paid().await;
    let (unpaid, _) = fixture.order().await;
    let mut raw = fixture.raw().await;
    let owe = |order: &OrderId| {
        format!(
            "insert into fulfilments
             (id, order_id, evidence_id, day, pickup_code, paid_at, state, try_at)
             values ('second', '{order}', 1, 0, 'X', 0, 'counter', 0)"
        )
    };
    for (statement, refusal) in [
        (owe(&paid), "unique constraint"),
        (owe(&unpaid), "the order is not paid"),
        (
            "delete from fulfilments".to_owned(),
            "an order is fulfilled once for ever",
        ),
        (
            format!("update fulfilments set order_id = '{unpaid}'"),
            "what is owed does not change",
        ),
        (
            "update orders set total = 1".to_owned(),
            "an order does not change",
        ),
        (
            "update attempts set request = '{}'".to_owned(),
            "an attempt does not change",
        ),
    ] {
        let refused = sql(statement.clone().leak())
            .execute(&mut raw)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().to_lowercase().contains(refusal),
            "{statement}: {refused}"
        );
    }
    fixture.is_sound().await;
}

#[tokio::test]
async fn no_two_orders_of_a_day_in_jakarta_have_the_same_code() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let mut codes = HashSet::new();
    for _ in 0..20 {
        let id = fixture.paid().await;
        let order = fixture.store.order(&id).await.unwrap().unwrap();
        codes.insert(order.pickup_code.unwrap());
    }
    assert_eq!(codes.len(), 20);
    assert!(codes.iter().all(|code| code.len() == 3), "{codes:?}");
    fixture.is_sound().await;
}
