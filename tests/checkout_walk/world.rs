//! What surrounds the checkout: who was asked what, and all that can happen next.

use contract::{Line, Order, OrderStatus, Payment, PlaceOrder, Rupiah, UnixTime};
use mini_app::checkout::{Attempt, Command, Event, Hint, Key, Seen, State, Step, apply};
use mini_app::route::Route;
use mini_app::trouble::Trouble;
use std::num::NonZeroU32;

pub(crate) const DEEPLINK: &str = "gopay://merchanttransfer?tref=1";
/// Not one of GoPay's payments.
const FOREIGN_DEEPLINK: &str = "gopay://topup?amount=1";

/// A key that nobody has any more.
const OLD_KEY: &str = "old";
/// For orders, and for payments.
const ORDER_KEYS: [&str; 2] = ["a", "b"];
const PAYMENT_KEYS: [&str; 4] = ["p", "q", "r", "s"];
const ORDERS: [&str; 2] = ["order-0", "order-1"];

/// An answer's age, as the merchant tells it.
const NOW: UnixTime = UnixTime(1);
const BEFORE: UnixTime = UnixTime(0);

/// What is let happen: the more orders, the fewer answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) orders: usize,
    pub(crate) statuses: &'static [OrderStatus],
    pub(crate) hints: &'static [Result<Hint, Trouble>],
}

/// What the merchant has said of an order so far, as far as it binds the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Said {
    #[default]
    Open,
    CalledOff,
    Money,
}

impl Said {
    fn of(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded => {
                Self::Money
            }
            OrderStatus::Cancelled => Self::CalledOff,
            _ => Self::Open,
        }
    }
}

/// What the app asked for and has no answer to, and what others know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct World {
    pub(crate) placing: Option<Key>,
    pub(crate) renewing: [Option<Key>; 2],
    pub(crate) calling_off: [bool; 2],
    pub(crate) repricing: bool,
    /// The order of the last question; the shell drops answers to earlier ones.
    pub(crate) reading: Option<usize>,
    /// The same question, about all orders.
    pub(crate) listing: bool,
    /// The launch that the container may answer, as often as it likes.
    pub(crate) launched: Option<Key>,
    /// What a killed app finds.
    pub(crate) remembered: Option<Key>,
    pub(crate) said: [Said; 2],
}

/// Where the walk is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) state: State,
    pub(crate) world: World,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    /// The buyer, or what they use.
    Tap(Event),
    /// Something was asked for, and this is the answer.
    Answer(Event),
    /// Nobody asked for this, or not any more.
    Stray(Event),
    /// The merchant's answer, overtaken by a newer one.
    Overtaken(Event),
    /// The app is gone, and starts anew.
    Kill,
}

/// One step of the walk.
#[derive(Debug)]
pub(crate) struct Stride<'a> {
    pub(crate) from: &'a Place,
    pub(crate) by: &'a Move,
    pub(crate) to: Place,
    pub(crate) commands: Vec<Command>,
}

impl Stride<'_> {
    /// Whether the walk goes on from there.
    pub(crate) fn leads_on(&self) -> bool {
        let is_foreign = self.word().is_some_and(|seen| {
            let payment = seen.order.payment.as_ref();
            payment.is_some_and(|payment| payment.deeplink != DEEPLINK)
        });
        !is_foreign && matches!(self.by, Move::Tap(_) | Move::Answer(_) | Move::Kill)
    }

    pub(crate) fn event(&self) -> Option<&Event> {
        match self.by {
            Move::Tap(event)
            | Move::Answer(event)
            | Move::Stray(event)
            | Move::Overtaken(event) => Some(event),
            Move::Kill => None,
        }
    }

    /// What the merchant says in it.
    pub(crate) fn word(&self) -> Option<&Seen> {
        self.event().and_then(word)
    }
}

fn word(event: &Event) -> Option<&Seen> {
    match event {
        Event::Placed(Ok(seen))
        | Event::Renewed {
            answer: Ok(seen), ..
        }
        | Event::CalledOff {
            answer: Ok(seen), ..
        }
        | Event::Read {
            answer: Ok(seen), ..
        } => Some(seen),
        _ => None,
    }
}

/// An app that was not started yet, with or without an attempt from before.
pub(crate) fn starts() -> [Place; 2] {
    [None, Some(Key(ORDER_KEYS[0].to_owned()))].map(|remembered| Place {
        state: State::Starting,
        world: World {
            remembered,
            ..World::default()
        },
    })
}

