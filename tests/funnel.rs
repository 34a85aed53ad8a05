//! What GoPay's analytics is told, each test a sentence.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use contract::{
    Line, Order, OrderLine, OrderStatus, Payment, PlaceOrder, Rupiah, UnixTime, Wording,
};
use mini_app::checkout::{Attempt, Event as Happened, Hint, Key, Seen, State, apply};
use mini_app::funnel::{Event, Launched, Page, Tale, Unpaid, follow};
use mini_app::route::Route;
use mini_app::trouble::Trouble;
use std::num::NonZeroU32;

/// A phone: the checkout, and what is remembered across its death.
struct Phone {
    state: State,
    launched: Launched,
    told: Vec<Event>,
}

impl Phone {
    /// Opens the app, at an order or at the shop.
    fn open(order: Option<&str>, kept: &str) -> Self {
        let mut phone = Self {
            state: State::Starting,
            launched: Launched::parse(kept),
            told: Vec::new(),
        };
        phone.let_happen(Happened::Started {
            route: order.map_or(Route::Shop, |id| Route::Order(id.to_owned())),
            attempt: None,
        });
        phone
    }

    fn let_happen(&mut self, event: Happened) {
        let before = self.state.clone();
        (self.state, _) = apply(before.clone(), event);
        if self.state != before {
            let events = follow(&mut self.launched, &before, &self.state);
            self.told.extend(events);
        }
    }

    fn hear(&mut self, status: OrderStatus, as_of: i64) {
        self.let_happen(Happened::Read {
            id: ORDER.to_owned(),
            answer: Ok(seen(status, as_of)),
        });
    }

    /// Asks to pay, up to the moment when GoPay covers the page.
    fn pay(&mut self) {
        self.let_happen(Happened::PayTapped(attempt()));
        self.let_happen(Happened::Placed(Ok(seen(OrderStatus::AwaitingPayment, 1))));
    }

    fn told(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.told)
    }
}

const ORDER: &str = "order-of-budi-25000";

fn attempt() -> Attempt {
    Attempt {
        key: Key("key-1".to_owned()),
        customer: "buyer-budi".to_owned(),
        order: PlaceOrder {
            lines: vec![Line {
                product: "kopi-susu".to_owned(),
                quantity: NonZeroU32::MIN,
            }],
            expected_total: Rupiah::new(25_000),
        },
        made_at: 1_000_000,
        replaces: None,
    }
}

fn seen(status: OrderStatus, as_of: i64) -> Seen {
    let order = Order {
        id: ORDER.to_owned(),
        status,
        lines: vec![OrderLine {
            product: "kopi-susu".to_owned(),
            name: Wording {
                id: "Kopi Susu".to_owned(),
                en: "Milk Coffee".to_owned(),
            },
            quantity: NonZeroU32::MIN,
            price: Rupiah::new(25_000),
        }],
        total: Rupiah::new(25_000),
        created_at: UnixTime(100),
        paid_at: None,
        refunded: None,
        pickup_code: None,
        payment: (status == OrderStatus::AwaitingPayment).then(|| Payment {
            deeplink: "gopay://merchanttransfer?tref=1".to_owned(),
            valid_until: UnixTime(1_000),
        }),
        as_of: UnixTime(as_of),
    };
    Seen { order, at: 0 }
}

#[test]
fn the_way_from_the_shop_to_the_receipt_is_told_in_three_steps() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.hear(OrderStatus::Paid, 2);
    assert_eq!(
        phone.told(),
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
    phone.told();
    phone.let_happen(Happened::Hinted {
        launch: attempt().key,
        hint: Ok(Hint::Underway),
    });
    phone.hear(OrderStatus::AwaitingPayment, 2);
    assert_eq!(phone.told(), [], "the container's word counts for nothing");
    phone.hear(OrderStatus::Paid, 3);
    assert_eq!(phone.told(), [Event::PaymentCompleted]);
}

#[test]
fn a_payment_is_told_once_however_often_its_receipt_is_seen() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.hear(OrderStatus::Paid, 2);
    phone.told();
    for as_of in 3..6 {
        phone.let_happen(Happened::Woke);
        phone.hear(OrderStatus::Paid, as_of);
    }
    assert_eq!(phone.told(), []);
    let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
    reopened.hear(OrderStatus::Paid, 7);
    assert_eq!(reopened.told(), []);
}

#[test]
fn a_payment_that_the_app_did_not_live_to_see_is_told_by_the_next_one() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
    reopened.hear(OrderStatus::Paid, 9);
    assert_eq!(reopened.told(), [Event::PaymentCompleted]);
}

