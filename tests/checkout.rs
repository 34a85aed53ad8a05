//! The checkout's transitions, each test a sentence.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod fixtures;

use contract::{
    IdempotencyKey, Order, OrderId, OrderStatus, PaymentWay, Reward, RewardKind, RewardStatus,
};
use fixtures::{DEEPLINK, ORDER, attempt, order, read, snapshot};
use mini_app::checkout::{
    Announcement, Attempt, Command, Event, Hint, Listing, OrderFlow, OrderSnapshot, OrderView,
    Origin, PendingAction, Sending, State, apply, reminder,
};
use mini_app::route::Route;
use mini_app::user_error::UserError;

fn unread(error: UserError) -> Event {
    Event::Read {
        id: ORDER.into(),
        answer: Err(error),
    }
}

fn hinted(launch: &str, hint: Hint) -> Event {
    Event::Hinted {
        launch: IdempotencyKey::from(launch),
        hint: Ok(hint),
    }
}

fn renewed(key: &str, answer: Result<OrderSnapshot, UserError>) -> Event {
    Event::Renewed {
        key: IdempotencyKey::from(key),
        answer,
    }
}

fn called_off(id: &str, answer: Result<OrderSnapshot, UserError>) -> Event {
    Event::Cancelled {
        id: id.into(),
        answer,
    }
}

fn browsing() -> State {
    State::Browsing { notice: None }
}

fn shown(status: OrderStatus) -> State {
    State::Ordered(Box::new(OrderFlow::opened(snapshot(status, 100))))
}

fn after(state: State, events: impl IntoIterator<Item = Event>) -> (State, Vec<Command>) {
    (events.into_iter()).fold((state, Vec::new()), |(state, _), event| apply(state, event))
}

/// An order that was just placed: GoPay is open for the first time.
fn launched() -> State {
    let placed = Event::Placed(Ok(snapshot(OrderStatus::AwaitingPayment, 100)));
    after(browsing(), [Event::PayTapped(attempt()), placed]).0
}

fn view(state: &State) -> OrderView {
    match state {
        State::Ordered(flow) => flow.view(),
        other => panic!("no order on the screen: {other:?}"),
    }
}

fn action(state: &State) -> &PendingAction {
    match state {
        State::Ordered(flow) => &flow.action,
        other => panic!("no order on the screen: {other:?}"),
    }
}

fn places(commands: &[Command]) -> usize {
    (commands.iter())
        .filter(|command| matches!(command, Command::Place { .. }))
        .count()
}

fn pause(commands: &[Command]) -> Option<u32> {
    commands.iter().find_map(|command| match command {
        Command::Read { after, .. } => Some(*after),
        _ => None,
    })
}

#[test]
fn a_second_tap_on_pay_sends_no_second_order() {
    let (state, first) = apply(browsing(), Event::PayTapped(attempt()));
    assert_eq!(places(&first), 1);
    let (state, second) = apply(
        state,
        Event::PayTapped(Attempt {
            key: IdempotencyKey::from("key-2"),
            ..attempt()
        }),
    );
    assert_eq!(second, []);
    assert!(matches!(state, State::Placing { attempt, .. } if attempt.key.as_str() == "key-1"));
}

#[test]
fn an_attempt_is_persisted_before_it_is_sent() {
    let (_, commands) = apply(browsing(), Event::PayTapped(attempt()));
    let remember = (commands.iter()).position(|it| *it == Command::PersistAttempt(attempt()));
    let place = (commands.iter()).position(|it| matches!(it, Command::Place { .. }));
    assert!(remember.unwrap() < place.unwrap());
}

#[test]
fn an_empty_cart_is_not_sent() {
    let mut empty = attempt();
    empty.order.lines.clear();
    assert_eq!(
        apply(browsing(), Event::PayTapped(empty)),
        (browsing(), vec![])
    );
}

#[test]
fn the_address_names_the_order_before_gopay_opens() {
    let placed = Event::Placed(Ok(snapshot(OrderStatus::AwaitingPayment, 100)));
    let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), placed]);
    let show = Command::Navigate(Route::Order(ORDER.into()));
    let launch = Command::Launch {
        way: PaymentWay::Deeplink(DEEPLINK.to_owned()),
        launch: attempt().key,
    };
    let at = |wanted: &Command| commands.iter().position(|it| it == wanted).unwrap();
    assert!(at(&show) < at(&launch));
    assert!(commands.contains(&Command::ClearAttempt));
    assert_eq!(view(&state), OrderView::Opening);
}

#[test]
fn an_unanswered_order_is_retried_once_and_then_by_the_buyer() {
    let no_answer = || Event::Placed(Err(UserError::TimedOut));
    let (state, _) = apply(browsing(), Event::PayTapped(attempt()));
    let (state, again) = apply(state, no_answer());
    assert_eq!(
        again,
        [Command::Place {
            attempt: attempt(),
            after: 1
        }]
    );
    let (state, given_up) = apply(state, no_answer());
    assert_eq!(places(&given_up), 0);
    assert!(!given_up.contains(&Command::ClearAttempt));
    assert!(matches!(state, State::Unconfirmed { .. }));
    let (_, retried) = apply(state, Event::RetryTapped);
    assert!(retried.contains(&Command::Place {
        attempt: attempt(),
        after: 0
    }));
}