pub(crate) fn attempt(key: &Key) -> Attempt {
    Attempt {
        key: key.clone(),
        customer: String::new(),
        order: PlaceOrder {
            lines: vec![Line {
                product: String::new(),
                quantity: NonZeroU32::MIN,
            }],
            // So that a key cannot be kept and the order exchanged.
            expected_total: Rupiah::new(key.0.as_bytes()[0].into()),
        },
        made_at: 0,
        replaces: None,
    }
}

fn seen(order: usize, status: OrderStatus, deeplink: &str, as_of: UnixTime) -> Seen {
    let payment = (status == OrderStatus::AwaitingPayment).then(|| Payment {
        deeplink: deeplink.to_owned(),
        valid_until: UnixTime(1_000),
    });
    Seen {
        order: Order {
            id: ORDERS[order].to_owned(),
            status,
            lines: Vec::new(),
            total: Rupiah::new(25_000),
            created_at: UnixTime(0),
            paid_at: None,
            refunded: None,
            pickup_code: None,
            payment,
            as_of,
        },
        at: 0,
    }
}

/// Which of the orders this is.
pub(crate) fn index(id: &str) -> usize {
    ORDERS.iter().position(|order| *order == id).unwrap()
}

fn fresh(place: &Place, keys: &[&str]) -> Key {
    let world = &place.world;
    let mut taken: Vec<&Key> = (world.renewing.iter().flatten())
        .chain(&world.placing)
        .chain(&world.launched)
        .chain(&world.remembered)
        .collect();
    match &place.state {
        State::Unanswered { attempt, .. } => taken.push(&attempt.key),
        State::Ordered(ordered) => {
            if let Step::Unrenewed(key, _) = &ordered.step {
                taken.push(key);
            }
        }
        _ => {}
    }
    let free = |key: &&&str| taken.iter().all(|it| it.0 != **key);
    Key((*keys.iter().find(free).unwrap()).to_owned())
}

/// All that can happen at this place.
pub(crate) fn moves(place: &Place, scope: Scope) -> Vec<Move> {
    if place.state == State::Starting {
        return starting(place).collect();
    }
    let mut moves = answers(place, scope);
    moves.extend(strays(place, scope));
    moves.extend(taps(place, scope).into_iter().map(Move::Tap));
    moves.push(Move::Kill);
    moves
}

fn starting(place: &Place) -> impl Iterator<Item = Move> {
    let remembered = place.world.remembered.as_ref().map(attempt);
    let routes = [
        Route::Shop,
        Route::Order(ORDERS[0].to_owned()),
        Route::Orders,
        Route::NotFound,
    ];
    // With the session that was on the phone, beside signing in.
    let early = [OrderStatus::AwaitingPayment, OrderStatus::Paid].map(|status| {
        Move::Answer(Event::Read {
            id: ORDERS[0].to_owned(),
            answer: Ok(seen(0, status, DEEPLINK, NOW)),
        })
    });
    let started = routes.into_iter().flat_map(move |route| {
        // What was remembered may be too old to go on with.
        [remembered.clone(), None].map(|attempt| {
            Move::Tap(Event::Started {
                route: route.clone(),
                attempt,
            })
        })
    });
    started.chain(early)
}

fn taps(place: &Place, scope: Scope) -> Vec<Event> {
    let mut taps = vec![
        Event::PayTapped(attempt(&fresh(place, &ORDER_KEYS))),
        Event::ContinueTapped(fresh(place, &PAYMENT_KEYS)),
        Event::RetryTapped,
        Event::ChangeTapped,
        Event::CheckTapped,
        Event::CancelTapped,
        Event::ShopTapped,
        Event::AgainTapped,
        Event::PayRefused(Trouble::Offline),
        Event::OrdersTapped,
        Event::Woke,
        Event::Opened(Route::Shop),
        Event::Opened(Route::Orders),
        Event::Opened(Route::NotFound),
    ];
    // Another buyer has been signed in, after an order was read early.
    let route = Route::Order(ORDERS[0].to_owned());
    if !matches!(
        place.state,
        State::Browsing { .. }
            | State::Placing { .. }
            | State::Unanswered { .. }
            | State::Repricing { .. }
    ) {
        taps.push(Event::Started {
            route,
            attempt: None,
        });
    }
    for id in ORDERS.iter().take(scope.orders) {
        taps.push(Event::Opened(Route::Order((*id).to_owned())));
        taps.push(Event::OrderTapped((*id).to_owned()));
    }
    taps
}

