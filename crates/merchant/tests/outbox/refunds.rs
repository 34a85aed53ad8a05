//! What goes back, on a real database: no more than was paid, at every moment.

use crate::store_fixture::{DAY, NOON, StoreFixture, TOTAL, ms};
use contract::{OrderId, OrderStatus, Rupiah};
use gopay_protocol::{
    Amount, PartnerRefundNo,
    message::notify::{self, RefundHistory},
};
use merchant::adapters::database::sql;
use merchant::{
    domain::{
        operator_policy::FulfilmentMode,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        refund::{
            ApprovalRule, RefundReason, RefundRequest, RefundRetryOutcome, RefundState,
            ReserveOutcome, StoredRefund,
        },
    },
    ports::{AttemptRepository, OrderRepository},
};
use proptest::{collection::vec, prelude::*};
use std::time::Duration;

/// An entry of GoPay's history.
fn entry(number: &str, rupiah: u64, status: &str) -> notify::Refund {
    notify::Refund {
        refund_no: None,
        refund_status: Some(status.to_owned()),
        refund_amount: Some(Amount::idr(rupiah)),
        partner_refund_no: Some(number.into()),
        partner_reference_no: None,
    }
}

async fn reserve(fixture: &StoreFixture, order_id: &OrderId, rupiah: u64) -> ReserveOutcome {
    let request = RefundRequest {
        amount: Some(Rupiah::new(rupiah)),
        again: true,
        ..RefundRequest::default()
    };
    let reserved = fixture
        .store
        .reserve_refund(order_id.as_str(), &request, NOON)
        .await;
    reserved.unwrap()
}

/// TM08, TM09, I-06, I-07: what the code never does, the database does not do either.
#[tokio::test]
async fn the_database_itself_refuses_too_much_a_change_and_a_second_end() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let paid = fixture.paid().await;
    let (unpaid, _) = fixture.order().await;
    let ReserveOutcome::Reserved(reserved) = reserve(&fixture, &paid, 30_000).await else {
        panic!("not reserved");
    };
    let number = &reserved[0].number;
    let another = |order: &OrderId, number: &str, rupiah: u64| {
        format!(
            "insert into refunds (number, external_id, payment, amount, cause, request,
                                  created_at, try_at)
             select '{number}', 'x', external_id, {rupiah}, 'staff', '', 0, 0
             from attempts where order_id = '{order}'"
        )
    };
    let mut raw = fixture.raw().await;
    for (statement, refusal) in [
        (
            another(&paid, "n", 20_001),
            "more than is left of the payment",
        ),
        (another(&unpaid, "n", 1), "more than is left of the payment"),
        (another(&paid, number.as_str(), 1), "unique constraint"),
        (another(&paid, "a b", 1), "check constraint"),
        (another(&paid, &"n".repeat(65), 1), "check constraint"),
        (
            "delete from refunds".to_owned(),
            "a refund is reserved once for ever",
        ),
        (
            "update refunds set amount = 1".to_owned(),
            "a refund does not change",
        ),
        (
            "update refunds set state = 'failed'; update refunds set state = 'open'".to_owned(),
            "it is at its end",
        ),
    ] {
        let refused = raw.run_script(statement.clone().leak()).await.unwrap_err();
        assert!(
            refused.to_string().to_lowercase().contains(refusal),
            "{statement}: {refused}"
        );
    }
    fixture.is_sound().await;
}

fn part(rupiah: u64) -> RefundRequest {
    Some(Rupiah::new(rupiah)).into()
}

/// A paid order, and its refund of 10,000 rupiah that failed.
async fn failed(fixture: &StoreFixture) -> (OrderId, PartnerRefundNo) {
    let order_id = fixture.paid().await;
    reserve(fixture, &order_id, 10_000).await;
    let open = fixture.store.refunds(RefundState::Open).await.unwrap();
    let number = open[0].number.clone();
    sql("update refunds set state = 'failed' where number = $1")
        .bind(number.as_str())
        .execute(&mut fixture.raw().await)
        .await
        .unwrap();
    (order_id, number)
}

