//! The gallery's states are true and complete: what is answered in them are words of the contract,
//! and whatever a buyer can see is one of them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use contract::{Order, OrderStatus, PlaceOrder, Problem, ProblemCode, Profile, Rupiah, Session};
use mini_app::checkout::{
    Attempt, Hint, Key, Listing, Look, Ordered, Origin, Seen, Sending, State, Step,
};
use mini_app::profile::Face;
use mini_app::session;
use mini_app::trouble::Trouble;
use serde_json::Value;
use simulator::{Gallery, Scene};
use std::path::Path;

fn gallery() -> Gallery {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gallery");
    Gallery::open(&folder).unwrap()
}

/// What is answered in a state, by what it is asked for.
fn answers<'a>(scene: &'a Scene, what: &str) -> Vec<(&'a str, &'a Value)> {
    (scene.play[what].as_object().unwrap().iter())
        .flat_map(|(call, all)| (all.as_array().unwrap().iter()).map(move |it| (call.as_str(), it)))
        .collect()
}

fn problems(scene: &Scene) -> Vec<Problem> {
    (answers(scene, "answers").into_iter())
        .filter(|(_, answer)| answer["status"].is_u64())
        .map(|(_, answer)| serde_json::from_value(answer["body"].clone()).unwrap())
        .collect()
}

fn orders(scene: &Scene) -> Vec<Order> {
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
fn what_is_answered_is_what_the_merchant_could_answer() {
    for scene in gallery().scenes() {
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
            } else if call == "POST /api/profile" {
                serde_json::from_value(body).map(|_: Profile| ())
            } else if call == "GET /api/orders" {
                serde_json::from_value(body).map(|_: Vec<Order>| ())
            } else {
                serde_json::from_value(body).map(|order: Order| {
                    let asked = call.trim_start_matches("GET /api/orders/");
                    assert!(
                        asked == order.id || call.starts_with("POST"),
                        "{name}: {call}"
                    );
                })
            };
            assert!(read.is_ok(), "{name}: {call}: {read:?}");
        }
        for order in orders(scene) {
            let lines = order.lines.iter();
            let costs = lines.map(|line| line.price.times(line.quantity).unwrap());
            assert_eq!(Some(order.total), Rupiah::sum(costs), "{name}");
        }
    }
}

/// What goes wrong in a state.
fn troubles_of(scene: &Scene) -> Vec<Trouble> {
    let mut troubles: Vec<Trouble> = (problems(scene).iter())
        .map(|problem| Trouble::from_problem(problem.code))
        .collect();
    for (_, answer) in answers(scene, "answers") {
        match answer.as_str() {
            Some("offline") => troubles.push(Trouble::Offline),
            Some("late") => troubles.push(Trouble::TimedOut),
            _ => {}
        }
    }
    for (call, answer) in answers(scene, "answers") {
        let is_failed = answer["body"]["status"] == OrderStatus::Failed.name();
        if call.ends_with("/payment") && is_failed {
            troubles.push(Trouble::PaymentRefused);
        }
    }
    for (_, reply) in answers(scene, "gopay") {
        match reply["failure"]["errorCode"].as_str() {
            Some("1003") => troubles.push(Trouble::Outside),
            Some("100") => troubles.push(Trouble::GopayTooOld),
            Some("300") => troubles.push(Trouble::GopayDenied),
            Some(_) => troubles.push(Trouble::GopayFailed),
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
        troubles.push(Trouble::AnotherBuyer);
    }
    troubles
}

/// States by name, and the value to go on with: a value that is new does not compile without both.
type Next<T> = (&'static [&'static str], Option<T>);