#[test]
fn two_pages_with_the_same_order_tell_its_payment_once() {
    let mut first = Phone::open(None, "");
    first.pay();
    let mut second = Phone::open(Some(ORDER), &first.launched.to_text());
    second.hear(OrderStatus::Paid, 2);
    assert_eq!(second.told(), [Event::PaymentCompleted]);
    // As `tell` does before each change.
    first.launched = Launched::parse(&second.launched.to_text());
    first.told();
    // An answer that was on its way: GoPay is still open on this page.
    first.hear(OrderStatus::AwaitingPayment, 2);
    first.hear(OrderStatus::Paid, 3);
    assert_eq!(first.told(), []);
}

#[test]
fn a_receipt_of_another_phone_is_no_payment_of_this_one() {
    let mut phone = Phone::open(Some(ORDER), "another-order");
    phone.hear(OrderStatus::Paid, 1);
    assert_eq!(phone.told(), []);
}

#[test]
fn a_payment_that_does_not_come_is_told_with_its_reason_and_once() {
    for (status, unpaid) in [
        (OrderStatus::Cancelled, Unpaid::Cancelled),
        (OrderStatus::Failed, Unpaid::Failed),
        (OrderStatus::Expired, Unpaid::Expired),
    ] {
        let mut phone = Phone::open(None, "");
        phone.pay();
        phone.told();
        phone.hear(status, 2);
        phone.hear(status, 3);
        assert_eq!(phone.told(), [Event::PaymentNotCompleted(unpaid)]);
        let mut reopened = Phone::open(Some(ORDER), &phone.launched.to_text());
        reopened.hear(status, 4);
        assert_eq!(reopened.told(), []);
        reopened.hear(OrderStatus::Paid, 5);
        assert_eq!(reopened.told(), [Event::PaymentCompleted], "after all");
    }
}

#[test]
fn paying_again_is_asked_for_on_the_order() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.hear(OrderStatus::Failed, 2);
    phone.told();
    phone.let_happen(Happened::ContinueTapped(Key("key-2".to_owned())));
    phone.let_happen(Happened::Renewed {
        key: Key("key-2".to_owned()),
        answer: Ok(seen(OrderStatus::AwaitingPayment, 3)),
    });
    phone.hear(OrderStatus::Failed, 4);
    assert_eq!(
        phone.told(),
        [
            Event::PayClicked(Page::Order),
            Event::PaymentNotCompleted(Unpaid::Failed)
        ]
    );
}

#[test]
fn an_error_is_told_when_it_is_shown_and_not_while_it_stays() {
    let mut phone = Phone::open(None, "");
    phone.let_happen(Happened::PayTapped(attempt()));
    phone.told();
    let lost = || Happened::Placed(Err(Trouble::TimedOut));
    phone.let_happen(lost());
    assert_eq!(phone.told(), [], "the second try is silent");
    phone.let_happen(lost());
    assert_eq!(phone.told(), [Event::ErrorShown(Trouble::TimedOut)]);

    phone.let_happen(Happened::RetryTapped);
    assert_eq!(phone.told(), [], "the same order once more is no new wish");
    phone.let_happen(Happened::Placed(Ok(seen(OrderStatus::AwaitingPayment, 1))));
    for _ in 0..3 {
        phone.let_happen(Happened::Read {
            id: ORDER.to_owned(),
            answer: Err(Trouble::Offline),
        });
    }
    assert_eq!(phone.told(), [Event::ErrorShown(Trouble::Offline)]);
}

#[test]
fn the_shop_is_viewed_each_time_it_comes_onto_the_screen() {
    let mut phone = Phone::open(None, "");
    phone.pay();
    phone.told();
    phone.let_happen(Happened::ShopTapped);
    assert_eq!(phone.told(), [Event::ShopViewed]);
}

/// All that there is to tell.
fn everything() -> Vec<Event> {
    use Trouble as T;
    let troubles = [
        T::Outside,
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
    .chain(troubles.map(Event::ErrorShown))
    .collect()
}

#[test]
fn nothing_can_be_told_that_was_not_written_in_the_source() {
    // Owned by nobody and copied bit by bit: neither type has room for a text made at run time.
    fn is_written_in_the_source<T: Copy + 'static>() {}
    is_written_in_the_source::<Event>();
    is_written_in_the_source::<Tale>();
    for event in everything() {
        // Exhaustive on purpose: a new field has to be put on this list, and thought about.
        let Tale {
            event_name,
            user_action,
            completed_action,
            page_name,
            component_id,
            error_code,
        } = event.tale();
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
fn what_is_told_is_this() {
    let told = |event: Event| event.tale();
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
    let offline = told(Event::ErrorShown(Trouble::Offline));
    assert_eq!(offline.error_code, Some("offline"));
}
