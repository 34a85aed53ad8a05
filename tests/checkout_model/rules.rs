//! The rules: what must hold in every transition.

use crate::model::{Commitment, DEEPLINK, Input, ModelState, Transition, attempt, index};
use contract::{Order, OrderId, OrderStatus, PaymentWay};
use mini_app::checkout::{
    Command, Event, OrderFlow, OrderSnapshot, OrderView, Origin, PendingAction, State, apply,
    reminder,
};
use mini_app::route::Route;
use mini_app::user_error::UserError;

/// What a rule says of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The rule is about other transitions.
    NotApplicable,
    Holds,
    Violated,
}

use Verdict::{Holds, NotApplicable, Violated};

type Rule = fn(&Transition) -> Verdict;

/// Checked on every transition.
pub(crate) const RULES: &[(&str, Rule)] = &[
    ("only the merchant's word", only_the_merchants_word),
    ("paid never goes back", paid_never_goes_back),
    ("one order at a time", one_order_at_a_time),
    ("a retry keeps its key", a_retry_keeps_its_key),
    ("persisted before sent", persisted_before_sent),
    ("settled stays", settled_stays),
    ("stale answers", stale_answers),
    ("a way out", a_way_out),
    ("ways back", ways_back),
    ("gopay opens", gopay_opens),
];

fn verdict(holds: bool) -> Verdict {
    if holds { Holds } else { Violated }
}

fn flow(state: &State) -> Option<&OrderFlow> {
    match state {
        State::Ordered(flow) => Some(flow),
        _ => None,
    }
}

fn status(flow: &OrderFlow) -> OrderStatus {
    flow.snapshot.order.status
}

fn took_money(status: OrderStatus) -> bool {
    use OrderStatus::{Paid, PartiallyRefunded, Refunded};
    matches!(status, Paid | PartiallyRefunded | Refunded)
}

/// The order before and after a transition that stays with it.
fn stays<'a>(transition: &'a Transition) -> Option<(&'a OrderFlow, &'a OrderFlow)> {
    let (from, to) = (flow(&transition.from.state)?, flow(&transition.to.state)?);
    (from.snapshot.order.id == to.snapshot.order.id).then_some((from, to))
}

/// The order on the screen is, to the letter, an answer of the merchant to a request.
fn only_the_merchants_word(transition: &Transition) -> Verdict {
    let Some(to) = flow(&transition.to.state) else {
        return NotApplicable;
    };
    let before = flow(&transition.from.state).map(|from| &from.snapshot);
    let told =
        matches!(transition.input, Input::Answer(_)) && transition.word() == Some(&to.snapshot);
    let committed = transition.to.environment.committed[index(&to.snapshot.order.id)];
    let shown = match to.view() {
        OrderView::Result(shown) => shown == status(to),
        // While GoPay is open, or has just closed, no outcome is shown.
        OrderView::Opening | OrderView::Verifying => status(to).is_open(),
        OrderView::TimeUp => status(to) == OrderStatus::AwaitingPayment,
    };
    let is_paid = took_money(status(to));
    verdict(
        shown
            && (told || before == Some(&to.snapshot))
            && (!is_paid || committed == Commitment::Paid),
    )
}

fn paid_never_goes_back(transition: &Transition) -> Verdict {
    // The menu's reminder of an order that was on the screen before.
    let reminder = match &transition.to.state {
        State::Browsing { .. } => reminder(None, &transition.from.state),
        _ => None,
    };
    match (stays(transition), reminder) {
        (Some((from, to)), _) if took_money(status(from)) => {
            let (from, to) = (status(from), status(to));
            let is_refund = match from {
                OrderStatus::Paid => true,
                OrderStatus::PartiallyRefunded => to != OrderStatus::Paid,
                _ => from == to,
            };
            verdict(to == OrderStatus::Review || (took_money(to) && is_refund))
        }
        (None, Some(order)) => shown_as(&transition.from.state, &order.id)
            .map_or(NotApplicable, |status| verdict(status.is_open())),
        _ => NotApplicable,
    }
}

