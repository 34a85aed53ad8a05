//! What follows, for one attempt to pay, from GoPay's answers to the merchant.
//!
//! Invariant: "there is no payment" follows only from a refusal of the first request, from
//! GoPay's not knowing any long after it could have come, or from GoPay's calling it off.
//! Whatever else it is, an answer that is no success leads to an inquiry, never to another
//! attempt. No answer that repeats itself keeps an attempt open for more than minutes after its
//! end.

use super::{
    attempt::Attempt,
    gopay_result::{CancelOutcome, CreatedPayment, Error},
    inquiry_schedule::REVIEW_AFTER,
    message_ids::MessageIds,
    operator_policy::PaidWithoutAmount,
    order::StoredOrder,
    payment_event::{InquiredPayment, InterpretedMessage, PaymentEvent, interpret_inquiry},
    time::Timestamp,
};
use contract::PaymentWay;
use gopay_protocol::{LatestTransactionStatus, Meaning, message::status};
use std::time::Duration;

/// A payment that GoPay does not know so long after its end was never made: the request
/// cannot still be on its way.
const NEVER_CREATED_AFTER: Duration = Duration::from_mins(2);

/// So long before its end it is too late to ask for a payment again: the buyer could not
/// make it any more. Also far within the 24 hours for which GoPay knows an
/// `X-EXTERNAL-ID` again `[core-api-snap-open-api-overview]`.
const MIN_TIME_TO_PAY: Duration = Duration::from_secs(30);

/// What GoPay may know of an attempt when it is asked for its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentSubmission {
    /// Nothing: it has not been asked before.
    First,
    /// It was asked before, and its answer is not known here. That an inquiry does not find
    /// the payment changes nothing: GoPay's records may be late, and a second attempt besides a
    /// payment that was made after all could be paid twice.
    Retry,
}

/// What follows from the answer to the request for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentDecision {
    /// Offer it to the buyer.
    Offer(CreatedPayment),
    /// Record this event.
    Record(PaymentEvent),
    /// Inquire when that is due.
    Inquire,
    /// GoPay has this very request and does not repeat its answer: the payment cannot be offered
    /// to the buyer any more, and has to be called off.
    Cancel,
}

/// What follows from the answer to an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InquiryDecision {
    /// Record this event.
    Record(PaymentEvent),
    /// Send the same request under the same id.
    Resend,
    /// Inquire again when that is due.
    InquireLater,
    /// The same, with an alarm: the answer is about another payment.
    Mismatch,
}

/// After the answer to the request for a payment.
///
/// | answer | GoPay knew nothing | GoPay perhaps knew it |
/// |---|---|---|
/// | made | offer | offer |
/// | refused (400, 403, 404, 405 ...) | no payment | ask: the first request may have made one |
/// | conflict (409) | ask, never under a new id | call off |
/// | not sent, throttled (429), credentials | ask | ask |
/// | unknown (5xx, silence, nonsense) | ask | ask |
pub fn after_request(
    answer: Result<CreatedPayment, Error>,
    known: PaymentSubmission,
) -> PaymentDecision {
    match (answer, known) {
        (Ok(made), _) => PaymentDecision::Offer(made),
        (Err(Error::Refused(_)), PaymentSubmission::First) => {
            PaymentDecision::Record(PaymentEvent::Refused)
        }
        (Err(Error::Conflict(_)), PaymentSubmission::Retry) => PaymentDecision::Cancel,
        (Err(Error::Refused(_)), PaymentSubmission::Retry)
        | (Err(Error::Conflict(_)), PaymentSubmission::First)
        | (
            Err(Error::NotSent | Error::Throttled | Error::Credentials { .. } | Error::Unknown(_)),
            _,
        ) => PaymentDecision::Inquire,
    }
}

/// After calling off a payment that cannot be offered, at `now`. Until it
/// is certain that none can be made, `None`.
///
/// | answer | |
/// |---|---|
/// | called off | there is no payment |
/// | not known, minutes after the request | there is none: GoPay has the request and made nothing of it, and no link is out |
/// | not allowed, unknown | ask |
pub fn after_cancel(
    answer: &Result<CancelOutcome, Error>,
    attempt: &Attempt,
    now: Timestamp,
) -> Option<PaymentEvent> {
    let certain = match answer {
        Ok(CancelOutcome::Cancelled) => true,
        Ok(CancelOutcome::NotFound) => now > attempt.created_at + NEVER_CREATED_AFTER,
        Ok(CancelOutcome::NotAllowed(_)) | Err(_) => false,
    };
    certain.then_some(PaymentEvent::NeverCreated)
}

