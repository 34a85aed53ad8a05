//! The analytics events, each test a sentence.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod fixtures;

use contract::{IdempotencyKey, OrderStatus};
use fixtures::{ORDER, attempt, read, snapshot};
use mini_app::analytics::{AnalyticsEvent, Event, Launched, Page, Unpaid, events_of};
use mini_app::checkout::{Event as CheckoutEvent, Hint, State, apply};
use mini_app::route::Route;
use mini_app::user_error::UserError;

/// A phone: the checkout, and what its storage keeps.
struct Phone {
    state: State,
    launched: Launched,
    events: Vec<Event>,
}

impl Phone {
    /// Opens the app, at an order or at the shop.
    fn open(order: Option<&str>, kept: &str) -> Self {
        let mut phone = Self {
            state: State::Starting,
            launched: Launched::parse(kept),
            events: Vec::new(),
        };
        phone.send(CheckoutEvent::Started {
            route: order.map_or(Route::Shop, |id| Route::Order(id.into())),
            attempt: None,
        });
        phone
    }

    fn send(&mut self, event: CheckoutEvent) {
        let before = self.state.clone();
        (self.state, _) = apply(before.clone(), event);
        if self.state != before {
            let events = events_of(&mut self.launched, &before, &self.state);
            self.events.extend(events);
        }
    }

    fn read(&mut self, status: OrderStatus, as_of: i64) {
        self.send(read(status, as_of));
    }

    /// Pays up to the launch of GoPay.
    fn pay(&mut self) {
        self.send(CheckoutEvent::PayTapped(attempt()));
        self.send(CheckoutEvent::Placed(Ok(snapshot(
            OrderStatus::AwaitingPayment,
            1,
        ))));
    }

    fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }
}

#[test]
fn a_purchase_sends_three_events() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.read(OrderStatus::Paid, 2);
    assert_eq!(
        phone.take_events(),
        [
            Event::ShopViewed,
            Event::PayClicked(Page::Shop),
            Event::PaymentCompleted
        ]
    );
}

#[test]
fn only_the_merchants_word_completes_a_payment() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.take_events();
    phone.send(CheckoutEvent::Hinted {
        launch: attempt().key,
        hint: Ok(Hint::Underway),
    });
    phone.read(OrderStatus::AwaitingPayment, 2);
    assert_eq!(
        phone.take_events(),
        [],
        "the container's word counts for nothing"
    );
    phone.read(OrderStatus::Paid, 3);
    assert_eq!(phone.take_events(), [Event::PaymentCompleted]);
}

#[test]
fn a_payment_counts_once_however_often_its_receipt_is_opened() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.read(OrderStatus::Paid, 2);
    phone.take_events();
    for as_of in 3..6 {
        phone.send(CheckoutEvent::Resumed);
        phone.read(OrderStatus::Paid, as_of);
    }
    assert_eq!(phone.take_events(), []);
    let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
    reopened.read(OrderStatus::Paid, 7);
    assert_eq!(reopened.take_events(), []);
}

#[test]
fn a_payment_during_a_kill_is_counted_by_the_next_run() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
    reopened.read(OrderStatus::Paid, 9);
    assert_eq!(reopened.take_events(), [Event::PaymentCompleted]);
}

#[test]
fn two_pages_with_the_same_order_count_its_payment_once() {
    let mut first = Phone::open(None, "");
    first.pay();
    let mut second = Phone::open(Some(ORDER), &first.launched.to_text());
    second.read(OrderStatus::Paid, 2);
    assert_eq!(second.take_events(), [Event::PaymentCompleted]);
    // As `track` does before each transition.
    first.launched = Launched::parse(&second.launched.to_text());
    first.take_events();
    // A late answer, while GoPay is still open on this page.
    first.read(OrderStatus::AwaitingPayment, 2);
    first.read(OrderStatus::Paid, 3);
    assert_eq!(first.take_events(), []);
}

#[test]
fn a_receipt_of_another_phone_is_no_payment_of_this_one() {
    let mut phone = Phone::open(Some(ORDER), "another-order");
    phone.read(OrderStatus::Paid, 1);
    assert_eq!(phone.take_events(), []);
}

#[test]
fn a_failed_payment_counts_once_with_its_reason() {
    for (status, unpaid) in [
        (OrderStatus::Cancelled, Unpaid::Cancelled),
        (OrderStatus::Failed, Unpaid::Failed),
        (OrderStatus::Expired, Unpaid::Expired),
    ] {
        let mut phone = Phone::open(None, "");
        phone.pay();
        phone.take_events();
        phone.read(status, 2);
        phone.read(status, 3);
        assert_eq!(phone.take_events(), [Event::PaymentNotCompleted(unpaid)]);
        let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
        reopened.read(status, 4);
        assert_eq!(reopened.take_events(), []);
        reopened.read(OrderStatus::Paid, 5);
        assert_eq!(
            reopened.take_events(),
            [Event::PaymentCompleted],
            "after all"
        );
    }
}

