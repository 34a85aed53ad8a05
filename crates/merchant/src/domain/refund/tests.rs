//! The tables, row by row.

use super::*;
use crate::domain::{
    automatic_refund::automatic_refund_due, payment_balance::*, payment_event::SettledAmounts,
};
use gopay_protocol::{Amount, ResponseCode, ServiceCode};

const TOTAL: Rupiah = Rupiah::new(50_000);

fn entry(number: &str, rupiah: u64, status: &str) -> notify::Refund {
    notify::Refund {
        refund_no: Some("1".to_owned()),
        refund_status: Some(status.to_owned()),
        refund_amount: Some(Amount::idr(rupiah)),
        partner_refund_no: Some(number.to_owned()),
        partner_reference_no: None,
    }
}

fn refused(http: u16, case: u8) -> Result<Response, Error> {
    let code = ResponseCode::new(http, ServiceCode::Refund, case);
    Err(Error::Refused(code))
}

fn yes() -> Result<Response, Error> {
    Ok(Response {
        response_code: ResponseCode::new(200, ServiceCode::Refund, 0),
        original_reference_no: None,
        refund_no: None,
        partner_refund_no: None,
        refund_amount: None,
    })
}

fn sent(said: LastResponse) -> Progress {
    Progress {
        created_at: 0,
        sent: Some(Sent {
            first_at: 0,
            last_at: 0,
            last_response: said,
        }),
    }
}

/// F75: what was never sent, or certainly never arrived, is sent whenever that is.
#[test]
fn a_refund_without_a_request_is_sent() {
    let new = Progress {
        created_at: 0,
        sent: None,
    };
    for now in [0, IDEMPOTENCY_WINDOW, i64::MAX] {
        assert_eq!(after_inquiry(&new, now), RefundAction::Send);
    }
}

/// F75, F76: the identical request within the window, and never after it.
#[test]
fn a_refund_missing_in_the_history_is_sent_again_for_a_day() {
    let at = |said, now| after_inquiry(&sent(said), now);
    assert_eq!(at(LastResponse::Unknown, 0), RefundAction::Send);
    assert_eq!(
        at(LastResponse::Unknown, IDEMPOTENCY_WINDOW - 1),
        RefundAction::Send
    );
    for now in [IDEMPOTENCY_WINDOW, 25 * 3_600_000, i64::MAX] {
        assert_eq!(at(LastResponse::Unknown, now), RefundAction::Wait);
        assert_eq!(at(LastResponse::Accepted, now), RefundAction::Wait);
    }
    assert_eq!(at(LastResponse::Accepted, 0), RefundAction::Wait);
}

#[test]
fn a_refused_refund_missing_an_hour_later_was_never_made() {
    assert_eq!(
        after_inquiry(&sent(LastResponse::Refused), NOT_FOUND_MEANS_FAILED_AFTER),
        RefundAction::Wait
    );
    assert_eq!(
        after_inquiry(
            &sent(LastResponse::Refused),
            NOT_FOUND_MEANS_FAILED_AFTER + 1
        ),
        RefundAction::Failed
    );
}

/// F79, F80: the answer alone makes no refund done.
#[test]
fn no_answer_is_the_end_but_a_first_refusal() {
    for before in [false, true] {
        assert_eq!(
            after_request(&yes(), before),
            (LastResponse::Accepted, RefundAction::Wait)
        );
        let inconsistent = refused(404, 18);
        assert_eq!(
            after_request(&inconsistent, before),
            (LastResponse::Unknown, RefundAction::Wait)
        );
        for error in [
            Error::NotSent,
            Error::Throttled,
            Error::Credentials("client_secret_file"),
        ] {
            let said = if before {
                LastResponse::Unknown
            } else {
                LastResponse::NotSent
            };
            assert_eq!(
                after_request(&Err(error), before),
                (said, RefundAction::Wait)
            );
        }
        let conflict = Error::Conflict(ResponseCode::new(409, ServiceCode::Refund, 0));
        assert_eq!(
            after_request(&Err(conflict), before),
            (LastResponse::Unknown, RefundAction::Wait)
        );
        let unknown = Err(Error::Unknown("no answer"));
        assert_eq!(
            after_request(&unknown, before),
            (LastResponse::Unknown, RefundAction::Wait)
        );
    }
    for (http, case) in [
        (400, 2),
        (403, 2),
        (403, 14),
        (403, 15),
        (403, 23),
        (404, 1),
        (405, 1),
    ] {
        let answer = refused(http, case);
        assert_eq!(
            after_request(&answer, false),
            (LastResponse::Refused, RefundAction::Failed)
        );
        assert_eq!(
            after_request(&answer, true),
            (LastResponse::Refused, RefundAction::Wait)
        );
    }
}