/// The order's status on the screen.
fn shown_as(state: &State, id: &OrderId) -> Option<OrderStatus> {
    let orders = match state {
        State::Ordered(flow) => std::slice::from_ref(&flow.snapshot.order),
        State::Listing(listing) => listing.orders.as_deref()?,
        _ => return None,
    };
    let order = orders.iter().find(|order| order.id == *id)?;
    Some(order.status)
}

/// The requests under way once the event has arrived.
fn under_way(transition: &Transition) -> (bool, [bool; 2]) {
    let environment = &transition.from.environment;
    let answered = match transition.input {
        Input::Answer(event) => Some(event),
        _ => None,
    };
    let placing = environment.placing.is_some() && !matches!(answered, Some(Event::Placed(_)));
    let renewing = environment.renewing.each_ref().map(|renewing| {
        let this = answered.is_some_and(
            |it| matches!(it, Event::Renewed { key, .. } if renewing.as_ref() == Some(key)),
        );
        renewing.is_some() && !this
    });
    (placing, renewing)
}

/// An order is sent after the buyer's tap in the shop, or sent again; never while another request
/// is under way or an order is on the screen. One payment is requested at a time.
fn one_order_at_a_time(transition: &Transition) -> Verdict {
    let (mut placing, mut renewing) = under_way(transition);
    let mut verdict = NotApplicable;
    for command in &transition.commands {
        let may = match command {
            Command::Place { attempt, .. } => {
                let is_asked_for = match (&transition.from.state, transition.event()) {
                    (State::Browsing { .. }, Some(Event::PayTapped(tapped))) => tapped == attempt,
                    (
                        State::Unconfirmed { attempt: same, .. },
                        Some(Event::RetryTapped | Event::Resumed),
                    )
                    | (State::Placing { attempt: same, .. }, Some(Event::Placed(Err(_)))) => {
                        same == attempt
                    }
                    (
                        State::Starting
                        | State::LoadingOrder { .. }
                        | State::LoadFailed { .. }
                        | State::Ordered(_)
                        | State::Listing(_)
                        | State::NotFound,
                        Some(Event::Started { attempt: same, .. }),
                    ) => same.as_ref() == Some(attempt),
                    _ => false,
                };
                is_asked_for && !std::mem::replace(&mut placing, true)
            }
            Command::Renew { id, .. } => {
                let is_shown =
                    flow(&transition.from.state).is_some_and(|it| it.snapshot.order.id == *id);
                let is_repeated = matches!(
                    transition.event(),
                    Some(Event::Renewed {
                        answer: Err(UserError::UnderWay),
                        ..
                    })
                );
                let is_asked_for =
                    is_repeated || matches!(transition.event(), Some(Event::ContinueTapped(_)));
                let before = std::mem::replace(&mut renewing[index(id)], true);
                is_shown && is_asked_for && !placing && !before
            }
            _ => continue,
        };
        verdict = if may && verdict != Violated {
            Holds
        } else {
            Violated
        };
    }
    // A request under way has the screen to itself until it is answered.
    let ModelState { state, environment } = &transition.to;
    let placing = environment.placing.is_some() == matches!(state, State::Placing { .. });
    let repricing = environment.repricing == matches!(state, State::Repricing { .. });
    if placing && repricing {
        verdict
    } else {
        Violated
    }
}

