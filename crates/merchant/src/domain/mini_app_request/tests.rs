use super::*;
use crate::domain::{
    attempt::Attempt,
    operator_policy::Confirmation,
    payment_event::{EventSource, PaymentEvent, ReceivedEvent},
};
use contract::Rupiah;
use gopay_protocol::message::rewards::{Description, RewardType};
use proptest::prelude::*;

const TOTAL: u64 = 50_000;
const NOON: Timestamp = Timestamp::from_millis(1_795_323_600_000);

/// An order of which so much went back.
fn order(status: OrderStatus, back: u64) -> StoredOrder {
    let received = |event| ReceivedEvent {
        source: EventSource::Inquiry,
        event,
        received_at: NOON,
    };
    let mut events = vec![received(PaymentEvent::Paid(Rupiah::new(TOTAL)))];
    if back > 0 {
        events.push(received(PaymentEvent::Refunded(Rupiah::new(back))));
    }
    StoredOrder {
        id: "0123456789abcdef".into(),
        customer_id: "c".into(),
        mini_app: "kedai".into(),
        lines: Vec::new(),
        discount: None,
        table: None,
        total: Rupiah::new(TOTAL),
        created_at: NOON,
        status,
        confirmation: Confirmation::NotNeeded,
        pickup_code: None,
        rewards: Vec::new(),
        attempts: vec![Attempt {
            external_id: "x".into(),
            number: 1,
            idempotency_key: "".into(),
            request: String::new(),
            created_at: NOON,
            valid_until: NOON,
            reference_no: None,
            way: None,
            events,
        }],
    }
}

fn refunded_by(back: u64) -> StoredOrder {
    let status = match back {
        0 => OrderStatus::Paid,
        TOTAL => OrderStatus::Refunded,
        _ => OrderStatus::PartiallyRefunded,
    };
    order(status, back)
}

fn request(kind: RequestKind) -> StoredMiniAppRequest {
    let body = rewards::Request {
        amount: RewardAmount::new(NonZeroU64::new(5_000).unwrap()),
        description: Description::new("order").unwrap(),
        reward_type: RewardType::GopayCoins,
        metadata: Default::default(),
    };
    StoredMiniAppRequest {
        id: "r".into(),
        order_id: "0123456789abcdef".into(),
        kind,
        full_amount: kind.reward().map(|_| 5_000),
        amount: None,
        request: serde_json::to_string(&body).unwrap(),
        created_at: NOON,
        state: RequestState::Pending,
        first_sent_at: None,
        tries: 0,
        token_refusals: 0,
        gopay_id: None,
        answer: None,
        try_at: NOON,
    }
}

fn circumstances(order: &StoredOrder) -> Circumstances<'_> {
    Circumstances {
        order,
        is_refund_open: false,
        overpaid: 0,
    }
}

/// `Some(amount)` where it is sent.
fn ready(kind: RequestKind, status: OrderStatus, back: u64) -> Readiness {
    readiness(&request(kind), circumstances(&order(status, back)), NOON).unwrap()
}

#[test]
fn readiness_follows_the_order() {
    use OrderStatus as O;
    use RequestKind as K;
    let send = |readiness| matches!(readiness, Readiness::Send { .. });
    for (kind, sent, waiting) in [
        (K::Coins, vec![O::Paid], vec![O::Review]),
        (K::Emoney, vec![O::Paid], vec![O::Review]),
        (K::Gems, vec![O::Paid], vec![O::Review]),
        (K::Push, vec![O::Paid], vec![O::Review]),
        (K::Reminder, vec![O::AwaitingPayment], vec![O::Checking]),
        (K::ReminderRemoval, O::ALL.to_vec(), Vec::new()),
        (K::GemsCollection, O::ALL.to_vec(), Vec::new()),
    ] {
        for status in O::ALL {
            // Of its part, see below.
            if kind.reward().is_some() && status == O::PartiallyRefunded {
                continue;
            }
            let readiness = ready(kind, status, 0);
            let name = format!("{kind:?} {status:?}");
            assert_eq!(send(readiness.clone()), sent.contains(&status), "{name}");
            let waits = readiness == Readiness::Wait;
            assert_eq!(waits, waiting.contains(&status), "{name}");
        }
    }
}

