//! The gallery's states are valid and complete: their answers conform to the contract, and every
//! state that a buyer can see is one of them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use contract::{
    IdempotencyKey, Order, OrderStatus, PlaceOrder, Problem, ProblemCode, Profile, Promo,
    RewardStatus, Rupiah, Session,
};
use mini_app::checkout::{
    Attempt, Hint, Listing, OrderFlow, OrderSnapshot, OrderView, Origin, PendingAction, Sending,
    State,
};
use mini_app::profile::CardView;
use mini_app::session;
use mini_app::user_error::UserError;
use serde_json::Value;
use simulator::{Gallery, GalleryState};
use std::path::Path;

fn gallery() -> Gallery {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    Gallery::open(&folder).unwrap()
}

/// A scene's answers, by request.
fn answers<'a>(scene: &'a GalleryState, what: &str) -> Vec<(&'a str, &'a Value)> {
    (scene.script[what].as_object().unwrap().iter())
        .flat_map(|(call, all)| (all.as_array().unwrap().iter()).map(move |it| (call.as_str(), it)))
        .collect()
}

fn problems(scene: &GalleryState) -> Vec<Problem> {
    (answers(scene, "answers").into_iter())
        .filter(|(_, answer)| answer["status"].is_u64())
        .map(|(_, answer)| serde_json::from_value(answer["body"].clone()).unwrap())
        .collect()
}

fn orders(scene: &GalleryState) -> Vec<Order> {
    (answers(scene, "answers").into_iter())
        .filter(|(call, answer)| call.contains("/orders") && answer["status"].is_null())
        .filter_map(|(_, answer)| answer.get("body"))
        .flat_map(|body| match body.as_array() {
            Some(list) => list.clone(),
            None => vec![body.clone()],
        })
        .map(|body| serde_json::from_value(body).unwrap())
        .collect()
}

#[test]
fn every_answer_in_the_gallery_is_one_the_merchant_could_give() {
    for scene in gallery().states() {
        let name = &scene.name;
        for (call, answer) in answers(scene, "answers") {
            let Some(body) = answer.get("body").cloned() else {
                continue;
            };
            let read = if let Some(status) = answer["status"].as_u64() {
                serde_json::from_value(body).map(|problem: Problem| {
                    assert_eq!(u64::from(problem.status), status, "{name}: {call}");
                    assert_ne!(problem.code, ProblemCode::Other, "{name}: {call}");
                })
            } else if call == "POST /api/session" {
                serde_json::from_value(body).map(|session: Session| {
                    assert!(!session.catalogue.is_empty(), "{name}: {call}");
                })
            } else if call.starts_with("GET /api/promo/") {
                serde_json::from_value(body).map(|_: Promo| ())
            } else if call == "POST /api/profile" {
                serde_json::from_value(body).map(|_: Profile| ())
            } else if call == "GET /api/orders" {
                serde_json::from_value(body).map(|_: Vec<Order>| ())
            } else {
                serde_json::from_value(body).map(|order: Order| {
                    let asked = call.trim_start_matches("GET /api/orders/");
                    assert!(
                        asked == order.id.as_str() || call.starts_with("POST"),
                        "{name}: {call}"
                    );
                })
            };
            assert!(read.is_ok(), "{name}: {call}: {read:?}");
        }
        for order in orders(scene) {
            let lines = order.lines.iter();
            let costs = lines.map(|line| line.price.times(line.quantity).unwrap());
            let discount = order.discount.as_ref().map_or(Rupiah::ZERO, |it| it.amount);
            let paid = Rupiah::sum([order.total, discount]);
            assert_eq!(paid, Rupiah::sum(costs), "{name}");
        }
    }
}

/// Where signing in takes its time, the address's orders are read with the stored session first, and an error of
/// that read is dropped: the scene would depend on how fast the machine is.
#[test]
fn the_first_of_several_reads_at_an_address_of_orders_succeeds() {
    let at_orders = |scene: &&GalleryState| scene.open.starts_with("/orders");
    for scene in gallery().states().iter().filter(at_orders) {
        for (call, all) in scene.script["answers"].as_object().unwrap() {
            let all = all.as_array().unwrap();
            if call.starts_with("GET /api/orders") && all.len() > 1 {
                let is_read = all[0].get("body").is_some() && all[0]["status"].is_null();
                assert!(is_read, "{}: {call}", scene.name);
            }
        }
    }
}