/// An unanswered request is repeated unchanged; a new request has a new key.
fn a_retry_keeps_its_key(transition: &Transition) -> Verdict {
    for command in &transition.commands {
        match (command, &transition.from.state, transition.event()) {
            (
                Command::Place { attempt, .. },
                State::Unconfirmed { attempt: same, .. } | State::Placing { attempt: same, .. },
                _,
            ) => return verdict(attempt == same),
            (Command::Place { attempt: sent, .. }, State::Starting, _) => {
                let persisted = transition.from.environment.persisted.as_ref();
                return verdict(persisted.map(attempt).as_ref() == Some(sent));
            }
            (
                Command::Renew { key, .. },
                State::Ordered(from),
                Some(Event::ContinueTapped(fresh)),
            ) => {
                return verdict(match &from.action {
                    PendingAction::RenewalUnconfirmed(same, _) => key == same,
                    _ => key == fresh,
                });
            }
            _ => {}
        }
    }
    // Until then the key is kept, unless the buyer gives the attempt up.
    match (&transition.from.state, &transition.to.state) {
        (
            State::Placing { attempt, .. } | State::Unconfirmed { attempt, .. },
            State::Placing { attempt: same, .. } | State::Unconfirmed { attempt: same, .. },
        ) => verdict(attempt == same),
        _ => match stays(transition).map(|(from, to)| (&from.action, &to.action)) {
            Some((
                PendingAction::Renewing(key),
                PendingAction::Renewing(same) | PendingAction::RenewalUnconfirmed(same, _),
            )) => verdict(key == same),
            _ => NotApplicable,
        },
    }
}

/// While the merchant may have an order that the app does not know of, its attempt is stored.
fn persisted_before_sent(transition: &Transition) -> Verdict {
    let mut persisted = transition.from.environment.persisted.as_ref();
    for command in &transition.commands {
        match command {
            Command::PersistAttempt(attempt) => persisted = Some(&attempt.key),
            Command::ClearAttempt => persisted = None,
            Command::Place { attempt, .. } if persisted != Some(&attempt.key) => return Violated,
            _ => {}
        }
    }
    let forgets = transition.commands.contains(&Command::ClearAttempt);
    let may_forget = matches!(
        (&transition.from.state, transition.event()),
        (State::Placing { .. }, Some(Event::Placed(_)))
    );
    match &transition.to.state {
        _ if forgets && !may_forget => Violated,
        State::Placing { attempt, .. } | State::Unconfirmed { attempt, .. } => {
            verdict(transition.to.environment.persisted.as_ref() == Some(&attempt.key))
        }
        _ if transition.input == &Input::Kill => {
            verdict(transition.to.environment.persisted == transition.from.environment.persisted)
        }
        _ => NotApplicable,
    }
}

/// Only the merchant's answer changes a settled order, and none reopens it: the app only reads it.
fn settled_stays(transition: &Transition) -> Verdict {
    use OrderStatus::{Cancelled, Paid, PartiallyRefunded, Refunded, Review};
    let Some(from) = flow(&transition.from.state) else {
        return NotApplicable;
    };
    if !matches!(
        status(from),
        Paid | PartiallyRefunded | Refunded | Review | Cancelled
    ) {
        return NotApplicable;
    }
    let acts = transition.commands.iter().any(|command| {
        matches!(
            command,
            Command::Place { .. }
                | Command::Renew { .. }
                | Command::Cancel { .. }
                | Command::Launch { .. }
        )
    });
    let Some((from, to)) = stays(transition) else {
        return verdict(!acts);
    };
    let stays = match transition.word() {
        Some(_) if status(from) == Cancelled => {
            matches!(
                status(to),
                Cancelled | Paid | PartiallyRefunded | Refunded | Review
            )
        }
        Some(_) => !status(to).is_open(),
        None => from.snapshot == to.snapshot,
    };
    // An earlier error is not shown beside the outcome.
    let is_calm = to.error().is_none() || !took_money(status(to));
    verdict(!acts && stays && is_calm)
}

fn stale_answers(transition: &Transition) -> Verdict {
    match transition.input {
        Input::Unexpected(_) => {
            verdict(transition.from.state == transition.to.state && transition.commands.is_empty())
        }
        Input::Overtaken(_) => verdict(stays(transition).is_some_and(|(from, to)| {
            from.snapshot == to.snapshot || from.snapshot.order.as_of == to.snapshot.order.as_of
        })),
        _ => NotApplicable,
    }
}

