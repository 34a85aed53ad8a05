//! What must hold in every step, whoever takes it.

use crate::world::{DEEPLINK, Move, Place, Said, Stride, attempt, index};
use contract::{Order, OrderStatus};
use mini_app::checkout::{
    Command, Event, Look, Ordered, Origin, Seen, State, Step, apply, reminder,
};
use mini_app::route::Route;
use mini_app::trouble::Trouble;

/// What a rule says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is about other steps.
    Silent,
    Holds,
    Broken,
}

use Verdict::{Broken, Holds, Silent};

type Rule = fn(&Stride) -> Verdict;

/// Looked at in every step.
pub(crate) const RULES: &[(&str, Rule)] = &[
    ("only the merchant's word", only_the_merchants_word),
    ("paid never goes back", paid_never_goes_back),
    ("one order at a time", one_order_at_a_time),
    ("a retry keeps its key", a_retry_keeps_its_key),
    ("written down before", written_down_before),
    ("settled stays", settled_stays),
    ("stale answers", stale_answers),
    ("a way out", a_way_out),
    ("ways back", ways_back),
    ("gopay opens", gopay_opens),
];

fn verdict(holds: bool) -> Verdict {
    if holds { Holds } else { Broken }
}

fn ordered(state: &State) -> Option<&Ordered> {
    match state {
        State::Ordered(ordered) => Some(ordered),
        _ => None,
    }
}

fn status(ordered: &Ordered) -> OrderStatus {
    ordered.seen.order.status
}

fn took_money(status: OrderStatus) -> bool {
    use OrderStatus::{Paid, PartiallyRefunded, Refunded};
    matches!(status, Paid | PartiallyRefunded | Refunded)
}

/// The order before and after a step that stays with it.
fn stays<'a>(stride: &'a Stride) -> Option<(&'a Ordered, &'a Ordered)> {
    let (from, to) = (ordered(&stride.from.state)?, ordered(&stride.to.state)?);
    (from.seen.order.id == to.seen.order.id).then_some((from, to))
}

/// What is shown of an order is, to the letter, an answer of the merchant's that was asked for.
fn only_the_merchants_word(stride: &Stride) -> Verdict {
    let Some(to) = ordered(&stride.to.state) else {
        return Silent;
    };
    let before = ordered(&stride.from.state).map(|from| &from.seen);
    let told = matches!(stride.by, Move::Answer(_)) && stride.word() == Some(&to.seen);
    let said = stride.to.world.said[index(&to.seen.order.id)];
    let shown = match to.look() {
        Look::Result(shown) => shown == status(to),
        // While GoPay is open, or has just been, nothing is shown as an outcome.
        Look::Opening | Look::Verifying => status(to).is_open(),
        Look::TimeUp => status(to) == OrderStatus::AwaitingPayment,
    };
    let is_paid = took_money(status(to));
    verdict(shown && (told || before == Some(&to.seen)) && (!is_paid || said == Said::Money))
}

fn paid_never_goes_back(stride: &Stride) -> Verdict {
    // The menu's reminder of an order that was on the screen before.
    let reminder = match &stride.to.state {
        State::Browsing { .. } => reminder(None, &stride.from.state),
        _ => None,
    };
    match (stays(stride), reminder) {
        (Some((from, to)), _) if took_money(status(from)) => {
            let (from, to) = (status(from), status(to));
            let is_refund = match from {
                OrderStatus::Paid => true,
                OrderStatus::PartiallyRefunded => to != OrderStatus::Paid,
                _ => from == to,
            };
            verdict(to == OrderStatus::Review || (took_money(to) && is_refund))
        }
        (None, Some(order)) => shown_as(&stride.from.state, &order.id)
            .map_or(Silent, |status| verdict(status.is_open())),
        _ => Silent,
    }
}

/// Where the order stands by what the screen says.
fn shown_as(state: &State, id: &str) -> Option<OrderStatus> {
    let orders = match state {
        State::Ordered(ordered) => std::slice::from_ref(&ordered.seen.order),
        State::Listing(listing) => listing.orders.as_deref()?,
        _ => return None,
    };
    let order = orders.iter().find(|order| order.id == id)?;
    Some(order.status)
}

