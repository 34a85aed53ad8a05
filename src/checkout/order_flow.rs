//! The transitions of an order, until it is settled. PURE.
//!
//! Invariant: [`OrderView::Result`] shows what the merchant said, and after a hint only what
//! it said since. Invariant: paid never goes back, except into refunded or review.

use super::io::{Announcement, Command, Event};
use super::listing::open_orders;
use super::loading::load_order;
use super::order::{Hint, OrderFlow, OrderSnapshot, OrderView, PendingAction};
use super::state::{Listing, State, browsing};
use crate::route::Route;
use crate::user_error::UserError;
use contract::{IdempotencyKey, Line, OrderStatus, PaymentWay, RewardStatus};

/// The prefix of a payment's deeplink. The app launches no other address, whatever the answer says.
const PAYMENT_DEEPLINK: &str = "gopay://merchanttransfer?";

/// What an address of a web page begins with: a site, or the simulator on this machine.
const WEB_PAGES: [&str; 3] = ["https://", "http://localhost:", "http://127.0.0.1:"];

/// Pauses before the next read; the last one repeats.
const POLL_SECONDS: [u32; 7] = [0, 1, 2, 3, 5, 8, 10];
/// Reads slow down after this many unchanged answers, about two minutes.
const SLOW_DOWN_AFTER_ANSWERS: u32 = 16;
const SLOW_POLL_SECONDS: u32 = 20;
/// The buyer can launch again after this many answers, about eight seconds.
const LAUNCH_ENDS_AFTER_ANSWERS: u32 = 4;
/// How often an order that ended unpaid is still read, for a payment that GoPay reports late.
const LATE_PAYMENT_ANSWERS: u32 = 8;

impl OrderFlow {
    fn is_renewing(&self) -> bool {
        matches!(self.action, PendingAction::Renewing(_))
    }

    fn awaits_rewards(&self) -> bool {
        let mut rewards = self.snapshot.order.rewards.iter();
        rewards.any(|reward| reward.status == RewardStatus::Pending)
    }

    fn status(&self) -> OrderStatus {
        self.snapshot.order.status
    }

    pub(super) fn apply(self, event: Event) -> (State, Vec<Command>) {
        match event {
            // A renewal continues whatever happens meanwhile; its answer sets the address.
            Event::ShopTapped | Event::ReorderTapped | Event::OrdersTapped | Event::Opened(_)
                if self.is_renewing() =>
            {
                self.unchanged()
            }
            Event::Read { id, answer } if id == self.snapshot.order.id => match answer {
                Ok(snapshot) => self.answered(snapshot),
                Err(UserError::NotFound) if !self.is_renewing() => {
                    (State::NotFound, vec![Command::StopReading])
                }
                // Another buyer's order leaves the screen.
                Err(UserError::AnotherBuyer) if !self.is_renewing() => load_order(id),
                Err(error) => self.read_failed(error),
            },
            Event::Hinted { launch, hint } if self.launched.as_ref() == Some(&launch) => {
                self.hinted(hint)
            }
            Event::Resumed => self.resumed(),
            Event::CheckTapped if !self.action.is_busy() => self.check(),
            Event::ContinueTapped(key) if !self.action.is_busy() => self.renew(key),
            Event::Renewed { key, answer }
                if self.action == PendingAction::Renewing(key.clone()) =>
            {
                self.renewed(key, answer)
            }
            Event::CancelTapped if !self.action.is_busy() && self.status().is_open() => {
                self.cancel()
            }
            Event::Cancelled { id, answer }
                if self.action == PendingAction::Cancelling && id == self.snapshot.order.id =>
            {
                self.cancelled(answer)
            }
            Event::ShopTapped => Self::leave(vec![Command::Navigate(Route::Shop)]),
            Event::ReorderTapped => {
                let fill = Command::FillCart(self.lines());
                Self::leave(vec![fill, Command::Navigate(Route::Shop)])
            }
            Event::OrdersTapped => open_orders(),
            Event::Opened(Route::Orders) => Listing::open(),
            Event::Opened(Route::Order(id)) if id == self.snapshot.order.id => self.unchanged(),
            Event::Opened(Route::Order(id)) => load_order(id),
            Event::Opened(Route::Shop) => Self::leave(Vec::new()),
            Event::Opened(Route::NotFound) => (State::NotFound, vec![Command::StopReading]),
            _ => self.unchanged(),
        }
    }

