//! A death at every point of every part.

use crate::{
    harness::CrashHarness,
    keys::Keys,
    scenario::{self, Scenario},
    test_database,
};
use std::{
    collections::BTreeMap,
    io::{Write, stdout},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinSet};

/// So many merchants at once: they wait more than they work.
const AT_ONCE: usize = 8;

/// PostgreSQL's driver waits several times within a statement: of these points each fourth is tried.
const POSTGRES_STRIDE: usize = 4;

/// A part has fewer points than that.
const ENDLESS: u32 = 300;

/// F53, F54, F60, F71, I-15, I-29: kill -9 at every await of starting, signing in, ordering,
/// paying, being notified, being asked, asking, cancelling, refunding and sending the webhook. The
/// merchant is there again, nothing that anybody was told is lost, nothing happens twice,
/// and GoPay never knows of what was not written down.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_await_loses_and_repeats_nothing() {
    let keys = Arc::new(Keys::new());
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut parts = JoinSet::new();
    for scenario in scenario::ALL {
        for (part, points) in points(scenario, &keys).await {
            assert!(points > 0);
            if scenario.like_before.contains(&part.as_str()) {
                continue;
            }
            let (keys, turns) = (Arc::clone(&keys), Arc::clone(&turns));
            parts.spawn(sweep(scenario, part, points, keys, turns));
        }
        let (keys, turns) = (Arc::clone(&keys), Arc::clone(&turns));
        parts.spawn(async move {
            let _turn = turns.acquire().await.unwrap();
            let mut harness = CrashHarness::new(&keys, "").await;
            scenario.play_with_deaths_between(&mut harness).await;
            harness.restarts.clone()
        });
    }
    let mut restarts = Vec::new();
    while let Some(swept) = parts.join_next().await {
        restarts.extend(swept.unwrap());
    }
    restarts.sort();
    let most = restarts[restarts.len() * 9 / 10];
    let slowest = restarts.last().unwrap().as_millis();
    // Past the test harness: these figures are worth seeing. A loss would have ended this.
    writeln!(
        stdout(),
        "crash points: {} tried, lost 0, double 0, nine restarts of ten within {} ms, slowest {slowest} ms",
        restarts.len(),
        most.as_millis()
    )
    .unwrap();
}

/// What can die, and how many points it passes when it does not.
async fn points(scenario: Scenario, keys: &Arc<Keys>) -> BTreeMap<String, u32> {
    let mut harness = CrashHarness::new(keys, "trace").await;
    scenario.play(&mut harness).await;
    let mut points = BTreeMap::new();
    for line in harness.said().lines() {
        let Some(point) = line.strip_prefix("point ") else {
            continue;
        };
        let (number, part) = point.split_once(' ').unwrap();
        points.insert(part.to_owned(), number.parse().unwrap());
    }
    assert!(points.len() > 5, "{points:?}");
    points
}

/// Dies at each point that a run without a death passes, all at once, and from there on at one more
/// after the other, until a run passes fewer.
async fn sweep(
    scenario: Scenario,
    part: String,
    points: u32,
    keys: Arc<Keys>,
    turns: Arc<Semaphore>,
) -> Vec<Duration> {
    let dies_at = |number: u32| {
        let (keys, turns) = (Arc::clone(&keys), Arc::clone(&turns));
        let crash = format!("die {number} {part}");
        async move {
            let _turn = turns.acquire().await.unwrap();
            let mut harness = CrashHarness::new(&keys, &crash).await;
            scenario.play(&mut harness).await;
            harness.restarts.clone()
        }
    };
    let mut restarts = Vec::new();
    let stride = match test_database::is_postgres() {
        true => POSTGRES_STRIDE,
        false => 1,
    };
    let mut known: JoinSet<_> = (1..=points).step_by(stride).map(&dies_at).collect();
    while let Some(died) = known.join_next().await {
        // One that comes to no death passed fewer points than the run before, by chance.
        restarts.extend(died.unwrap());
    }
    for number in points + 1..ENDLESS {
        let died = dies_at(number).await;
        if died.is_empty() {
            return restarts;
        }
        restarts.extend(died);
    }
    panic!("{part} has no end")
}