#[test]
fn changed_prices_are_fetched_and_confirmed_by_the_buyer() {
    let changed = Event::Placed(Err(UserError::PricesChanged));
    let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), changed]);
    assert_eq!(commands, [Command::ClearAttempt, Command::Reprice]);
    let (state, commands) = apply(state, Event::Repriced(Ok(())));
    assert_eq!(places(&commands), 0);
    assert!(matches!(
        state,
        State::Browsing {
            notice: Some(UserError::PricesChanged)
        }
    ));
}

#[test]
fn a_sold_out_product_is_reported_with_the_new_prices() {
    let sold_out = Event::Placed(Err(UserError::SoldOut));
    let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), sold_out]);
    assert_eq!(commands, [Command::ClearAttempt, Command::Reprice]);
    let (state, commands) = apply(state, Event::Repriced(Ok(())));
    let told = Command::Announce(Announcement::Failed(UserError::SoldOut));
    assert_eq!(commands, [told]);
    let notice = Some(UserError::SoldOut);
    assert!(matches!(state, State::Browsing { notice: it } if it == notice));
}

#[test]
fn a_refused_promo_code_or_table_is_dropped_and_the_buyer_can_pay_without() {
    for (error, dropped) in [
        (UserError::PromoRefused, Command::ClearPromo),
        (UserError::PromoExpired, Command::ClearPromo),
        (UserError::NoTable, Command::ClearTable),
    ] {
        let refused = Event::Placed(Err(error));
        let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), refused]);
        assert!(commands.contains(&dropped) && commands.contains(&Command::ClearAttempt));
        let notice = Some(error);
        assert!(matches!(&state, State::Browsing { notice: it } if *it == notice));
        let (_, commands) = apply(state, Event::PayTapped(attempt()));
        assert_eq!(places(&commands), 1);
    }
    let (_, commands) = apply(browsing(), Event::PayTapped(attempt()));
    assert!(
        !commands.contains(&Command::ClearPromo),
        "it may be refused"
    );
}

#[test]
fn an_offline_phone_sends_no_order_and_says_why_until_it_is_online() {
    let shop = |notice| State::Browsing { notice };
    let (state, commands) = apply(shop(None), Event::PayBlocked(UserError::Offline));
    let told = Command::Announce(Announcement::Failed(UserError::Offline));
    assert_eq!(
        (&state, commands),
        (&shop(Some(UserError::Offline)), vec![told])
    );
    let (sent, commands) = apply(state.clone(), Event::PayTapped(attempt()));
    assert!(matches!(sent, State::Placing { .. }), "it may be wrong");
    assert_eq!(places(&commands), 1);
    let fresh = (shop(None), vec![Command::Refresh]);
    assert_eq!(apply(state, Event::Resumed), fresh);
}

#[test]
fn a_rejected_order_returns_to_the_cart() {
    let refused = Event::Placed(Err(UserError::Rejected));
    let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), refused]);
    assert!(commands.contains(&Command::ClearAttempt));
    assert!(matches!(state, State::Browsing { notice: Some(_) }));
}

#[test]
fn an_attempt_of_a_killed_app_is_finished_without_opening_gopay() {
    let started = Event::Started {
        route: Route::Shop,
        attempt: Some(attempt()),
    };
    let (state, commands) = apply(State::Starting, started);
    assert_eq!(places(&commands), 1);
    assert!(matches!(
        state,
        State::Placing {
            origin: Origin::Storage,
            sending: Sending::First,
            ..
        }
    ));
    let placed = Event::Placed(Ok(snapshot(OrderStatus::AwaitingPayment, 100)));
    let (state, commands) = apply(state, placed);
    assert!(
        !commands
            .iter()
            .any(|it| matches!(it, Command::Launch { .. }))
    );
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
}

#[test]
fn an_attempt_is_finished_for_its_own_buyer_and_not_a_day_later() {
    let minute = 60_000;
    assert!(attempt().is_worth_finishing(&"buyer".into(), 1_000_000 + minute));
    assert!(!attempt().is_worth_finishing(&"somebody else".into(), 1_000_000 + minute));
    assert!(!attempt().is_worth_finishing(&"buyer".into(), 1_000_000 + 24 * 60 * minute));
    assert!(!attempt().is_worth_finishing(&"buyer".into(), 0));
}

#[test]
fn success_from_the_container_is_not_paid() {
    let (state, commands) = apply(launched(), hinted("key-1", Hint::Underway));
    assert_eq!(view(&state), OrderView::Verifying);
    assert_eq!(pause(&commands), Some(0));
    let (state, _) = apply(state, read(OrderStatus::AwaitingPayment, 101));
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
}

#[test]
fn every_hint_leads_to_a_read() {
    for hint in [
        Ok(Hint::Underway),
        Ok(Hint::Unpaid),
        Err(UserError::GopayFailed),
    ] {
        let launch = attempt().key;
        let (_, commands) = apply(launched(), Event::Hinted { launch, hint });
        assert_eq!(pause(&commands), Some(0));
    }
}

