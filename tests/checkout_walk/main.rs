//! The checkout in every state that it can reach, in a world that does anything at any time.
//!
//! The world knows what was asked for and not answered yet. It answers in every way, early,
//! late, or never, hides the page and kills the app, while the buyer taps whatever there is,
//! and opens every address. One walk over all of it looks at each step with every rule; each
//! test tells of one, and prints the shortest way to where it is broken.
//!
//! Invariant: nothing is kept of a place but its hash and where it was come to from.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod rules;
mod walk;
mod world;

use walk::{Bounds, Walk};

/// Asserts that the rule holds everywhere, and that it had something to say `often` times.
fn holds(name: &str, often: usize) {
    for walk in Walk::all() {
        let finding = walk.finding(name);
        if let Some(way) = &finding.broken {
            panic!("{name} is broken, with {}:\n{way}", walk.bounds.name);
        }
        println!("{}: {} times", walk.bounds.name, finding.held);
        assert!(finding.held >= often, "only {} times", finding.held);
    }
}

#[test]
fn the_walk_goes_everywhere() {
    for walk in Walk::all() {
        let Bounds { name, floor, .. } = walk.bounds;
        println!(
            "{name}: {} places, {} steps in {:?}",
            walk.places, walk.steps, walk.took
        );
        assert!(walk.places >= floor, "{name}: {} places", walk.places);
        let missing = walk.unseen_faces();
        assert!(missing.is_empty(), "{name}: never seen {missing:?}");
    }
}

/// I-27, I-41: whatever the container, the address or the buyer say.
#[test]
fn only_the_merchants_word_shows_an_order_as_paid() {
    holds("only the merchant's word", 10_000);
}

/// I-22, on the screen.
#[test]
fn paid_never_goes_back() {
    holds("paid never goes back", 5_000);
}

/// I-42, F95, F96: nor a second payment of the same order.
#[test]
fn nothing_places_a_second_order_while_one_is_open() {
    holds("one order at a time", 100);
}

/// F94, F99: to the letter, order and all.
#[test]
fn a_retry_keeps_its_key() {
    holds("a retry keeps its key", 100);
}

/// F93, F94: whenever the app is killed, it finds what nobody has answered.
#[test]
fn what_is_sent_was_written_down_before() {
    holds("written down before", 50);
}

#[test]
fn settled_orders_stay_settled() {
    holds("settled stays", 5_000);
}

/// F88, F106: an answer to nothing, to another question or from before is none.
#[test]
fn stale_answers_do_nothing() {
    holds("stale answers", 20_000);
}

/// I-44: whoever waits waits for something that comes, and whoever does not can go on.
#[test]
fn every_state_has_a_way_out() {
    holds("a way out", 1_000);
}

/// F93, F106: a word of the container's, the page in front again, the network back, a start
/// at any address: all of them lead to the merchant's being asked.
#[test]
fn all_ways_back_ask_the_merchant() {
    holds("ways back", 5_000);
}

/// I-38: and only for a payment that the merchant offers and the buyer asked for.
#[test]
fn gopay_is_opened_for_nothing_but_a_payment() {
    holds("gopay opens", 20);
}