#[test]
fn a_reward_is_as_large_as_what_was_kept() {
    for (back, amount) in [(0, 5_000), (1, 4_999), (20_000, 3_000), (49_999, 0)] {
        let sent = match ready(RequestKind::Coins, refunded_by(back).status, back) {
            Readiness::Send { amount, request } => {
                let body: rewards::Request = serde_json::from_str(&request).unwrap();
                assert_eq!(Some(body.amount.value()), amount);
                amount.unwrap()
            }
            _ => 0,
        };
        assert_eq!(sent, amount, "{back} went back");
    }
}

#[test]
fn a_reward_waits_for_the_end_of_a_refund() {
    let order = order(OrderStatus::Paid, 0);
    let circumstances = Circumstances {
        is_refund_open: true,
        ..circumstances(&order)
    };
    let coins = request(RequestKind::Coins);
    let readiness = readiness(&coins, circumstances, NOON);
    assert_eq!(readiness, Some(Readiness::Wait));
}

#[test]
fn what_was_sent_before_is_sent_unchanged() {
    for kind in [RequestKind::Coins, RequestKind::Push, RequestKind::Reminder] {
        let sent = StoredMiniAppRequest {
            amount: Some(5_000),
            first_sent_at: Some(NOON),
            ..request(kind)
        };
        for status in OrderStatus::ALL {
            let order = order(status, TOTAL);
            let circumstances = Circumstances {
                is_refund_open: true,
                overpaid: 1,
                order: &order,
            };
            let same = Readiness::Send {
                amount: sent.amount,
                request: sent.request.clone(),
            };
            let late = NOON + Duration::from_hours(23);
            assert_eq!(readiness(&sent, circumstances, late), Some(same));
            // GoPay may have forgotten its id.
            let too_late = NOON + Duration::from_hours(24);
            let readiness = readiness(&sent, circumstances, too_late);
            assert_eq!(readiness, Some(Readiness::TooOld));
        }
    }
}

#[test]
fn a_push_is_not_sent_after_an_hour() {
    let order = order(OrderStatus::Paid, 0);
    let push = request(RequestKind::Push);
    let at = |minutes| {
        let now = NOON + Duration::from_mins(minutes);
        readiness(&push, circumstances(&order), now).unwrap()
    };
    assert!(matches!(at(60), Readiness::Send { .. }));
    assert!(matches!(at(61), Readiness::NotNeeded(_)));
}

#[test]
fn what_follows_from_an_answer() {
    use MiniAppErrorCode as Code;
    use RequestState as S;
    let coins = request(RequestKind::Coins);
    let removal = request(RequestKind::ReminderRemoval);
    let refused = |code: &str| MiniAppResult::Refused(Some(Code::from_code(code)));
    let inactive = MiniAppResult::TokenInactive(None);
    let asked_again = StoredMiniAppRequest {
        token_refusals: 1,
        ..coins.clone()
    };
    for (request, result, next) in [
        (
            &coins,
            MiniAppResult::Accepted(None),
            NextStep::End(S::Accepted),
        ),
        (&coins, refused("4060"), NextStep::End(S::Refused)),
        (&coins, refused("105"), NextStep::End(S::Refused)),
        (&coins, refused("40006"), NextStep::End(S::DeadLetter)),
        (&coins, refused("305"), NextStep::End(S::DeadLetter)),
        (
            &coins,
            MiniAppResult::Refused(None),
            NextStep::End(S::DeadLetter),
        ),
        (
            &removal,
            MiniAppResult::Refused(None),
            NextStep::End(S::Accepted),
        ),
        (&coins, inactive.clone(), NextStep::AwaitSignIn),
        (&asked_again, inactive, NextStep::End(S::DeadLetter)),
        (&removal, refused("310"), NextStep::End(S::DeadLetter)),
    ] {
        assert_eq!(next_step(request, &result, NOON, 0), next, "{result:?}");
    }
}

