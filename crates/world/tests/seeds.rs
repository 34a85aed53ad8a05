//! A thousand worlds, and that a world is the same whenever it is lived through.

use std::io::{Write, stdout};
use world::{Harm, Harms, Plan, Rare, live, run};

/// I-01, I-02, I-03, I-04, I-05, I-08, I-09, I-10, I-11, I-12, I-13, I-14, I-15, I-16, I-17,
/// I-18, I-20, I-22, I-23, I-24, I-26, I-27, I-30, I-31, I-32, I-34, I-38, I-41, I-42, I-44,
/// I-45: in a world where everything breaks, nothing of it is broken; clocks that differ by
/// minutes among them. F59: what no notification tells, inquiries find.
#[test]
fn a_thousand_worlds_break_no_promise() {
    let total = live(Plan::DEFAULT, 1..1_001).expect("a world begins");
    // Past the test harness: these figures are worth seeing.
    writeln!(stdout(), "{total}").expect("there is an output");
    assert_eq!(total.violations(), 0);
    for rare in Rare::ALL {
        assert!(total.rare.contains_key(rare), "{rare:?} was never met");
    }
    assert!(total.orders > 5_000, "{} orders", total.orders);
}

#[test]
fn a_seed_is_the_same_world_every_time() {
    let plan = Plan {
        seed: 7,
        tell: true,
        ..Plan::DEFAULT
    };
    let once = run(plan).expect("a world begins");
    let again = run(plan).expect("a world begins");
    assert!(once.story.len() > 100);
    assert_eq!(once.story, again.story);
}

#[test]
fn without_trouble_every_wish_comes_true() {
    let plan = Plan {
        harms: Harms::NONE,
        ..Plan::DEFAULT
    };
    let total = live(plan, 1..21).expect("a world begins");
    assert_eq!(total.violations(), 0);
    assert!(total.orders > 50);
    assert!(!total.rare.contains_key(&Rare::PaidTwice));
}

/// Every kind of trouble alone: whichever it is, it is survived.
#[test]
fn each_trouble_alone_is_survived() {
    for harm in Harm::ALL {
        let plan = Plan {
            harms: Harms::NONE.with(*harm),
            ..Plan::DEFAULT
        };
        let total = live(plan, 1..6).expect("a world begins");
        assert_eq!(total.violations(), 0, "{harm:?}: {total}");
    }
}

/// I-30, F40: what an outage left behind is asked about in turn, and all of it in time.
#[test]
fn a_crowd_is_served_after_an_outage() {
    let plan = Plan {
        buyers: 60,
        harms: Harms::NONE
            .with(Harm::Outage)
            .with(Harm::AnswerLost)
            .with(Harm::NoticeLost),
        ..Plan::DEFAULT
    };
    let total = live(plan, 1..3).expect("a world begins");
    assert_eq!(total.violations(), 0, "{total}");
    assert!(total.orders > 300, "{} orders", total.orders);
}
