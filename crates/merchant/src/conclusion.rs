//! What follows, for one attempt to pay, from GoPay's answers to the merchant.
//!
//! Invariant: "there is no payment" follows only from a refusal of the first request, or from
//! GoPay's not knowing any long after the end. Whatever else it is, an answer that is no
//! success leads to an inquiry, never to another attempt.
//!
//! Not here: HTTP, SQL, the clock.

use crate::{
    evidence::{Finding, Reading, read_inquiry},
    gopay::{Error, Made},
    store::{Attempt, StoredOrder},
};
use gopay_protocol::{LatestTransactionStatus, message::status};

/// A payment that GoPay does not know so long after its end was never made: the request
/// cannot still be on its way. Milliseconds.
const NEVER: i64 = 120_000;

/// So long before its end it is too late to ask for a payment again: the buyer could not
/// make it any more. Also far within the 24 hours for which GoPay knows an
/// `X-EXTERNAL-ID` again `[core-api-snap-open-api-overview]`. Milliseconds.
const TOO_LATE: i64 = 30_000;

/// What GoPay may know of an attempt when it is asked for its payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it has not been asked before.
    Nothing,
    /// It was asked before, and its answer is not known here. That an inquiry does not find
    /// the payment changes nothing: GoPay's books may be late, and a second attempt besides a
    /// payment that was made after all could be paid twice.
    Perhaps,
}

/// What follows from the answer to the request for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// Let the buyer pay it.
    Offer(Made),
    /// Keep this as evidence.
    Keep(Finding),
    /// Ask what became of it, when its time comes.
    Ask,
}

/// What follows from the answer to an inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inquired {
    /// Keep this as evidence.
    Keep(Finding),
    /// Send the same request under the same id.
    Send,
    /// Ask again, when its time comes.
    Ask,
    /// The same, and have a person look: the answer is about another payment, or about money
    /// without saying how many rupiah.
    Distrust,
}

/// After the answer to the request for a payment.
///
/// | answer | GoPay knew nothing | GoPay perhaps knew it |
/// |---|---|---|
/// | made | offer | offer |
/// | refused (400, 403, 404) | no payment | ask: the first request may have made one |
/// | conflict (409) | ask, never under a new id | ask |
/// | not sent, throttled (429), credentials | ask | ask |
/// | unknown (5xx, silence, nonsense) | ask | ask |
pub fn after_request(answer: Result<Made, Error>, known: Known) -> Requested {
    match (answer, known) {
        (Ok(made), _) => Requested::Offer(made),
        (Err(Error::Refused(_)), Known::Nothing) => Requested::Keep(Finding::Refused),
        (Err(Error::Refused(_)), Known::Perhaps)
        | (
            Err(
                Error::Conflict(_)
                | Error::NotSent
                | Error::Throttled
                | Error::Credentials(_)
                | Error::Unknown(_),
            ),
            _,
        ) => Requested::Ask,
    }
}

/// After the answer to an inquiry, at `now` in unix milliseconds.
pub fn after_inquiry(
    order: &StoredOrder,
    attempt: &Attempt,
    answer: &Result<status::Response, Error>,
    now: i64,
) -> Inquired {
    let unknown = match answer {
        Ok(response) if !is_about(response, order, attempt) => return Inquired::Distrust,
        Ok(response) => match read_inquiry(response) {
            Reading::Finding(finding) => return Inquired::Keep(finding),
            Reading::Ask => return Inquired::Distrust,
            Reading::Nothing => {
                response.latest_transaction_status == Some(LatestTransactionStatus::NotFound)
            }
        },
        // Docs disagree: the page of the inquiry lists no 404 and has status 07 for this; the
        // SNAP standard has 404 case 01. It means the same.
        Err(Error::Refused(code)) if code.http == 404 && code.case == 1 => true,
        Err(_) => return Inquired::Ask,
    };
    // Without a deeplink, the answer to our request was lost.
    if attempt.deeplink.is_none() && now < attempt.valid_until - TOO_LATE {
        Inquired::Send
    } else if unknown && now > attempt.valid_until + NEVER {
        Inquired::Keep(Finding::NeverMade)
    } else {
        Inquired::Ask
    }
}