/// Where the app waits, a request is unanswered; where it does not, a tap leads on.
fn a_way_out(transition: &Transition) -> Verdict {
    // The rule is about a state, and each state has this input once.
    if transition.input != &Input::Kill {
        return NotApplicable;
    }
    let ModelState { state, environment } = transition.from;
    // A hidden page sends no request. When it is visible again it must repeat those it waits for.
    let asked = environment.reading.is_some()
        && matches!(
            apply(state.clone(), Event::Resumed).1[..],
            [Command::Read { after: 0, .. }]
        );
    let leads_on = |event: Event| {
        let (next, commands) = apply(state.clone(), event);
        next != *state || !commands.is_empty()
    };
    match state {
        State::Starting => NotApplicable,
        State::Placing { attempt, .. } => {
            verdict(environment.placing.as_ref() == Some(&attempt.key))
        }
        State::Repricing { .. } => verdict(environment.repricing),
        State::LoadingOrder { .. } => verdict(asked && leads_on(Event::ShopTapped)),
        State::LoadFailed { .. } => {
            verdict(leads_on(Event::RetryTapped) && leads_on(Event::ShopTapped))
        }
        State::Unconfirmed { .. } => {
            verdict(leads_on(Event::RetryTapped) && leads_on(Event::ChangeTapped))
        }
        State::Listing(listing) => {
            let wakes = matches!(
                apply(state.clone(), Event::Resumed).1[..],
                [Command::List { after: 0 }]
            );
            let waits = listing.asking || listing.error.is_some();
            let names = |order: &Order| leads_on(Event::OrderTapped(order.id.clone()));
            verdict(
                wakes
                    && (!waits || environment.listing)
                    && leads_on(Event::ShopTapped)
                    && leads_on(Event::RetryTapped)
                    && listing.orders.iter().flatten().all(names),
            )
        }
        State::NotFound => verdict(leads_on(Event::ShopTapped)),
        State::Browsing { .. } => verdict(
            leads_on(Event::PayTapped(attempt(&unused())))
                && leads_on(Event::OrderTapped("order-0".into())),
        ),
        State::Ordered(flow) => {
            let order = index(&flow.snapshot.order.id);
            let answered = match &flow.action {
                PendingAction::Renewing(key) => environment.renewing[order].as_ref() == Some(key),
                PendingAction::Cancelling => environment.cancelling[order],
                PendingAction::Checking | PendingAction::Launching => asked,
                _ => true,
            };
            let goes_on = match flow.view() {
                // No button: the view ends by itself, even without an answer.
                OrderView::Opening => asked && launch_times_out(state),
                OrderView::TimeUp => {
                    asked
                        && (is_busy(flow)
                            || (leads_on(Event::CheckTapped)
                                && leads_on(Event::CancelTapped)
                                && leads_on(Event::ShopTapped)))
                }
                OrderView::Verifying => asked && (is_busy(flow) || leads_on(Event::ShopTapped)),
                OrderView::Result(_) if is_busy(flow) => true,
                OrderView::Result(shown) => match shown {
                    OrderStatus::AwaitingPayment => {
                        asked
                            && leads_on(Event::ContinueTapped(unused()))
                            && leads_on(Event::CheckTapped)
                            && leads_on(Event::CancelTapped)
                    }
                    OrderStatus::Checking => {
                        asked && leads_on(Event::CheckTapped) && leads_on(Event::ShopTapped)
                    }
                    OrderStatus::Failed | OrderStatus::Expired => {
                        leads_on(Event::ContinueTapped(unused())) && leads_on(Event::ShopTapped)
                    }
                    OrderStatus::Cancelled => leads_on(Event::ReorderTapped),
                    _ => leads_on(Event::ShopTapped),
                },
            };
            verdict(answered && goes_on)
        }
    }
}

fn unused() -> contract::IdempotencyKey {
    contract::IdempotencyKey::from("unused")
}

