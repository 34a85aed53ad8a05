//! The tables, row by row.

use super::*;
use crate::domain::{
    automatic_refund::automatic_refund_due, payment_balance::*, payment_event::PaymentAmounts,
};
use gopay_protocol::{Amount, ResponseCode, ServiceCode};

const TOTAL: Rupiah = Rupiah::new(50_000);
const START: Timestamp = Timestamp::EPOCH;
const MS: Duration = Duration::from_millis(1);

fn entry(number: &str, rupiah: u64, status: &str) -> notify::Refund {
    notify::Refund {
        refund_no: Some("1".into()),
        refund_status: Some(status.to_owned()),
        refund_amount: Some(Amount::idr(rupiah)),
        partner_refund_no: Some(number.into()),
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

fn sent(said: LastResponse) -> RefundProgress {
    RefundProgress {
        created_at: START,
        sent: Some(RefundSubmission {
            first_at: START,
            last_at: START,
            last_response: said,
        }),
    }
}

/// F75: what was never sent, or certainly never arrived, is sent whenever that is.
#[test]
fn a_refund_without_a_request_is_sent() {
    let new = RefundProgress {
        created_at: START,
        sent: None,
    };
    for passed in [Duration::ZERO, IDEMPOTENCY_WINDOW, Duration::MAX] {
        assert_eq!(after_inquiry(&new, START + passed), RefundAction::Send);
    }
}

/// F75, F76: the identical request within the window, and never after it.
#[test]
fn a_refund_missing_in_the_history_is_sent_again_for_a_day() {
    let after = |said, passed| after_inquiry(&sent(said), START + passed);
    assert_eq!(
        after(LastResponse::Unknown, Duration::ZERO),
        RefundAction::Send
    );
    assert_eq!(
        after(LastResponse::Unknown, IDEMPOTENCY_WINDOW - MS),
        RefundAction::Send
    );
    for passed in [IDEMPOTENCY_WINDOW, Duration::from_hours(25), Duration::MAX] {
        assert_eq!(after(LastResponse::Unknown, passed), RefundAction::Wait);
        assert_eq!(after(LastResponse::Accepted, passed), RefundAction::Wait);
    }
    assert_eq!(
        after(LastResponse::Accepted, Duration::ZERO),
        RefundAction::Wait
    );
}

#[test]
fn a_refused_refund_missing_an_hour_later_was_never_made() {
    let refused = sent(LastResponse::Refused);
    let now = START + NOT_FOUND_MEANS_FAILED_AFTER;
    assert_eq!(after_inquiry(&refused, now), RefundAction::Wait);
    assert_eq!(after_inquiry(&refused, now + MS), RefundAction::Failed);
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
        for error in Error::NOTHING_DONE {
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
    let end = |history: &[notify::Refund]| ending(&history.to_vec().into(), &"R-1".into(), TOTAL);
    assert_eq!(end(&[]), None);
    assert_eq!(end(&[entry("R-2", 50_000, "00")]), None);
    assert_eq!(end(&[entry("R-1", 50_000, "00")]), Some(RefundState::Done));
    assert_eq!(
        end(&[entry("R-1", 50_000, "06")]),
        Some(RefundState::Failed)
    );
    let tried_twice = [entry("R-1", 50_000, "06"), entry("R-1", 50_000, "00")];
    assert_eq!(end(&tried_twice), Some(RefundState::Done));
    let under_way = [entry("R-1", 50_000, "03")];
    assert_eq!(end(&under_way), None);
    let under_way = RefundHistory::from(under_way.to_vec());
    assert!(may_be_known(&under_way, &"R-1".into()) && !may_be_known(&under_way, &"R-2".into()));
    assert_eq!(end(&[entry("R-1", 50_000, "03")]), None);
    assert_eq!(end(&[entry("R-1", 49_999, "00")]), None);
    let mut dollars = entry("R-1", 50_000, "00");
    dollars.refund_amount.as_mut().unwrap().currency = "USD".to_owned();
    assert_eq!(end(&[dollars]), None);
    let mut unnamed = entry("R-1", 50_000, "00");
    unnamed.refund_amount = None;
    assert_eq!(end(&[unnamed]), Some(RefundState::Done));
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
        assert_eq!(
            ending(&history, &"R-1".into(), TOTAL),
            Some(RefundState::Done),
            "{odd}"
        );
        assert_eq!(history.is_partial, is_partial, "{odd}");
        assert_eq!(may_be_known(&history, &"R-2".into()), is_partial, "{odd}");
    }
    for empty in ["null", "[]", "{}", r#""""#, r#"" ""#] {
        let history: RefundHistory = serde_json::from_str(empty).unwrap();
        assert!(history.is_empty(), "{empty}");
    }
    for unknown in ["7", "true", r#""none""#, "[null]", "[[]]"] {
        let history: RefundHistory = serde_json::from_str(unknown).unwrap();
        assert!(may_be_known(&history, &"R-1".into()), "{unknown}");
    }
    let single: RefundHistory = serde_json::from_str(good).unwrap();
    assert_eq!(
        ending(&single, &"R-1".into(), TOTAL),
        Some(RefundState::Done)
    );
}

/// F81
#[test]
fn either_name_of_the_number_will_do() {
    let mut sample = entry("", 50_000, "00");
    sample.partner_refund_no = None;
    sample.partner_reference_no = Some("R-1".into());
    let history = vec![sample].into();
    assert_eq!(
        ending(&history, &"R-1".into(), TOTAL),
        Some(RefundState::Done)
    );
}

#[test]
fn minutes_of_refused_inquiries_end_a_refund_that_was_not_sent() {
    let new = RefundProgress {
        created_at: START,
        sent: None,
    };
    let now = START + REVIEW_AFTER;
    assert_eq!(after_refused_inquiry(&new, now), RefundAction::Wait);
    assert_eq!(
        after_refused_inquiry(&new, now + MS),
        RefundAction::DeadLetter
    );
    let sent = sent(LastResponse::Accepted);
    for now in [START, now + MS, START + GIVE_UP_AFTER] {
        assert_eq!(after_refused_inquiry(&sent, now), RefundAction::Wait);
    }
}

#[test]
fn the_pauses_grow_and_end_in_a_dead_letter() {
    let (mut now, mut polls) = (START, 0);
    while let NextTry::At(next) = next_poll(START, now) {
        assert!(next > now);
        (now, polls) = (next, polls + 1);
    }
    assert!(now > START + GIVE_UP_AFTER, "{now:?}");
    assert!(polls < 100, "{polls}");
    let ahead = START + Duration::from_secs(1_000);
    assert_eq!(next_poll(ahead, START), NextTry::At(START + MIN_PAUSE));
}

fn balance(paid: u64, refunded: u64, done: u64, reserved: u64) -> PaymentBalance {
    PaymentBalance {
        amounts: PaymentAmounts {
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