#[test]
fn a_hint_of_an_earlier_launch_changes_nothing() {
    let (state, commands) = apply(launched(), hinted("key-0", Hint::Unpaid));
    assert_eq!((state, commands), (launched(), vec![]));
}

#[test]
fn a_paid_order_shows_paid_although_the_container_never_answers() {
    let (state, _) = apply(launched(), read(OrderStatus::Paid, 101));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
}

#[test]
fn an_unanswered_launch_can_be_repeated_after_a_while() {
    let waiting = || read(OrderStatus::AwaitingPayment, 101);
    let (state, _) = after(launched(), [waiting(), waiting(), waiting()]);
    assert_eq!(view(&state), OrderView::Opening);
    let (state, _) = apply(state, waiting());
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
    let again = Event::ContinueTapped(IdempotencyKey::from("key-2"));
    assert!(matches!(
        action(&apply(state, again).0),
        PendingAction::Renewing(_)
    ));
}

#[test]
fn a_buyer_back_from_gopay_sees_the_verifying_view() {
    let (state, commands) = apply(launched(), Event::Resumed);
    assert_eq!(view(&state), OrderView::Verifying);
    assert_eq!(pause(&commands), Some(0));
}

#[test]
fn a_cancelled_hint_does_not_hide_a_payment_that_came_in() {
    let events = [
        hinted("key-1", Hint::Unpaid),
        read(OrderStatus::AwaitingPayment, 101),
        read(OrderStatus::Paid, 102),
    ];
    assert_eq!(
        view(&after(launched(), events).0),
        OrderView::Result(OrderStatus::Paid)
    );
}

#[test]
fn only_a_refund_takes_paid_back() {
    for status in [
        OrderStatus::AwaitingPayment,
        OrderStatus::Checking,
        OrderStatus::Expired,
        OrderStatus::Cancelled,
        OrderStatus::Failed,
    ] {
        let (state, _) = apply(shown(OrderStatus::Paid), read(status, 200));
        assert_eq!(
            view(&state),
            OrderView::Result(OrderStatus::Paid),
            "{status:?}"
        );
    }
    let (state, _) = apply(shown(OrderStatus::Paid), read(OrderStatus::Refunded, 200));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Refunded));
}

#[test]
fn an_answer_older_than_the_last_one_is_dropped() {
    let (state, _) = apply(
        shown(OrderStatus::AwaitingPayment),
        read(OrderStatus::Failed, 99),
    );
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
}

#[test]
fn a_receipt_is_read_again_until_its_rewards_are_there() {
    let rewarded = |status| {
        let mut paid = snapshot(OrderStatus::Paid, 100);
        paid.order.rewards = vec![Reward {
            kind: RewardKind::Coins,
            amount: 2_500,
            status,
        }];
        Event::Read {
            id: ORDER.into(),
            answer: Ok(paid),
        }
    };
    let (mut state, mut reads) = (shown(OrderStatus::AwaitingPayment), 0);
    loop {
        let (next, commands) = apply(state, rewarded(RewardStatus::Pending));
        state = next;
        match commands[..] {
            [Command::Read { after, .. }] => assert!(after >= 2, "{after}"),
            _ => break,
        }
        reads += 1;
    }
    assert!((5..50).contains(&reads), "{reads}");
    let paid = shown(OrderStatus::AwaitingPayment);
    let (_, commands) = apply(paid, rewarded(RewardStatus::Given));
    assert_eq!(commands, [Command::StopReading]);
}

#[test]
fn a_late_payment_of_an_expired_order_counts() {
    let (state, commands) = apply(
        shown(OrderStatus::AwaitingPayment),
        read(OrderStatus::Expired, 101),
    );
    assert!(pause(&commands).is_some(), "it is still asked for");
    let (state, commands) = apply(state, read(OrderStatus::Paid, 102));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
    assert_eq!(commands, [Command::StopReading]);
}

#[test]
fn an_open_order_is_read_without_end_and_ever_more_slowly() {
    let mut state = shown(OrderStatus::AwaitingPayment);
    let mut pauses = Vec::new();
    for _ in 0..40 {
        let (next, commands) = apply(state, read(OrderStatus::AwaitingPayment, 101));
        pauses.push(pause(&commands).unwrap());
        state = next;
    }
    assert_eq!(pauses[..7], [1, 2, 3, 5, 8, 10, 10]);
    assert!(pauses.is_sorted());
    assert_eq!(pauses.last(), Some(&20));
}

#[test]
fn a_lost_connection_keeps_the_last_answer_and_the_reads() {
    let (state, commands) = apply(
        shown(OrderStatus::AwaitingPayment),
        unread(UserError::Offline),
    );
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
    assert!(pause(&commands).is_some());
    let State::Ordered(flow) = apply(state, read(OrderStatus::AwaitingPayment, 101)).0 else {
        panic!("the order stays");
    };
    assert_eq!(flow.read_error, None);
}

#[test]
fn a_check_reads_at_once_and_announces_the_answer() {
    let (state, commands) = apply(shown(OrderStatus::AwaitingPayment), Event::CheckTapped);
    assert_eq!(pause(&commands), Some(0));
    assert_eq!(action(&state), &PendingAction::Checking);
    let (state, commands) = apply(state, read(OrderStatus::AwaitingPayment, 101));
    assert_eq!(action(&state), &PendingAction::Idle);
    let heard = Announcement::Answered(OrderStatus::AwaitingPayment, None);
    assert!(commands.contains(&Command::Announce(heard)));
}