/// The world as it is once the event has been heard.
fn under_way(stride: &Stride) -> (bool, [bool; 2]) {
    let world = &stride.from.world;
    let answered = match stride.by {
        Move::Answer(event) => Some(event),
        _ => None,
    };
    let placing = world.placing.is_some() && !matches!(answered, Some(Event::Placed(_)));
    let renewing = world.renewing.each_ref().map(|renewing| {
        let this = answered.is_some_and(
            |it| matches!(it, Event::Renewed { key, .. } if renewing.as_ref() == Some(key)),
        );
        renewing.is_some() && !this
    });
    (placing, renewing)
}

/// An order is sent by the buyer's tap in the shop, or is the one that was sent before; never
/// while another is on its way or on the screen. A payment is asked for once at a time.
fn one_order_at_a_time(stride: &Stride) -> Verdict {
    let (mut placing, mut renewing) = under_way(stride);
    let mut verdict = Silent;
    for command in &stride.commands {
        let may = match command {
            Command::Place { attempt, .. } => {
                let is_asked_for = match (&stride.from.state, stride.event()) {
                    (State::Browsing { .. }, Some(Event::PayTapped(tapped))) => tapped == attempt,
                    (
                        State::Unanswered { attempt: same, .. },
                        Some(Event::RetryTapped | Event::Woke),
                    )
                    | (State::Placing { attempt: same, .. }, Some(Event::Placed(Err(_)))) => {
                        same == attempt
                    }
                    (
                        State::Starting
                        | State::Looking { .. }
                        | State::Lost { .. }
                        | State::Ordered(_)
                        | State::Listing(_)
                        | State::Missing,
                        Some(Event::Started { attempt: same, .. }),
                    ) => same.as_ref() == Some(attempt),
                    _ => false,
                };
                is_asked_for && !std::mem::replace(&mut placing, true)
            }
            Command::Renew { id, .. } => {
                let is_shown =
                    ordered(&stride.from.state).is_some_and(|it| it.seen.order.id == *id);
                let is_repeated = matches!(
                    stride.event(),
                    Some(Event::Renewed {
                        answer: Err(Trouble::UnderWay),
                        ..
                    })
                );
                let is_asked_for =
                    is_repeated || matches!(stride.event(), Some(Event::ContinueTapped(_)));
                let before = std::mem::replace(&mut renewing[index(id)], true);
                is_shown && is_asked_for && !placing && !before
            }
            _ => continue,
        };
        verdict = if may && verdict != Broken {
            Holds
        } else {
            Broken
        };
    }
    // Whatever is on its way has the screen to itself until it is answered.
    let Place { state, world } = &stride.to;
    let placing = world.placing.is_some() == matches!(state, State::Placing { .. });
    let repricing = world.repricing == matches!(state, State::Repricing { .. });
    if placing && repricing {
        verdict
    } else {
        Broken
    }
}

/// What was not answered is sent again as it was; what is new has a key of its own.
fn a_retry_keeps_its_key(stride: &Stride) -> Verdict {
    for command in &stride.commands {
        match (command, &stride.from.state, stride.event()) {
            (
                Command::Place { attempt, .. },
                State::Unanswered { attempt: same, .. } | State::Placing { attempt: same, .. },
                _,
            ) => return verdict(attempt == same),
            (Command::Place { attempt: sent, .. }, State::Starting, _) => {
                let remembered = stride.from.world.remembered.as_ref();
                return verdict(remembered.map(attempt).as_ref() == Some(sent));
            }
            (
                Command::Renew { key, .. },
                State::Ordered(from),
                Some(Event::ContinueTapped(fresh)),
            ) => {
                return verdict(match &from.step {
                    Step::Unrenewed(same, _) => key == same,
                    _ => key == fresh,
                });
            }
            _ => {}
        }
    }
    // Until then it is kept, whatever happens, or let go by the buyer.
    match (&stride.from.state, &stride.to.state) {
        (
            State::Placing { attempt, .. } | State::Unanswered { attempt, .. },
            State::Placing { attempt: same, .. } | State::Unanswered { attempt: same, .. },
        ) => verdict(attempt == same),
        _ => match stays(stride).map(|(from, to)| (&from.step, &to.step)) {
            Some((Step::Renewing(key), Step::Renewing(same) | Step::Unrenewed(same, _))) => {
                verdict(key == same)
            }
            _ => Silent,
        },
    }
}