/// What those who were asked can answer.
fn answers(place: &Place, scope: Scope) -> Vec<Move> {
    let world = &place.world;
    let mut events = Vec::new();
    let words =
        |order| (scope.statuses.iter()).map(move |status| seen(order, *status, DEEPLINK, NOW));
    let foreign = |order| seen(order, OrderStatus::AwaitingPayment, FOREIGN_DEEPLINK, NOW);
    if world.placing.is_some() {
        // The same number for a further order would only mix up who was asked about which.
        let free = |order: &usize| world.renewing[*order].is_none() && !world.calling_off[*order];
        if let Some(order) = (0..scope.orders).find(free) {
            let all = words(order).chain([foreign(order)]);
            events.extend(all.map(|seen| Event::Placed(Ok(seen))));
        }
        let troubles = [
            Trouble::Offline,
            Trouble::UnderWay,
            Trouble::Rejected,
            Trouble::PricesChanged,
            Trouble::SoldOut,
        ];
        events.extend(troubles.map(|trouble| Event::Placed(Err(trouble))));
    }
    for (order, id) in ORDERS.iter().enumerate().take(scope.orders) {
        if let Some(key) = &world.renewing[order] {
            let troubles = [Trouble::Offline, Trouble::UnderWay, Trouble::OrderClosed].map(Err);
            let all = words(order).chain([foreign(order)]).map(Ok);
            events.extend(all.chain(troubles).map(|answer| Event::Renewed {
                key: key.clone(),
                answer,
            }));
        }
        if world.calling_off[order] {
            let all = words(order).map(Ok).chain([Err(Trouble::OrderClosed)]);
            events.extend(all.map(|answer| Event::CalledOff {
                id: (*id).to_owned(),
                answer,
            }));
        }
    }
    if let Some(order) = world.reading {
        let read = |answer| Event::Read {
            id: ORDERS[order].to_owned(),
            answer,
        };
        // What is settled on the screen must bear any word. Otherwise the merchant keeps to
        // what it said.
        let is_settled = matches!(&place.state, State::Ordered(ordered)
            if Said::of(ordered.seen.order.status) != Said::Open);
        let said = world.said[order];
        let all = words(order)
            .filter(|Seen { order, .. }| {
                let may_follow =
                    order.status == OrderStatus::Review || Said::of(order.status) >= said;
                is_settled || may_follow
            })
            .map(Ok)
            .chain([Trouble::Offline, Trouble::NotFound].map(Err));
        events.extend(all.map(read));
    }
    if world.listing {
        events.extend(lists(scope).map(Event::Listed));
    }
    if world.repricing {
        events.push(Event::Repriced(Ok(())));
        events.push(Event::Repriced(Err(Trouble::Offline)));
    }
    if let Some(launch) = &world.launched {
        events.extend(hints(launch, scope.hints));
    }
    events.into_iter().map(Move::Answer).collect()
}

/// None, all of them, or why there is no answer.
fn lists(scope: Scope) -> impl Iterator<Item = Result<Vec<Order>, Trouble>> {
    let all = |status| {
        let orders = (0..scope.orders).map(move |order| seen(order, status, DEEPLINK, NOW).order);
        Ok(orders.collect())
    };
    [
        Ok(Vec::new()),
        all(OrderStatus::AwaitingPayment),
        all(OrderStatus::Paid),
        Err(Trouble::Offline),
        Err(Trouble::AnotherBuyer),
    ]
    .into_iter()
}

fn hints(launch: &Key, hints: &[Result<Hint, Trouble>]) -> impl Iterator<Item = Event> {
    hints.iter().map(|hint| Event::Hinted {
        launch: launch.clone(),
        hint: *hint,
    })
}

/// Answers to nothing, or to what is over.
fn strays(place: &Place, scope: Scope) -> Vec<Move> {
    let world = &place.world;
    let old = Key(OLD_KEY.to_owned());
    let shown = match &place.state {
        State::Ordered(ordered) => index(&ordered.seen.order.id),
        _ => 0,
    };
    let sayings = |order| {
        [
            Ok(seen(order, OrderStatus::Paid, DEEPLINK, NOW)),
            Ok(seen(order, OrderStatus::AwaitingPayment, DEEPLINK, NOW)),
            Err(Trouble::Offline),
            Err(Trouble::NotFound),
        ]
    };
    let mut events: Vec<Event> = hints(&old, scope.hints).collect();
    if world.placing.is_none() {
        events.extend(sayings(shown).map(Event::Placed));
    }
    events.extend(sayings(shown).map(|answer| Event::Renewed {
        key: old.clone(),
        answer,
    }));
    let another = 1 - shown;
    for order in [shown, another] {
        if !world.calling_off[order] {
            let id = ORDERS[order].to_owned();
            events.extend(sayings(order).map(|answer| Event::CalledOff {
                id: id.clone(),
                answer,
            }));
        }
    }
    let looking = matches!(&place.state, State::Looking { id } if index(id) == another);
    if !looking {
        let id = ORDERS[another].to_owned();
        events.extend(sayings(another).map(|answer| Event::Read {
            id: id.clone(),
            answer,
        }));
    }
    if !world.repricing {
        events.push(Event::Repriced(Ok(())));
        events.push(Event::Repriced(Err(Trouble::Offline)));
    }
    if !matches!(place.state, State::Listing(_)) {
        events.extend(lists(scope).map(Event::Listed));
    }
    let mut moves: Vec<Move> = events.into_iter().map(Move::Stray).collect();
    if let State::Ordered(ordered) = &place.state {
        for status in [
            OrderStatus::Paid,
            OrderStatus::AwaitingPayment,
            OrderStatus::Expired,
        ] {
            moves.push(Move::Overtaken(Event::Read {
                id: ordered.seen.order.id.clone(),
                answer: Ok(seen(shown, status, DEEPLINK, BEFORE)),
            }));
        }
    }
    moves
}