/// The user errors of a scene.
fn errors_of(scene: &GalleryState) -> Vec<UserError> {
    let mut errors: Vec<UserError> = (problems(scene).iter())
        .map(|problem| UserError::from_problem(problem.code))
        .collect();
    for (_, answer) in answers(scene, "answers") {
        match answer.as_str() {
            Some("offline") => errors.push(UserError::Offline),
            Some("late") => errors.push(UserError::TimedOut),
            _ => {}
        }
    }
    for (call, answer) in answers(scene, "answers") {
        let is_failed = answer["body"]["status"] == OrderStatus::Failed.name();
        if call.ends_with("/payment") && is_failed {
            errors.push(UserError::PaymentRefused);
        }
    }
    for (_, reply) in answers(scene, "gopay") {
        match reply["failure"]["errorCode"].as_str() {
            Some("1003") => errors.push(UserError::NotInGopay),
            Some("100") => errors.push(UserError::GopayTooOld),
            Some("300") => errors.push(UserError::GopayDenied),
            Some(_) => errors.push(UserError::GopayFailed),
            None => {}
        }
    }
    let mut buyers = answers(scene, "answers").into_iter();
    let buyers = buyers
        .by_ref()
        .filter(|(call, _)| *call == "POST /api/session");
    let mut buyers: Vec<&Value> = (buyers.map(|(_, it)| &it["body"]["customer"]["id"]))
        .filter(|buyer| buyer.is_string())
        .collect();
    buyers.dedup();
    if buyers.len() > 1 {
        errors.push(UserError::AnotherBuyer);
    }
    errors
}

/// Scenes by name, and the next value: a new value does not compile without both.
type Next<T> = (&'static [&'static str], Option<T>);

/// All values, each with its scenes, which must exist.
fn walk<T: Clone>(first: T, next: impl Fn(&T) -> Next<T>) -> Vec<(T, GalleryState)> {
    let gallery = gallery();
    let mut shown = Vec::new();
    let mut turn = Some(first);
    while let Some(value) = turn {
        let (names, after) = next(&value);
        assert!(!names.is_empty());
        for name in names {
            let scene = gallery.state(name).cloned();
            shown.push((
                value.clone(),
                scene.unwrap_or_else(|| panic!("the gallery has no {name}")),
            ));
        }
        turn = after;
    }
    shown
}

#[test]
fn every_user_error_is_in_the_gallery() {
    use UserError as T;
    let shown = walk(T::NotInGopay, |error| match error {
        T::NotInGopay => (&["outside"], Some(T::GopayTooOld)),
        T::GopayTooOld => (&["too-old"], Some(T::GopayDenied)),
        T::GopayDenied => (&["gopay-denied", "launch-denied"], Some(T::GopayFailed)),
        T::GopayFailed => (&["gopay-failed", "unlaunched"], Some(T::Offline)),
        T::Offline => (
            &[
                "sign-in-offline",
                "order-offline",
                "unanswered",
                "stale-offline",
            ],
            Some(T::TimedOut),
        ),
        T::TimedOut => (
            &["sign-in-late", "unrenewed", "stale-late"],
            Some(T::ShopDown),
        ),
        T::ShopDown => (
            &["shop-down", "order-shop-down", "stale-shop-down"],
            Some(T::GopayDown),
        ),
        T::GopayDown => (
            &["gopay-down", "renewal-gopay-down"],
            Some(T::SignInRefused),
        ),
        T::SignInRefused => (&["sign-in-refused"], Some(T::AnotherBuyer)),
        T::AnotherBuyer => (&["another-buyer"], Some(T::PricesChanged)),
        T::PricesChanged => (&["prices-changed", "repricing"], Some(T::SoldOut)),
        T::SoldOut => (&["ran-out"], Some(T::PromoRefused)),
        T::PromoRefused => (&["promo-unknown", "promo-refused"], Some(T::PromoExpired)),
        T::PromoExpired => (&["promo-expired"], Some(T::NoTable)),
        T::NoTable => (&["no-table"], Some(T::OrderClosed)),
        T::OrderClosed => (&["renewal-refused", "not-called-off"], Some(T::UnderWay)),
        T::UnderWay => (&["renewal-under-way"], Some(T::PaymentRefused)),
        T::PaymentRefused => (&["payment-refused"], Some(T::NotFound)),
        T::NotFound => (&["order-missing"], Some(T::Rejected)),
        T::Rejected => (&["rejected", "too-many-orders", "sign-in-rejected"], None),
    });
    for (error, scene) in shown {
        let met = errors_of(&scene);
        assert!(
            met.contains(&error),
            "{}: {met:?}, not {error:?}",
            scene.name
        );
    }
}

