//! A buyer's phone with the app on it, and the buyer: the app's own checkout decides, this
//! carries out what it commands, and taps what a person could tap.

use crate::{
    chance::Chance,
    door::{Ask, ask},
    gopay::State as Paid,
    harm::Harm,
    process::PRICES,
    time::{MINUTE, SECOND, pass},
    watch::Rare,
    world::World,
};
use contract::{Line, OrderStatus, PlaceOrder, Rupiah};
use mini_app::{
    checkout::{Attempt, Command, Event, Hint, Key, Look, State, apply},
    route::Route,
    trouble::Trouble,
};
use std::{num::NonZeroU32, sync::Arc};
use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Duration, sleep},
};

/// How many orders a buyer places at most.
const WISHES: u32 = 3;

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
        self.happens(Event::Woke);
        self.listen(2 * MINUTE).await;
        if let State::Unanswered { .. } = self.state {
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
            State::Ordered(ordered) => ordered.step.is_busy(),
            State::Lost { .. } | State::Looking { .. } | State::Starting => true,
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
                let order = &ordered.seen.order;
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
        let open_order = self.world.process().and_then(|process| {
            let pages = self.world.pages();
            let order = pages.open_order_of(&self.customer)?;
            Some(merchant::shop::describe(order, process.shop.clock.now()))
        });
        self.happens(Event::Started {
            route: self.address.clone(),
            attempt,
            open_order,
        });
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
                self.happens(Event::Woke);
            }
            What::Asked => self.asking = self.asking.saturating_sub(1),
        }
    }

    fn happens(&mut self, event: Event) {
        let state = std::mem::replace(&mut self.state, State::Starting);
        let (state, commands) = apply(state, event);
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
        let order = &ordered.seen.order;
        let says_paid = ordered.look() == Look::Result(OrderStatus::Paid);
        let paid =
            (self.world.pages().order(&order.id)).is_some_and(|order| order.status.took_money());
        if says_paid && !paid {
            let seen = format!("{} shows {} as paid", self.name, order.id);
            self.world.watch().violated("I-41", seen);
        }
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::Remember(attempt) => {
                let keeps = !self.world.strikes(Harm::NoStorage, 20);
                self.kept = Some(attempt).filter(|_| keeps);
            }
            Command::Forget => self.kept = None,
            Command::Place { attempt, after } => {
                self.asks(after, Ask::Place(attempt), |_, answer| {
                    Event::Placed(answer)
                });
            }
            Command::Renew { id, key } => {
                self.asks(0, Ask::Renew(id, key), |ask, answer| match ask {
                    Ask::Renew(_, key) => Event::Renewed { key, answer },
                    _ => Event::Woke,
                });
            }
            Command::CallOff { id } => {
                let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
                let tell = self.teller();
                tokio::spawn(async move {
                    let answer = ask(&world, &customer, Ask::CallOff(id.clone())).await;
                    tell(What::Event(Event::CalledOff { id, answer }));
                });
            }
            Command::Reprice => {
                let tell = self.teller();
                tokio::spawn(async move {
                    pass(SECOND).await;
                    tell(What::Event(Event::Repriced(Ok(()))));
                });
            }
            Command::Show(route) => self.address = route,
            Command::Launch { deeplink, launch } => self.launch(deeplink, launch),
            Command::Read { id, after } => {
                self.reading += 1;
                let (reading, hidden) = (self.reading, self.hidden);
                let (world, customer) = (Arc::clone(&self.world), self.customer.clone());
                let tell = self.teller();
                tokio::spawn(async move {
                    pass(u64::from(after) * SECOND).await;
                    if !hidden {
                        let answer = ask(&world, &customer, Ask::Read(id.clone())).await;
                        tell(What::Read(reading, Event::Read { id, answer }));
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
        event: fn(Ask, Result<mini_app::checkout::Seen, Trouble>) -> Event,
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
            let answer = ask(&world, &customer, what.clone()).await;
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

    /// GoPay's sheet opens over the app.
    fn launch(&mut self, deeplink: String, launch: Key) {
        let reference = deeplink
            .strip_prefix("gopay://merchanttransfer?tref=")
            .map(str::to_owned);
        let Some(reference) = reference else {
            let seen = format!("{} launches {deeplink}", self.name);
            self.world.watch().violated("I-38", seen);
            return;
        };
        self.links.push(reference.clone());
        self.hidden = true;
        let thinks = self.chance.between(2 * SECOND, 90 * SECOND);
        let mut chance = self.chance.clone();
        let (world, tell, name) = (Arc::clone(&self.world), self.teller(), self.name.clone());
        tokio::spawn(async move {
            let last = world.strikes(Harm::LastSecond, 10);
            let ends = world.gopay(|gopay, _| Some(gopay.payment(&reference)?.valid_until));
            pass(match ends.filter(|_| last) {
                Some(ends) => {
                    (ends - world.time.now()).max(500).unsigned_abs() - 500
                        + chance.pick(&[0, 0, 5_000])
                }
                None => thinks,
            })
            .await;
            let does = chance.pick(&[Paid::Paid(0), Paid::Paid(0), Paid::Pending, Paid::Failed]);
            world.tell(|| format!("{name} at the sheet of {reference}: {does:?}"));
            let paid = decides(&world, &reference, does);
            let hint = match paid != world.strikes(Harm::HintLies, 15) {
                true => Hint::Underway,
                false => Hint::Unpaid,
            };
            pass(chance.between(10, 2 * SECOND)).await;
            if !world.strikes(Harm::HintLost, 20) {
                let hinted = || {
                    let launch = launch.clone();
                    What::Event(Event::Hinted {
                        launch,
                        hint: Ok(hint),
                    })
                };
                tell(hinted());
                if world.strikes(Harm::HintTwice, 20) {
                    pass(chance.between(0, 20 * SECOND)).await;
                    world.watch().saw(Rare::DoubleCallback);
                    tell(hinted());
                }
            }
            tell(What::Returned);
        });
    }

    /// The buyer does something, or the world does something to the phone.
    async fn act(&mut self) {
        if self.world.strikes(Harm::AppKilled, 6) {
            if self.chance.percent(30) {
                pass(self.chance.between(SECOND, 40 * MINUTE)).await;
            }
            return self.open().await;
        }
        if self.world.strikes(Harm::OldLink, 5) && !self.links.is_empty() {
            let link = self.links
                [self.links.len() - 1 - usize::from(self.chance.percent(50)) % self.links.len()]
            .clone();
            self.tell(|| format!("pays by the old sheet of {link}"));
            decides(&self.world, &link, Paid::Paid(0));
        }
        if self.hidden {
            return;
        }
        let event = self.wish();
        let Some(event) = event else { return };
        self.tell(|| {
            // Not with whose id it is: that is another one each time.
            let event = format!("{event:?}");
            event
                .split(['(', ' '])
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        self.happens(event.clone());
        if self.chance.percent(15) {
            self.happens(event);
        }
    }

    fn wish(&mut self) -> Option<Event> {
        if self.chance.percent(8) {
            return Some(Event::Woke);
        }
        let say = self.chance.between(1, 100);
        match &self.state {
            State::Browsing { waiting, .. } => match (waiting, say) {
                (Some(_), 1..=40) => Some(Event::WaitingTapped),
                (_, 41..=80) if self.wishes < WISHES => {
                    self.wishes += 1;
                    Some(Event::PayTapped(self.attempt()))
                }
                _ => None,
            },
            State::Unanswered { .. } => Some(match say {
                1..=80 => Event::RetryTapped,
                _ => Event::ChangeTapped,
            }),
            State::Lost { .. } => Some(Event::RetryTapped),
            State::Missing => Some(Event::ShopTapped),
            State::Ordered(ordered) => {
                let id = ordered.seen.order.id.clone();
                match ordered.seen.order.status {
                    OrderStatus::AwaitingPayment | OrderStatus::Checking => match say {
                        1..=35 => Some(Event::ContinueTapped(self.key())),
                        36..=45 => Some(Event::CancelTapped),
                        46..=60 => Some(Event::CheckTapped),
                        61..=66 => Some(Event::ShopTapped),
                        67..=70 => Some(Event::Opened(Route::Order(id))),
                        _ => None,
                    },
                    OrderStatus::Failed | OrderStatus::Expired => match say {
                        1..=50 => Some(Event::ContinueTapped(self.key())),
                        51..=60 => Some(Event::AgainTapped),
                        _ => None,
                    },
                    _ => (say < 40).then_some(Event::ShopTapped),
                }
            }
            State::Starting | State::Placing { .. } | State::Repricing | State::Looking { .. } => {
                None
            }
        }
    }

    fn key(&mut self) -> Key {
        self.keys += 1;
        Key(format!("{}-{}", self.name, self.keys))
    }

    fn attempt(&mut self) -> Attempt {
        let key = self.key();
        let (product, price) = self.chance.pick(&PRICES);
        let quantity = self.chance.pick(&[1, 2, 5]);
        Attempt {
            key,
            customer: self.customer.clone(),
            order: PlaceOrder {
                lines: vec![Line {
                    product: product.to_owned(),
                    quantity: NonZeroU32::MIN.saturating_add(quantity - 1),
                }],
                expected_total: Rupiah::new(price * u64::from(quantity)),
            },
            made_at: self.world.time.elapsed(),
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        self.world.tell(|| format!("{}: {}", self.name, what()));
    }
}

/// The buyer decides in GoPay. Whether money moved.
fn decides(world: &Arc<World>, reference: &str, state: Paid) -> bool {
    let odd = world.strikes(Harm::OddAmount, 2);
    let doubtful = world.strikes(Harm::Doubt, 4);
    let paid_late = world.strikes(Harm::PaidLate, 50);
    world.gopay(|gopay, now| {
        let state = match state {
            Paid::Pending => return false,
            Paid::Paid(_) => Paid::Paid(now),
            other => other,
        };
        let late = paid_late && matches!(state, Paid::Paid(_));
        let decided =
            gopay.decide(reference, state, now) || late && gopay.pays_late(reference, now);
        if decided && let Some(payment) = gopay.payment_mut(reference) {
            payment.doubtful = doubtful;
            if odd && matches!(state, Paid::Paid(_)) {
                payment.amount -= 1_000;
            }
        }
        decided && matches!(state, Paid::Paid(_))
    })
}