/// Lets it happen.
pub(crate) fn step<'a>(from: &'a Place, by: &'a Move) -> Stride<'a> {
    let mut world = from.world.clone();
    let event = match by {
        Move::Tap(event) | Move::Answer(event) | Move::Stray(event) | Move::Overtaken(event) => {
            event
        }
        Move::Kill => {
            let world = World {
                remembered: world.remembered,
                ..World::default()
            };
            return stride(from, by, State::Starting, world, Vec::new());
        }
    };
    if matches!(by, Move::Answer(_)) {
        world.hears(event);
    }
    if matches!(event, Event::Started { .. }) {
        // What was asked for in the name of the buyer before is not answered.
        world.renewing = [None, None];
        world.calling_off = [false, false];
        world.launched = None;
    }
    let (state, commands) = apply(from.state.clone(), event.clone());
    for command in &commands {
        world.takes(command);
    }
    world.forgets(&state);
    stride(from, by, state, world, commands)
}

fn stride<'a>(
    from: &'a Place,
    by: &'a Move,
    state: State,
    world: World,
    commands: Vec<Command>,
) -> Stride<'a> {
    Stride {
        from,
        by,
        to: Place { state, world },
        commands,
    }
}

impl World {
    fn hears(&mut self, event: &Event) {
        match event {
            Event::Placed(answer) => {
                self.placing = None;
                if let Ok(seen) = answer {
                    self.said[index(&seen.order.id)] = Said::Open;
                }
            }
            Event::Renewed { key, .. } => {
                for renewing in &mut self.renewing {
                    if renewing.as_ref() == Some(key) {
                        *renewing = None;
                    }
                }
            }
            Event::CalledOff { id, .. } => self.calling_off[index(id)] = false,
            Event::Read { .. } => self.reading = None,
            Event::Listed(_) => self.listing = false,
            Event::Repriced(_) => self.repricing = false,
            _ => {}
        }
        if let Some(seen) = word(event) {
            let said = &mut self.said[index(&seen.order.id)];
            *said = Said::of(seen.order.status).max(*said);
        }
    }

    /// What can make no difference any more: whether it comes is the same as a stray answer,
    /// or a start that the walk began with.
    fn forgets(&mut self, state: &State) {
        let called_off = match state {
            State::Ordered(ordered) => {
                (ordered.step == Step::CallingOff).then(|| index(&ordered.seen.order.id))
            }
            _ => None,
        };
        for (order, calling_off) in self.calling_off.iter_mut().enumerate() {
            *calling_off &= called_off == Some(order);
        }
        if !matches!(state, State::Ordered(_)) {
            self.launched = None;
        }
        if !matches!(
            state,
            State::Starting | State::Placing { .. } | State::Unanswered { .. }
        ) {
            self.remembered = None;
        }
    }

    fn takes(&mut self, command: &Command) {
        match command {
            Command::Remember(attempt) => self.remembered = Some(attempt.key.clone()),
            Command::Forget => self.remembered = None,
            Command::Place { attempt, .. } => self.placing = Some(attempt.key.clone()),
            Command::Renew { id, key, .. } => self.renewing[index(id)] = Some(key.clone()),
            Command::CallOff { id } => self.calling_off[index(id)] = true,
            Command::Reprice => self.repricing = true,
            Command::Read { id, .. } => {
                self.reading = Some(index(id));
                self.listing = false;
            }
            Command::List { .. } => {
                self.reading = None;
                self.listing = true;
            }
            Command::StopReading => {
                self.reading = None;
                self.listing = false;
            }
            Command::Launch { launch, .. } => self.launched = Some(launch.clone()),
            Command::FillCart(_) | Command::Refresh | Command::Show(_) | Command::Announce(_) => {}
        }
    }
}
