//! Snap's and the Core API's answers, and the classic notification: `create`, `inquire`, `cancel`, `refund` or
//! `notification`, and the HTTP status, in the first line.

use crate::{
    bi_snap::refund_request,
    gopay::{self, Answer, EXTERNAL_ID, Harness, ORDER_ID, TOTAL, attempt, check_error},
};
use contract::PaymentWay;
use gopay_protocol::{
    Amount, Secret, ServerKey,
    message::{
        core_api::{StatusMeaning, Transaction},
        http_notification::Notification,
    },
};
use merchant::{
    adapters::gopay::PaymentIntent,
    domain::{
        gopay_result::{CancelOutcome, Error},
        payment_decision::InquiryDecision,
        payment_event::PaymentEvent,
    },
};
use reqwest::StatusCode;

/// The key with which the vendor signed its sample.
const SERVER_KEY: &str = "askvnoibnosifnboseofinbofinfgbiufglnbfg";

pub(crate) fn run(input: &[u8]) {
    let Some(answer) = Answer::parse(input) else {
        return;
    };
    check_history(answer.body);
    gopay::with(|gopay| match answer.asked {
        "create" => create(gopay, &answer),
        "inquire" => inquire(gopay, &answer),
        "cancel" => cancel(gopay, &answer),
        "refund" => refund(gopay, &answer),
        "notification" => check_signature(answer.body),
        _ => {}
    });
}

fn request() -> String {
    let details = serde_json::json!({"order_id": ORDER_ID, "gross_amount": TOTAL});
    serde_json::json!({"transaction_details": details}).to_string()
}

fn create(gopay: &Harness, answer: &Answer<'_>) {
    let request = request();
    let (external_id, partner_reference_no) = (EXTERNAL_ID.into(), ORDER_ID.into());
    let made = gopay.ask(answer, |gopay| {
        gopay.create_payment(PaymentIntent {
            external_id: &external_id,
            request: &request,
            partner_reference_no: &partner_reference_no,
            total: TOTAL,
        })
    });
    match made {
        Ok(made) => {
            assert_eq!(answer.status, StatusCode::CREATED);
            let PaymentWay::SnapToken(token) = made.way else {
                panic!("{:?} of Snap", made.way);
            };
            // It goes into a path and a page.
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!((1..=100).contains(&token.len()) && token.bytes().all(is_plain));
        }
        Err(Error::Refused(_)) => assert!(answer.status.is_client_error()),
        Err(error) => check_error(error, answer.status),
    }
}

fn transaction(answer: &Answer<'_>) -> Transaction {
    serde_json::from_slice(answer.body).expect("what cannot be read counts")
}

fn inquire(gopay: &Harness, answer: &Answer<'_>) {
    let attempt = attempt(request(), Some(PaymentWay::SnapToken("token".to_owned())));
    let response = gopay.ask(answer, |gopay| gopay.inquire(&attempt));
    if let Err(error) = &response {
        assert!(!matches!(error, Error::NotSent), "{error:?}");
    }
    match gopay::decide(&attempt, &response) {
        InquiryDecision::Record(PaymentEvent::Paid(amount)) => {
            let transaction = transaction(answer);
            assert!(transaction.is_paid(), "{transaction:?}");
            let named = transaction.amount().map(|amount| amount.rupiah());
            assert!(named.is_none_or(|named| named == Ok(amount.get())));
        }
        InquiryDecision::Resend => panic!("a transaction with a token is asked for again"),
        _ => {}
    }
}

fn cancel(gopay: &Harness, answer: &Answer<'_>) {
    // Without a token there is one call, and so one answer.
    let attempt = attempt(request(), None);
    match gopay.ask(answer, |gopay| gopay.cancel(&attempt)) {
        Ok(CancelOutcome::Cancelled) => {
            let transaction = transaction(answer);
            assert_eq!(transaction.meaning(), StatusMeaning::Success);
            let named = transaction.order_id;
            assert!(named.is_none_or(|named| named.as_str() == ORDER_ID));
        }
        Ok(CancelOutcome::NotFound) => {
            assert_eq!(transaction(answer).meaning(), StatusMeaning::NotFound);
        }
        Ok(CancelOutcome::NotAllowed(_)) => {
            assert_eq!(transaction(answer).meaning(), StatusMeaning::NotModifiable);
        }
        Err(error) => assert!(
            !matches!(error, Error::NotSent | Error::Refused(_)),
            "{error:?}"
        ),
    }
}

fn refund(gopay: &Harness, answer: &Answer<'_>) {
    let attempt = attempt(request(), None);
    let (external_id, request) = ("refund".into(), refund_request());
    match gopay.ask(answer, |gopay| {
        gopay.refund(&attempt, &external_id, &request)
    }) {
        Ok(response) => {
            assert_eq!(transaction(answer).meaning(), StatusMeaning::Success);
            let number = response.partner_refund_no;
            assert!(number.is_none_or(|number| number.as_str() == "refund-1"));
        }
        Err(error) => assert!(!matches!(error, Error::NotSent), "{error:?}"),
    }
}

/// The refunds of a transaction add up to what it says, or are known to be a part.
fn check_history(body: &[u8]) {
    let Ok(transaction) = serde_json::from_slice::<Transaction>(body) else {
        return;
    };
    let history = transaction.refund_history();
    if let (false, Some(total)) = (history.is_partial, &transaction.refund_amount) {
        let sum: u64 = (history.refunds.iter())
            .filter_map(|refund| refund.rupiah())
            .sum();
        assert!(total.rupiah().is_ok_and(|total| total <= sum));
    }
    if transaction.is_paid() {
        assert_eq!(transaction.meaning(), StatusMeaning::Success);
    }
    let amount = transaction.amount().as_ref().map(Amount::rupiah);
    let is_foreign = (transaction.currency.as_ref())
        .is_some_and(|currency| !currency.eq_ignore_ascii_case("IDR"));
    assert!(
        !is_foreign || !matches!(amount, Some(Ok(_))),
        "{transaction:?}"
    );
}

/// The signature is that of order, status and amount; with another key, and of another order, it is false.
fn check_signature(body: &[u8]) {
    let key = ServerKey::new(&Secret::new(SERVER_KEY)).unwrap();
    let other = ServerKey::new(&Secret::new("Mid-server-other")).unwrap();
    let Ok(mut notification) = serde_json::from_slice::<Notification>(body) else {
        return;
    };
    assert!(!other.verify(&notification), "verified with another key");
    let transaction = &notification.transaction;
    let (Some(order_id), Some(status), Some(amount)) = (
        transaction.order_id.clone(),
        transaction.status_code,
        transaction.gross_amount.clone(),
    ) else {
        assert!(
            !key.verify(&notification),
            "verified without a signed field"
        );
        return;
    };
    let signature = key.signature(order_id.as_str(), &status.to_string(), &amount.value);
    notification.signature_key = Some(Secret::new(signature));
    assert!(key.verify(&notification) && !other.verify(&notification));
    let another = format!("{order_id}0");
    notification.transaction.order_id = Some(another.as_str().into());
    assert!(!key.verify(&notification), "verified for another order");
}
