//! The model of the checkout's environment: which requests are unanswered, and every next input.

use contract::{
    IdempotencyKey, Line, Order, OrderId, OrderStatus, Payment, PaymentWay, PlaceOrder, Rupiah,
    UnixTime,
};
use mini_app::checkout::{
    Attempt, Command, Event, Hint, OrderSnapshot, PendingAction, State, apply,
};
use mini_app::route::Route;
use mini_app::user_error::UserError;
use std::num::NonZeroU32;

pub(crate) const DEEPLINK: &str = "gopay://merchanttransfer?tref=1";
/// Not one of GoPay's payments.
const FOREIGN_DEEPLINK: &str = "gopay://topup?amount=1";

/// A key of a request that is over.
const OLD_KEY: &str = "old";
/// For orders, and for payments.
const ORDER_KEYS: [&str; 2] = ["a", "b"];
const PAYMENT_KEYS: [&str; 4] = ["p", "q", "r", "s"];
const ORDERS: [&str; 2] = ["order-0", "order-1"];

const NOW: UnixTime = UnixTime(1);
const BEFORE: UnixTime = UnixTime(0);

/// What the environment does: with more orders, fewer kinds of answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) orders: usize,
    pub(crate) statuses: &'static [OrderStatus],
    pub(crate) hints: &'static [Result<Hint, UserError>],
}

/// What the merchant has said of an order so far, and does not take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) enum Commitment {
    #[default]
    Open,
    Cancelled,
    Paid,
}

impl Commitment {
    fn of(status: OrderStatus) -> Self {
        match status {
            OrderStatus::Paid | OrderStatus::PartiallyRefunded | OrderStatus::Refunded => {
                Self::Paid
            }
            OrderStatus::Cancelled => Self::Cancelled,
            _ => Self::Open,
        }
    }
}

/// The unanswered requests, and what the other parties know.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Environment {
    pub(crate) placing: Option<IdempotencyKey>,
    pub(crate) renewing: [Option<IdempotencyKey>; 2],
    pub(crate) cancelling: [bool; 2],
    pub(crate) repricing: bool,
    /// The order that was read last; the shell drops answers to earlier reads.
    pub(crate) reading: Option<usize>,
    /// Whether all orders were read last.
    pub(crate) listing: bool,
    /// The launch that the container may answer, any number of times.
    pub(crate) launched: Option<IdempotencyKey>,
    /// The attempt in the phone's storage.
    pub(crate) persisted: Option<IdempotencyKey>,
    pub(crate) committed: [Commitment; 2],
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ModelState {
    pub(crate) state: State,
    pub(crate) environment: Environment,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// By the buyer or the phone.
    Tap(Event),
    /// The answer to a request.
    Answer(Event),
    /// The answer to no request, or to one that is over.
    Unexpected(Event),
    /// An answer of the merchant that a newer one has overtaken.
    Overtaken(Event),
    /// The phone kills the app, which starts anew.
    Kill,
}

#[derive(Debug)]
pub(crate) struct Transition<'a> {
    pub(crate) from: &'a ModelState,
    pub(crate) input: &'a Input,
    pub(crate) to: ModelState,
    pub(crate) commands: Vec<Command>,
}

impl Transition<'_> {
    /// Whether the exploration continues from there.
    pub(crate) fn leads_on(&self) -> bool {
        let is_foreign = self.word().is_some_and(|snapshot| {
            let payment = snapshot.order.payment.as_ref();
            payment.is_some_and(|payment| payment.way != PaymentWay::Deeplink(DEEPLINK.to_owned()))
        });
        !is_foreign && matches!(self.input, Input::Tap(_) | Input::Answer(_) | Input::Kill)
    }

    pub(crate) fn event(&self) -> Option<&Event> {
        match self.input {
            Input::Tap(event)
            | Input::Answer(event)
            | Input::Unexpected(event)
            | Input::Overtaken(event) => Some(event),
            Input::Kill => None,
        }
    }

    /// The merchant's answer in it.
    pub(crate) fn word(&self) -> Option<&OrderSnapshot> {
        self.event().and_then(word)
    }
}