/// While the merchant may have an order that nobody knows of, its attempt is in the storage.
fn written_down_before(stride: &Stride) -> Verdict {
    let mut remembered = stride.from.world.remembered.as_ref();
    for command in &stride.commands {
        match command {
            Command::Remember(attempt) => remembered = Some(&attempt.key),
            Command::Forget => remembered = None,
            Command::Place { attempt, .. } if remembered != Some(&attempt.key) => return Broken,
            _ => {}
        }
    }
    let forgets = stride.commands.contains(&Command::Forget);
    let may_forget = matches!(
        (&stride.from.state, stride.event()),
        (State::Placing { .. }, Some(Event::Placed(_)))
    );
    match &stride.to.state {
        _ if forgets && !may_forget => Broken,
        State::Placing { attempt, .. } | State::Unanswered { attempt, .. } => {
            verdict(stride.to.world.remembered.as_ref() == Some(&attempt.key))
        }
        _ if stride.by == &Move::Kill => {
            verdict(stride.to.world.remembered == stride.from.world.remembered)
        }
        _ => Silent,
    }
}

/// An order that is over is changed by nothing but the merchant's word, and that opens it no
/// more: nothing is asked for on it any more but how it is.
fn settled_stays(stride: &Stride) -> Verdict {
    use OrderStatus::{Cancelled, Paid, PartiallyRefunded, Refunded, Review};
    let Some(from) = ordered(&stride.from.state) else {
        return Silent;
    };
    if !matches!(
        status(from),
        Paid | PartiallyRefunded | Refunded | Review | Cancelled
    ) {
        return Silent;
    }
    let acts = stride.commands.iter().any(|command| {
        matches!(
            command,
            Command::Place { .. }
                | Command::Renew { .. }
                | Command::CallOff { .. }
                | Command::Launch { .. }
        )
    });
    let Some((from, to)) = stays(stride) else {
        return verdict(!acts);
    };
    let stays = match stride.word() {
        Some(_) if status(from) == Cancelled => {
            matches!(
                status(to),
                Cancelled | Paid | PartiallyRefunded | Refunded | Review
            )
        }
        Some(_) => !status(to).is_open(),
        None => from.seen == to.seen,
    };
    // What went wrong before is no longer of interest beside the outcome, unless it is asked.
    let is_calm = to.trouble().is_none() || !took_money(status(to));
    verdict(!acts && stays && is_calm)
}

fn stale_answers(stride: &Stride) -> Verdict {
    match stride.by {
        Move::Stray(_) => {
            verdict(stride.from.state == stride.to.state && stride.commands.is_empty())
        }
        Move::Overtaken(_) => verdict(stays(stride).is_some_and(|(from, to)| {
            from.seen == to.seen || from.seen.order.as_of == to.seen.order.as_of
        })),
        _ => Silent,
    }
}

/// Where the app waits, somebody owes it an answer; where it does not, a tap leads on.
fn a_way_out(stride: &Stride) -> Verdict {
    // It is about a place, and this move is there once in each.
    if stride.by != &Move::Kill {
        return Silent;
    }
    let Place { state, world } = stride.from;
    // While nobody sees the page no question is asked, and whoever comes back to it wakes it:
    // so what is waited for must also be asked for then.
    let asked = world.reading.is_some()
        && matches!(
            apply(state.clone(), Event::Woke).1[..],
            [Command::Read { after: 0, .. }]
        );
    let leads_on = |event: Event| {
        let (next, commands) = apply(state.clone(), event);
        next != *state || !commands.is_empty()
    };
    match state {
        State::Starting => Silent,
        State::Placing { attempt, .. } => verdict(world.placing.as_ref() == Some(&attempt.key)),
        State::Repricing { .. } => verdict(world.repricing),
        State::Looking { .. } => verdict(asked && leads_on(Event::ShopTapped)),
        State::Lost { .. } => verdict(leads_on(Event::RetryTapped) && leads_on(Event::ShopTapped)),
        State::Unanswered { .. } => {
            verdict(leads_on(Event::RetryTapped) && leads_on(Event::ChangeTapped))
        }
        State::Listing(listing) => {
            let wakes = matches!(
                apply(state.clone(), Event::Woke).1[..],
                [Command::List { after: 0 }]
            );
            let waits = listing.asking || listing.trouble.is_some();
            let names = |order: &Order| leads_on(Event::OrderTapped(order.id.clone()));
            verdict(
                wakes
                    && (!waits || world.listing)
                    && leads_on(Event::ShopTapped)
                    && leads_on(Event::RetryTapped)
                    && listing.orders.iter().flatten().all(names),
            )
        }
        State::Missing => verdict(leads_on(Event::ShopTapped)),
        State::Browsing { .. } => verdict(
            leads_on(Event::PayTapped(attempt(&unused())))
                && leads_on(Event::OrderTapped("order-0".to_owned())),
        ),
        State::Ordered(ordered) => {
            let order = index(&ordered.seen.order.id);
            let answered = match &ordered.step {
                Step::Renewing(key) => world.renewing[order].as_ref() == Some(key),
                Step::CallingOff => world.calling_off[order],
                Step::Asking | Step::Launching => asked,
                _ => true,
            };
            let goes_on = match ordered.look() {
                // No button: it ends by itself, even if nobody ever answers.
                Look::Opening => asked && is_patient_but_not_for_ever(state),
                Look::TimeUp => {
                    asked
                        && (is_busy(ordered)
                            || (leads_on(Event::CheckTapped)
                                && leads_on(Event::CancelTapped)
                                && leads_on(Event::ShopTapped)))
                }
                Look::Verifying => asked && (is_busy(ordered) || leads_on(Event::ShopTapped)),
                Look::Result(_) if is_busy(ordered) => true,
                Look::Result(shown) => match shown {
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
                    OrderStatus::Cancelled => leads_on(Event::AgainTapped),
                    _ => leads_on(Event::ShopTapped),
                },
            };
            verdict(answered && goes_on)
        }
    }
}

