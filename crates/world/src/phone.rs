//! A buyer's phone with the app on it, and the buyer: the app's own checkout decides, this
//! carries out what it commands, and taps what a person could tap.

mod sheet;
mod wishes;

use crate::{
    chance::Chance,
    door::{Ask, ask, list},
    harm::Harm,
    time::{MINUTE, SECOND, pass},
    world::World,
};
use contract::{OpenOrder, OrderStatus};
use mini_app::{
    checkout::{Attempt, Command, Event, OrderSnapshot, OrderView, State, apply, reminder},
    route::Route,
    user_error::UserError,
};
use std::sync::Arc;
use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Duration, sleep},
};

/// What reaches the app.
#[derive(Debug)]
struct News {
    /// The run of the app it is for.
    run: u32,
    what: What,
}

#[derive(Debug)]
enum What {
    Event(Event),
    /// The answer to a reading, by its number.
    Read(u32, Event),
    /// Back from GoPay.
    Returned,
    /// A request for a payment has been answered, or given up.
    Asked,
}

/// A phone, and who holds it.
pub(crate) struct Phone {
    world: Arc<World>,
    customer: String,
    name: String,
    chance: Chance,
    state: State,
    /// What a killed app finds again.
    kept: Option<Attempt>,
    /// What the menu reminds of.
    waiting: Option<OpenOrder>,
    address: Route,
    run: u32,
    reading: u32,
    /// Requests for a payment under way.
    asking: u32,
    hidden: bool,
    keys: u32,
    wishes: u32,
    /// Of all sheets that were ever open here.
    links: Vec<String>,
    send: UnboundedSender<News>,
    news: UnboundedReceiver<News>,
}

impl Phone {
    pub(crate) fn new(world: &Arc<World>, customer: &str, number: u32) -> Self {
        let name = format!("{customer}-{number}");
        let (send, news) = unbounded_channel();
        Self {
            world: Arc::clone(world),
            customer: customer.to_owned(),
            chance: Chance::of(world.plan.seed, &name),
            name,
            state: State::Starting,
            kept: None,
            waiting: None,
            address: Route::Shop,
            run: 0,
            reading: 0,
            asking: 0,
            hidden: false,
            keys: 0,
            wishes: 0,
            links: Vec::new(),
            send,
            news,
        }
    }

    /// Lives until nothing goes wrong any more.
    pub(crate) async fn live(mut self) -> Self {
        pass(self.chance.between(0, 10 * MINUTE)).await;
        self.open().await;
        while !self.world.is_quiet() {
            let thinks = self.chance.between(SECOND, 3 * MINUTE);
            self.listen(thinks).await;
            self.act().await;
        }
        self
    }

    /// With nothing going wrong, the app shows of each order what another phone shows that was
    /// never disturbed.
    pub(crate) async fn settle(mut self) {
        self.hidden = false;
        self.happens(Event::Resumed);
        self.listen(2 * MINUTE).await;
        if let State::Unconfirmed { .. } = self.state {
            self.happens(Event::RetryTapped);
            self.listen(2 * MINUTE).await;
        }
        let shown = self.shown();
        let Some((id, _)) = shown.clone() else {
            return;
        };
        self.address = Route::Order(id);
        self.open().await;
        self.listen(2 * MINUTE).await;
        let anew = self.shown();
        if shown != anew {
            let seen = format!("{}: {shown:?}, and opened anew {anew:?}", self.name);
            self.world.watch().violated("I-45", seen);
        }
        let stuck = match &self.state {
            State::Ordered(ordered) => ordered.action.is_busy(),
            State::LoadFailed { .. } | State::LoadingOrder { .. } | State::Starting => true,
            State::Listing(listing) => listing.asking || listing.error.is_some(),
            _ => false,
        };
        if stuck {
            let seen = format!("{}: {:?}", self.name, self.state);
            self.world.watch().violated("I-44", seen);
        }
    }

    fn shown(&self) -> Option<(String, OrderStatus)> {
        match &self.state {
            State::Ordered(ordered) => {
                let order = &ordered.snapshot.order;
                Some((order.id.clone(), order.status))
            }
            _ => None,
        }
    }

    /// The app starts, or starts again.
    async fn open(&mut self) {
        self.run += 1;
        self.asking = 0;
        self.hidden = false;
        self.state = State::Starting;
        self.tell(|| "opens the app".to_owned());
        pass(self.chance.between(300, 4 * SECOND)).await;
        let now = self.world.time.elapsed();
        let attempt =
            (self.kept.clone()).filter(|attempt| attempt.is_worth_finishing(&self.customer, now));
        self.waiting = self.open_order();
        self.happens(Event::Started {
            route: self.address.clone(),
            attempt,
        });
    }

    fn open_order(&self) -> Option<OpenOrder> {
        let process = self.world.process()?;
        let pages = self.world.pages();
        let order = pages.open_order_of(&self.customer)?;
        merchant::domain::order_view::describe(order, process.shop.clock.now()).open()
    }

    /// Takes what comes for so long.
    async fn listen(&mut self, milliseconds: u64) {
        let over = sleep(Duration::from_millis(milliseconds));
        tokio::pin!(over);
        loop {
            select! {
                biased;
                Some(news) = self.news.recv() => self.hear(news),
                () = &mut over => return,
            }
        }
    }