fn word(event: &Event) -> Option<&OrderSnapshot> {
    match event {
        Event::Placed(Ok(snapshot))
        | Event::Renewed {
            answer: Ok(snapshot),
            ..
        }
        | Event::Cancelled {
            answer: Ok(snapshot),
            ..
        }
        | Event::Read {
            answer: Ok(snapshot),
            ..
        } => Some(snapshot),
        _ => None,
    }
}

/// An app before its start, without and with a stored attempt.
pub(crate) fn starts() -> [ModelState; 2] {
    [None, Some(IdempotencyKey::from(ORDER_KEYS[0].to_owned()))].map(|persisted| ModelState {
        state: State::Starting,
        environment: Environment {
            persisted,
            ..Environment::default()
        },
    })
}

pub(crate) fn attempt(key: &IdempotencyKey) -> Attempt {
    Attempt {
        key: key.clone(),
        customer: "".into(),
        order: PlaceOrder {
            lines: vec![Line {
                product: String::new(),
                quantity: NonZeroU32::MIN,
            }],
            // Differs by key, so that a rule sees an exchanged order.
            expected_total: Rupiah::new(key.as_str().as_bytes()[0].into()),
            promo: None,
            table: None,
        },
        made_at: 0,
        replaces: None,
    }
}

fn snapshot(order: usize, status: OrderStatus, deeplink: &str, as_of: UnixTime) -> OrderSnapshot {
    let payment = (status == OrderStatus::AwaitingPayment).then(|| Payment {
        way: PaymentWay::Deeplink(deeplink.to_owned()),
        valid_until: UnixTime(1_000),
    });
    OrderSnapshot {
        order: Order {
            id: ORDERS[order].into(),
            status,
            lines: Vec::new(),
            total: Rupiah::new(25_000),
            discount: None,
            table: None,
            created_at: UnixTime(0),
            paid_at: None,
            refunded: None,
            pickup_code: None,
            payment,
            rewards: Vec::new(),
            as_of,
        },
        received_at: 0,
    }
}

pub(crate) fn index(id: &OrderId) -> usize {
    ORDERS
        .iter()
        .position(|order| *order == id.as_str())
        .unwrap()
}

fn fresh(at: &ModelState, keys: &[&str]) -> IdempotencyKey {
    let environment = &at.environment;
    let mut taken: Vec<&IdempotencyKey> = (environment.renewing.iter().flatten())
        .chain(&environment.placing)
        .chain(&environment.launched)
        .chain(&environment.persisted)
        .collect();
    match &at.state {
        State::Unconfirmed { attempt, .. } => taken.push(&attempt.key),
        State::Ordered(flow) => {
            if let PendingAction::RenewalUnconfirmed(key, _) = &flow.action {
                taken.push(key);
            }
        }
        _ => {}
    }
    let free = |key: &&&str| taken.iter().all(|it| it.as_str() != **key);
    IdempotencyKey::from((*keys.iter().find(free).unwrap()).to_owned())
}

/// Every input that is possible in this state.
pub(crate) fn inputs(at: &ModelState, scope: Scope) -> Vec<Input> {
    if at.state == State::Starting {
        return starting(at).collect();
    }
    let mut inputs = answers(at, scope);
    inputs.extend(unexpected_answers(at, scope));
    inputs.extend(taps(at, scope).into_iter().map(Input::Tap));
    inputs.push(Input::Kill);
    inputs
}