#[tokio::test]
async fn a_failed_refund_is_tried_again_once_by_however_many() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let (order_id, number) = failed(&fixture).await;
    let (one, other) = tokio::join!(
        fixture
            .store
            .retry_refund(&number, false, None, NOON + ms(1)),
        fixture
            .store
            .retry_refund(&number, false, None, NOON + ms(1)),
    );
    let ((RefundRetryOutcome::Reserved(anew), RefundRetryOutcome::Replayed(before))
    | (RefundRetryOutcome::Replayed(before), RefundRetryOutcome::Reserved(anew))) =
        (one.unwrap(), other.unwrap())
    else {
        panic!("not reserved once");
    };
    assert_eq!(before, anew.number);
    // Nor with `--again`, and it is no longer listed.
    for again in [false, true] {
        let retried = fixture
            .store
            .retry_refund(&number, again, None, NOON + ms(2))
            .await;
        assert_eq!(
            retried.unwrap(),
            RefundRetryOutcome::Replayed(before.clone())
        );
    }
    assert_eq!(
        fixture.store.refunds(RefundState::Failed).await.unwrap(),
        []
    );
    assert_eq!(
        fixture.store.refunds(RefundState::Open).await.unwrap(),
        [anew]
    );
    let refused = sql("update refunds set retried_as = null where number = $1")
        .bind(number.as_str())
        .execute(&mut fixture.raw().await)
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("it was tried again"),
        "{refused}"
    );
    // The whole rest is still there, and no more.
    let rest = fixture
        .store
        .reserve_refund(order_id.as_str(), &part(40_001), NOON + ms(3))
        .await;
    assert_eq!(
        rest.unwrap(),
        ReserveOutcome::TooMuch {
            left: Rupiah::new(40_000)
        }
    );
    fixture.is_sound().await;
}

/// One tries a failed refund again, the other asks for the same anew.
#[tokio::test]
async fn a_failed_refund_and_a_new_one_of_its_amount_are_not_both_made() {
    for retried_first in [true, false] {
        let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
        let (order_id, number) = failed(&fixture).await;
        let retry = |again| {
            fixture
                .store
                .retry_refund(&number, again, None, NOON + ms(2))
        };
        let ask = || async {
            let request = part(10_000);
            fixture
                .store
                .reserve_refund(order_id.as_str(), &request, NOON + Duration::from_mins(11))
                .await
                .unwrap()
        };
        if retried_first {
            assert!(matches!(
                retry(false).await.unwrap(),
                RefundRetryOutcome::Reserved(_)
            ));
            let request = part(10_000);
            let asked = fixture
                .store
                .reserve_refund(order_id.as_str(), &request, NOON + ms(3))
                .await;
            assert!(matches!(asked.unwrap(), ReserveOutcome::Duplicate(_)));
        } else {
            assert!(matches!(ask().await, ReserveOutcome::Reserved(_)));
            assert!(matches!(
                retry(false).await.unwrap(),
                RefundRetryOutcome::Duplicate(_)
            ));
            assert!(matches!(
                retry(true).await.unwrap(),
                RefundRetryOutcome::Reserved(_)
            ));
        }
        fixture.is_sound().await;
    }
}

#[tokio::test]
async fn the_same_amount_a_moment_later_is_the_same_request() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let other = fixture.paid().await;
    let ask = async |order: &OrderId, request: RefundRequest, at| {
        fixture
            .store
            .reserve_refund(order.as_str(), &request, NOON + ms(at))
            .await
            .unwrap()
    };
    let ReserveOutcome::Reserved(first) = ask(&order_id, part(10_000), 0).await else {
        panic!("not reserved");
    };
    assert_eq!(
        ask(&order_id, part(10_000), 1).await,
        ReserveOutcome::Duplicate(first[0].clone())
    );
    assert!(matches!(
        ask(&order_id, part(9_999), 1).await,
        ReserveOutcome::Reserved(_)
    ));
    assert!(matches!(
        ask(&other, part(10_000), 1).await,
        ReserveOutcome::Reserved(_)
    ));
    let again = RefundRequest {
        again: true,
        ..part(10_000)
    };
    assert!(matches!(
        ask(&order_id, again, 2).await,
        ReserveOutcome::Reserved(_)
    ));
    let later = ask(&order_id, part(10_000), 15 * 60_000).await;
    assert!(matches!(later, ReserveOutcome::Reserved(_)));
    fixture.is_sound().await;
}

fn by(actor: &str) -> Option<ApprovalRule> {
    Some(ApprovalRule {
        from: Rupiah::new(20_000),
        actor: actor.to_owned(),
    })
}

