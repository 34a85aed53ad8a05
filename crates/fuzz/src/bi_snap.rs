//! BI-SNAP's answers: `create`, `inquire`, `inquire-new`, `cancel`, `refund` or `token`, and the HTTP status, in
//! the first line.

use crate::{
    gopay::{
        self, Answer, EXTERNAL_ID, Harness, ORDER_ID, REFERENCE_NO, TOTAL, attempt,
        bi_snap_request, check_error,
    },
    json,
};
use contract::PaymentWay;
use gopay_protocol::{Amount, Meaning, ResponseCode};
use merchant::{
    adapters::gopay::PaymentIntent,
    domain::{
        gopay_result::{CancelOutcome, CreatedPayment, Error},
        payment_decision::{InquiryDecision, PaymentDecision, PaymentSubmission, after_request},
        payment_event::PaymentEvent,
    },
};
use reqwest::StatusCode;

pub(crate) fn run(input: &[u8]) {
    let Some(answer) = Answer::parse(input) else {
        return;
    };
    gopay::with(|gopay| match answer.asked {
        "create" => check_created(&answer, create(gopay, &answer)),
        "inquire" => inquire(gopay, &answer, true),
        "inquire-new" => inquire(gopay, &answer, false),
        "cancel" => cancel(gopay, &answer),
        "refund" => refund(gopay, &answer),
        "token" => check_token(&answer, create(gopay, &answer)),
        _ => {}
    });
}

pub(crate) fn create(gopay: &Harness, answer: &Answer<'_>) -> Result<CreatedPayment, Error> {
    let request = bi_snap_request();
    let (external_id, partner_reference_no) = (EXTERNAL_ID.into(), ORDER_ID.into());
    gopay.ask(answer, |gopay| {
        gopay.create_payment(PaymentIntent {
            external_id: &external_id,
            request: &request,
            partner_reference_no: &partner_reference_no,
            total: TOTAL,
        })
    })
}

fn check_created(answer: &Answer<'_>, made: Result<CreatedPayment, Error>) {
    match &made {
        Ok(made) => {
            check_success(answer);
            let PaymentWay::Deeplink(deeplink) = &made.way else {
                panic!("{:?} in GoPay's container", made.way);
            };
            assert!(deeplink.starts_with("gopay://merchanttransfer?"));
            let reference_no = made.reference_no.as_ref().map(|it| it.as_str());
            assert!(reference_no.is_none_or(|it| it.bytes().all(|byte| byte.is_ascii_graphic())));
            let amount = &answer.json()["additionalInfo"]["grossAmount"];
            let amount = serde_json::from_value::<Amount>(amount.clone()).ok();
            let amount = amount.and_then(|amount| amount.rupiah().ok());
            assert!(amount.is_none_or(|amount| amount == TOTAL.get()));
        }
        Err(error) => check_error(*error, answer.status),
    }
    let is_refused = matches!(made, Err(Error::Refused(_)));
    match after_request(made.clone(), PaymentSubmission::First) {
        PaymentDecision::Record(event) => {
            assert!(event == PaymentEvent::Refused && is_refused);
        }
        PaymentDecision::Offer(_) => assert!(made.is_ok()),
        PaymentDecision::Cancel => panic!("the first request cannot be repeated"),
        PaymentDecision::Inquire => {}
    }
    let again = after_request(made, PaymentSubmission::Retry);
    assert!(
        !matches!(again, PaymentDecision::Record(_)),
        "a retry says nothing of the first request"
    );
}

/// Asking for a token moves no money.
fn check_token(answer: &Answer<'_>, made: Result<CreatedPayment, Error>) {
    let token = answer.json()["accessToken"].clone();
    if answer.status != StatusCode::OK || token.is_null() {
        let is_clear = matches!(
            made,
            Err(Error::NotSent | Error::Credentials { .. } | Error::Throttled)
        );
        assert!(is_clear, "{made:?} without a token");
    }
}