fn starting(at: &ModelState) -> impl Iterator<Item = Input> {
    let persisted = at.environment.persisted.as_ref().map(attempt);
    let routes = [
        Route::Shop,
        Route::Order(ORDERS[0].into()),
        Route::Orders,
        Route::NotFound,
    ];
    // By the stored session, while signing in is under way.
    let early = [OrderStatus::AwaitingPayment, OrderStatus::Paid].map(|status| {
        Input::Answer(Event::Read {
            id: ORDERS[0].into(),
            answer: Ok(snapshot(0, status, DEEPLINK, NOW)),
        })
    });
    let started = routes.into_iter().flat_map(move |route| {
        // A stored attempt may be outdated.
        [persisted.clone(), None].map(|attempt| {
            Input::Tap(Event::Started {
                route: route.clone(),
                attempt,
            })
        })
    });
    started.chain(early)
}

fn taps(at: &ModelState, scope: Scope) -> Vec<Event> {
    let mut taps = vec![
        Event::PayTapped(attempt(&fresh(at, &ORDER_KEYS))),
        Event::ContinueTapped(fresh(at, &PAYMENT_KEYS)),
        Event::RetryTapped,
        Event::ChangeTapped,
        Event::CheckTapped,
        Event::CancelTapped,
        Event::ShopTapped,
        Event::ReorderTapped,
        Event::PayBlocked(UserError::Offline),
        Event::OrdersTapped,
        Event::Resumed,
        Event::Opened(Route::Shop),
        Event::Opened(Route::Orders),
        Event::Opened(Route::NotFound),
    ];
    // Another buyer has signed in after an order was read early.
    let route = Route::Order(ORDERS[0].into());
    if !matches!(
        at.state,
        State::Browsing { .. }
            | State::Placing { .. }
            | State::Unconfirmed { .. }
            | State::Repricing { .. }
    ) {
        taps.push(Event::Started {
            route,
            attempt: None,
        });
    }
    for id in ORDERS.iter().take(scope.orders) {
        taps.push(Event::Opened(Route::Order((*id).into())));
        taps.push(Event::OrderTapped((*id).into()));
    }
    taps
}

/// Every answer to the unanswered requests.
fn answers(at: &ModelState, scope: Scope) -> Vec<Input> {
    let environment = &at.environment;
    let mut events = Vec::new();
    let words =
        |order| (scope.statuses.iter()).map(move |status| snapshot(order, *status, DEEPLINK, NOW));
    let foreign = |order| snapshot(order, OrderStatus::AwaitingPayment, FOREIGN_DEEPLINK, NOW);
    if environment.placing.is_some() {
        // Reusing a busy order's id for another order would confuse the requests.
        let free = |order: &usize| {
            environment.renewing[*order].is_none() && !environment.cancelling[*order]
        };
        if let Some(order) = (0..scope.orders).find(free) {
            let all = words(order).chain([foreign(order)]);
            events.extend(all.map(|snapshot| Event::Placed(Ok(snapshot))));
        }
        let errors = [
            UserError::Offline,
            UserError::UnderWay,
            UserError::Rejected,
            UserError::PricesChanged,
            UserError::SoldOut,
        ];
        events.extend(errors.map(|error| Event::Placed(Err(error))));
    }
    for (order, id) in ORDERS.iter().enumerate().take(scope.orders) {
        if let Some(key) = &environment.renewing[order] {
            let errors = [
                UserError::Offline,
                UserError::UnderWay,
                UserError::OrderClosed,
            ]
            .map(Err);
            let all = words(order).chain([foreign(order)]).map(Ok);
            events.extend(all.chain(errors).map(|answer| Event::Renewed {
                key: key.clone(),
                answer,
            }));
        }
        if environment.cancelling[order] {
            let all = words(order).map(Ok).chain([Err(UserError::OrderClosed)]);
            events.extend(all.map(|answer| Event::Cancelled {
                id: (*id).into(),
                answer,
            }));
        }
    }
    if let Some(order) = environment.reading {
        let read = |answer| Event::Read {
            id: ORDERS[order].into(),
            answer,
        };
        // A settled order on the screen must withstand any answer. Otherwise the merchant is
        // consistent.
        let is_settled = matches!(&at.state, State::Ordered(flow)
            if Commitment::of(flow.snapshot.order.status) != Commitment::Open);
        let committed = environment.committed[order];
        let all = words(order)
            .filter(|OrderSnapshot { order, .. }| {
                let may_follow = order.status == OrderStatus::Review
                    || Commitment::of(order.status) >= committed;
                is_settled || may_follow
            })
            .map(Ok)
            .chain([UserError::Offline, UserError::NotFound].map(Err));
        events.extend(all.map(read));
    }
    if environment.listing {
        events.extend(lists(scope).map(Event::Listed));
    }
    if environment.repricing {
        events.push(Event::Repriced(Ok(())));
        events.push(Event::Repriced(Err(UserError::Offline)));
    }
    if let Some(launch) = &environment.launched {
        events.extend(hints(launch, scope.hints));
    }
    events.into_iter().map(Input::Answer).collect()
}

