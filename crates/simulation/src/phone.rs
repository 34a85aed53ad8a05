//! A buyer with a phone: the app's own checkout decides, the phone carries out its commands, and the
//! buyer taps at random.

mod actions;
mod sheet;

use crate::{
    fault::Fault,
    merchant_client::{MerchantClient, Request},
    rng::Rng,
    simulation::Simulation,
    time::{MINUTE, SECOND, sleep},
};
use contract::{OpenOrder, OrderId, OrderStatus};
use mini_app::{
    checkout::{Attempt, Command, Event, OrderSnapshot, OrderView, State, apply, reminder},
    route::Route,
    user_error::UserError,
};
use std::sync::Arc;
use tokio::{
    select,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

#[derive(Debug)]
struct Message {
    /// The run of the app that it is for.
    run: u32,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Event(Event),
    /// The result of a read, by its number.
    Read(u32, Event),
    ReturnedFromGoPay,
    PaymentRequestEnded,
}

pub(crate) struct Phone {
    sim: Arc<Simulation>,
    client: MerchantClient,
    name: String,
    rng: Rng,
    state: State,
    /// In the phone's storage: survives the app.
    saved: Option<Attempt>,
    /// The open order in the menu.
    reminder: Option<OpenOrder>,
    address: Route,
    run: u32,
    /// The number of the latest read.
    read: u32,
    payment_requests: u32,
    hidden: bool,
    keys: u32,
    orders: u32,
    /// The reference numbers of all sheets that were opened.
    links: Vec<String>,
    sender: UnboundedSender<Message>,
    messages: UnboundedReceiver<Message>,
}

impl Phone {
    pub(crate) fn new(client: MerchantClient, number: u32) -> Self {
        let name = format!("{}-{number}", client.customer);
        let (sender, messages) = unbounded_channel();
        Self {
            sim: Arc::clone(&client.sim),
            rng: Rng::stream(client.sim.plan.seed, &name),
            client,
            name,
            state: State::Starting,
            saved: None,
            reminder: None,
            address: Route::Shop,
            run: 0,
            read: 0,
            payment_requests: 0,
            hidden: false,
            keys: 0,
            orders: 0,
            links: Vec::new(),
            sender,
            messages,
        }
    }

    /// Uses the app until the faults stop.
    pub(crate) async fn run(mut self) -> Self {
        sleep(self.rng.between(0, 10 * MINUTE)).await;
        self.open().await;
        while !self.sim.faults_stopped() {
            let pause = self.rng.between(SECOND, 3 * MINUTE);
            self.process_messages(pause).await;
            self.act().await;
        }
        self
    }

    /// Checks, without faults, that the app shows an order as a newly opened app does.
    pub(crate) async fn settle(mut self) {
        self.hidden = false;
        self.apply(Event::Resumed);
        self.process_messages(2 * MINUTE).await;
        if let State::Unconfirmed { .. } = self.state {
            self.apply(Event::RetryTapped);
            self.process_messages(2 * MINUTE).await;
        }
        let shown = self.shown();
        let Some((id, _)) = shown.clone() else {
            return;
        };
        self.address = Route::Order(id);
        self.open().await;
        self.process_messages(2 * MINUTE).await;
        let anew = self.shown();
        if shown != anew {
            let seen = format!("{}: {shown:?}, and opened anew {anew:?}", self.name);
            self.sim.checker().violation("I-45", seen);
        }
        let stuck = match &self.state {
            State::Ordered(ordered) => ordered.action.is_busy(),
            State::LoadFailed { .. } | State::LoadingOrder { .. } | State::Starting => true,
            State::Listing(listing) => listing.asking || listing.error.is_some(),
            _ => false,
        };
        if stuck {
            let seen = format!("{}: {:?}", self.name, self.state);
            self.sim.checker().violation("I-44", seen);
        }
    }

    fn shown(&self) -> Option<(OrderId, OrderStatus)> {
        match &self.state {
            State::Ordered(ordered) => {
                let order = &ordered.snapshot.order;
                Some((order.id.clone(), order.status))
            }
            _ => None,
        }
    }

    /// Starts the app, again if it runs.
    async fn open(&mut self) {
        self.run += 1;
        self.payment_requests = 0;
        self.hidden = false;
        self.state = State::Starting;
        self.trace(|| "opens the app".to_owned());
        sleep(self.rng.between(300, 4 * SECOND)).await;
        let now = self.sim.time.elapsed();
        let attempt = (self.saved.clone()).filter(|attempt| {
            attempt.is_worth_finishing(&self.client.customer.as_str().into(), now)
        });
        self.reminder = self.client.open_order();
        self.apply(Event::Started {
            route: self.address.clone(),
            attempt,
        });
    }

    async fn process_messages(&mut self, milliseconds: u64) {
        let end = sleep(milliseconds);
        tokio::pin!(end);
        loop {
            select! {
                biased;
                Some(message) = self.messages.recv() => self.handle(message),
                () = &mut end => return,
            }
        }
    }

    fn handle(&mut self, message: Message) {
        if message.run != self.run {
            return;
        }
        match message.content {
            Content::Event(event) => self.apply(event),
            Content::Read(read, event) if read == self.read => self.apply(event),
            Content::Read(..) => {}
            Content::ReturnedFromGoPay => {
                self.hidden = false;
                self.apply(Event::Resumed);
            }
            Content::PaymentRequestEnded => {
                self.payment_requests = self.payment_requests.saturating_sub(1);
            }
        }
    }

    fn apply(&mut self, event: Event) {
        let state = std::mem::replace(&mut self.state, State::Starting);
        let (state, commands) = apply(state, event);
        self.reminder = reminder(self.reminder.take(), &state);
        self.state = state;
        self.check_screen();
        for command in commands {
            self.carry_out(command);
        }
    }

    /// Checks that an order that is shown as paid is paid.
    fn check_screen(&self) {
        let State::Ordered(ordered) = &self.state else {
            return;
        };
        let order = &ordered.snapshot.order;
        let shows_paid = ordered.view() == OrderView::Result(OrderStatus::Paid);
        let paid =
            (self.sim.tables().order(&order.id)).is_some_and(|order| order.status.took_money());
        if shows_paid && !paid {
            let seen = format!("{} shows {} as paid", self.name, order.id);
            self.sim.checker().violation("I-41", seen);
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::PersistAttempt(attempt) => {
                let has_storage = !self.sim.should_inject(Fault::NoStorage, 20);
                self.saved = Some(attempt).filter(|_| has_storage);
            }
            Command::ClearAttempt => self.saved = None,
            Command::Place { attempt, after } => {
                self.request_payment(after, Request::Place(attempt), |_, answer| {
                    Event::Placed(answer)
                });
            }
            Command::Renew { id, key, after } => {
                let request = Request::Renew(id, key);
                self.request_payment(after, request, |request, answer| match request {
                    Request::Renew(_, key) => Event::Renewed { key, answer },
                    _ => Event::Resumed,
                });
            }
            Command::Cancel { id } => {
                let (client, post) = (self.client.clone(), self.sender());
                tokio::spawn(async move {
                    let answer = client.send(Request::Cancel(id.clone())).await;
                    post(Content::Event(Event::Cancelled { id, answer }));
                });
            }
            Command::Reprice => {
                let post = self.sender();
                tokio::spawn(async move {
                    sleep(SECOND).await;
                    post(Content::Event(Event::Repriced(Ok(()))));
                });
            }
            Command::Refresh => self.reminder = self.client.open_order(),
            Command::Navigate(route) | Command::ReplaceAddress(route) => self.address = route,
            Command::Launch { way, launch } => self.launch(way, launch),
            Command::Read { id, after } => {
                self.read += 1;
                let (read, hidden) = (self.read, self.hidden);
                let (client, post) = (self.client.clone(), self.sender());
                tokio::spawn(async move {
                    sleep(u64::from(after) * SECOND).await;
                    if !hidden || after == 0 {
                        let answer = client.send(Request::Read(id.clone())).await;
                        post(Content::Read(read, Event::Read { id, answer }));
                    }
                });
            }
            Command::List { after } => {
                self.read += 1;
                let (read, hidden) = (self.read, self.hidden);
                let (client, post) = (self.client.clone(), self.sender());
                tokio::spawn(async move {
                    sleep(u64::from(after) * SECOND).await;
                    if !hidden || after == 0 {
                        let answer = client.list_orders().await;
                        post(Content::Read(read, Event::Listed(answer)));
                    }
                });
            }
            Command::StopReading => self.read += 1,
            Command::FillCart(_)
            | Command::ClearTable
            | Command::ClearPromo
            | Command::Announce(_) => {}
        }
    }

    /// Requests a payment; checks that there is one such request at a time.
    fn request_payment(
        &mut self,
        after: u32,
        request: Request,
        event: fn(Request, Result<OrderSnapshot, UserError>) -> Event,
    ) {
        self.payment_requests += 1;
        if self.payment_requests > 1 {
            let seen = format!("{} requests two payments at once: {request:?}", self.name);
            self.sim.checker().violation("I-42", seen);
        }
        let (client, post) = (self.client.clone(), self.sender());
        tokio::spawn(async move {
            sleep(u64::from(after) * SECOND).await;
            let answer = send_instead(&client, request.clone()).await;
            post(Content::PaymentRequestEnded);
            post(Content::Event(event(request, answer)));
        });
    }

    /// Sends messages to this run of the app only.
    fn sender(&self) -> impl Fn(Content) + Send + 'static {
        let (sender, run) = (self.sender.clone(), self.run);
        move |content| {
            let _ = sender.send(Message { run, content });
        }
    }

    fn trace(&self, line: impl FnOnce() -> String) {
        self.sim.trace(|| format!("{}: {}", self.name, line()));
    }
}

/// Sends a request after it has cancelled the orders that it replaces, as the app's shell does.
async fn send_instead(
    client: &MerchantClient,
    request: Request,
) -> Result<OrderSnapshot, UserError> {
    if let Request::Place(attempt) = &request {
        for replaced in attempt.replaced() {
            let cancelled = match client.send(Request::Place(replaced.clone())).await {
                Ok(seen) if seen.order.status.is_open() => {
                    client.send(Request::Cancel(seen.order.id)).await
                }
                answer => answer,
            };
            match cancelled {
                Ok(seen) if seen.order.status.took_money() => return Ok(seen),
                Ok(seen) if seen.order.status.is_open() => return Err(UserError::GopayDown),
                Err(error) if error.outcome_is_unknown() => return Err(error),
                _ => {}
            }
        }
    }
    client.send(request).await
}