fn unused() -> mini_app::checkout::Key {
    mini_app::checkout::Key("unused".to_owned())
}

fn is_busy(ordered: &Ordered) -> bool {
    ordered.step.is_busy()
}

/// Whether waiting for GoPay to open comes to an end without a word from anybody.
fn is_patient_but_not_for_ever(state: &State) -> bool {
    let Some(order) = ordered(state) else {
        return false;
    };
    let id = order.seen.order.id.clone();
    let mut state = state.clone();
    (0..10).any(|_| {
        let silence = Event::Read {
            id: id.clone(),
            answer: Err(Trouble::TimedOut),
        };
        let before = std::mem::replace(&mut state, State::Missing);
        let (next, commands) = apply(before, silence);
        let asks = commands
            .iter()
            .any(|command| matches!(command, Command::Read { .. }));
        state = next;
        asks && ordered(&state).is_some_and(|it| it.look() != Look::Opening)
    })
}

/// Whether the merchant is asked for this order at once.
fn asks_now(stride: &Stride, id: &str) -> bool {
    let read = Command::Read {
        id: id.to_owned(),
        after: 0,
    };
    stride.commands.contains(&read)
}

fn looks(stride: &Stride, id: &str) -> Verdict {
    let looking = State::Looking { id: id.to_owned() };
    verdict(stride.to.state == looking && asks_now(stride, id))
}

/// Whether the merchant is asked for all orders at once.
fn lists(stride: &Stride) -> Verdict {
    let asks = stride.commands.contains(&Command::List { after: 0 });
    verdict(asks && matches!(stride.to.state, State::Listing(_)))
}