/// All values, each with the states that show it, which have to be there.
fn walk<T: Clone>(first: T, next: impl Fn(&T) -> Next<T>) -> Vec<(T, Scene)> {
    let gallery = gallery();
    let mut shown = Vec::new();
    let mut turn = Some(first);
    while let Some(value) = turn {
        let (names, after) = next(&value);
        assert!(!names.is_empty());
        for name in names {
            let scene = gallery.scene(name).cloned();
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
fn whatever_goes_wrong_is_to_be_seen() {
    use Trouble as T;
    let shown = walk(T::Outside, |trouble| match trouble {
        T::Outside => (&["outside"], Some(T::GopayTooOld)),
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
        T::SoldOut => (&["ran-out"], Some(T::OrderClosed)),
        T::OrderClosed => (&["renewal-refused", "not-called-off"], Some(T::UnderWay)),
        T::UnderWay => (&["renewal-under-way"], Some(T::PaymentRefused)),
        T::PaymentRefused => (&["payment-refused"], Some(T::NotFound)),
        T::NotFound => (&["order-missing"], Some(T::Rejected)),
        T::Rejected => (&["rejected", "sign-in-rejected"], None),
    });
    for (trouble, scene) in shown {
        let met = troubles_of(&scene);
        assert!(
            met.contains(&trouble),
            "{}: {met:?}, not {trouble:?}",
            scene.name
        );
    }
}

#[test]
fn every_problem_that_the_app_tells_apart_is_met() {
    use ProblemCode as C;
    let gallery = gallery();
    let met: Vec<C> = (gallery.scenes().iter())
        .flat_map(problems)
        .map(|problem| problem.code)
        .collect();
    // The profile is the one place that asks for more than the trouble it makes.
    assert!(met.contains(&C::ConsentRequired));
    let like =
        |code: C| (met.iter()).any(|it| Trouble::from_problem(*it) == Trouble::from_problem(code));
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
            C::UnknownProduct => Some(C::SoldOut),
            C::SoldOut => Some(C::InvalidQuantity),
            C::InvalidQuantity => Some(C::PriceChanged),
            C::PriceChanged => Some(C::IdempotencyKeyRequired),
            C::IdempotencyKeyRequired => Some(C::IdempotencyKeyReused),
            C::IdempotencyKeyReused => Some(C::OrderClosed),
            C::OrderClosed => Some(C::UnderWay),
            C::GopayUnavailable => Some(C::Internal),
            C::Internal => Some(C::Other),
            C::Other => None,
            C::UnderWay => Some(C::GopayUnavailable),
        };
    }
}

#[test]
fn every_status_is_to_be_seen() {
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
    orders(gallery().scene(scene).unwrap()).remove(0)
}

#[test]
fn every_face_of_an_order_is_to_be_seen() {
    let seen = walk(Look::Opening, |look| match look {
        Look::Opening => (&["opening"], Some(Look::Verifying)),
        Look::Verifying => (&["verifying"], Some(Look::TimeUp)),
        Look::TimeUp => (&["time-up"], Some(Look::Result(OrderStatus::Paid))),
        // Each status by itself: see above.
        Look::Result(_) => (&["paid"], None),
    });
    assert_eq!(seen.len(), 4);
    let hints = walk(Hint::Underway, |hint| match hint {
        Hint::Underway => (&["awaiting-underway"], Some(Hint::Unpaid)),
        // By an earlier run of the app, which the gallery has not.
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
    let key = || Key(String::new());
    let trouble = Trouble::GopayFailed;
    let steps = walk(Step::Waiting, |step| match step {
        Step::Waiting => (&["awaiting"], Some(Step::Asking)),
        Step::Asking => (&["asking"], Some(Step::Launching)),
        Step::Launching => (&["opening"], Some(Step::Unlaunched(trouble))),
        Step::Unlaunched(_) => (
            &["unlaunched", "launch-denied"],
            Some(Step::Renewing(key())),
        ),
        Step::Renewing(_) => (&["renewing"], Some(Step::Unrenewed(key(), trouble))),
        Step::Unrenewed(..) => (
            &["unrenewed", "renewal-gopay-down"],
            Some(Step::Refused(trouble)),
        ),
        Step::Refused(_) => (&["renewal-refused"], Some(Step::CallingOff)),
        Step::CallingOff => (&["calling-off"], Some(Step::NotCalledOff(trouble))),
        Step::NotCalledOff(_) => (&["not-called-off"], None),
    });
    for (step, scene) in steps {
        let taps = scene.play["steps"].as_array().unwrap();
        assert_eq!(taps.is_empty(), step == Step::Waiting, "{}", scene.name);
    }
}

#[test]
fn every_place_on_the_way_is_to_be_seen() {
    let attempt = || Attempt {
        key: Key(String::new()),
        customer: String::new(),
        order: PlaceOrder {
            lines: Vec::new(),
            expected_total: Rupiah::ZERO,
        },
        made_at: 0,
        replaces: None,
    };
    let id = String::new;
    let trouble = Trouble::Offline;
    let seen = Seen {
        order: order("paid"),
        at: 0,
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
            Some(State::Unanswered {
                attempt: attempt(),
                trouble,
            }),
        ),
        State::Unanswered { .. } => (&["unanswered"], Some(State::Repricing { trouble })),
        State::Repricing { .. } => (&["repricing"], Some(State::Looking { id: id() })),
        State::Looking { .. } => (&["order-loading"], Some(State::Lost { id: id(), trouble })),
        State::Lost { .. } => (
            &["order-offline", "order-shop-down"],
            Some(State::Ordered(Box::new(Ordered::opened(seen.clone())))),
        ),
        State::Ordered(_) => (
            &["paid", "awaiting"],
            Some(State::Listing(Listing {
                orders: None,
                trouble: None,
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
            Some(State::Missing),
        ),
        State::Missing => (&["missing", "order-missing"], None),
    });
    for (state, scene) in way {
        let is_order = scene.open.starts_with("/orders/");
        if matches!(
            state,
            State::Looking { .. } | State::Lost { .. } | State::Ordered(_)
        ) {
            assert!(is_order, "{}", scene.name);
        }
    }
    walk(session::State::SigningIn, |state| match state {
        session::State::SigningIn => (&["boot-shop"], Some(session::State::Retrying(trouble))),
        session::State::Retrying(_) => (&["retrying"], Some(session::State::Failed(trouble))),
        // Whoever is in is in the shop or at an order: see above.
        session::State::Failed(_) | session::State::In(_) => (&["sign-in-offline"], None),
    });
}

#[test]
fn every_way_with_the_name_is_to_be_seen() {
    let faces = walk(Face::Question, |face| match face {
        Face::Question => (&["name-question", "name-asking"], Some(Face::Named)),
        Face::Named => (&["name-known", "name-longest"], Some(Face::Without)),
        Face::Without => (&["name-without"], None),
    });
    for (face, scene) in faces {
        let session = &scene.play["answers"]["POST /api/session"][0]["body"];
        let is_named = session["customer"]["name"].is_string();
        assert_eq!(is_named, face == Face::Named, "{}", scene.name);
    }
}
