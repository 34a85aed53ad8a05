//! What is a difference, and what is none.

use super::*;
use crate::domain::time::Timestamp;
use crate::domain::{
    operator_policy::Confirmation,
    payment_event::{EventSource, ReceivedEvent},
    refund::{RefundProgress, RefundReason},
};
use gopay_protocol::{Amount, ResponseCode, ServiceCode};

const TOTAL: Rupiah = Rupiah::new(50_000);

fn order(events: &[PaymentEvent]) -> StoredOrder {
    let received = events.iter().map(|event| ReceivedEvent {
        event: *event,
        source: EventSource::Inquiry,
        received_at: Timestamp::EPOCH,
    });
    let attempt = Attempt {
        external_id: "x-1".into(),
        number: 1,
        idempotency_key: "key".into(),
        request: r#"{"partnerReferenceNo":"order","payOptionDetails":[],"additionalInfo":{}}"#
            .to_owned(),
        created_at: Timestamp::EPOCH,
        valid_until: Timestamp::EPOCH,
        reference_no: Some("A1".into()),
        way: None,
        events: received.collect(),
    };
    StoredOrder {
        id: "order".into(),
        customer_id: "budi".into(),
        mini_app: "kedai".into(),
        lines: Vec::new(),
        total: TOTAL,
        discount: None,
        table: None,
        created_at: Timestamp::EPOCH,
        status: OrderStatus::Checking,
        confirmation: Confirmation::NotNeeded,
        pickup_code: None,
        rewards: Vec::new(),
        attempts: vec![attempt],
    }
}

fn answer(status: &str, history: Vec<notify::Refund>) -> status::Response {
    status::Response {
        response_code: ResponseCode::new(200, ServiceCode::Status, 0),
        original_partner_reference_no: Some("order".into()),
        original_external_id: None,
        original_reference_no: None,
        latest_transaction_status: Some(status.to_owned().into()),
        trans_amount: Some(Amount::idr(50_000)),
        refund_history: history.into(),
        additional_info: status::AdditionalInfo::default(),
    }
}

fn told(
    events: &[PaymentEvent],
    refunds: &[StoredRefund],
    answer: status::Response,
) -> Vec<String> {
    let order = order(events);
    differences(&order, &order.attempts[0], refunds, &Ok(answer))
}

#[test]
fn a_status_that_means_the_same_is_no_difference() {
    for (events, statuses) in [
        (&[PaymentEvent::Created][..], &["03", "01"][..]),
        (&[PaymentEvent::Paid(TOTAL)], &["00"]),
        (&[PaymentEvent::Cancelled], &["05", "06", "08", "09"]),
        (&[PaymentEvent::Expired], &["05", "06", "08", "09"]),
        (&[PaymentEvent::GivenUp], &["03", "01"]),
    ] {
        for status in ["00", "01", "03", "05", "06", "07", "08", "09", "42"] {
            let told = told(events, &[], answer(status, Vec::new()));
            assert_eq!(
                told.is_empty(),
                statuses.contains(&status),
                "{events:?} {status}: {told:?}"
            );
        }
    }
}

#[test]
fn a_payment_that_nobody_offered_may_be_unknown() {
    let mut order = order(&[PaymentEvent::Refused]);
    order.attempts[0].reference_no = None;
    let not_found = Ok(answer("07", Vec::new()));
    let code = ResponseCode::new(404, ServiceCode::Status, 1);
    for answer in [not_found, Err(gopay_result::Error::Refused(code))] {
        let told = differences(&order, &order.attempts[0], &[], &answer);
        assert_eq!(told, Vec::<String>::new());
    }
}

fn refund(state: RefundState) -> StoredRefund {
    StoredRefund {
        number: "R-1".into(),
        external_id: "x-2".into(),
        order_id: "order".into(),
        payment_external_id: "x-1".into(),
        amount: Rupiah::new(10_000),
        reason: RefundReason::Staff,
        request: String::new(),
        state,
        progress: RefundProgress {
            created_at: Timestamp::EPOCH,
            sent: None,
        },
        tries: 1,
        answer: None,
        try_at: Timestamp::EPOCH,
    }
}

#[test]
fn refunds_are_compared_one_by_one() {
    let entry = |rupiah, status: &str| notify::Refund {
        refund_no: Some("1".into()),
        refund_status: Some(status.to_owned()),
        refund_amount: Some(Amount::idr(rupiah)),
        partner_refund_no: Some("R-1".into()),
        partner_reference_no: None,
    };
    let back = [
        PaymentEvent::Paid(TOTAL),
        PaymentEvent::Refunded(Rupiah::new(10_000)),
    ];
    let paid = [PaymentEvent::Paid(TOTAL)];
    let says = |what: &str| vec![what.to_owned()];
    for (events, state, history, expected) in [
        (
            &back[..],
            RefundState::Done,
            vec![entry(10_000, "00")],
            vec![],
        ),
        (
            &paid,
            RefundState::Failed,
            vec![entry(10_000, "06")],
            vec![],
        ),
        (&paid, RefundState::Failed, vec![], vec![]),
        (&paid, RefundState::Open, vec![], vec![]),
        (
            &paid,
            RefundState::DeadLetter,
            vec![],
            says("GoPay does not know refund R-1, here it is parked"),
        ),
        (
            &back,
            RefundState::Open,
            vec![entry(10_000, "00")],
            says("GoPay says that refund R-1 is done, here it is open"),
        ),
        (
            &back,
            RefundState::Failed,
            vec![entry(10_000, "00")],
            says("GoPay says that refund R-1 is done, here it is failed"),
        ),
        (
            &paid,
            RefundState::Open,
            vec![entry(9_000, "06")],
            says("GoPay says that refund R-1 is 9000 rupiah, here it is 10000"),
        ),
        (
            &paid,
            RefundState::Open,
            vec![entry(10_000, "00")],
            [
                says("GoPay says that 10000 rupiah went back, here it is 0"),
                says("GoPay says that refund R-1 is done, here it is open"),
            ]
            .concat(),
        ),
    ] {
        let status = if history.is_empty() { "00" } else { "04" };
        let told = told(events, &[refund(state)], answer(status, history));
        assert_eq!(told, expected, "{state:?}");
    }
}