/// F80, I-07: the history decides, by number and amount.
#[test]
fn only_an_entry_under_our_number_with_our_amount_is_an_end() {
    let end = |history: &[notify::Refund]| ending(&history.to_vec().into(), "R-1", TOTAL);
    assert_eq!(end(&[]), None);
    assert_eq!(end(&[entry("R-2", 50_000, "00")]), None);
    assert_eq!(end(&[entry("R-1", 50_000, "00")]), Some(State::Done));
    assert_eq!(end(&[entry("R-1", 50_000, "06")]), Some(State::Failed));
    let tried_twice = [entry("R-1", 50_000, "06"), entry("R-1", 50_000, "00")];
    assert_eq!(end(&tried_twice), Some(State::Done));
    let under_way = [entry("R-1", 50_000, "03")];
    assert_eq!(end(&under_way), None);
    let under_way = RefundHistory::from(under_way.to_vec());
    assert!(may_be_known(&under_way, "R-1") && !may_be_known(&under_way, "R-2"));
    assert_eq!(end(&[entry("R-1", 50_000, "03")]), None);
    assert_eq!(end(&[entry("R-1", 49_999, "00")]), None);
    let mut dollars = entry("R-1", 50_000, "00");
    dollars.refund_amount.as_mut().unwrap().currency = "USD".to_owned();
    assert_eq!(end(&[dollars]), None);
    let mut unnamed = entry("R-1", 50_000, "00");
    unnamed.refund_amount = None;
    assert_eq!(end(&[unnamed]), Some(State::Done));
}