    /// Opens GoPay and reads the order meanwhile: the container may never answer.
    pub(super) fn launch(mut self, key: IdempotencyKey) -> (State, Vec<Command>) {
        let live = (self.snapshot.order.payment.as_ref())
            .filter(|_| self.status() == OrderStatus::AwaitingPayment)
            .map(|payment| payment.way.clone());
        let Some(way) = live else {
            self.action = PendingAction::Idle;
            return self.poll();
        };
        if !leads_to_payment(&way) {
            self.action = PendingAction::LaunchFailed(UserError::ShopDown);
            let (state, mut commands) = self.poll();
            commands.push(Command::Announce(Announcement::Failed(UserError::ShopDown)));
            return (state, commands);
        }
        self.launched = Some(key.clone());
        self.action = PendingAction::Launching;
        self.hint = None;
        self.answers = 0;
        let commands = vec![Command::Launch { way, launch: key }, self.read_after(2)];
        (self.into_state(), commands)
    }

    /// Schedules the next read, as long as the status may change.
    pub(super) fn poll(self) -> (State, Vec<Command>) {
        let pause = POLL_SECONDS.get(self.answers as usize).copied();
        let pause = match self.status() {
            OrderStatus::AwaitingPayment | OrderStatus::Checking
                if self.answers < SLOW_DOWN_AFTER_ANSWERS =>
            {
                Some(pause.unwrap_or(10))
            }
            OrderStatus::AwaitingPayment | OrderStatus::Checking | OrderStatus::Other => {
                Some(SLOW_POLL_SECONDS)
            }
            OrderStatus::Cancelled | OrderStatus::Failed | OrderStatus::Expired => {
                (self.answers < LATE_PAYMENT_ANSWERS).then_some(pause.unwrap_or(10).max(2))
            }
            // GoPay gives rewards within seconds.
            OrderStatus::Paid
                if self.awaits_rewards() && self.answers < SLOW_DOWN_AFTER_ANSWERS =>
            {
                Some(pause.unwrap_or(10).max(2))
            }
            OrderStatus::Paid
            | OrderStatus::PartiallyRefunded
            | OrderStatus::Refunded
            | OrderStatus::Review => None,
        };
        // A failed read is repeated.
        let pause = pause.or(self.read_error.map(|_| SLOW_POLL_SECONDS));
        let commands = match pause {
            Some(after) => vec![self.read_after(after)],
            None => vec![Command::StopReading],
        };
        (self.into_state(), commands)
    }

    fn answered(mut self, snapshot: OrderSnapshot) -> (State, Vec<Command>) {
        let asked = self.action == PendingAction::Checking;
        self.read_error = None;
        self.confirmed = true;
        self.count_answer();
        self.update(snapshot);
        let heard = Announcement::Answered(self.status(), self.hint);
        let (state, mut commands) = self.poll();
        if asked {
            commands.push(Command::Announce(heard));
        }
        (state, commands)
    }

    fn read_failed(mut self, error: UserError) -> (State, Vec<Command>) {
        let is_news = self.action == PendingAction::Checking || self.read_error != Some(error);
        self.read_error = Some(error);
        self.count_answer();
        let (state, mut commands) = self.poll();
        if is_news {
            commands.push(Command::Announce(Announcement::Failed(error)));
        }
        (state, commands)
    }

    /// An answer, or a failed read, ends a check, and in the end the wait for a launch.
    fn count_answer(&mut self) {
        self.answers = SLOW_DOWN_AFTER_ANSWERS.min(self.answers + 1);
        match self.action {
            PendingAction::Checking => self.action = PendingAction::Idle,
            PendingAction::Launching if self.answers >= LAUNCH_ENDS_AFTER_ANSWERS => {
                self.action = PendingAction::Idle
            }
            _ => {}
        }
    }