#[test]
fn an_unanswered_renewal_is_repeated_under_its_key() {
    let tap = |key: &str| Event::ContinueTapped(IdempotencyKey::from(key));
    let (state, first) = apply(shown(OrderStatus::Expired), tap("key-2"));
    let renew = Command::Renew {
        id: ORDER.into(),
        key: IdempotencyKey::from("key-2"),
        after: 0,
    };
    assert!(first.contains(&renew));
    let (state, twice) = apply(state, tap("key-3"));
    assert_eq!(twice, [], "one request at a time");
    let (state, _) = apply(state, renewed("key-2", Err(UserError::TimedOut)));
    let (state, again) = apply(state, tap("key-4"));
    assert!(again.contains(&renew));
    let answer = renewed("key-2", Ok(snapshot(OrderStatus::AwaitingPayment, 101)));
    let (_, commands) = apply(state, answer);
    assert!(
        commands
            .iter()
            .any(|it| matches!(it, Command::Launch { .. }))
    );
}

#[test]
fn a_settled_order_takes_no_further_payment() {
    for status in [
        OrderStatus::Paid,
        OrderStatus::PartiallyRefunded,
        OrderStatus::Refunded,
        OrderStatus::Review,
        OrderStatus::Cancelled,
    ] {
        let tap = Event::ContinueTapped(IdempotencyKey::from("key-2"));
        assert_eq!(apply(shown(status), tap), (shown(status), vec![]));
    }
}

#[test]
fn only_a_gopay_payment_is_launched() {
    let deeplink = |text: &str| PaymentWay::Deeplink(text.to_owned());
    let page = |text: &str| PaymentWay::WebPage(text.to_owned());
    let token = |text: &str| PaymentWay::SnapToken(text.to_owned());
    for way in [
        deeplink("https://example.com/merchanttransfer?tref=1"),
        deeplink("gopay://topup?amount=1"),
        deeplink("gopay://merchanttransferx?tref=1"),
        deeplink(""),
        page("http://example.com/pay"),
        page("javascript:alert(1)"),
        page("gopay://merchanttransfer?tref=1"),
        token(""),
        token("a b"),
        token("../../x"),
    ] {
        let mut wrong = snapshot(OrderStatus::AwaitingPayment, 100);
        wrong.order.payment.as_mut().unwrap().way = way.clone();
        let (state, commands) = after(
            browsing(),
            [Event::PayTapped(attempt()), Event::Placed(Ok(wrong))],
        );
        assert!(
            !commands
                .iter()
                .any(|it| matches!(it, Command::Launch { .. }))
        );
        assert!(
            matches!(action(&state), PendingAction::LaunchFailed(_)),
            "{way:?}"
        );
    }
}

#[test]
fn a_cancellation_waits_for_the_merchant_and_a_payment_overtakes_it() {
    let (state, commands) = apply(shown(OrderStatus::AwaitingPayment), Event::CancelTapped);
    let call_off = Command::Cancel { id: ORDER.into() };
    assert_eq!(commands, [call_off]);
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
    let (state, _) = apply(state, called_off(ORDER, Err(UserError::OrderClosed)));
    let (state, _) = apply(state, read(OrderStatus::Paid, 101));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
}

#[test]
fn a_cancelled_order_can_be_put_back_into_the_cart() {
    let (state, commands) = apply(shown(OrderStatus::Cancelled), Event::ReorderTapped);
    assert_eq!(commands[0], Command::FillCart(attempt().order.lines));
    assert_eq!(state, browsing());
}

#[test]
fn an_open_order_is_offered_again_in_the_shop() {
    let (state, commands) = apply(shown(OrderStatus::AwaitingPayment), Event::ShopTapped);
    assert!(commands.contains(&Command::StopReading));
    assert_eq!(state, browsing());
    let (state, _) = apply(state, Event::OrderTapped(ORDER.into()));
    assert!(matches!(state, State::LoadingOrder { id } if id.as_str() == ORDER));
}

#[test]
fn an_order_page_works_as_the_first_page() {
    let started = Event::Started {
        route: Route::Order(ORDER.into()),
        attempt: None,
    };
    let (looking, commands) = apply(State::Starting, started);
    assert_eq!(pause(&commands), Some(0));
    for (answer, missing) in [(UserError::NotFound, true), (UserError::Offline, false)] {
        let (state, _) = apply(looking.clone(), unread(answer));
        assert_eq!(state == State::NotFound, missing);
    }
    let (state, _) = apply(looking, read(OrderStatus::Paid, 101));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
}

#[test]
fn going_back_while_placing_does_not_lose_the_order() {
    let (state, _) = apply(browsing(), Event::PayTapped(attempt()));
    let (state, commands) = apply(state, Event::Opened(Route::Shop));
    assert_eq!(commands, []);
    assert!(matches!(state, State::Placing { .. }));
}