/// TM09: also in parts, and never by one person alone.
#[tokio::test]
async fn a_large_refund_needs_two_persons() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let ask = async |actor: &str, rupiah, at| {
        let request = RefundRequest {
            approval: by(actor),
            ..part(rupiah)
        };
        let asked = fixture
            .store
            .reserve_refund(order_id.as_str(), &request, at);
        asked.await.unwrap()
    };
    let is_reserved = |outcome| matches!(outcome, ReserveOutcome::Reserved(_));
    let awaited = |outcome| match outcome {
        ReserveOutcome::AwaitsApproval(approval) => approval,
        other => panic!("{other:?}"),
    };

    // Below the limit one is enough, until the parts reach it together.
    assert!(is_reserved(ask("ani", 15_000, NOON).await));
    let first = awaited(ask("ani", 5_000, NOON + ms(1)).await);
    assert_eq!((&*first.asked_by, first.asked_at), ("ani", NOON + ms(1)));
    // The same person again is no second one.
    assert_eq!(awaited(ask("ani", 5_000, NOON + ms(2)).await), first);
    // Another amount is another request.
    let other = awaited(ask("budi", 5_001, NOON + ms(3)).await);
    let listed = fixture.store.refund_approvals(NOON + ms(4)).await.unwrap();
    assert_eq!(listed, [first.clone(), other]);

    assert!(is_reserved(ask("budi", 5_000, NOON + ms(5)).await));
    // It was given once. Soon after, the same amount is the same request.
    assert!(matches!(
        ask("citra", 5_000, NOON + ms(6)).await,
        ReserveOutcome::Duplicate(_)
    ));
    let second = awaited(ask("citra", 5_000, NOON + Duration::from_mins(11)).await);
    assert_eq!(second.asked_by, "citra");
    // A day later it has lapsed.
    let late = awaited(ask("ani", 5_000, NOON + DAY + Duration::from_mins(11)).await);
    assert_eq!(late.asked_by, "ani");
    let at = NOON + DAY + Duration::from_mins(12);
    assert!(is_reserved(ask("citra", 5_000, at).await));

    let mut raw = fixture.raw().await;
    for change in [
        "delete from refund_approvals",
        "update refund_approvals set asked_by = 'x'",
        "update refund_approvals set approved_by = 'x' where approved_by is not null",
        "update refund_approvals set approved_by = asked_by where approved_by is null",
    ] {
        assert!(sql(change).execute(&mut raw).await.is_err(), "{change}");
    }
    fixture.is_sound().await;
}

/// TM09: the name of a request and a second time are approved as they were asked for.
#[tokio::test]
async fn a_second_person_asks_for_the_same_under_the_same_name() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let ask = async |actor: &str, key: Option<&str>, again, at| {
        let request = RefundRequest {
            approval: by(actor),
            key: key.map(str::to_owned),
            again,
            ..part(20_000)
        };
        let asked = fixture
            .store
            .reserve_refund(order_id.as_str(), &request, at);
        asked.await.unwrap()
    };
    let is_awaited = |outcome| matches!(outcome, ReserveOutcome::AwaitsApproval(_));
    assert!(is_awaited(ask("ani", Some("ticket-7"), false, NOON).await));
    assert!(is_awaited(ask("budi", None, false, NOON + ms(1)).await));
    let ReserveOutcome::Reserved(reserved) =
        ask("budi", Some("ticket-7"), false, NOON + ms(2)).await
    else {
        panic!("not reserved");
    };
    assert_eq!(
        ask("ani", Some("ticket-7"), false, NOON + ms(3)).await,
        ReserveOutcome::Replayed(reserved)
    );
    // The same amount once more: it is meant by the first person, and the second one need not say so.
    assert!(is_awaited(
        ask("citra", Some("ticket-8"), true, NOON + ms(4)).await
    ));
    let approved = ask("budi", Some("ticket-8"), false, NOON + ms(5)).await;
    assert!(
        matches!(approved, ReserveOutcome::Reserved(_)),
        "{approved:?}"
    );
    fixture.is_sound().await;
}