    /// Takes over a newer answer of the merchant.
    fn update(&mut self, snapshot: OrderSnapshot) {
        let (old, new) = (&self.snapshot.order, &snapshot.order);
        if new.id != old.id || new.as_of < old.as_of || !may_follow(old.status, new.status) {
            return;
        }
        if old.status != new.status {
            self.answers = 0;
            // A renewal is waited for, unless the order can never be paid again.
            let is_waited_for = self.is_renewing() && may_reopen(new.status);
            if !new.status.is_open() && !is_waited_for {
                self.action = PendingAction::Idle;
            }
        }
        self.snapshot = snapshot;
    }

    fn hinted(mut self, hint: Result<Hint, UserError>) -> (State, Vec<Command>) {
        // The buyer has started another action.
        if !matches!(
            self.action,
            PendingAction::Launching | PendingAction::Idle | PendingAction::Checking
        ) {
            return self.unchanged();
        }
        match hint {
            Ok(hint) => {
                self.hint = Some(hint);
                self.confirmed = false;
                self.action = PendingAction::Idle;
                self.read_now()
            }
            Err(error) if self.status().is_open() => {
                self.action = PendingAction::LaunchFailed(error);
                self.report(error)
            }
            // The merchant's answer is newer.
            Err(_) => self.read_now(),
        }
    }

    /// The page is visible again: during a launch the buyer comes back from GoPay.
    fn resumed(mut self) -> (State, Vec<Command>) {
        if self.action == PendingAction::Launching {
            self.action = PendingAction::Idle;
            self.confirmed = false;
        }
        self.read_now()
    }

    fn check(mut self) -> (State, Vec<Command>) {
        self.action = PendingAction::Checking;
        self.read_now()
    }

    fn read_now(mut self) -> (State, Vec<Command>) {
        self.answers = 0;
        let read = self.read_after(0);
        (self.into_state(), vec![read])
    }

    fn renew(mut self, fresh: IdempotencyKey) -> (State, Vec<Command>) {
        if !takes_payment(self.status()) || self.view() == OrderView::TimeUp {
            return self.unchanged();
        }
        let key = match &self.action {
            PendingAction::RenewalUnconfirmed(unanswered, _) => unanswered.clone(),
            _ => fresh,
        };
        self.action = PendingAction::Renewing(key.clone());
        self.answers = 0;
        let commands = vec![
            Command::Announce(Announcement::Preparing),
            self.ask_for_payment(key, 0),
        ];
        (self.into_state(), commands)
    }

    fn ask_for_payment(&self, key: IdempotencyKey, after: u32) -> Command {
        let id = self.snapshot.order.id.clone();
        Command::Renew { id, key, after }
    }

    fn renewed(
        mut self,
        key: IdempotencyKey,
        answer: Result<OrderSnapshot, UserError>,
    ) -> (State, Vec<Command>) {
        let is_under_way = answer == Err(UserError::UnderWay) && takes_payment(self.status());
        if is_under_way && self.answers < SLOW_DOWN_AFTER_ANSWERS {
            // Later than for a read: the merchant has just said that the request is under way.
            let pause = POLL_SECONDS.get(self.answers as usize + 2).copied();
            self.answers += 1;
            let again = self.ask_for_payment(key, pause.unwrap_or(10));
            return (self.into_state(), vec![again]);
        }
        let show = Command::Navigate(Route::Order(self.snapshot.order.id.clone()));
        let (state, commands) = match answer {
            Ok(snapshot) => {
                let before = self.status();
                self.update(snapshot);
                self.launch_renewed(key, before)
            }
            Err(UserError::AnotherBuyer) => load_order(self.snapshot.order.id),
            Err(error) if error.outcome_is_unknown() => {
                self.action = PendingAction::RenewalUnconfirmed(key, error);
                self.report(error)
            }
            Err(error) => {
                self.action = PendingAction::RenewalRefused(error);
                self.report(error)
            }
        };
        (state, [vec![show], commands].concat())
    }

