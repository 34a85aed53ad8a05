//! Model checking of the checkout: every state it can reach, in an environment that does anything
//! at any time.
//!
//! The environment knows which requests are unanswered. It answers in every way, early, late or
//! never, hides the page and kills the app, while the buyer taps every button and opens every
//! address. One breadth-first exploration checks every rule on every transition. Each test reports
//! one rule, and prints the shortest trace that violates it.
//!
//! Invariant: of an explored state only its hash and its predecessor are kept.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod exploration;
mod model;
mod rules;

use exploration::{Bounds, Exploration};

/// Asserts that the rule holds everywhere, and that it applied `often` times.
fn holds(name: &str, often: usize) {
    for exploration in Exploration::all() {
        let result = exploration.result(name);
        if let Some(trace) = &result.violation {
            panic!(
                "{name} is violated, with {}:\n{trace}",
                exploration.bounds.name
            );
        }
        println!("{}: {} times", exploration.bounds.name, result.held);
        assert!(result.held >= often, "only {} times", result.held);
    }
}

#[test]
fn the_exploration_reaches_every_kind_of_state() {
    for exploration in Exploration::all() {
        let Bounds {
            name, min_states, ..
        } = exploration.bounds;
        println!(
            "{name}: {} states, {} transitions in {:?}",
            exploration.states, exploration.transitions, exploration.took
        );
        assert!(
            exploration.states >= min_states,
            "{name}: {} states",
            exploration.states
        );
        let missing = exploration.unseen_kinds();
        assert!(missing.is_empty(), "{name}: never seen {missing:?}");
    }
}

/// TM05, TM39, I-27, I-41: neither container nor address nor buyer can.
#[test]
fn only_the_merchants_word_shows_an_order_as_paid() {
    holds("only the merchant's word", 10_000);
}

/// I-22, on the screen.
#[test]
fn paid_never_goes_back() {
    holds("paid never goes back", 5_000);
}

/// TM07, I-42, F95, F96: nor is a second payment of the same order asked for.
#[test]
fn no_second_order_is_placed_while_one_is_under_way() {
    holds("one order at a time", 100);
}

/// F94, F99: and its order.
#[test]
fn a_retry_keeps_its_key() {
    holds("a retry keeps its key", 100);
}

/// F93, F94: an app that is killed at any time finds its unconfirmed attempt.
#[test]
fn an_attempt_is_persisted_before_it_is_sent() {
    holds("persisted before sent", 50);
}

#[test]
fn settled_orders_stay_settled() {
    holds("settled stays", 5_000);
}

/// F88, F106: nor do unexpected answers, or answers to another request.
#[test]
fn stale_answers_do_nothing() {
    holds("stale answers", 20_000);
}

/// I-44: each wait ends by itself, and every other state offers a button that leads on.
#[test]
fn every_state_has_a_way_out() {
    holds("a way out", 1_000);
}

/// F93, F106: an answer of the container, a visible page, a restored network, a start at any
/// address.
#[test]
fn every_way_back_asks_the_merchant() {
    holds("ways back", 5_000);
}

/// I-38: one that the merchant offers and the buyer asked for.
#[test]
fn gopay_opens_only_for_a_payment() {
    holds("gopay opens", 20);
}
