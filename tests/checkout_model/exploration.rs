//! The exploration: every state once, every transition from it, breadth first.

use crate::model::{Scope, apply_input, inputs, starts};
use crate::rules::{RULES, Verdict};
use contract::OrderStatus;
use mini_app::checkout::{Hint, State};
use mini_app::user_error::UserError;
use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fmt::Write;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// How large a model is explored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) name: &'static str,
    /// Fewer states mean that the exploration misses a part of the model.
    pub(crate) min_states: usize,
    scope: Scope,
}

/// One order with every status, and two orders that interfere.
const BOUNDS: [Bounds; 2] = [
    Bounds {
        name: "one order",
        min_states: 10_000,
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
                Err(UserError::GopayFailed),
            ],
        },
    },
    Bounds {
        name: "two orders",
        min_states: 30_000,
        scope: Scope {
            orders: 2,
            statuses: &[
                OrderStatus::AwaitingPayment,
                OrderStatus::Paid,
                OrderStatus::Expired,
            ],
            hints: &[Ok(Hint::Unpaid), Err(UserError::GopayFailed)],
        },
    },
];

/// The exploration fails beyond this number of states.
const MAX_STATES: usize = 300_000;

/// How one rule fared.
#[derive(Debug, Default)]
pub(crate) struct RuleResult {
    /// In how many transitions it applied and held.
    pub(crate) held: usize,
    /// The shortest trace to a transition that violates it.
    pub(crate) violation: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Exploration {
    pub(crate) bounds: Bounds,
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) took: Duration,
    results: Vec<RuleResult>,
    kinds: BTreeSet<String>,
}

/// The state that led to this one, and which of its inputs did.
type Origin = Option<(u32, u16)>;

impl Exploration {
    /// Computed once for all tests.
    pub(crate) fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Exploration>> = OnceLock::new();
        ALL.get_or_init(|| {
            let explorations = BOUNDS.map(|bounds| thread::spawn(move || Self::through(bounds)));
            explorations
                .map(|exploration| exploration.join().unwrap())
                .into()
        })
    }

    pub(crate) fn result(&self, name: &str) -> &RuleResult {
        let rule = RULES.iter().position(|(rule, _)| *rule == name);
        &self.results[rule.unwrap_or_else(|| panic!("no rule {name}"))]
    }

    fn through(bounds: Bounds) -> Self {
        let start = Instant::now();
        let hasher = BuildHasherDefault::<DefaultHasher>::new();
        let mut known = HashSet::new();
        let mut origins: Vec<Origin> = Vec::new();
        let mut next = VecDeque::new();
        let mut exploration = Self {
            bounds,
            states: 0,
            transitions: 0,
            took: Duration::ZERO,
            results: RULES.iter().map(|_| RuleResult::default()).collect(),
            kinds: BTreeSet::new(),
        };
        for at in starts() {
            known.insert(hasher.hash_one(&at));
            origins.push(None);
            next.push_back((origins.len() - 1, at));
        }
        while let Some((number, at)) = next.pop_front() {
            exploration.states += 1;
            exploration.kinds.extend(kinds(&at.state));
            for (choice, input) in inputs(&at, bounds.scope).iter().enumerate() {
                let transition = apply_input(&at, input);
                exploration.transitions += 1;
                for (result, (_, rule)) in exploration.results.iter_mut().zip(RULES) {
                    if result.violation.is_some() {
                        continue;
                    }
                    match rule(&transition) {
                        Verdict::NotApplicable => {}
                        Verdict::Holds => result.held += 1,
                        Verdict::Violated => {
                            result.violation = Some(trace(bounds.scope, &origins, number, choice));
                        }
                    }
                }
                if transition.leads_on()
                    && transition.to != at
                    && known.insert(hasher.hash_one(&transition.to))
                {
                    origins.push(Some((
                        u32::try_from(number).unwrap(),
                        u16::try_from(choice).unwrap(),
                    )));
                    assert!(
                        origins.len() < MAX_STATES,
                        "the checkout has no end of states"
                    );
                    next.push_back((origins.len() - 1, transition.to));
                }
            }
        }
        exploration.took = start.elapsed();
        exploration
    }

    /// Kinds of states, pending actions and views that the exploration did not reach.
    pub(crate) fn unseen_kinds(&self) -> Vec<String> {
        let kinds = [
            "Starting",
            "Browsing",
            "Placing",
            "Unconfirmed",
            "Repricing",
            "LoadingOrder",
            "LoadFailed",
            "Ordered",
            "Listing",
            "NotFound",
            "Idle",
            "Checking",
            "Launching",
            "LaunchFailed",
            "Renewing",
            "RenewalUnconfirmed",
            "RenewalRefused",
            "Cancelling",
            "CancelFailed",
            "Opening",
            "Verifying",
        ];
        let results = self.bounds.scope.statuses.iter();
        (kinds.into_iter().map(str::to_owned))
            .chain(results.map(|status| format!("Result({status:?})")))
            .filter(|kind| !self.kinds.contains(kind))
            .collect()
    }
}

/// The kind of a state; of an order also its pending action and its view.
fn kinds(state: &State) -> impl Iterator<Item = String> {
    let kind = |shown: String| {
        let end = shown.find(['(', ' ']).unwrap_or(shown.len());
        shown[..end].to_owned()
    };
    let order = match state {
        State::Ordered(flow) => Some([
            kind(format!("{:?}", flow.action)),
            format!("{:?}", flow.view()),
        ]),
        _ => None,
    };
    let this = match state {
        State::Ordered(_) => "Ordered".to_owned(),
        other => kind(format!("{other:?}")),
    };
    order.into_iter().flatten().chain([this])
}

/// Replays the inputs that lead there, as text.
fn trace(scope: Scope, origins: &[Origin], number: usize, choice: usize) -> String {
    let mut choices = vec![choice];
    let mut number = number;
    while let Some((before, choice)) = origins[number] {
        choices.push(choice.into());
        number = usize::try_from(before).unwrap();
    }
    let mut at = starts()[number].clone();
    let mut text = String::new();
    for choice in choices.into_iter().rev() {
        let input = inputs(&at, scope).swap_remove(choice);
        let transition = apply_input(&at, &input);
        let _ = writeln!(text, "{input:?}\n    commands {:?}", transition.commands);
        let _ = writeln!(text, "    state {:?}", transition.to.state);
        at = transition.to;
    }
    let _ = writeln!(text, "    {:?}", at.environment);
    text
}
