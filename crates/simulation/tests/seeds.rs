//! A thousand seeds, and that a seed gives the same run every time.

use enumset::EnumSet;
use simulation::{CoveragePoint, Fault, Plan, run, run_seeds};
use std::io::{Write, stdout};
use strum::VariantArray;

/// I-01, I-02, I-03, I-04, I-05, I-08, I-09, I-10, I-11, I-12, I-13, I-14, I-15, I-16, I-17,
/// I-18, I-20, I-22, I-23, I-24, I-26, I-27, I-30, I-31, I-32, I-34, I-38, I-41, I-42, I-44,
/// I-45, I-47: with every fault, and clocks that differ by minutes, all of these hold. F59: inquiries
/// find what no notification reports.
#[test]
fn a_thousand_seeds_violate_no_invariant() {
    let summary = run_seeds(Plan::DEFAULT, 1..1_001).expect("the simulation starts");
    // Past the test harness: these figures are worth seeing.
    writeln!(stdout(), "{summary}").expect("there is an output");
    assert_eq!(summary.violations(), 0);
    for point in CoveragePoint::VARIANTS {
        assert!(
            summary.coverage.contains_key(point),
            "{point:?} was never reached"
        );
    }
    assert!(summary.orders > 5_000, "{} orders", summary.orders);
    assert!(summary.rewards > 2_000, "{} rewards", summary.rewards);
}

#[test]
fn a_seed_gives_the_same_run_every_time() {
    let plan = Plan {
        seed: 7,
        trace: true,
        ..Plan::DEFAULT
    };
    let first = run(plan).expect("the simulation starts");
    let second = run(plan).expect("the simulation starts");
    assert!(first.trace.len() > 100);
    assert_eq!(first.trace, second.trace);
}

#[test]
fn a_simulation_without_faults_violates_no_invariant() {
    let plan = Plan {
        faults: EnumSet::empty(),
        ..Plan::DEFAULT
    };
    let summary = run_seeds(plan, 1..21).expect("the simulation starts");
    assert_eq!(summary.violations(), 0);
    assert!(summary.orders > 50);
    assert!(!summary.coverage.contains_key(&CoveragePoint::PaidTwice));
}

#[test]
fn each_fault_alone_violates_no_invariant() {
    for fault in EnumSet::<Fault>::all() {
        let plan = Plan {
            faults: EnumSet::only(fault),
            ..Plan::DEFAULT
        };
        let summary = run_seeds(plan, 1..6).expect("the simulation starts");
        assert_eq!(summary.violations(), 0, "{fault:?}: {summary}");
    }
}

/// I-30, F40: the payments that an outage left open are inquired about in turn, and all in time.
#[test]
fn sixty_buyers_are_served_after_an_outage() {
    let plan = Plan {
        buyers: 60,
        faults: Fault::Outage | Fault::AnswerLost | Fault::NoticeLost,
        ..Plan::DEFAULT
    };
    let summary = run_seeds(plan, 1..3).expect("the simulation starts");
    assert_eq!(summary.violations(), 0, "{summary}");
    assert!(summary.orders > 300, "{} orders", summary.orders);
}