/// After the answer to an inquiry, at `now`. `attempt` is what was known
/// before GoPay was asked: an answer can only contradict what is older than it.
pub fn after_inquiry(
    order: &StoredOrder,
    attempt: &Attempt,
    answer: &Result<status::Response, Error>,
    without_amount: PaidWithoutAmount,
    now: Timestamp,
) -> InquiryDecision {
    let asked = InquiredPayment {
        total: order.total,
        known: attempt.known_money(),
        // Only a payment that GoPay has confirmed to be ours, by its reference, is known to be of
        // this amount.
        without_amount: match attempt.reference_no {
            Some(_) => without_amount,
            None => PaidWithoutAmount::Review,
        },
    };
    let is_unknown = match answer {
        Ok(response) if !MessageIds::of_inquiry(response).matches_attempt(attempt) => {
            return InquiryDecision::Mismatch;
        }
        Ok(response) => match interpret_inquiry(response, asked) {
            InterpretedMessage::Event(event) if is_unpaid(event) && asked.known.is_some() => {
                return match attempt.has_known_money_for(NEVER_CREATED_AFTER, now) {
                    true => InquiryDecision::Record(PaymentEvent::Reversed),
                    // GoPay's records may be late.
                    false => InquiryDecision::InquireLater,
                };
            }
            // What is known already is no confirmation where GoPay says that something went back.
            InterpretedMessage::Event(PaymentEvent::Paid(_))
                if order.awaits_confirmation()
                    && response.latest_transaction_status
                        != Some(LatestTransactionStatus::Success) =>
            {
                return InquiryDecision::InquireLater;
            }
            InterpretedMessage::Event(event) => return InquiryDecision::Record(event),
            InterpretedMessage::NeedsInquiry | InterpretedMessage::NoEvent => {
                response.latest_transaction_status == Some(LatestTransactionStatus::NotFound)
            }
        },
        Err(error) if is_not_found(error) => true,
        Err(error) if is_expired(error) && asked.known.is_none() => {
            return match now > attempt.valid_until + NEVER_CREATED_AFTER {
                true => InquiryDecision::Record(PaymentEvent::Expired),
                false => InquiryDecision::InquireLater,
            };
        }
        Err(_) => return InquiryDecision::InquireLater,
    };
    if attempt.has_ended() {
        return InquiryDecision::InquireLater;
    }
    // A payment that GoPay had confirmed is not given up as soon: its records may be late.
    // A Snap transaction that the buyer never opened is not known either, and its end is.
    let never_created_after = match attempt.way {
        Some(PaymentWay::Deeplink(_) | PaymentWay::WebPage(_)) => REVIEW_AFTER,
        Some(PaymentWay::SnapToken(_)) | None => NEVER_CREATED_AFTER,
    };
    // Without a way to pay, the answer to our request was lost.
    if attempt.way.is_none() && now < attempt.valid_until - MIN_TIME_TO_PAY {
        InquiryDecision::Resend
    } else if is_unknown && now > attempt.valid_until + never_created_after {
        InquiryDecision::Record(PaymentEvent::NeverCreated)
    } else {
        InquiryDecision::InquireLater
    }
}

const fn is_unpaid(event: PaymentEvent) -> bool {
    matches!(
        event,
        PaymentEvent::Cancelled | PaymentEvent::Failed | PaymentEvent::Expired
    )
}

/// Whether GoPay knows no such payment: as status 07.
pub(crate) fn is_not_found(error: &Error) -> bool {
    error.refusal() == Some(Meaning::NotFound)
}