#[test]
fn an_answer_about_another_order_is_dropped() {
    let stranger = Event::Read {
        id: "order-2".into(),
        answer: Ok(snapshot(OrderStatus::Paid, 200)),
    };
    let state = shown(OrderStatus::AwaitingPayment);
    assert_eq!(apply(state.clone(), stranger), (state, vec![]));
}

#[test]
fn an_attempt_is_not_repeated_for_another_buyer() {
    let another = Event::Placed(Err(UserError::AnotherBuyer));
    let (state, commands) = after(browsing(), [Event::PayTapped(attempt()), another]);
    assert_eq!(
        state,
        State::Browsing {
            notice: Some(UserError::AnotherBuyer)
        }
    );
    assert!(commands.contains(&Command::ClearAttempt));
    assert!(
        !commands
            .iter()
            .any(|it| matches!(it, Command::Place { .. }))
    );
}

#[test]
fn an_order_that_is_not_found_is_no_longer_read() {
    let (state, commands) = apply(
        shown(OrderStatus::AwaitingPayment),
        unread(UserError::NotFound),
    );
    assert_eq!(state, State::NotFound);
    assert_eq!(commands, [Command::StopReading]);
}

fn renewing(key: &str) -> State {
    let tap = Event::ContinueTapped(IdempotencyKey::from(key));
    apply(shown(OrderStatus::Expired), tap).0
}

#[test]
fn the_answer_to_another_renewal_does_not_open_gopay() {
    let stale = renewed("key-2", Ok(snapshot(OrderStatus::AwaitingPayment, 101)));
    assert_eq!(apply(renewing("key-3"), stale), (renewing("key-3"), vec![]));
}

#[test]
fn the_answer_to_another_cancellation_changes_nothing() {
    let calling_off = || apply(shown(OrderStatus::AwaitingPayment), Event::CancelTapped).0;
    let stale = called_off("order-2", Err(UserError::OrderClosed));
    assert_eq!(apply(calling_off(), stale), (calling_off(), vec![]));
}

#[test]
fn going_back_during_a_renewal_does_not_lose_its_key() {
    for event in [
        Event::Opened(Route::Shop),
        Event::Opened(Route::Order("order-2".into())),
        Event::Opened(Route::NotFound),
        Event::ShopTapped,
        unread(UserError::NotFound),
        read(OrderStatus::Failed, 101),
    ] {
        let (state, _) = apply(renewing("key-2"), event);
        let key = IdempotencyKey::from("key-2");
        assert_eq!(action(&state), &PendingAction::Renewing(key));
    }
    let answer = renewed("key-2", Ok(snapshot(OrderStatus::AwaitingPayment, 101)));
    let (_, commands) = apply(renewing("key-2"), answer);
    let show = Command::Navigate(Route::Order(ORDER.into()));
    assert_eq!(commands[0], show, "the address may say something else");
}

#[test]
fn a_payment_that_arrives_meanwhile_ends_the_renewal() {
    let (state, _) = apply(renewing("key-2"), read(OrderStatus::Paid, 101));
    let answer = renewed("key-2", Err(UserError::OrderClosed));
    let (state, commands) = apply(state, answer);
    assert_eq!((action(&state), commands), (&PendingAction::Idle, vec![]));
}

#[test]
fn an_order_that_was_named_by_another_id_gets_its_own_address() {
    let named = || OrderId::from("A1-reference");
    let read = || Event::Read {
        id: named(),
        answer: Ok(snapshot(OrderStatus::Paid, 100)),
    };
    let shown = Command::ReplaceAddress(Route::Order(ORDER.into()));
    for state in [State::LoadingOrder { id: named() }, State::Starting] {
        let (state, commands) = apply(state, read());
        assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
        assert!(commands.contains(&shown), "{commands:?}");
    }
    let own = Event::Read {
        id: ORDER.into(),
        answer: Ok(snapshot(OrderStatus::Paid, 100)),
    };
    let (_, commands) = apply(State::LoadingOrder { id: ORDER.into() }, own);
    assert!(!commands.contains(&shown), "it is there already");
}

#[test]
fn an_order_opened_on_a_hidden_page_is_read_when_it_is_visible() {
    let looking = State::LoadingOrder { id: ORDER.into() };
    let (state, commands) = apply(looking.clone(), Event::Resumed);
    assert_eq!((state, pause(&commands)), (looking, Some(0)));
}

#[test]
fn only_the_buyer_gives_an_unconfirmed_order_up() {
    let no_answer = || Event::Placed(Err(UserError::TimedOut));
    let events = [Event::PayTapped(attempt()), no_answer(), no_answer()];
    let (unanswered, _) = after(browsing(), events);
    let back = apply(unanswered.clone(), Event::Opened(Route::Shop));
    assert_eq!(back, (unanswered.clone(), vec![]));
    let (state, commands) = apply(unanswered, Event::ChangeTapped);
    assert_eq!((state, commands), (browsing(), vec![]), "it stays kept");
}

#[test]
fn a_hint_after_the_merchants_answer_is_not_shown_on_a_receipt() {
    let (paid, _) = apply(launched(), read(OrderStatus::Paid, 101));
    let (state, _) = apply(
        paid,
        Event::Hinted {
            launch: attempt().key,
            hint: Err(UserError::GopayFailed),
        },
    );
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
    assert_eq!(action(&state), &PendingAction::Idle);
}