fn inquire(gopay: &Harness, answer: &Answer<'_>, is_known: bool) {
    let way = PaymentWay::Deeplink("gopay://merchanttransfer?tref=A1".to_owned());
    let attempt = attempt(bi_snap_request(), is_known.then_some(way));
    let response = gopay.ask(answer, |gopay| gopay.inquire(&attempt));
    match &response {
        Ok(_) => check_success(answer),
        Err(error) => check_error(*error, answer.status),
    }
    let decision = gopay::decide(&attempt, &response);
    let message = answer.json();
    match decision {
        InquiryDecision::Record(event) if event.is_money() => {
            let reference_no = json::text(&message, "originalReferenceNo");
            assert!(
                !is_known || reference_no.is_none_or(|named| is_ours(&named)),
                "{event:?} of another payment"
            );
            match event {
                PaymentEvent::Refunded(_) => assert!(json::is_refunded_status(&message)),
                PaymentEvent::Paid(_) => assert!(json::is_paid_status(&message), "{event:?}"),
                // A refund whose amount is not known is money in doubt, too.
                _ => assert!(
                    json::is_paid_status(&message) || json::is_refunded_status(&message),
                    "{event:?}"
                ),
            }
        }
        InquiryDecision::Resend => {
            assert!(!is_known, "a payment that can be made is asked for again")
        }
        _ => {}
    }
}

/// Whether an id is one of the attempt's.
fn is_ours(named: &str) -> bool {
    let plain = gopay_protocol::normalize_id(named);
    let ours = [REFERENCE_NO, ORDER_ID, EXTERNAL_ID].map(gopay_protocol::normalize_id);
    ours.contains(&plain)
}

fn cancel(gopay: &Harness, answer: &Answer<'_>) {
    let way = PaymentWay::Deeplink("gopay://merchanttransfer?tref=A1".to_owned());
    let attempt = attempt(bi_snap_request(), Some(way));
    match gopay.ask(answer, |gopay| gopay.cancel(&attempt)) {
        Ok(CancelOutcome::Cancelled) => check_success(answer),
        Ok(CancelOutcome::NotFound) => {
            assert_eq!(code(answer).meaning(), Meaning::NotFound);
        }
        Ok(CancelOutcome::NotAllowed(code)) => check_error(Error::Refused(code), answer.status),
        Err(error) => check_error(error, answer.status),
    }
}

fn refund(gopay: &Harness, answer: &Answer<'_>) {
    let way = PaymentWay::Deeplink("gopay://merchanttransfer?tref=A1".to_owned());
    let attempt = attempt(bi_snap_request(), Some(way));
    let request = refund_request();
    let external_id = "refund".into();
    match gopay.ask(answer, |gopay| {
        gopay.refund(&attempt, &external_id, &request)
    }) {
        Ok(response) => {
            check_success(answer);
            let amount = response.refund_amount.map(|amount| amount.rupiah());
            assert!(amount.is_none_or(|amount| amount == Ok(TOTAL.get())));
        }
        Err(error) => check_error(error, answer.status),
    }
}

/// The stored body of a request for a refund.
pub(crate) fn refund_request() -> String {
    serde_json::json!({
        "originalReferenceNo": REFERENCE_NO,
        "originalPartnerReferenceNo": ORDER_ID,
        "partnerRefundNo": "refund-1",
        "refundAmount": {"value": "10000.00", "currency": "IDR"},
        "reason": "sold out",
    })
    .to_string()
}

fn code(answer: &Answer<'_>) -> ResponseCode {
    let code = serde_json::from_value(answer.json()["responseCode"].clone());
    code.expect("an answer without a code counts")
}

/// HTTP status and response code both say that it was carried out.
fn check_success(answer: &Answer<'_>) {
    assert_eq!(answer.status, StatusCode::OK);
    let code = code(answer);
    assert!(code.http == 200 && code.is_success(), "{code}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept reaches the assertions about success.
    #[test]
    fn the_samples_of_the_vendor_are_successes() {
        let sample = include_bytes!("../corpus/bi_snap/created");
        let answer = Answer::parse(sample).unwrap();
        assert!(gopay::with(|gopay| create(gopay, &answer)).is_ok());
        let sample = include_bytes!("../corpus/bi_snap/paid");
        let answer = Answer::parse(sample).unwrap();
        let attempt = attempt(bi_snap_request(), None);
        let response = gopay::with(|gopay| gopay.ask(&answer, |gopay| gopay.inquire(&attempt)));
        let decision = gopay::decide(&attempt, &response);
        assert!(matches!(
            decision,
            InquiryDecision::Record(PaymentEvent::Paid(TOTAL))
        ));
    }
}