/// No orders, all orders, or an error.
fn lists(scope: Scope) -> impl Iterator<Item = Result<Vec<Order>, UserError>> {
    let all = |status| {
        let orders =
            (0..scope.orders).map(move |order| snapshot(order, status, DEEPLINK, NOW).order);
        Ok(orders.collect())
    };
    [
        Ok(Vec::new()),
        all(OrderStatus::AwaitingPayment),
        all(OrderStatus::Paid),
        Err(UserError::Offline),
        Err(UserError::AnotherBuyer),
    ]
    .into_iter()
}

fn hints(
    launch: &IdempotencyKey,
    hints: &[Result<Hint, UserError>],
) -> impl Iterator<Item = Event> {
    hints.iter().map(|hint| Event::Hinted {
        launch: launch.clone(),
        hint: *hint,
    })
}

/// Answers to no request, or to one that is over.
fn unexpected_answers(at: &ModelState, scope: Scope) -> Vec<Input> {
    let environment = &at.environment;
    let old = IdempotencyKey::from(OLD_KEY.to_owned());
    let shown = match &at.state {
        State::Ordered(flow) => index(&flow.snapshot.order.id),
        _ => 0,
    };
    let answers_about = |order| {
        [
            Ok(snapshot(order, OrderStatus::Paid, DEEPLINK, NOW)),
            Ok(snapshot(order, OrderStatus::AwaitingPayment, DEEPLINK, NOW)),
            Err(UserError::Offline),
            Err(UserError::NotFound),
        ]
    };
    let mut events: Vec<Event> = hints(&old, scope.hints).collect();
    if environment.placing.is_none() {
        events.extend(answers_about(shown).map(Event::Placed));
    }
    events.extend(answers_about(shown).map(|answer| Event::Renewed {
        key: old.clone(),
        answer,
    }));
    let another = 1 - shown;
    for order in [shown, another] {
        if !environment.cancelling[order] {
            let id = ORDERS[order].to_owned();
            events.extend(answers_about(order).map(|answer| Event::Cancelled {
                id: id.clone().into(),
                answer,
            }));
        }
    }
    let looking = matches!(&at.state, State::LoadingOrder { id } if index(id) == another);
    if !looking {
        let id = ORDERS[another].to_owned();
        events.extend(answers_about(another).map(|answer| Event::Read {
            id: id.clone().into(),
            answer,
        }));
    }
    if !environment.repricing {
        events.push(Event::Repriced(Ok(())));
        events.push(Event::Repriced(Err(UserError::Offline)));
    }
    if !matches!(at.state, State::Listing(_)) {
        events.extend(lists(scope).map(Event::Listed));
    }
    let mut inputs: Vec<Input> = events.into_iter().map(Input::Unexpected).collect();
    if let State::Ordered(flow) = &at.state {
        for status in [
            OrderStatus::Paid,
            OrderStatus::AwaitingPayment,
            OrderStatus::Expired,
        ] {
            inputs.push(Input::Overtaken(Event::Read {
                id: flow.snapshot.order.id.clone(),
                answer: Ok(snapshot(shown, status, DEEPLINK, BEFORE)),
            }));
        }
    }
    inputs
}