/// Whether GoPay calls the payment expired without an answer about it: as status 08.
pub(crate) fn is_expired(error: &Error) -> bool {
    error.refusal() == Some(Meaning::Expired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        operator_policy::Confirmation,
        payment_event::{EventSource, ReceivedEvent},
    };
    use contract::{OrderStatus, Rupiah};
    use gopay_protocol::{
        Amount, Deeplink, ResponseCode, ServiceCode, message::notify::RefundHistory,
    };

    const MS: Duration = Duration::from_millis(1);
    const START: Timestamp = Timestamp::EPOCH;
    const END: Timestamp = Timestamp::from_millis(1_000_000);

    fn attempt(deeplink: Option<&str>) -> Attempt {
        Attempt {
            external_id: "x-1".into(),
            number: 1,
            idempotency_key: "key".into(),
            request: r#"{"partnerReferenceNo":"order","payOptionDetails":[],"additionalInfo":{}}"#
                .to_owned(),
            created_at: START,
            valid_until: END,
            reference_no: deeplink.map(|_| "A1".into()),
            way: deeplink.map(|link| PaymentWay::Deeplink(link.to_owned())),
            events: Vec::new(),
        }
    }

    fn order(attempt: Attempt) -> StoredOrder {
        StoredOrder {
            id: "order".into(),
            customer_id: "budi".into(),
            mini_app: "kedai".into(),
            lines: Vec::new(),
            total: Rupiah::new(25_000),
            discount: None,
            table: None,
            created_at: START,
            status: OrderStatus::Checking,
            confirmation: Confirmation::NotNeeded,
            pickup_code: None,
            rewards: Vec::new(),
            attempts: vec![attempt],
        }
    }

    fn code(http: u16, service: ServiceCode, case: u8) -> Error {
        Error::Refused(ResponseCode::new(http, service, case))
    }

    fn made() -> CreatedPayment {
        let url = "https://gopay.co.id/app/merchanttransfer?tref=A1";
        CreatedPayment {
            reference_no: Some("A1".into()),
            way: PaymentWay::Deeplink(
                Deeplink::from_web_redirect_url(url, &[])
                    .unwrap()
                    .to_string(),
            ),
        }
    }

    fn after(
        order: &StoredOrder,
        answer: Result<status::Response, Error>,
        now: Timestamp,
    ) -> InquiryDecision {
        let policy = PaidWithoutAmount::Paid;
        after_inquiry(order, &order.attempts[0], &answer, policy, now)
    }

    fn inquired(deeplink: Option<&str>, status: &str, now: Timestamp) -> InquiryDecision {
        after(&order(attempt(deeplink)), Ok(response(status)), now)
    }

    fn told(event: PaymentEvent) -> StoredOrder {
        let mut attempt = attempt(Some("gopay://x"));
        attempt.events.push(ReceivedEvent {
            event,
            source: EventSource::Notification,
            received_at: START,
        });
        order(attempt)
    }

    fn response(status: &str) -> status::Response {
        status::Response {
            response_code: ResponseCode::new(200, ServiceCode::Status, 0),
            original_partner_reference_no: Some("order".into()),
            original_external_id: None,
            original_reference_no: None,
            latest_transaction_status: Some(
                serde_json::from_value(serde_json::json!(status)).unwrap(),
            ),
            trans_amount: Some(Amount::idr(25_000)),
            refund_history: RefundHistory::default(),
            additional_info: status::AdditionalInfo::default(),
        }
    }

    #[test]
    fn a_payment_that_was_made_is_offered() {
        for known in [PaymentSubmission::First, PaymentSubmission::Retry] {
            assert_eq!(
                after_request(Ok(made()), known),
                PaymentDecision::Offer(made())
            );
        }
    }

    /// I-02: what is known from a notification comes back for a refund without an amount.
    #[test]
    fn an_inquiry_about_a_refund_confirms_nothing() {
        let mut held = told(PaymentEvent::Paid(Rupiah::new(25_000)));
        held.status = OrderStatus::Paid;
        let refunded = || Ok(response("04"));
        let known = InquiryDecision::Record(PaymentEvent::Paid(held.total));
        assert_eq!(after(&held, refunded(), END), known);
        held.confirmation = Confirmation::Awaited;
        let later = InquiryDecision::InquireLater;
        assert_eq!(after(&held, refunded(), END), later);
        assert_eq!(after(&held, Ok(response("00")), END), known);
    }

    /// F19, F20
    #[test]
    fn a_refusal_is_believed_only_of_a_gopay_that_knew_nothing() {
        for http in [400, 403, 404, 405] {
            let refused = || Err(code(http, ServiceCode::Payment, 18));
            assert_eq!(
                after_request(refused(), PaymentSubmission::First),
                PaymentDecision::Record(PaymentEvent::Refused)
            );
            assert_eq!(
                after_request(refused(), PaymentSubmission::Retry),
                PaymentDecision::Inquire
            );
        }
    }

    /// F01, F05, F06, F10, F11, F18, F21, F22, F23
    #[test]
    fn an_uncertain_answer_leads_to_an_inquiry() {
        let unknown = Error::Unknown("no answer");
        for error in Error::NOTHING_DONE.into_iter().chain([unknown]) {
            for known in [PaymentSubmission::First, PaymentSubmission::Retry] {
                assert_eq!(
                    after_request(Err(error), known),
                    PaymentDecision::Inquire,
                    "{error}"
                );
            }
        }
    }

    /// F21: in most of SNAP a repeated id is an error and not an answer given again.
    #[test]
    fn a_payment_whose_link_gopay_keeps_is_called_off() {
        let conflict = || {
            Err(Error::Conflict(ResponseCode::new(
                409,
                ServiceCode::Payment,
                0,
            )))
        };
        assert_eq!(
            after_request(conflict(), PaymentSubmission::First),
            PaymentDecision::Inquire
        );
        assert_eq!(
            after_request(conflict(), PaymentSubmission::Retry),
            PaymentDecision::Cancel
        );
        let attempt = attempt(None);
        let never_created = Some(PaymentEvent::NeverCreated);
        let refused = ResponseCode::new(403, ServiceCode::Cancel, 15);
        for (answer, soon, later) in [
            (Ok(CancelOutcome::Cancelled), never_created, never_created),
            (Ok(CancelOutcome::NotFound), None, never_created),
            (Ok(CancelOutcome::NotAllowed(refused)), None, None),
            (Err(Error::NotSent), None, None),
            (Err(Error::Unknown("no answer")), None, None),
        ] {
            for (passed, follows) in [(MS, soon), (NEVER_CREATED_AFTER + MS, later)] {
                let after = after_cancel(&answer, &attempt, START + passed);
                assert_eq!(after, follows, "{answer:?} {passed:?}");
            }
        }
    }

    /// F07, F16b, F24, F36: the request is repeated only after an inquiry that brought no end.
    #[test]
    fn an_unknown_payment_is_requested_again_while_it_can_be_paid() {
        assert_eq!(inquired(None, "07", START), InquiryDecision::Resend);
        assert_eq!(inquired(None, "03", START), InquiryDecision::Resend);
        assert_eq!(
            inquired(Some("gopay://x"), "07", START),
            InquiryDecision::InquireLater
        );
        let unknown = Err(code(404, ServiceCode::Status, 1));
        assert_eq!(
            after(&order(attempt(None)), unknown, START),
            InquiryDecision::Resend
        );
    }

    /// F08: after its end a request is never sent again, however long it takes.
    #[test]
    fn near_its_end_and_after_it_nothing_is_sent_again() {
        let never = NEVER_CREATED_AFTER;
        for now in [
            END - MIN_TIME_TO_PAY,
            END,
            END + never,
            END + Duration::from_hours(25),
        ] {
            for status in ["03", "07"] {
                let next = inquired(None, status, now);
                assert_ne!(next, InquiryDecision::Resend, "{status} {now:?}");
            }
        }
        let never_created = InquiryDecision::Record(PaymentEvent::NeverCreated);
        assert_eq!(
            inquired(None, "07", END + never),
            InquiryDecision::InquireLater
        );
        assert_eq!(inquired(None, "07", END + never + MS), never_created);
        assert_eq!(
            inquired(None, "03", END + never + MS),
            InquiryDecision::InquireLater
        );
        // GoPay had confirmed it, so its records may only be late.
        let confirmed = Some("gopay://x");
        assert_eq!(
            inquired(confirmed, "07", END + never + MS),
            InquiryDecision::InquireLater
        );
        let later = END + REVIEW_AFTER + MS;
        assert_eq!(inquired(confirmed, "07", later), never_created);
    }

    /// Inquiries about expired payments answer 403 case 00 in the SNAP standard.
    #[test]
    fn a_payment_that_gopay_calls_expired_is_expired_after_its_end() {
        for deeplink in [None, Some("gopay://x")] {
            let expired = |case, now| {
                let answer = Err(code(403, ServiceCode::Status, case));
                after(&order(attempt(deeplink)), answer, now)
            };
            let long_after = END + NEVER_CREATED_AFTER + MS;
            assert_eq!(expired(0, END), InquiryDecision::InquireLater);
            assert_eq!(
                expired(0, long_after),
                InquiryDecision::Record(PaymentEvent::Expired)
            );
            assert_eq!(expired(15, long_after), InquiryDecision::InquireLater);
        }
        let paid = told(PaymentEvent::Paid(Rupiah::new(25_000)));
        let answer = Err(code(403, ServiceCode::Status, 0));
        assert_eq!(
            after(&paid, answer, Timestamp::from_millis(i64::MAX)),
            InquiryDecision::InquireLater
        );
    }

    #[test]
    fn a_payment_that_gopay_takes_back_is_reversed() {
        let paid = told(PaymentEvent::Paid(Rupiah::new(25_000)));
        for status in ["05", "06", "08", "09"] {
            // The inquiry may have met records that are late.
            let next = after(&paid, Ok(response(status)), START + NEVER_CREATED_AFTER);
            assert_eq!(next, InquiryDecision::InquireLater, "{status}");
            let next = after(
                &paid,
                Ok(response(status)),
                START + NEVER_CREATED_AFTER + MS,
            );
            assert_eq!(
                next,
                InquiryDecision::Record(PaymentEvent::Reversed),
                "{status}"
            );
            let next = after(&told(PaymentEvent::Created), Ok(response(status)), START);
            assert_ne!(
                next,
                InquiryDecision::Record(PaymentEvent::Reversed),
                "{status}"
            );
        }
        for status in ["03", "07", "42"] {
            let next = after(
                &paid,
                Ok(response(status)),
                Timestamp::from_millis(i64::MAX),
            );
            assert_eq!(next, InquiryDecision::InquireLater, "{status}");
        }
    }

    /// F24, F37: the end counts whenever it comes, with the amount that was paid.
    #[test]
    fn an_end_is_kept_whenever_it_comes() {
        for now in [START, END + Duration::from_hours(24)] {
            let paid = InquiryDecision::Record(PaymentEvent::Paid(Rupiah::new(25_000)));
            assert_eq!(inquired(None, "00", now), paid);
            assert_eq!(
                inquired(None, "08", now),
                InquiryDecision::Record(PaymentEvent::Expired)
            );
        }
    }

    /// F12
    #[test]
    fn an_answer_about_another_payment_is_not_believed() {
        let order = order(attempt(Some("gopay://x")));
        let mut other = response("00");
        other.original_reference_no = Some("A2".into());
        assert_eq!(after(&order, Ok(other), START), InquiryDecision::Mismatch);
    }

    #[test]
    fn a_right_reference_is_believed_beside_odd_ids() {
        let order = order(attempt(Some("gopay://x")));
        let mut odd = response("00");
        odd.original_reference_no = Some("A1".into());
        odd.original_partner_reference_no = Some("A1".into());
        odd.original_external_id = Some("order".into());
        let paid = InquiryDecision::Record(PaymentEvent::Paid(Rupiah::new(25_000)));
        assert_eq!(after(&order, Ok(odd), START), paid);
    }

    /// F37: dollars are no rupiah; no amount is the one that was asked for.
    #[test]
    fn money_that_cannot_be_counted_is_reviewed_at_once() {
        let order = order(attempt(Some("gopay://x")));
        let dollars = Amount {
            currency: "USD".to_owned(),
            ..Amount::idr(25_000)
        };
        for (amount, event) in [
            (Some(dollars), PaymentEvent::PaidInDoubt(Rupiah::ZERO)),
            (None, PaymentEvent::Paid(Rupiah::new(25_000))),
        ] {
            let mut response = response("00");
            response.trans_amount = amount;
            assert_eq!(
                after(&order, Ok(response), START),
                InquiryDecision::Record(event)
            );
        }
        // GoPay has not confirmed any payment of ours.
        let mut unconfirmed = response("00");
        unconfirmed.trans_amount = None;
        let order = self::order(attempt(None));
        let doubt = PaymentEvent::PaidInDoubt(Rupiah::new(25_000));
        assert_eq!(
            after(&order, Ok(unconfirmed), START),
            InquiryDecision::Record(doubt)
        );
    }

    /// F17, F40: an inquiry without an answer changes nothing.
    #[test]
    fn an_inquiry_that_brings_nothing_changes_nothing() {
        let order = order(attempt(None));
        let answers = [
            Error::Unknown("no answer"),
            code(400, ServiceCode::Status, 2),
        ];
        for error in Error::NOTHING_DONE.into_iter().chain(answers) {
            let next = after(&order, Err(error), END + NEVER_CREATED_AFTER + MS);
            assert_eq!(next, InquiryDecision::InquireLater, "{error}");
        }
    }
}