fn ways_back(stride: &Stride) -> Verdict {
    let (Move::Tap(event) | Move::Answer(event)) = stride.by else {
        return Silent;
    };
    match (&stride.from.state, event) {
        (
            State::Starting,
            Event::Started {
                route: Route::Order(id),
                ..
            },
        ) => looks(stride, id),
        (
            State::Starting,
            Event::Started {
                route: Route::Shop,
                attempt,
            },
        ) => verdict(match (&stride.to.state, attempt) {
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
        // What an earlier run left is shown, and asked for; not paid.
        (
            State::Placing {
                origin: Origin::Storage,
                ..
            },
            Event::Placed(Ok(seen)),
        ) => verdict(is_shown_quietly(stride, seen)),
        (
            State::Looking { .. },
            Event::Read {
                answer: Ok(seen), ..
            },
        ) => verdict(is_shown_quietly(stride, seen)),
        (State::Browsing { .. }, Event::OrderTapped(id)) => looks(stride, id),
        // The menu is as old as the page.
        (State::Browsing { .. }, Event::Woke) => {
            verdict(stride.commands.contains(&Command::Refresh))
        }
        // What was read before anybody was signed in is shown, and asked for once more.
        (
            State::Starting,
            Event::Read {
                answer: Ok(seen), ..
            },
        ) => verdict(is_shown_quietly(stride, seen)),
        // What is another buyer's, or may be, is gone at once.
        (
            State::Looking { .. } | State::Lost { .. } | State::Ordered(_),
            Event::Started {
                route: Route::Order(id),
                ..
            },
        ) => looks(stride, id),
        (State::Looking { id } | State::Lost { id, .. }, Event::Woke) => looks(stride, id),
        (
            State::Starting,
            Event::Started {
                route: Route::Orders,
                ..
            },
        )
        | (State::Listing(_), Event::Woke | Event::RetryTapped) => lists(stride),
        (
            State::Browsing { .. } | State::Looking { .. } | State::Lost { .. } | State::Missing,
            Event::OrdersTapped | Event::Opened(Route::Orders),
        ) => lists(stride),
        (State::Ordered(from), Event::OrdersTapped | Event::Opened(Route::Orders))
            if !matches!(from.step, Step::Renewing(_)) =>
        {
            lists(stride)
        }
        (State::Ordered(from), Event::Woke | Event::Hinted { .. }) => {
            back_at_the_order(stride, from)
        }
        (
            State::Browsing { .. }
            | State::Unanswered { .. }
            | State::Looking { .. }
            | State::Lost { .. }
            | State::Listing(_)
            | State::Missing,
            Event::Opened(Route::Order(id)),
        )
        | (State::Listing(_), Event::OrderTapped(id)) => looks(stride, id),
        (State::Ordered(from), Event::Opened(Route::Order(id)))
            if from.seen.order.id != *id && !matches!(from.step, Step::Renewing(_)) =>
        {
            looks(stride, id)
        }
        _ => Silent,
    }
}

/// As an undisturbed run would show it, asked for as long as it may change, and not launched.
fn is_shown_quietly(stride: &Stride, seen: &Seen) -> bool {
    let launches = |command: &Command| matches!(command, Command::Launch { .. });
    let id = &seen.order.id;
    let asks =
        |command: &Command| matches!(command, Command::Read { id: asked, .. } if asked == id);
    ordered(&stride.to.state).is_some_and(|it| {
        it.seen == *seen && it.look() == Look::Result(seen.order.status) && it.step == Step::Waiting
    }) && !stride.commands.iter().any(launches)
        && (!seen.order.status.is_open() || stride.commands.iter().any(asks))
}

fn back_at_the_order(stride: &Stride, from: &Ordered) -> Verdict {
    let Some(to) = ordered(&stride.to.state) else {
        return Broken;
    };
    let is_hint = matches!(stride.event(), Some(Event::Hinted { .. }));
    let waits = matches!(from.step, Step::Launching | Step::Waiting | Step::Asking);
    if is_hint && !waits {
        // The buyer has gone on to something else, which is answered in its own time.
        return verdict(from == to && stride.commands.is_empty());
    }
    let told = matches!(stride.event(), Some(Event::Hinted { hint: Ok(_), .. }));
    let was_opening = from.step == Step::Launching;
    let checks = match to.look() {
        Look::Opening => false,
        Look::Verifying => true,
        Look::TimeUp => !told,
        // Only where GoPay was not open, or did not open, the last word stays.
        Look::Result(shown) => !shown.is_open() || !(told || (was_opening && !is_hint)),
    };
    verdict(asks_now(stride, &to.seen.order.id) && checks && from.seen == to.seen)
}

fn gopay_opens(stride: &Stride) -> Verdict {
    let mut launches = stride.commands.iter().filter_map(|command| match command {
        Command::Launch { deeplink, launch } => Some((deeplink, launch)),
        _ => None,
    });
    let Some((deeplink, launch)) = launches.next() else {
        return Silent;
    };
    let asked = match (&stride.from.state, stride.by) {
        (
            State::Placing {
                attempt,
                origin: Origin::Tap,
                ..
            },
            Move::Answer(Event::Placed(Ok(_))),
        ) => attempt.key == *launch,
        (State::Ordered(from), Move::Answer(Event::Renewed { key, .. })) => {
            from.step == Step::Renewing(key.clone()) && key == launch
        }
        _ => false,
    };
    let offered = ordered(&stride.to.state).is_some_and(|to| {
        let payment = to.seen.order.payment.as_ref();
        status(to) == OrderStatus::AwaitingPayment
            && payment.is_some_and(|payment| payment.deeplink == *deeplink)
    });
    verdict(asked && offered && deeplink == DEEPLINK && launches.next().is_none())
}