/// TM09: a failed refund counts for nothing until it is tried again.
#[tokio::test]
async fn a_failed_refund_is_tried_again_by_two_persons() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let ask = async |rupiah, at| {
        let request = RefundRequest {
            approval: by("ani"),
            ..part(rupiah)
        };
        let asked = fixture
            .store
            .reserve_refund(order_id.as_str(), &request, at);
        match asked.await.unwrap() {
            ReserveOutcome::Reserved(reserved) => reserved[0].number.clone(),
            other => panic!("{other:?}"),
        }
    };
    let failed = ask(15_000, NOON).await;
    sql("update refunds set state = 'failed' where number = $1")
        .bind(failed.as_str())
        .execute(&mut fixture.raw().await)
        .await
        .unwrap();
    ask(14_999, NOON + ms(1)).await;
    let retry = async |actor: &str| {
        let rule = by(actor);
        let retried = fixture
            .store
            .retry_refund(&failed, false, rule.as_ref(), NOON + ms(2));
        retried.await.unwrap()
    };
    for _ in 0..2 {
        let RefundRetryOutcome::AwaitsApproval(approval) = retry("ani").await else {
            panic!("one person is enough");
        };
        assert_eq!(approval.retry_of.as_ref(), Some(&failed));
    }
    assert!(matches!(
        retry("budi").await,
        RefundRetryOutcome::Reserved(_)
    ));
    fixture.is_sound().await;
}

#[tokio::test]
async fn a_named_request_is_reserved_once() {
    let fixture = StoreFixture::new(FulfilmentMode::PickupOnly).await;
    let order_id = fixture.paid().await;
    let ask = async |rupiah: Option<u64>, after: Duration| {
        let request = RefundRequest {
            amount: rupiah.map(Rupiah::new),
            key: Some("ticket-7".to_owned()),
            ..RefundRequest::default()
        };
        fixture
            .store
            .reserve_refund(order_id.as_str(), &request, NOON + after)
            .await
            .unwrap()
    };
    let (one, other) = tokio::join!(ask(Some(10_000), ms(0)), ask(Some(10_000), ms(1)));
    let ((ReserveOutcome::Reserved(first), ReserveOutcome::Replayed(before))
    | (ReserveOutcome::Replayed(before), ReserveOutcome::Reserved(first))) = (one, other)
    else {
        panic!("not reserved once");
    };
    assert_eq!(first[0].number, before[0].number);
    assert!(matches!(
        ask(Some(10_000), DAY).await,
        ReserveOutcome::Replayed(_)
    ));
    assert!(matches!(ask(None, DAY).await, ReserveOutcome::Replayed(_)));
    assert_eq!(ask(Some(1), DAY).await, ReserveOutcome::KeyConflict);
    fixture.is_sound().await;
}

/// What happens to an order that was paid once or twice.
#[derive(Debug, Clone)]
enum Happening {
    /// Staff ask for so much.
    Reserve(u64),
    /// GoPay makes one of our refunds.
    Make(prop::sample::Index),
    /// GoPay fails one of our refunds.
    Fail(prop::sample::Index),
    /// Somebody refunds so much in the dashboard.
    Dashboard(u64),
    /// The first payment is made too.
    PaidAgain,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => prop_oneof![Just(50_000), Just(20_000), 1..60_000_u64].prop_map(Happening::Reserve),
        3 => any::<prop::sample::Index>().prop_map(Happening::Make),
        1 => any::<prop::sample::Index>().prop_map(Happening::Fail),
        1 => prop_oneof![Just(50_000), 1..30_000_u64].prop_map(Happening::Dashboard),
        1 => Just(Happening::PaidAgain),
    ]
}

/// One payment's refunds, as GoPay keeps them: never more than was paid.
#[derive(Default)]
struct GoPayRefunds(Vec<notify::Refund>);

impl GoPayRefunds {
    fn history(&self) -> RefundHistory {
        self.0.clone().into()
    }

    fn back(&self) -> u64 {
        let done = self.0.iter().filter(|entry| entry.is_done() == Some(true));
        done.map(|entry| entry.rupiah().unwrap()).sum()
    }

    fn make(&mut self, number: &str, rupiah: u64) {
        let status = if self.back() + rupiah <= TOTAL.get() {
            "00"
        } else {
            "06"
        };
        let refund_no = Some(self.0.len().to_string().into());
        self.0.push(notify::Refund {
            refund_no,
            ..entry(number, rupiah, status)
        });
    }
}

async fn open(fixture: &StoreFixture) -> Vec<StoredRefund> {
    fixture.store.refunds(RefundState::Open).await.unwrap()
}