#[test]
fn a_renewal_counts_as_a_click_on_the_order_page() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.read(OrderStatus::Failed, 2);
    phone.take_events();
    phone.send(CheckoutEvent::ContinueTapped(IdempotencyKey::from(
        "key-2".to_owned(),
    )));
    phone.send(CheckoutEvent::Renewed {
        key: IdempotencyKey::from("key-2"),
        answer: Ok(snapshot(OrderStatus::AwaitingPayment, 3)),
    });
    phone.read(OrderStatus::Failed, 4);
    assert_eq!(
        phone.take_events(),
        [
            Event::PayClicked(Page::Order),
            Event::PaymentNotCompleted(Unpaid::Failed)
        ]
    );
}

#[test]
fn an_error_counts_when_it_appears_and_not_while_it_stays() {
    let mut phone = Phone::open(None, "");
    phone.send(CheckoutEvent::PayTapped(attempt()));
    phone.take_events();
    let lost = || CheckoutEvent::Placed(Err(UserError::TimedOut));
    phone.send(lost());
    assert_eq!(phone.take_events(), [], "the second try is silent");
    phone.send(lost());
    assert_eq!(
        phone.take_events(),
        [Event::ErrorShown(UserError::TimedOut)]
    );

    phone.send(CheckoutEvent::RetryTapped);
    assert_eq!(
        phone.take_events(),
        [],
        "the same order once more is no new wish"
    );
    phone.send(CheckoutEvent::Placed(Ok(snapshot(
        OrderStatus::AwaitingPayment,
        1,
    ))));
    for _ in 0..3 {
        phone.send(CheckoutEvent::Read {
            id: ORDER.into(),
            answer: Err(UserError::Offline),
        });
    }
    assert_eq!(phone.take_events(), [Event::ErrorShown(UserError::Offline)]);
}

#[test]
fn each_return_to_the_shop_counts_as_a_view() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.take_events();
    phone.send(CheckoutEvent::ShopTapped);
    assert_eq!(phone.take_events(), [Event::ShopViewed]);
}

fn every_event() -> Vec<Event> {
    use UserError as T;
    let errors = [
        T::NotInGopay,
        T::GopayTooOld,
        T::GopayDenied,
        T::GopayFailed,
        T::Offline,
        T::TimedOut,
        T::ShopDown,
        T::GopayDown,
        T::SignInRefused,
        T::AnotherBuyer,
        T::PricesChanged,
        T::OrderClosed,
        T::NotFound,
        T::Rejected,
    ];
    let unpaid = [Unpaid::Cancelled, Unpaid::Failed, Unpaid::Expired];
    [
        Event::ShopViewed,
        Event::PayClicked(Page::Shop),
        Event::PayClicked(Page::Order),
        Event::PaymentCompleted,
    ]
    .into_iter()
    .chain(unpaid.map(Event::PaymentNotCompleted))
    .chain(errors.map(Event::ErrorShown))
    .collect()
}

/// TM38
#[test]
fn every_field_of_an_event_is_a_literal_of_the_source() {
    // `Copy` and `'static`: neither type has room for a text made at run time.
    fn is_written_in_the_source<T: Copy + 'static>() {}
    is_written_in_the_source::<Event>();
    is_written_in_the_source::<AnalyticsEvent>();
    for event in every_event() {
        // Exhaustive, so that a new field is added here.
        let AnalyticsEvent {
            event_name,
            user_action,
            completed_action,
            page_name,
            component_id,
            error_code,
        } = event.to_analytics_event();
        let fields = [
            user_action,
            completed_action,
            page_name,
            component_id,
            error_code,
        ];
        let words: Vec<&'static str> = fields.into_iter().flatten().collect();
        assert!(!words.is_empty(), "GoPay refuses {event:?} without a field");
        for word in words.into_iter().chain([event_name]) {
            let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(plain, "{event:?} tells {word:?}");
        }
    }
}

#[test]
fn each_event_has_these_names_and_fields() {
    let told = |event: Event| event.to_analytics_event();
    assert_eq!(told(Event::ShopViewed).event_name, "shop_viewed");
    assert_eq!(told(Event::ShopViewed).user_action, Some("viewed"));
    let clicked = told(Event::PayClicked(Page::Order));
    assert_eq!(clicked.component_id, Some("pay"));
    assert_eq!(clicked.page_name, Some("order"));
    let completed = told(Event::PaymentCompleted);
    assert_eq!(completed.event_name, "payment_completed");
    assert_eq!(completed.completed_action, Some("payment"));
    let expired = told(Event::PaymentNotCompleted(Unpaid::Expired));
    assert_eq!(expired.error_code, Some("expired"));
    let offline = told(Event::ErrorShown(UserError::Offline));
    assert_eq!(offline.error_code, Some("offline"));
}