#[test]
fn every_problem_that_the_app_distinguishes_is_in_the_gallery() {
    use ProblemCode as C;
    let gallery = gallery();
    let met: Vec<C> = (gallery.states().iter())
        .flat_map(problems)
        .map(|problem| problem.code)
        .collect();
    // The profile is the one place that asks for more than its error.
    assert!(met.contains(&C::ConsentRequired));
    let like = |code: C| {
        (met.iter()).any(|it| UserError::from_problem(*it) == UserError::from_problem(code))
    };
    let mut turn = Some(C::InvalidRequest);
    while let Some(code) = turn {
        assert!(like(code), "{code:?}");
        turn = match code {
            C::InvalidRequest => Some(C::TooLarge),
            C::TooLarge => Some(C::UnsupportedMediaType),
            C::UnsupportedMediaType => Some(C::ForeignOrigin),
            C::ForeignOrigin => Some(C::SessionRequired),
            C::SessionRequired => Some(C::AuthCodeRefused),
            C::AuthCodeRefused => Some(C::ConsentRequired),
            C::ConsentRequired => Some(C::NotFound),
            C::NotFound => Some(C::UnknownProduct),
            C::UnknownProduct => Some(C::UnknownTable),
            C::UnknownTable => Some(C::PromoRefused),
            C::PromoRefused => Some(C::PromoExpired),
            C::PromoExpired => Some(C::SoldOut),
            C::SoldOut => Some(C::InvalidQuantity),
            C::InvalidQuantity => Some(C::PriceChanged),
            C::PriceChanged => Some(C::IdempotencyKeyRequired),
            C::IdempotencyKeyRequired => Some(C::IdempotencyKeyReused),
            C::IdempotencyKeyReused => Some(C::OrderClosed),
            C::OrderClosed => Some(C::UnderWay),
            C::GopayUnavailable => Some(C::Internal),
            C::Internal => Some(C::Other),
            C::Other => None,
            C::UnderWay => Some(C::RateLimited),
            C::RateLimited => Some(C::TooManyOrders),
            C::TooManyOrders => Some(C::GopayUnavailable),
        };
    }
}

#[test]
fn every_status_is_in_the_gallery() {
    use OrderStatus as S;
    let shown = walk(S::AwaitingPayment, |status| match status {
        S::AwaitingPayment => (&["awaiting", "awaiting-soon"], Some(S::Checking)),
        S::Checking => (&["checking"], Some(S::Paid)),
        S::Paid => (&["paid", "paid-named", "paid-codeless"], Some(S::Cancelled)),
        S::Cancelled => (&["cancelled"], Some(S::Failed)),
        S::Failed => (&["failed"], Some(S::Expired)),
        S::Expired => (&["expired"], Some(S::PartiallyRefunded)),
        S::PartiallyRefunded => (&["partially-refunded"], Some(S::Refunded)),
        S::Refunded => (&["refunded"], Some(S::Review)),
        S::Review => (&["review"], Some(S::Other)),
        S::Other => (&["status-of-tomorrow"], None),
    });
    for (status, scene) in shown {
        let orders = orders(&scene);
        assert_eq!(orders.last().unwrap().status, status, "{}", scene.name);
    }
}

fn order(scene: &str) -> Order {
    orders(gallery().state(scene).unwrap()).remove(0)
}

#[test]
fn every_status_of_a_reward_is_in_the_gallery() {
    use RewardStatus as S;
    let shown = walk(S::Pending, |status| match status {
        S::Pending => (&["paid-rewarded"], Some(S::Given)),
        S::Given => (&["paid-rewarded"], Some(S::Refused)),
        // Nothing is said of a status of tomorrow.
        S::Refused | S::Other => (&["paid-unrewarded"], None),
    });
    for (status, scene) in shown {
        let rewards = &orders(&scene)[0].rewards;
        assert!(
            rewards.iter().any(|reward| reward.status == status),
            "{}",
            scene.name
        );
    }
}

#[test]
fn every_view_of_an_order_is_in_the_gallery() {
    let snapshot = walk(OrderView::Opening, |view| match view {
        OrderView::Opening => (&["opening"], Some(OrderView::Verifying)),
        OrderView::Verifying => (&["verifying"], Some(OrderView::TimeUp)),
        OrderView::TimeUp => (&["time-up"], Some(OrderView::Result(OrderStatus::Paid))),
        // Each status has its own test.
        OrderView::Result(_) => (&["paid"], None),
    });
    assert_eq!(snapshot.len(), 4);
    let hints = walk(Hint::Underway, |hint| match hint {
        Hint::Underway => (&["awaiting-underway"], Some(Hint::Unpaid)),
        // The gallery has no earlier run of the app.
        Hint::Unpaid | Hint::Opened => (&["awaiting-unpaid"], None),
    });
    for (hint, scene) in hints {
        let (_, reply) = (answers(&scene, "gopay").into_iter())
            .find(|(call, _)| *call == "GP.launchPayment")
            .unwrap();
        let says = match hint {
            Hint::Underway => "success",
            Hint::Unpaid | Hint::Opened => "cancelled",
        };
        assert_eq!(reply["success"]["data"]["status"], says, "{}", scene.name);
    }
    let key = || IdempotencyKey::from("");
    let error = UserError::GopayFailed;
    let actions = walk(PendingAction::Idle, |action| match action {
        PendingAction::Idle => (&["awaiting"], Some(PendingAction::Checking)),
        PendingAction::Checking => (&["asking"], Some(PendingAction::Launching)),
        PendingAction::Launching => (&["opening"], Some(PendingAction::LaunchFailed(error))),
        PendingAction::LaunchFailed(_) => (
            &["unlaunched", "launch-denied"],
            Some(PendingAction::Renewing(key())),
        ),
        PendingAction::Renewing(_) => (
            &["renewing"],
            Some(PendingAction::RenewalUnconfirmed(key(), error)),
        ),
        PendingAction::RenewalUnconfirmed(..) => (
            &["unrenewed", "renewal-gopay-down"],
            Some(PendingAction::RenewalRefused(error)),
        ),
        PendingAction::RenewalRefused(_) => (&["renewal-refused"], Some(PendingAction::Cancelling)),
        PendingAction::Cancelling => (&["calling-off"], Some(PendingAction::CancelFailed(error))),
        PendingAction::CancelFailed(_) => (&["not-called-off"], None),
    });
    for (action, scene) in actions {
        let taps = scene.script["steps"].as_array().unwrap();
        assert_eq!(
            taps.is_empty(),
            action == PendingAction::Idle,
            "{}",
            scene.name
        );
    }
}