    /// Opens GoPay with the new payment. Without one, and with an unchanged status, the buyer is told.
    fn launch_renewed(mut self, key: IdempotencyKey, before: OrderStatus) -> (State, Vec<Command>) {
        let status = self.status();
        let is_refused =
            status == before && matches!(status, OrderStatus::Failed | OrderStatus::Expired);
        if is_refused {
            self.action = PendingAction::RenewalRefused(UserError::PaymentRefused);
            return self.report(UserError::PaymentRefused);
        }
        self.launch(key)
    }

    fn cancel(mut self) -> (State, Vec<Command>) {
        self.action = PendingAction::Cancelling;
        let id = self.snapshot.order.id.clone();
        (self.into_state(), vec![Command::Cancel { id }])
    }

    fn cancelled(mut self, answer: Result<OrderSnapshot, UserError>) -> (State, Vec<Command>) {
        self.action = PendingAction::Idle;
        match answer {
            // GoPay has not confirmed the cancellation yet.
            Ok(snapshot) if snapshot.order.status.is_open() => {
                self.update(snapshot);
                self.cancel_failed(UserError::GopayDown)
            }
            Ok(snapshot) => self.answered(snapshot),
            Err(UserError::AnotherBuyer) => load_order(self.snapshot.order.id),
            Err(error) => self.cancel_failed(error),
        }
    }

    fn cancel_failed(mut self, error: UserError) -> (State, Vec<Command>) {
        // The order may have been settled meanwhile.
        if self.status().is_open() {
            self.action = PendingAction::CancelFailed(error);
        }
        self.report(error)
    }

    fn report(self, error: UserError) -> (State, Vec<Command>) {
        let (state, mut commands) = self.read_now();
        commands.push(Command::Announce(Announcement::Failed(error)));
        (state, commands)
    }

    fn leave(mut commands: Vec<Command>) -> (State, Vec<Command>) {
        commands.push(Command::StopReading);
        (browsing(None), commands)
    }

    fn lines(&self) -> Vec<Line> {
        (self.snapshot.order.lines.iter())
            .map(|line| Line {
                product: line.product.clone(),
                quantity: line.quantity,
            })
            .collect()
    }

    fn read_after(&self, after: u32) -> Command {
        Command::Read {
            id: self.snapshot.order.id.clone(),
            after,
        }
    }

    fn unchanged(self) -> (State, Vec<Command>) {
        (self.into_state(), Vec::new())
    }

    fn into_state(self) -> State {
        State::Ordered(Box::new(self))
    }
}

/// Whether this is a way to a payment, and to nothing else.
fn leads_to_payment(way: &PaymentWay) -> bool {
    match way {
        PaymentWay::Deeplink(deeplink) => deeplink.starts_with(PAYMENT_DEEPLINK),
        PaymentWay::WebPage(page) => WEB_PAGES.iter().any(|site| page.starts_with(site)),
        PaymentWay::SnapToken(token) => {
            !token.is_empty()
                && token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }
    }
}

/// Whether `new` can follow `old`. An overtaken answer must not remove a receipt from the screen.
fn may_follow(old: OrderStatus, new: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, Paid, PartiallyRefunded, Refunded, Review};
    match old {
        Paid => matches!(new, Paid | PartiallyRefunded | Refunded | Review),
        PartiallyRefunded => matches!(new, PartiallyRefunded | Refunded | Review),
        Refunded => matches!(new, Refunded | Review),
        // Money may arrive late.
        Cancelled => !may_reopen(new) || new == Review,
        // Staff or GoPay have settled the review.
        Review => !new.is_open(),
        _ => true,
    }
}

/// Whether a payment may be requested again after this status.
fn may_reopen(status: OrderStatus) -> bool {
    takes_payment(status) || status == OrderStatus::Review
}

/// Whether the merchant makes a payment for an order of this status.
fn takes_payment(status: OrderStatus) -> bool {
    use OrderStatus::{AwaitingPayment, Checking, Expired, Failed};
    matches!(status, AwaitingPayment | Checking | Failed | Expired)
}