#[test]
fn a_cancelled_order_stays_cancelled_unless_it_is_paid() {
    for status in [
        OrderStatus::AwaitingPayment,
        OrderStatus::Checking,
        OrderStatus::Failed,
        OrderStatus::Expired,
    ] {
        let (state, _) = apply(shown(OrderStatus::Cancelled), read(status, 200));
        assert_eq!(view(&state), OrderView::Result(OrderStatus::Cancelled));
    }
    for status in [OrderStatus::Paid, OrderStatus::Review] {
        let (state, _) = apply(shown(OrderStatus::Cancelled), read(status, 200));
        assert_eq!(view(&state), OrderView::Result(status));
    }
}

#[test]
fn an_answer_that_holds_another_order_is_dropped() {
    let mut other = snapshot(OrderStatus::Paid, 200);
    other.order.id = "order-2".into();
    let answer = Event::Read {
        id: ORDER.into(),
        answer: Ok(other),
    };
    let (state, _) = apply(shown(OrderStatus::AwaitingPayment), answer);
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
}

fn listing(orders: Option<Vec<Order>>, error: Option<UserError>, asking: bool) -> State {
    State::Listing(Listing {
        orders,
        error,
        asking,
    })
}

const LIST: Command = Command::List { after: 0 };
const LIST_LATER: Command = Command::List { after: 20 };

#[test]
fn all_orders_can_be_opened_from_every_screen() {
    let show = Command::Navigate(Route::Orders);
    for state in [
        browsing(),
        State::NotFound,
        State::LoadingOrder { id: "".into() },
        shown(OrderStatus::Paid),
        launched(),
    ] {
        let asked = (listing(None, None, true), vec![LIST, show.clone()]);
        assert_eq!(apply(state, Event::OrdersTapped), asked);
    }
    let started = Event::Started {
        route: Route::Orders,
        attempt: Some(attempt()),
    };
    let asked = (listing(None, None, true), vec![LIST]);
    assert_eq!(apply(State::Starting, started), asked);
    let opened = Event::Opened(Route::Orders);
    assert_eq!(apply(shown(OrderStatus::Paid), opened), asked);
}

#[test]
fn an_order_being_placed_keeps_the_screen() {
    let (placing, _) = apply(browsing(), Event::PayTapped(attempt()));
    let no_answer = || Event::Placed(Err(UserError::TimedOut));
    let (unanswered, _) = after(placing.clone(), [no_answer(), no_answer()]);
    let continue_tapped = Event::ContinueTapped(IdempotencyKey::from("key-2"));
    let (renewing, _) = apply(shown(OrderStatus::Failed), continue_tapped);
    for state in [placing, unanswered, renewing] {
        assert_eq!(apply(state.clone(), Event::OrdersTapped), (state, vec![]));
    }
}

#[test]
fn the_list_is_read_again_while_an_order_in_it_is_open() {
    let listed = |status| Event::Listed(Ok(vec![order(status, 1)]));
    let open = listing(None, None, true);
    let (state, commands) = apply(open.clone(), listed(OrderStatus::Checking));
    assert_eq!(commands, [LIST_LATER]);
    let (state, commands) = apply(state, listed(OrderStatus::Paid));
    assert_eq!(commands, []);
    let paid = listing(Some(vec![order(OrderStatus::Paid, 1)]), None, false);
    assert_eq!(state, paid);
    assert_eq!(apply(state, Event::Resumed), (paid, vec![LIST]));
    assert_eq!(apply(open, Event::Listed(Ok(vec![]))).1, []);
}

#[test]
fn an_unanswered_list_stays_and_can_be_read_again() {
    let paid = || Some(vec![order(OrderStatus::Paid, 1)]);
    let offline = || Event::Listed(Err(UserError::Offline));
    let told = Command::Announce(Announcement::Failed(UserError::Offline));
    let (state, commands) = apply(listing(paid(), None, false), offline());
    let lost = listing(paid(), Some(UserError::Offline), false);
    assert_eq!((&state, commands), (&lost, vec![LIST_LATER, told.clone()]));
    let (state, commands) = apply(state, offline());
    assert_eq!((&state, commands), (&lost, vec![LIST_LATER]), "told once");
    let (state, commands) = apply(state, Event::RetryTapped);
    let asking = listing(paid(), Some(UserError::Offline), true);
    assert_eq!((&state, commands), (&asking, vec![LIST]));
    assert!(apply(state.clone(), offline()).1.contains(&told), "asked");
    let (state, _) = apply(state, Event::Listed(Ok(paid().unwrap())));
    assert_eq!(state, listing(paid(), None, false));
}

#[test]
fn another_buyers_orders_disappear_at_once() {
    let paid = Some(vec![order(OrderStatus::Paid, 1)]);
    let other = Event::Listed(Err(UserError::AnotherBuyer));
    let (state, _) = apply(listing(paid, None, false), other);
    assert_eq!(state, listing(None, Some(UserError::AnotherBuyer), false));
}