/// Whether every id in the answer that can be compared is the right one.
pub(crate) fn is_about(
    response: &status::Response,
    order: &StoredOrder,
    attempt: &Attempt,
) -> bool {
    let same = |theirs: &Option<String>, ours: &str| {
        theirs
            .as_deref()
            .is_none_or(|theirs| theirs.is_empty() || theirs == ours)
    };
    same(&response.original_partner_reference_no, &order.id)
        && same(&response.original_external_id, &attempt.external_id)
        && attempt
            .reference_no
            .as_deref()
            .is_none_or(|ours| same(&response.original_reference_no, ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::{OrderStatus, Rupiah};
    use gopay_protocol::{Amount, Deeplink, ResponseCode, ServiceCode};

    const END: i64 = 1_000_000;

    fn attempt(deeplink: Option<&str>) -> Attempt {
        Attempt {
            external_id: "x-1".to_owned(),
            number: 1,
            idempotency_key: "key".to_owned(),
            request: "{}".to_owned(),
            created_at: 0,
            valid_until: END,
            reference_no: deeplink.map(|_| "A1".to_owned()),
            deeplink: deeplink.map(str::to_owned),
            evidence: Vec::new(),
        }
    }

    fn order(attempt: Attempt) -> StoredOrder {
        StoredOrder {
            id: "order".to_owned(),
            customer_id: "budi".to_owned(),
            lines: Vec::new(),
            total: Rupiah::new(25_000),
            created_at: 0,
            status: OrderStatus::Checking,
            pickup_code: None,
            attempts: vec![attempt],
        }
    }

    fn code(http: u16, service: ServiceCode, case: u8) -> Error {
        Error::Refused(ResponseCode::new(http, service, case))
    }

    fn made() -> Made {
        let url = "https://gopay.co.id/app/merchanttransfer?tref=A1";
        Made {
            reference_no: "A1".to_owned(),
            deeplink: Deeplink::from_web_redirect_url(url).unwrap(),
        }
    }

    fn inquired(deeplink: Option<&str>, status: &str, now: i64) -> Inquired {
        let order = order(attempt(deeplink));
        let answer = Ok(response(status));
        after_inquiry(&order, &order.attempts[0], &answer, now)
    }

    fn response(status: &str) -> status::Response {
        status::Response {
            response_code: ResponseCode::new(200, ServiceCode::Status, 0),
            response_message: String::new(),
            original_partner_reference_no: Some("order".to_owned()),
            original_external_id: None,
            original_reference_no: None,
            latest_transaction_status: Some(
                serde_json::from_value(serde_json::json!(status)).unwrap(),
            ),
            trans_amount: Some(Amount::idr(25_000)),
            paid_time: None,
            refund_history: Vec::new(),
            additional_info: None,
        }
    }

    #[test]
    fn a_payment_that_was_made_is_offered() {
        for known in [Known::Nothing, Known::Perhaps] {
            assert_eq!(after_request(Ok(made()), known), Requested::Offer(made()));
        }
    }

    /// F19, F20
    #[test]
    fn a_refusal_is_believed_only_of_a_gopay_that_knew_nothing() {
        for http in [400, 403, 404] {
            let refused = || Err(code(http, ServiceCode::Payment, 18));
            assert_eq!(
                after_request(refused(), Known::Nothing),
                Requested::Keep(Finding::Refused)
            );
            assert_eq!(after_request(refused(), Known::Perhaps), Requested::Ask);
        }
    }

    /// F01, F05, F06, F10, F11, F18, F21, F22, F23
    #[test]
    fn whatever_is_neither_yes_nor_no_leads_to_an_inquiry() {
        for error in [
            Error::NotSent,
            Error::Throttled,
            Error::Credentials("client_secret_file"),
            Error::Conflict(ResponseCode::new(409, ServiceCode::Payment, 1)),
            Error::Unknown("no answer"),
        ] {
            for known in [Known::Nothing, Known::Perhaps] {
                assert_eq!(after_request(Err(error), known), Requested::Ask, "{error}");
            }
        }
    }

    /// F07, F16b, F24, F36: the request is repeated only after an inquiry that brought no end.
    #[test]
    fn what_gopay_does_not_know_is_asked_for_again_while_it_can_be_paid() {
        assert_eq!(inquired(None, "07", 0), Inquired::Send);
        assert_eq!(inquired(None, "03", 0), Inquired::Send);
        assert_eq!(inquired(Some("gopay://x"), "07", 0), Inquired::Ask);
        let order = order(attempt(None));
        let unknown = Err(code(404, ServiceCode::Status, 1));
        let next = after_inquiry(&order, &order.attempts[0], &unknown, 0);
        assert_eq!(next, Inquired::Send);
    }

    /// F08: after its end a request is never sent again, however long it takes.
    #[test]
    fn near_its_end_and_after_it_nothing_is_sent_again() {
        for now in [END - TOO_LATE, END, END + NEVER, END + 25 * 3_600_000] {
            for status in ["03", "07"] {
                let next = inquired(None, status, now);
                assert_ne!(next, Inquired::Send, "{status} {now}");
            }
        }
        let never_made = Inquired::Keep(Finding::NeverMade);
        assert_eq!(inquired(None, "07", END + NEVER), Inquired::Ask);
        assert_eq!(inquired(None, "07", END + NEVER + 1), never_made);
        assert_eq!(inquired(None, "03", END + NEVER + 1), Inquired::Ask);
    }

    /// F24, F37: the end counts whenever it comes, with the amount that was paid.
    #[test]
    fn an_end_is_kept_whenever_it_comes() {
        for now in [0, END + 24 * 3_600_000] {
            let paid = Inquired::Keep(Finding::Paid(Rupiah::new(25_000)));
            assert_eq!(inquired(None, "00", now), paid);
            assert_eq!(inquired(None, "08", now), Inquired::Keep(Finding::Expired));
        }
    }

    /// F12
    #[test]
    fn an_answer_about_another_payment_is_not_believed() {
        let order = order(attempt(Some("gopay://x")));
        let about = |change: fn(&mut status::Response)| {
            let mut response = response("00");
            change(&mut response);
            after_inquiry(&order, &order.attempts[0], &Ok(response), 0)
        };
        for wrong in [
            about(|it| it.original_partner_reference_no = Some("other".to_owned())),
            about(|it| it.original_external_id = Some("x-2".to_owned())),
            about(|it| it.original_reference_no = Some("A2".to_owned())),
        ] {
            assert_eq!(wrong, Inquired::Distrust);
        }
    }

    /// F37: dollars are no rupiah, and no amount is none.
    #[test]
    fn money_that_cannot_be_counted_is_for_a_person_to_look_at() {
        let order = order(attempt(Some("gopay://x")));
        let dollars = Amount {
            currency: "USD".to_owned(),
            ..Amount::idr(25_000)
        };
        for amount in [Some(dollars), None] {
            let mut response = response("00");
            response.trans_amount = amount;
            let next = after_inquiry(&order, &order.attempts[0], &Ok(response), 0);
            assert_eq!(next, Inquired::Distrust);
        }
    }

    /// F17, F40: what cannot be asked about stays as it is.
    #[test]
    fn an_inquiry_that_brings_nothing_changes_nothing() {
        let order = order(attempt(None));
        for error in [
            Error::NotSent,
            Error::Throttled,
            Error::Credentials("client_secret_file"),
            Error::Unknown("no answer"),
            code(400, ServiceCode::Status, 2),
        ] {
            let next = after_inquiry(&order, &order.attempts[0], &Err(error), END + NEVER + 1);
            assert_eq!(next, Inquired::Ask, "{error}");
        }
    }
}