#[test]
fn every_checkout_state_is_in_the_gallery() {
    let attempt = || Attempt {
        key: IdempotencyKey::from(""),
        customer: "".into(),
        order: PlaceOrder {
            lines: Vec::new(),
            expected_total: Rupiah::ZERO,
            promo: None,
            table: None,
        },
        made_at: 0,
        replaces: None,
    };
    let id = String::new;
    let error = UserError::Offline;
    let snapshot = OrderSnapshot {
        order: order("paid"),
        received_at: 0,
    };
    let way = walk(State::Starting, |state| match state {
        State::Starting => (
            &["boot-shop", "boot-order"],
            Some(State::Browsing { notice: None }),
        ),
        State::Browsing { .. } => (
            &[
                "shop",
                "picked",
                "summary",
                "waiting-order",
                "prices-changed",
            ],
            Some(State::Placing {
                attempt: attempt(),
                origin: Origin::Tap,
                sending: Sending::First,
            }),
        ),
        State::Placing { .. } => (
            &["placing"],
            Some(State::Unconfirmed {
                attempt: attempt(),
                error,
            }),
        ),
        State::Unconfirmed { .. } => (&["unanswered"], Some(State::Repricing { error })),
        State::Repricing { .. } => (
            &["repricing"],
            Some(State::LoadingOrder { id: id().into() }),
        ),
        State::LoadingOrder { .. } => (
            &["order-loading"],
            Some(State::LoadFailed {
                id: id().into(),
                error,
            }),
        ),
        State::LoadFailed { .. } => (
            &["order-offline", "order-shop-down"],
            Some(State::Ordered(Box::new(OrderFlow::opened(
                snapshot.clone(),
            )))),
        ),
        State::Ordered(_) => (
            &["paid", "awaiting"],
            Some(State::Listing(Listing {
                orders: None,
                error: None,
                asking: true,
            })),
        ),
        State::Listing(_) => (
            &[
                "orders",
                "orders-empty",
                "orders-loading",
                "orders-offline",
                "orders-asking",
                "orders-stale",
            ],
            Some(State::NotFound),
        ),
        State::NotFound => (&["missing", "order-missing"], None),
    });
    for (state, scene) in way {
        let is_order = scene.open.starts_with("/orders/");
        if matches!(
            state,
            State::LoadingOrder { .. } | State::LoadFailed { .. } | State::Ordered(_)
        ) {
            assert!(is_order, "{}", scene.name);
        }
    }
    walk(session::State::SigningIn, |state| match state {
        session::State::SigningIn => (&["boot-shop"], Some(session::State::Retrying(error))),
        session::State::Retrying(_) => (&["retrying"], Some(session::State::Failed(error))),
        // A signed-in buyer has a checkout state.
        session::State::Failed(_) | session::State::In(_) => (&["sign-in-offline"], None),
    });
}

#[test]
fn every_view_of_the_name_card_is_in_the_gallery() {
    let views = walk(CardView::Question, |view| match view {
        CardView::Question => (&["name-question", "name-asking"], Some(CardView::Named)),
        CardView::Named => (&["name-known", "name-longest"], Some(CardView::Without)),
        CardView::Without => (&["name-without"], None),
    });
    for (view, scene) in views {
        let session = &scene.script["answers"]["POST /api/session"][0]["body"];
        let is_named = session["customer"]["name"].is_string();
        assert_eq!(is_named, view == CardView::Named, "{}", scene.name);
    }
}