#[test]
fn an_order_in_the_list_opens_at_its_own_address() {
    let open = Some(vec![order(OrderStatus::AwaitingPayment, 1)]);
    let tapped = Event::OrderTapped(ORDER.into());
    let (state, commands) = apply(listing(open, None, false), tapped);
    let id = OrderId::from(ORDER);
    assert_eq!(state, State::LoadingOrder { id: id.clone() });
    let show = Command::Navigate(Route::Order(id.clone()));
    assert_eq!(commands, [Command::Read { id, after: 0 }, show]);
}

#[test]
fn the_shop_reminds_of_an_open_order_in_the_list() {
    let orders = vec![
        order(OrderStatus::Paid, 1),
        order(OrderStatus::AwaitingPayment, 1),
    ];
    let list = listing(Some(orders), None, false);
    let waiting = order(OrderStatus::AwaitingPayment, 1).open();
    assert_eq!(reminder(None, &list), waiting);
    let (state, commands) = apply(list, Event::ShopTapped);
    assert_eq!(state, browsing());
    assert_eq!(
        commands,
        [Command::Navigate(Route::Shop), Command::StopReading]
    );
}

#[test]
fn a_settled_order_is_read_again_after_a_failed_read() {
    let (state, _) = apply(shown(OrderStatus::Paid), Event::Resumed);
    let (state, commands) = apply(state, unread(UserError::Offline));
    assert_eq!(pause(&commands), Some(20));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
    let (_, commands) = apply(state, read(OrderStatus::Paid, 101));
    assert_eq!(pause(&commands), None);
}

#[test]
fn a_failed_check_is_announced() {
    let (state, _) = apply(shown(OrderStatus::AwaitingPayment), Event::CheckTapped);
    let (state, commands) = apply(state, unread(UserError::Offline));
    let told = Command::Announce(Announcement::Failed(UserError::Offline));
    assert!(commands.contains(&told));
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
}

#[test]
fn a_paid_order_is_shown_before_signing_in_is_done() {
    let (state, _) = apply(State::Starting, read(OrderStatus::Paid, 100));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
    let paid = vec![order(OrderStatus::Paid, 100)];
    let (state, _) = apply(State::Starting, Event::Listed(Ok(paid.clone())));
    assert_eq!(state, listing(Some(paid), None, false));
    for error in [
        UserError::Offline,
        UserError::SignInRefused,
        UserError::NotFound,
    ] {
        let unread = apply(State::Starting, unread(error));
        assert_eq!(unread, (State::Starting, vec![]), "signing in goes on");
    }
}

#[test]
fn an_order_read_early_disappears_when_another_buyer_signs_in() {
    let started = || Event::Started {
        route: Route::Order(ORDER.into()),
        attempt: None,
    };
    let looking = State::LoadingOrder { id: ORDER.into() };
    for early in [shown(OrderStatus::Paid), listing(None, None, false)] {
        let (state, commands) = apply(early, started());
        assert_eq!((&state, pause(&commands)), (&looking, Some(0)));
    }
}

#[test]
fn another_buyers_receipt_disappears_at_once() {
    let (state, commands) = apply(shown(OrderStatus::Paid), unread(UserError::AnotherBuyer));
    assert!(matches!(state, State::LoadingOrder { .. }));
    assert_eq!(pause(&commands), Some(0));
}

#[test]
fn a_reminder_stays_until_its_order_is_settled() {
    let open = order(OrderStatus::AwaitingPayment, 1).open();
    let kept = |state: State| reminder(open.clone(), &state);
    let id = || ORDER.to_owned();
    let lost = State::LoadFailed {
        id: id().into(),
        error: UserError::Offline,
    };
    for state in [browsing(), lost, State::LoadingOrder { id: id().into() }] {
        assert_eq!(kept(state), open);
    }
    assert_eq!(kept(shown(OrderStatus::Checking)), open);
    assert_eq!(kept(shown(OrderStatus::Paid)), None);
    assert_eq!(kept(listing(Some(vec![]), None, false)), None);
    let mut other = order(OrderStatus::Paid, 1);
    other.id = "order-2".into();
    let other = State::Ordered(Box::new(OrderFlow::opened(OrderSnapshot {
        order: other,
        received_at: 0,
    })));
    assert_eq!(kept(other), open, "another order says nothing of it");
}

#[test]
fn a_request_under_way_is_repeated_under_its_key_for_a_while() {
    let under_way = || Event::Placed(Err(UserError::UnderWay));
    let (mut state, _) = apply(browsing(), Event::PayTapped(attempt()));
    for after in [2, 3, 5, 10] {
        let (next, commands) = apply(state, under_way());
        let again = Command::Place {
            attempt: attempt(),
            after,
        };
        assert_eq!(commands, [again]);
        state = next;
    }
    let (state, _) = apply(state, under_way());
    assert!(matches!(state, State::Unconfirmed { .. }), "not for ever");

    let (mut state, _) = (renewing("key-2"), ());
    for pause in [2, 3, 5, 8].into_iter().chain([10; 12]) {
        let (next, commands) = apply(state, renewed("key-2", Err(UserError::UnderWay)));
        let again = Command::Renew {
            id: ORDER.into(),
            key: IdempotencyKey::from("key-2"),
            after: pause,
        };
        assert_eq!(commands, [again]);
        state = next;
    }
    let (state, _) = apply(state, renewed("key-2", Err(UserError::UnderWay)));
    assert!(
        matches!(action(&state), PendingAction::RenewalUnconfirmed(key, _) if key.as_str() == "key-2")
    );
}