fn is_busy(flow: &OrderFlow) -> bool {
    flow.action.is_busy()
}

/// Whether waiting for GoPay to open ends without any answer.
fn launch_times_out(state: &State) -> bool {
    let Some(order) = flow(state) else {
        return false;
    };
    let id = order.snapshot.order.id.clone();
    let mut state = state.clone();
    (0..10).any(|_| {
        let silence = Event::Read {
            id: id.clone(),
            answer: Err(UserError::TimedOut),
        };
        let before = std::mem::replace(&mut state, State::NotFound);
        let (next, commands) = apply(before, silence);
        let asks = commands
            .iter()
            .any(|command| matches!(command, Command::Read { .. }));
        state = next;
        asks && flow(&state).is_some_and(|it| it.view() != OrderView::Opening)
    })
}

/// Whether the order is read at once.
fn asks_now(transition: &Transition, id: &OrderId) -> bool {
    let read = Command::Read {
        id: id.clone(),
        after: 0,
    };
    transition.commands.contains(&read)
}

fn looks(transition: &Transition, id: &OrderId) -> Verdict {
    let looking = State::LoadingOrder { id: id.clone() };
    verdict(transition.to.state == looking && asks_now(transition, id))
}

/// Whether all orders are read at once.
fn lists(transition: &Transition) -> Verdict {
    let asks = transition.commands.contains(&Command::List { after: 0 });
    verdict(asks && matches!(transition.to.state, State::Listing(_)))
}

fn ways_back(transition: &Transition) -> Verdict {
    let (Input::Tap(event) | Input::Answer(event)) = transition.input else {
        return NotApplicable;
    };
    match (&transition.from.state, event) {
        (
            State::Starting,
            Event::Started {
                route: Route::Order(id),
                ..
            },
        ) => looks(transition, id),
        (
            State::Starting,
            Event::Started {
                route: Route::Shop,
                attempt,
            },
        ) => verdict(match (&transition.to.state, attempt) {
            (
                State::Placing {
                    attempt,
                    origin: Origin::Storage,
                    ..
                },
                Some(same),
            ) => attempt == same,
            (State::Browsing { .. }, None) => true,
            _ => false,
        }),
        // An order of an earlier run is shown and read; GoPay does not open.
        (
            State::Placing {
                origin: Origin::Storage,
                ..
            },
            Event::Placed(Ok(snapshot)),
        ) => verdict(is_shown_quietly(transition, snapshot)),
        (
            State::LoadingOrder { .. },
            Event::Read {
                answer: Ok(snapshot),
                ..
            },
        ) => verdict(is_shown_quietly(transition, snapshot)),
        (State::Browsing { .. }, Event::OrderTapped(id)) => looks(transition, id),
        // The menu is as old as the page.
        (State::Browsing { .. }, Event::Resumed) => {
            verdict(transition.commands.contains(&Command::Refresh))
        }
        // An order that was read before signing in is shown, and read once more.
        (
            State::Starting,
            Event::Read {
                answer: Ok(snapshot),
                ..
            },
        ) => verdict(is_shown_quietly(transition, snapshot)),
        // An order that may be another buyer's disappears at once.
        (
            State::LoadingOrder { .. } | State::LoadFailed { .. } | State::Ordered(_),
            Event::Started {
                route: Route::Order(id),
                ..
            },
        ) => looks(transition, id),
        (State::LoadingOrder { id } | State::LoadFailed { id, .. }, Event::Resumed) => {
            looks(transition, id)
        }
        (
            State::Starting,
            Event::Started {
                route: Route::Orders,
                ..
            },
        )
        | (State::Listing(_), Event::Resumed | Event::RetryTapped) => lists(transition),
        (
            State::Browsing { .. }
            | State::LoadingOrder { .. }
            | State::LoadFailed { .. }
            | State::NotFound,
            Event::OrdersTapped | Event::Opened(Route::Orders),
        ) => lists(transition),
        (State::Ordered(from), Event::OrdersTapped | Event::Opened(Route::Orders))
            if !matches!(from.action, PendingAction::Renewing(_)) =>
        {
            lists(transition)
        }
        (State::Ordered(from), Event::Resumed | Event::Hinted { .. }) => {
            back_at_the_order(transition, from)
        }
        (
            State::Browsing { .. }
            | State::Unconfirmed { .. }
            | State::LoadingOrder { .. }
            | State::LoadFailed { .. }
            | State::Listing(_)
            | State::NotFound,
            Event::Opened(Route::Order(id)),
        )
        | (State::Listing(_), Event::OrderTapped(id)) => looks(transition, id),
        (State::Ordered(from), Event::Opened(Route::Order(id)))
            if from.snapshot.order.id != *id
                && !matches!(from.action, PendingAction::Renewing(_)) =>
        {
            looks(transition, id)
        }
        _ => NotApplicable,
    }
}

