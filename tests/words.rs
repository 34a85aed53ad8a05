//! Every error in both languages says what happened, what about the money, and what to do next.
#![cfg(not(target_arch = "wasm32"))]

use contract::OrderStatus;
use mini_app::checkout::Hint;
use mini_app::locale::Locale;
use mini_app::text::Message;
use mini_app::user_error::UserError;

const LOCALES: [Locale; 2] = [Locale::Id, Locale::En];

/// Every user error; a new one does not compile until it is here.
fn errors() -> [UserError; 20] {
    use UserError as T;
    let after = |error| match error {
        T::NotInGopay => T::GopayTooOld,
        T::GopayTooOld => T::GopayDenied,
        T::GopayDenied => T::GopayFailed,
        T::GopayFailed => T::Offline,
        T::Offline => T::TimedOut,
        T::TimedOut => T::ShopDown,
        T::ShopDown => T::GopayDown,
        T::GopayDown => T::SignInRefused,
        T::SignInRefused => T::PricesChanged,
        T::PricesChanged => T::PromoRefused,
        T::PromoRefused => T::PromoExpired,
        T::PromoExpired => T::NoTable,
        T::NoTable => T::SoldOut,
        T::SoldOut => T::OrderClosed,
        T::OrderClosed => T::PaymentRefused,
        T::PaymentRefused => T::UnderWay,
        T::UnderWay => T::AnotherBuyer,
        T::AnotherBuyer => T::NotFound,
        T::NotFound => T::Rejected,
        T::Rejected => T::NotInGopay,
    };
    let mut next = T::Rejected;
    std::array::from_fn(|_| {
        next = after(next);
        next
    })
}

fn speaks_of_money(words: &str) -> bool {
    ["uang", "dibayar", "bayar", "money", "paid", "pay"]
        .iter()
        .any(|word| words.to_lowercase().contains(word))
}

fn is_well_worded(title: &str, body: &str) {
    assert!(title.chars().count() <= 34, "a headline is short: {title}");
    assert!(!title.ends_with('.'), "a headline is no sentence: {title}");
    assert!(
        body.ends_with('.'),
        "{title} is followed by sentences: {body}"
    );
    assert!(body.chars().count() <= 160, "three short sentences: {body}");
    let both = [title, body].concat();
    assert!(!both.contains('!'), "nobody shouts: {both}");
    assert!(
        !both.chars().any(|it| it.is_ascii_digit()),
        "no codes in a sentence: {both}"
    );
}

#[test]
fn every_user_error_says_what_happened_about_the_money_and_what_next() {
    for error in errors() {
        for locale in LOCALES {
            let title = locale.say(&Message::ErrorTitle(error));
            let body = locale.say(&Message::ErrorAdvice(error));
            is_well_worded(&title, &body);
            assert!(speaks_of_money(&body), "{error:?}: {body}");
            let sentences = body.matches(['.', ':']).count();
            assert!(sentences >= 2, "the money, and what to do: {body}");
        }
    }
}

#[test]
fn every_outcome_of_an_order_says_what_became_of_the_money() {
    use OrderStatus as S;
    let all = [
        S::AwaitingPayment,
        S::Checking,
        S::Cancelled,
        S::Failed,
        S::Expired,
        S::PartiallyRefunded,
        S::Refunded,
        S::Review,
        S::Other,
    ];
    for status in all {
        for hint in [
            None,
            Some(Hint::Underway),
            Some(Hint::Unpaid),
            Some(Hint::Opened),
        ] {
            for locale in LOCALES {
                let title = locale.say(&Message::Headline(status, hint));
                let body = locale.say(&Message::Consequence(status, hint));
                is_well_worded(&title, &body);
                assert!(speaks_of_money(&body), "{status:?}, {hint:?}: {body}");
            }
        }
    }
}

#[test]
fn a_payment_being_verified_says_so_and_about_the_money() {
    for locale in LOCALES {
        let title = locale.say(&Message::TimeUpTitle);
        let body = locale.say(&Message::TimeUpBody);
        is_well_worded(&title, &body);
        assert!(speaks_of_money(&body), "{body}");
    }
}

#[test]
fn the_two_languages_differ() {
    for error in errors() {
        let message = Message::ErrorTitle(error);
        assert_ne!(Locale::Id.say(&message), Locale::En.say(&message));
    }
}