    fn hear(&mut self, news: News) {
        if news.run != self.run {
            return;
        }
        match news.what {
            What::Event(event) => self.happens(event),
            What::Read(reading, event) if reading == self.reading => self.happens(event),
            What::Read(..) => {}
            What::Returned => {
                self.hidden = false;
                self.happens(Event::Resumed);
            }
            What::Asked => self.asking = self.asking.saturating_sub(1),
        }
    }

    fn happens(&mut self, event: Event) {
        let state = std::mem::replace(&mut self.state, State::Starting);
        let (state, commands) = apply(state, event);
        self.waiting = reminder(self.waiting.take(), &state);
        self.state = state;
        self.look();
        for command in commands {
            self.run(command);
        }
    }

    /// What the screen says has to be so.
    fn look(&self) {
        let State::Ordered(ordered) = &self.state else {
            return;
        };
        let order = &ordered.snapshot.order;
        let says_paid = ordered.view() == OrderView::Result(OrderStatus::Paid);
        let paid =
            (self.world.pages().order(&order.id)).is_some_and(|order| order.status.took_money());
        if says_paid && !paid {
            let seen = format!("{} shows {} as paid", self.name, order.id);
            self.world.watch().violated("I-41", seen);
        }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::PersistAttempt(attempt) => {
                let keeps = !self.world.strikes(Harm::NoStorage, 20);
                self.kept = Some(attempt).filter(|_| keeps);
            }
            Command::ClearAttempt => self.kept = None,
            Command::Place { attempt, after } => {
                self.asks(after, Ask::Place(attempt), |_, answer| {
                    Event::Placed(answer)
                });
            }
            Command::Renew { id, key, after } => {
                self.asks(after, Ask::Renew(id, key), |ask, answer| match ask {
                    Ask::Renew(_, key) => Event::Renewed { key, answer },
                    _ => Event::Resumed,
                });
            }
            Command::Cancel { id } => {
                let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
                let tell = self.teller();
                tokio::spawn(async move {
                    let answer = ask(&world, &customer, Ask::CallOff(id.clone())).await;
                    tell(What::Event(Event::Cancelled { id, answer }));
                });
            }
            Command::Reprice => {
                let tell = self.teller();
                tokio::spawn(async move {
                    pass(SECOND).await;
                    tell(What::Event(Event::Repriced(Ok(()))));
                });
            }
            Command::Refresh => self.waiting = self.open_order(),
            Command::Navigate(route) => self.address = route,
            Command::Launch { deeplink, launch } => self.launch(deeplink, launch),
            Command::Read { id, after } => {
                self.reading += 1;
                let (reading, hidden) = (self.reading, self.hidden);
                let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
                let tell = self.teller();
                tokio::spawn(async move {
                    pass(u64::from(after) * SECOND).await;
                    if !hidden || after == 0 {
                        let answer = ask(&world, &customer, Ask::Read(id.clone())).await;
                        tell(What::Read(reading, Event::Read { id, answer }));
                    }
                });
            }
            Command::List { after } => {
                self.reading += 1;
                let (reading, hidden) = (self.reading, self.hidden);
                let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
                let tell = self.teller();
                tokio::spawn(async move {
                    pass(u64::from(after) * SECOND).await;
                    if !hidden || after == 0 {
                        let answer = list(&world, &customer).await;
                        tell(What::Read(reading, Event::Listed(answer)));
                    }
                });
            }
            Command::StopReading => self.reading += 1,
            Command::FillCart(_) | Command::Announce(_) => {}
        }
    }

    /// Asks for a payment; the page does so once at a time.
    fn asks(
        &mut self,
        after: u32,
        what: Ask,
        event: fn(Ask, Result<OrderSnapshot, UserError>) -> Event,
    ) {
        self.asking += 1;
        if self.asking > 1 {
            let seen = format!("{} asks for two payments at once: {what:?}", self.name);
            self.world.watch().violated("I-42", seen);
        }
        let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
        let tell = self.teller();
        tokio::spawn(async move {
            pass(u64::from(after) * SECOND).await;
            let answer = instead(&world, &customer, what.clone()).await;
            tell(What::Asked);
            tell(What::Event(event(what, answer)));
        });
    }

    /// To this run of the app and to no other.
    fn teller(&self) -> impl Fn(What) + Send + 'static {
        let (send, run) = (self.send.clone(), self.run);
        move |what| {
            let _ = send.send(News { run, what });
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        self.world.tell(|| format!("{}: {}", self.name, what()));
    }
}

/// Asks, once the order that is replaced by this one is called off; as the app's shell does it.
async fn instead(
    world: &Arc<World>,
    customer: &str,
    what: Ask,
) -> Result<OrderSnapshot, UserError> {
    if let Ask::Place(attempt) = &what {
        for replaced in attempt.replaced() {
            let called_off = match ask(world, customer, Ask::Place(replaced.clone())).await {
                Ok(seen) if seen.order.status.is_open() => {
                    ask(world, customer, Ask::CallOff(seen.order.id)).await
                }
                answer => answer,
            };
            match called_off {
                Ok(seen) if seen.order.status.took_money() => return Ok(seen),
                Ok(seen) if seen.order.status.is_open() => return Err(UserError::GopayDown),
                Err(trouble) if trouble.outcome_is_unknown() => return Err(trouble),
                _ => {}
            }
        }
    }
    ask(world, customer, what).await
}