pub(crate) fn apply_input<'a>(from: &'a ModelState, input: &'a Input) -> Transition<'a> {
    let mut environment = from.environment.clone();
    let event = match input {
        Input::Tap(event)
        | Input::Answer(event)
        | Input::Unexpected(event)
        | Input::Overtaken(event) => event,
        Input::Kill => {
            let environment = Environment {
                persisted: environment.persisted,
                ..Environment::default()
            };
            return transition(from, input, State::Starting, environment, Vec::new());
        }
    };
    if matches!(input, Input::Answer(_)) {
        environment.receive(event);
    }
    if matches!(event, Event::Started { .. }) {
        // Requests of the previous buyer get no answer.
        environment.renewing = [None, None];
        environment.cancelling = [false, false];
        environment.launched = None;
    }
    let (state, commands) = apply(from.state.clone(), event.clone());
    for command in &commands {
        environment.carry_out(command);
    }
    environment.prune(&state);
    transition(from, input, state, environment, commands)
}

fn transition<'a>(
    from: &'a ModelState,
    input: &'a Input,
    state: State,
    environment: Environment,
    commands: Vec<Command>,
) -> Transition<'a> {
    Transition {
        from,
        input,
        to: ModelState { state, environment },
        commands,
    }
}

impl Environment {
    fn receive(&mut self, event: &Event) {
        match event {
            Event::Placed(answer) => {
                self.placing = None;
                if let Ok(snapshot) = answer {
                    self.committed[index(&snapshot.order.id)] = Commitment::Open;
                }
            }
            Event::Renewed { key, .. } => {
                for renewing in &mut self.renewing {
                    if renewing.as_ref() == Some(key) {
                        *renewing = None;
                    }
                }
            }
            Event::Cancelled { id, .. } => self.cancelling[index(id)] = false,
            Event::Read { .. } => self.reading = None,
            Event::Listed(_) => self.listing = false,
            Event::Repriced(_) => self.repricing = false,
            _ => {}
        }
        if let Some(snapshot) = word(event) {
            let committed = &mut self.committed[index(&snapshot.order.id)];
            *committed = Commitment::of(snapshot.order.status).max(*committed);
        }
    }

    /// Drops what makes no difference any more: its answer equals an unexpected one.
    fn prune(&mut self, state: &State) {
        let cancelled = match state {
            State::Ordered(flow) => {
                (flow.action == PendingAction::Cancelling).then(|| index(&flow.snapshot.order.id))
            }
            _ => None,
        };
        for (order, cancelling) in self.cancelling.iter_mut().enumerate() {
            *cancelling &= cancelled == Some(order);
        }
        if !matches!(state, State::Ordered(_)) {
            self.launched = None;
        }
        if !matches!(
            state,
            State::Starting | State::Placing { .. } | State::Unconfirmed { .. }
        ) {
            self.persisted = None;
        }
    }

    fn carry_out(&mut self, command: &Command) {
        match command {
            Command::PersistAttempt(attempt) => self.persisted = Some(attempt.key.clone()),
            Command::ClearAttempt => self.persisted = None,
            Command::Place { attempt, .. } => self.placing = Some(attempt.key.clone()),
            Command::Renew { id, key, .. } => self.renewing[index(id)] = Some(key.clone()),
            Command::Cancel { id } => self.cancelling[index(id)] = true,
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
            Command::FillCart(_)
            | Command::Refresh
            | Command::Navigate(_)
            | Command::ReplaceAddress(_)
            | Command::ClearTable
            | Command::ClearPromo
            | Command::Announce(_) => {}
        }
    }
}