/// Shown as in an undisturbed run, read for as long as it may change, and not launched.
fn is_shown_quietly(transition: &Transition, snapshot: &OrderSnapshot) -> bool {
    let launches = |command: &Command| matches!(command, Command::Launch { .. });
    let id = &snapshot.order.id;
    let asks =
        |command: &Command| matches!(command, Command::Read { id: asked, .. } if asked == id);
    flow(&transition.to.state).is_some_and(|it| {
        it.snapshot == *snapshot
            && it.view() == OrderView::Result(snapshot.order.status)
            && it.action == PendingAction::Idle
    }) && !transition.commands.iter().any(launches)
        && (!snapshot.order.status.is_open() || transition.commands.iter().any(asks))
}

fn back_at_the_order(transition: &Transition, from: &OrderFlow) -> Verdict {
    let Some(to) = flow(&transition.to.state) else {
        return Violated;
    };
    let is_hint = matches!(transition.event(), Some(Event::Hinted { .. }));
    let waits = matches!(
        from.action,
        PendingAction::Launching | PendingAction::Idle | PendingAction::Checking
    );
    if is_hint && !waits {
        // The buyer has started another action, which gets its own answer.
        return verdict(from == to && transition.commands.is_empty());
    }
    let told = matches!(transition.event(), Some(Event::Hinted { hint: Ok(_), .. }));
    let was_opening = from.action == PendingAction::Launching;
    let checks = match to.view() {
        OrderView::Opening => false,
        OrderView::Verifying => true,
        OrderView::TimeUp => !told,
        // The last answer stays only where GoPay was not open, or did not open.
        OrderView::Result(shown) => !shown.is_open() || !(told || (was_opening && !is_hint)),
    };
    verdict(asks_now(transition, &to.snapshot.order.id) && checks && from.snapshot == to.snapshot)
}

fn gopay_opens(transition: &Transition) -> Verdict {
    let mut launches = transition
        .commands
        .iter()
        .filter_map(|command| match command {
            Command::Launch { way, launch } => Some((way, launch)),
            _ => None,
        });
    let Some((way, launch)) = launches.next() else {
        return NotApplicable;
    };
    let asked = match (&transition.from.state, transition.input) {
        (
            State::Placing {
                attempt,
                origin: Origin::Tap,
                ..
            },
            Input::Answer(Event::Placed(Ok(_))),
        ) => attempt.key == *launch,
        (State::Ordered(from), Input::Answer(Event::Renewed { key, .. })) => {
            from.action == PendingAction::Renewing(key.clone()) && key == launch
        }
        _ => false,
    };
    let offered = flow(&transition.to.state).is_some_and(|to| {
        let payment = to.snapshot.order.payment.as_ref();
        status(to) == OrderStatus::AwaitingPayment
            && payment.is_some_and(|payment| payment.way == *way)
    });
    verdict(
        asked
            && offered
            && *way == PaymentWay::Deeplink(DEEPLINK.to_owned())
            && launches.next().is_none(),
    )
}