async fn live(happenings: Vec<Happening>) {
    let fixture = StoreFixture::new(FulfilmentMode::Webhook).await;
    let (order, first) = fixture.order().await;
    fixture.hear(&first, PaymentEvent::Expired, NOON).await;
    let second = fixture.again(&order).await;
    fixture.hear(&second, PaymentEvent::Paid(TOTAL), NOON).await;
    let mut gopay = [GoPayRefunds::default(), GoPayRefunds::default()];
    let mut paid = [false, true];
    let payments = [&first, &second];
    for happening in happenings {
        match happening {
            Happening::Reserve(rupiah) => {
                reserve(&fixture, &order, rupiah).await;
            }
            Happening::Make(index) | Happening::Fail(index) => {
                let open = open(&fixture).await;
                if open.is_empty() {
                    continue;
                }
                let ours = index.get(&open);
                let which = usize::from(ours.payment_external_id == second);
                match happening {
                    Happening::Make(_) => {
                        gopay[which].make(ours.number.as_str(), ours.amount.get())
                    }
                    _ => gopay[which]
                        .0
                        .push(entry(ours.number.as_str(), ours.amount.get(), "06")),
                }
            }
            Happening::Dashboard(rupiah) => {
                let which = usize::from(!paid[0]);
                gopay[which].make("dashboard", rupiah);
            }
            Happening::PaidAgain => paid[0] = true,
        }
        for (which, payment) in payments.into_iter().enumerate() {
            if paid[which] {
                let received = ReceivedEvent {
                    event: PaymentEvent::Paid(TOTAL),
                    source: EventSource::Inquiry,
                    received_at: NOON,
                };
                let history = gopay[which].history();
                let told = fixture
                    .store
                    .record_with_refunds(payment, received, &history);
                told.await.unwrap();
            }
        }
        fixture.is_sound().await;
        let reserved: u64 = open(&fixture).await.iter().map(|it| it.amount.get()).sum();
        let back = gopay[0].back() + gopay[1].back();
        let taken = TOTAL.get() * u64::from(paid[0]) + TOTAL.get() * u64::from(paid[1]);
        assert!(back <= taken);
        // Only where the dashboard overtook a reserve can both be more than there was.
        let dashboard =
            |gopay: &GoPayRefunds| gopay.0.iter().any(|it| it.is_named(&"dashboard".into()));
        assert!(back + reserved <= taken || gopay.iter().any(dashboard));
    }
    // I-04: when GoPay has made all that is still reserved, the shop has the price once at
    // most, and no more than what was paid too often went back by itself.
    while let Some(ours) = open(&fixture).await.pop() {
        let which = usize::from(ours.payment_external_id == second);
        gopay[which].make(ours.number.as_str(), ours.amount.get());
        let received = ReceivedEvent {
            event: PaymentEvent::Paid(TOTAL),
            source: EventSource::Inquiry,
            received_at: NOON,
        };
        let history = gopay[which].history();
        let told = fixture
            .store
            .record_with_refunds(&ours.payment_external_id, received, &history);
        told.await.unwrap();
    }
    fixture.is_sound().await;
    let status = fixture.store.order(&order).await.unwrap().unwrap().status;
    let kept = TOTAL.get() * (u64::from(paid[0]) + 1) - gopay[0].back() - gopay[1].back();
    let failed = !fixture
        .store
        .refunds(RefundState::Failed)
        .await
        .unwrap()
        .is_empty();
    assert!(kept <= TOTAL.get() || failed, "{kept} are kept");
    let surplus: u64 = (fixture
        .store
        .refunds(RefundState::Done)
        .await
        .unwrap()
        .iter())
    .filter(|refund| refund.reason == RefundReason::Surplus)
    .map(|refund| refund.amount.get())
    .sum();
    assert!(
        surplus <= TOTAL.get() * u64::from(paid[0]),
        "{surplus} went back"
    );
    assert_eq!(kept == 0, status == OrderStatus::Refunded);
    assert_eq!(fixture.owed(&order).await.len(), 1);
}

proptest! {
    // What is found becomes a test by hand, not a file.
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// I-04, I-06: whatever staff, GoPay and the dashboard do, in whatever order.
    #[test]
    fn no_more_goes_back_than_was_paid_and_no_more_is_kept_than_the_price(
        happenings in vec(happening(), 0..10)
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(live(happenings));
    }
}