/// I-47: GoPay may not know the id any more, and would give the reward a second time.
#[test]
fn a_request_is_not_repeated_once_gopay_may_have_forgotten_its_id() {
    let failed = MiniAppResult::Failed {
        error: Error::Unknown("GoPay failed"),
        code: None,
    };
    for jitter in [0, u8::MAX] {
        let mut sent = StoredMiniAppRequest {
            first_sent_at: Some(NOON),
            ..request(RequestKind::Coins)
        };
        let mut now = NOON;
        loop {
            sent.tries += 1;
            match next_step(&sent, &failed, now, jitter) {
                NextStep::TryAt(at) => now = at,
                next => {
                    assert_eq!(next, NextStep::End(RequestState::DeadLetter));
                    break;
                }
            }
        }
        assert!(now.since(NOON) <= IDEMPOTENCY_WINDOW, "{jitter}");
        assert!(now.since(NOON) > Duration::from_hours(4), "{jitter}");
    }
}

#[test]
fn every_code_leads_staff_or_the_buyer_somewhere() {
    let codes = [
        "105", "110", "159", "303", "305", "310", "900", "902", "2903", "4060", "5003", "19007",
        "40001", "40003", "40006", "43001", "400001", "400002", "400004", "77",
    ];
    for code in codes {
        let code = MiniAppErrorCode::from_code(code);
        for kind in [RequestKind::Coins, RequestKind::Push] {
            assert!(hint(kind, Some(&code)).is_some(), "{code}");
        }
    }
    let wallet = hint(
        RequestKind::Coins,
        Some(&MiniAppErrorCode::GenericServiceError),
    );
    assert!(wallet.unwrap().contains("wallet"));
    assert_eq!(hint(RequestKind::Coins, None), None);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever goes back and whenever, no more is withheld of later rewards than was given too much:
    /// in all, a buyer never has less than they are entitled to.
    #[test]
    fn what_was_given_too_much_is_made_up_by_the_next_rewards(
        orders in proptest::collection::vec((1..=100_000_u64, 0..=TOTAL, any::<bool>()), 1..8)
    ) {
        let mut given: Vec<(u64, u64)> = Vec::new();
        for (full, back, before) in orders {
            let now = refunded_by(if before { back } else { 0 });
            let coins = StoredMiniAppRequest {
                full_amount: Some(full),
                ..request(RequestKind::Coins)
            };
            let too_much = overpaid(given.iter().copied());
            let circumstances = Circumstances { overpaid: too_much, ..circumstances(&now) };
            let sent = match readiness(&coins, circumstances, NOON).unwrap() {
                Readiness::Send { amount, .. } => amount.unwrap(),
                Readiness::NotNeeded(_) => 0,
                Readiness::Wait | Readiness::TooOld => unreachable!(),
            };
            prop_assert!(sent <= entitled(full, &now));
            prop_assert_eq!(sent, entitled(full, &now).saturating_sub(too_much));
            given.push((sent, entitled(full, &refunded_by(back))));
            let sent_in_all: u64 = given.iter().map(|(sent, _)| sent).sum();
            let entitled_to: u64 = given.iter().map(|(_, right)| right).sum();
            prop_assert!(sent_in_all >= entitled_to, "{given:?}");
        }
    }

    #[test]
    fn a_part_of_a_reward_is_no_more_than_the_whole(full in 0..=u64::MAX, back in 0..=TOTAL) {
        let kept = entitled(full, &refunded_by(back));
        prop_assert!(kept <= full);
        prop_assert_eq!(kept == full, back == 0 || full == 0);
    }
}