#[test]
fn an_unconfirmed_order_is_repeated_when_the_page_resumes() {
    let no_answer = || Event::Placed(Err(UserError::TimedOut));
    let events = [Event::PayTapped(attempt()), no_answer(), no_answer()];
    let (unanswered, _) = after(browsing(), events);
    let (state, commands) = apply(unanswered, Event::Resumed);
    assert_eq!(places(&commands), 1);
    let placed = Event::Placed(Ok(snapshot(OrderStatus::AwaitingPayment, 100)));
    let (state, commands) = apply(state, placed);
    assert_eq!(
        view(&state),
        OrderView::Result(OrderStatus::AwaitingPayment)
    );
    let launches = |it: &Command| matches!(it, Command::Launch { .. });
    assert!(
        !commands.iter().any(launches),
        "GoPay is not opened unasked"
    );
}

#[test]
fn a_payment_that_gopay_refuses_again_is_reported_at_each_tap() {
    let told = Command::Announce(Announcement::Failed(UserError::PaymentRefused));
    for status in [OrderStatus::Failed, OrderStatus::Expired] {
        let mut state = shown(status);
        for key in ["key-2", "key-3"] {
            let tapped = Event::ContinueTapped(IdempotencyKey::from(key));
            let (next, commands) = after(state, [tapped, renewed(key, Ok(snapshot(status, 101)))]);
            assert_eq!(
                action(&next),
                &PendingAction::RenewalRefused(UserError::PaymentRefused)
            );
            assert!(commands.contains(&told));
            state = next;
        }
    }
}

#[test]
fn a_payment_without_a_link_is_verified_and_not_continued() {
    let mut over = order(OrderStatus::AwaitingPayment, 101);
    over.payment = None;
    let over = || OrderSnapshot {
        order: over.clone(),
        received_at: 0,
    };
    let tapped = || Event::ContinueTapped(IdempotencyKey::from("key-2"));
    let (state, commands) = after(
        shown(OrderStatus::AwaitingPayment),
        [tapped(), renewed("key-2", Ok(over()))],
    );
    assert_eq!(view(&state), OrderView::TimeUp);
    assert!(pause(&commands).is_some(), "it is asked for");
    assert_eq!(apply(state.clone(), tapped()), (state.clone(), vec![]));
    let (state, _) = apply(state, read(OrderStatus::Paid, 102));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
}

#[test]
fn an_order_that_stays_open_after_a_cancellation_is_reported() {
    let open = snapshot(OrderStatus::AwaitingPayment, 101);
    let (state, commands) = after(
        shown(OrderStatus::AwaitingPayment),
        [Event::CancelTapped, called_off(ORDER, Ok(open))],
    );
    assert_eq!(
        action(&state),
        &PendingAction::CancelFailed(UserError::GopayDown)
    );
    let told = Command::Announce(Announcement::Failed(UserError::GopayDown));
    assert!(commands.contains(&told));
}

#[test]
fn a_failed_launch_and_a_lost_connection_are_announced_once() {
    let failed = Event::Hinted {
        launch: attempt().key,
        hint: Err(UserError::GopayFailed),
    };
    let told = |error| Command::Announce(Announcement::Failed(error));
    let (state, commands) = apply(launched(), failed);
    assert!(commands.contains(&told(UserError::GopayFailed)));
    let (state, commands) = apply(state, unread(UserError::Offline));
    assert!(commands.contains(&told(UserError::Offline)));
    let (_, commands) = apply(state, unread(UserError::Offline));
    assert!(!commands.contains(&told(UserError::Offline)), "once");
}

#[test]
fn an_unknown_status_is_shown_and_takes_no_receipt_back() {
    let (state, commands) = apply(State::Starting, read(OrderStatus::Other, 100));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Other));
    assert_eq!(pause(&commands), Some(20));
    let (state, _) = apply(state, read(OrderStatus::Paid, 101));
    let (state, _) = apply(state, read(OrderStatus::Other, 102));
    assert_eq!(view(&state), OrderView::Result(OrderStatus::Paid));
}

#[test]
fn a_failed_repricing_keeps_its_reason_and_is_repeated() {
    let sold_out = Event::Placed(Err(UserError::SoldOut));
    let (state, _) = after(browsing(), [Event::PayTapped(attempt()), sold_out]);
    let (state, commands) = apply(state, Event::Repriced(Err(UserError::TimedOut)));
    let notice = Some(UserError::SoldOut);
    assert_eq!(state, State::Browsing { notice });
    assert!(commands.contains(&Command::Refresh));
}

#[test]
fn replaced_attempts_are_cancelled_oldest_first() {
    let named = |key: &str, replaces: Option<Attempt>| Attempt {
        key: IdempotencyKey::from(key),
        replaces: replaces.map(Box::new),
        ..attempt()
    };
    let third = named("c", Some(named("b", Some(named("a", None)))));
    let keys: Vec<_> = (third.replaced().iter())
        .map(|it| it.key.as_str())
        .collect();
    assert_eq!(keys, ["a", "b"]);
}
