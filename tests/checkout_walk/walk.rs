//! The walk itself: every place once, every step from it, breadth first.

use crate::rules::{RULES, Verdict};
use crate::world::{Scope, moves, starts, step};
use contract::OrderStatus;
use mini_app::checkout::{Hint, State};
use mini_app::trouble::Trouble;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// How much of the world there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) name: &'static str,
    /// So many places at the least, or the walk has lost its way.
    pub(crate) floor: usize,
    scope: Scope,
}

/// One order through all that can become of it, and two that get into each other's way.
const BOUNDS: [Bounds; 2] = [
    Bounds {
        name: "one order",
        floor: 10_000,
        scope: Scope {
            orders: 1,
            statuses: &[
                OrderStatus::AwaitingPayment,
                OrderStatus::Checking,
                OrderStatus::Paid,
                OrderStatus::Cancelled,
                OrderStatus::Failed,
                OrderStatus::Expired,
                OrderStatus::PartiallyRefunded,
                OrderStatus::Refunded,
                OrderStatus::Review,
            ],
            hints: &[
                Ok(Hint::Underway),
                Ok(Hint::Unpaid),
                Err(Trouble::GopayFailed),
            ],
        },
    },
    Bounds {
        name: "two orders",
        floor: 30_000,
        scope: Scope {
            orders: 2,
            statuses: &[
                OrderStatus::AwaitingPayment,
                OrderStatus::Paid,
                OrderStatus::Expired,
            ],
            hints: &[Ok(Hint::Unpaid), Err(Trouble::GopayFailed)],
        },
    },
];

/// No more places than this are looked at before the walk gives up.
const MANY: usize = 300_000;

/// What a rule came to.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// How often it had something to say.
    pub(crate) held: usize,
    /// The shortest way to where it does not hold.
    pub(crate) broken: Option<String>,
}

/// All that is known after it.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) bounds: Bounds,
    pub(crate) places: usize,
    pub(crate) steps: usize,
    pub(crate) took: Duration,
    findings: Vec<Finding>,
    faces: BTreeSet<String>,
}

/// Where a place was come to from: the place, and which of the moves from there.
type Origin = Option<(u32, u16)>;

impl Walk {
    /// Done once for all tests.
    pub(crate) fn all() -> &'static [Self] {
        static WALKS: OnceLock<Vec<Walk>> = OnceLock::new();
        WALKS.get_or_init(|| {
            let walks = BOUNDS.map(|bounds| thread::spawn(move || Self::through(bounds)));
            walks.map(|walk| walk.join().unwrap()).into()
        })
    }

    pub(crate) fn finding(&self, name: &str) -> &Finding {
        let rule = RULES.iter().position(|(rule, _)| *rule == name);
        &self.findings[rule.unwrap_or_else(|| panic!("no rule {name}"))]
    }

    fn through(bounds: Bounds) -> Self {
        let start = Instant::now();
        let hasher = BuildHasherDefault::<DefaultHasher>::new();
        let mut known = HashSet::new();
        let mut origins: Vec<Origin> = Vec::new();
        let mut next = VecDeque::new();
        let mut walk = Self {
            bounds,
            places: 0,
            steps: 0,
            took: Duration::ZERO,
            findings: RULES.iter().map(|_| Finding::default()).collect(),
            faces: BTreeSet::new(),
        };
        for place in starts() {
            known.insert(hasher.hash_one(&place));
            origins.push(None);
            next.push_back((origins.len() - 1, place));
        }
        while let Some((number, place)) = next.pop_front() {
            walk.places += 1;
            walk.faces.extend(faces(&place.state));
            for (turn, by) in moves(&place, bounds.scope).iter().enumerate() {
                let stride = step(&place, by);
                walk.steps += 1;
                for (finding, (_, rule)) in walk.findings.iter_mut().zip(RULES) {
                    if finding.broken.is_some() {
                        continue;
                    }
                    match rule(&stride) {
                        Verdict::Silent => {}
                        Verdict::Holds => finding.held += 1,
                        Verdict::Broken => {
                            finding.broken = Some(way(bounds.scope, &origins, number, turn));
                        }
                    }
                }
                if stride.leads_on()
                    && stride.to != place
                    && known.insert(hasher.hash_one(&stride.to))
                {
                    origins.push(Some((
                        u32::try_from(number).unwrap(),
                        u16::try_from(turn).unwrap(),
                    )));
                    assert!(origins.len() < MANY, "the checkout has no end of states");
                    next.push_back((origins.len() - 1, stride.to));
                }
            }
        }
        walk.took = start.elapsed();
        walk
    }

    /// Kinds of states, steps and results that the walk did not come by.
    pub(crate) fn unseen_faces(&self) -> Vec<String> {
        let kinds = [
            "Starting",
            "Browsing",
            "Placing",
            "Unanswered",
            "Repricing",
            "Looking",
            "Lost",
            "Ordered",
            "Listing",
            "Missing",
            "Waiting",
            "Asking",
            "Launching",
            "Unlaunched",
            "Renewing",
            "Unrenewed",
            "Refused",
            "CallingOff",
            "NotCalledOff",
            "Opening",
            "Verifying",
        ];
        let results = self.bounds.scope.statuses.iter();
        (kinds.into_iter().map(str::to_owned))
            .chain(results.map(|status| format!("Result({status:?})")))
            .filter(|face| !self.faces.contains(face))
            .collect()
    }
}

/// The kind of a state; of an order's also what is done about it, and how it looks.
fn faces(state: &State) -> impl Iterator<Item = String> {
    let kind = |shown: String| {
        let end = shown.find(['(', ' ']).unwrap_or(shown.len());
        shown[..end].to_owned()
    };
    let order = match state {
        State::Ordered(ordered) => Some([
            kind(format!("{:?}", ordered.step)),
            format!("{:?}", ordered.look()),
        ]),
        _ => None,
    };
    let this = match state {
        State::Ordered(_) => "Ordered".to_owned(),
        other => kind(format!("{other:?}")),
    };
    order.into_iter().flatten().chain([this])
}

/// Goes the way again, for people to read.
fn way(scope: Scope, origins: &[Origin], number: usize, turn: usize) -> String {
    let mut turns = vec![turn];
    let mut at = number;
    while let Some((before, turn)) = origins[at] {
        turns.push(turn.into());
        at = usize::try_from(before).unwrap();
    }
    let [mut place, other] = starts();
    if at == 1 {
        place = other;
    }
    let mut told = String::new();
    for turn in turns.into_iter().rev() {
        let by = moves(&place, scope).swap_remove(turn);
        let stride = step(&place, &by);
        let _ = writeln!(told, "{by:?}\n    commands {:?}", stride.commands);
        let _ = writeln!(told, "    state {:?}", stride.to.state);
        place = stride.to;
    }
    let _ = writeln!(told, "    {:?}", place.world);
    told
}