#[test]
fn an_unreadable_history_is_never_an_empty_one() {
    let good = r#"{"refundNo":"1","partnerRefundNo":"R-1","refundStatus":"00",
        "refundAmount":{"value":"50000.0"}}"#;
    for (odd, is_partial) in [
        (r#"{"refundNo":"9","refundStatus":"03"}"#, false),
        (r#"{"refundNo":"9","refundStatus":"06"}"#, false),
        (r#"{"refundNo":"9","refundStatus":"00"}"#, true),
        (r#"{"refundNo":"9","refundStatus":"SUCCESS"}"#, true),
        (r#"{"refundNo":"9"}"#, true),
        (r#"{"refundNo":"9","refundStatus":{}}"#, true),
        ("null", true),
        (r#""9""#, true),
        ("[]", true),
    ] {
        let history: RefundHistory = serde_json::from_str(&format!("[{good},{odd}]")).unwrap();
        assert_eq!(ending(&history, "R-1", TOTAL), Some(State::Done), "{odd}");
        assert_eq!(history.is_partial, is_partial, "{odd}");
        assert_eq!(may_be_known(&history, "R-2"), is_partial, "{odd}");
    }
    for empty in ["null", "[]", "{}", r#""""#, r#"" ""#] {
        let history: RefundHistory = serde_json::from_str(empty).unwrap();
        assert!(history.is_empty(), "{empty}");
    }
    for unknown in ["7", "true", r#""none""#, "[null]", "[[]]"] {
        let history: RefundHistory = serde_json::from_str(unknown).unwrap();
        assert!(may_be_known(&history, "R-1"), "{unknown}");
    }
    let single: RefundHistory = serde_json::from_str(good).unwrap();
    assert_eq!(ending(&single, "R-1", TOTAL), Some(State::Done));
}

/// F81
#[test]
fn either_name_of_the_number_will_do() {
    let mut sample = entry("", 50_000, "00");
    sample.partner_refund_no = None;
    sample.partner_reference_no = Some("R-1".to_owned());
    let history = vec![sample].into();
    assert_eq!(ending(&history, "R-1", TOTAL), Some(State::Done));
}

#[test]
fn minutes_of_refused_inquiries_park_a_refund_that_was_not_sent() {
    let new = Progress {
        created_at: 0,
        sent: None,
    };
    assert_eq!(
        after_refused_inquiry(&new, REVIEW_AFTER),
        RefundAction::Wait
    );
    assert_eq!(
        after_refused_inquiry(&new, REVIEW_AFTER + 1),
        RefundAction::Park
    );
    let sent = sent(LastResponse::Accepted);
    for now in [0, REVIEW_AFTER + 1, GIVE_UP_AFTER] {
        assert_eq!(after_refused_inquiry(&sent, now), RefundAction::Wait);
    }
}

#[test]
fn the_pauses_grow_and_end_parked() {
    let (mut now, mut looks) = (0, 0);
    while let Retry::At(next) = next_poll(0, now) {
        assert!(next > now);
        (now, looks) = (next, looks + 1);
    }
    assert!(now > GIVE_UP_AFTER, "{now}");
    assert!(looks < 100, "{looks}");
    assert_eq!(next_poll(1_000_000, 0), Retry::At(MIN_PAUSE));
}

fn balance(paid: u64, refunded: u64, done: u64, reserved: u64) -> PaymentBalance {
    PaymentBalance {
        settled: SettledAmounts {
            paid: Rupiah::new(paid),
            refunded: Rupiah::new(refunded),
            in_full: paid == TOTAL.get(),
        },
        done: Rupiah::new(done),
        reserved: Rupiah::new(reserved),
    }
}

/// I-04
#[test]
fn all_but_the_price_of_the_order_is_surplus() {
    let due = |balances: &[PaymentBalance], unwanted: bool, reserved| {
        automatic_refund_due(TOTAL, balances, !unwanted, Rupiah::new(reserved)).get()
    };
    let (paid, unpaid, less) = (
        balance(50_000, 0, 0, 0),
        balance(0, 0, 0, 0),
        balance(49_999, 0, 0, 0),
    );
    assert_eq!(due(&[unpaid], false, 0), 0);
    assert_eq!(due(&[paid, unpaid, less], false, 0), 0);
    assert_eq!(due(&[paid, paid], false, 0), 50_000);
    assert_eq!(due(&[paid, paid, paid], false, 50_000), 50_000);
    assert_eq!(due(&[paid, paid], false, 50_000), 0);
    // Money that came too late goes back.
    assert_eq!(due(&[paid], true, 0), 50_000);
    assert_eq!(due(&[paid, paid], true, 50_000), 50_000);
    // F82: staff refunded it in the dashboard; our own refunds are for something else.
    assert_eq!(due(&[paid, balance(50_000, 50_000, 0, 0)], false, 0), 0);
    assert_eq!(
        due(&[paid, balance(50_000, 50_000, 50_000, 0)], false, 0),
        50_000
    );
}

#[test]
fn one_payment_stays_whole_where_it_can() {
    let (paid, touched) = (balance(50_000, 0, 0, 0), balance(50_000, 10_000, 10_000, 0));
    let amount = |rupiah: u64| Rupiah::new(rupiah);
    let all = Some(vec![(1, TOTAL)]);
    assert_eq!(allocate(TOTAL, &[paid, paid]), all);
    assert_eq!(allocate(TOTAL, &[touched, paid]), all);
    assert_eq!(allocate(TOTAL, &[paid, touched]), Some(vec![(0, TOTAL)]));
    assert_eq!(
        allocate(amount(90_000), &[paid, touched]),
        Some(vec![(1, amount(40_000)), (0, amount(50_000))])
    );
    assert_eq!(allocate(amount(90_001), &[paid, touched]), None);
    assert_eq!(allocate(Rupiah::ZERO, &[paid]), None);
}
