//! An order that the merchant has, followed until it is settled. PURE.
//!
//! Invariant: [`Look::Result`] shows what the merchant said, and after a hint only what
//! it said since. Invariant: paid never goes back, except into refunded or review.

use super::{Command, Event, Key, State};
use crate::route::Route;
use crate::text::{Menu, Message};
use crate::trouble::Trouble;
use contract::{Line, Order, OrderStatus};

/// What a payment of GoPay's looks like. The merchant built the deeplink from checked
/// parts; this keeps the app from launching anything else, whoever wrote the answer.
const PAYMENT_DEEPLINK: &str = "gopay://merchanttransfer?";

/// Pauses between two answers, in seconds; the last one stays.
const PACE: [u32; 7] = [0, 1, 2, 3, 5, 8, 10];
/// After so many answers without a change, about two minutes, hurrying is no use.
const PATIENCE: u32 = 16;
const SLOW_PACE: u32 = 20;
/// How many answers a launch is given, some eight seconds, before the buyer can launch again.
const LAUNCH_ANSWERS: u32 = 4;
/// A payment that GoPay reports late still finds its order open on the screen.
const LATE_ANSWERS: u32 = 8;

/// An order as the merchant answered it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The answer.
    pub order: Order,
    /// When it came, in milliseconds of a clock that only goes forward: what is left of a
    /// payment is counted from here, because the phone's own clock may be days off.
    pub at: u64,
}

/// What the container says about a payment: good for choosing words, never for facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Paid or on its way, it says.
    Underway,
    /// Called off or not possible, it says.
    Unpaid,
    /// It was opened on this phone by an earlier run of the app, and has said nothing since.
    Opened,
}

/// What we are doing about the order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Waiting for the merchant's word, nothing else.
    Waiting,
    /// The merchant is being asked because the buyer wants to know now.
    Asking,
    /// GoPay is opening.
    Launching,
    /// GoPay did not open.
    Unlaunched(Trouble),
    /// A payment is asked for under this key.
    Renewing(Key),
    /// There was no answer to that; the next try uses the same key.
    Unrenewed(Key, Trouble),
    /// The merchant, or GoPay, said no to another payment.
    Refused(Trouble),
    /// The order is being called off.
    CallingOff,
    /// That did not work.
    NotCalledOff(Trouble),
}

impl Step {
    /// Whether a wish of the buyer's is being carried out.
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Asking | Self::Launching | Self::Renewing(_) | Self::CallingOff
        )
    }
}

/// The order and what we know about our knowledge of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ordered {
    /// The merchant's last word.
    pub seen: Seen,
    /// What is under way.
    pub step: Step,
    /// What the container said since GoPay was last opened.
    pub hint: Option<Hint>,
    /// Whether `seen` is newer than the hint, or than the return from GoPay.
    pub confirmed: bool,
    /// Why the last question to the merchant brought no answer.
    pub lost: Option<Trouble>,
    /// The request whose payment GoPay was last opened for.
    launched: Option<Key>,
    /// Since the last change; no more than `PATIENCE`.
    answers: u32,
}

/// Which of its faces the order shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Look {
    /// GoPay is about to cover the page.
    Opening,
    /// Back from GoPay, and the merchant has not spoken yet.
    Verifying,
    /// The payment can no longer be made, and GoPay has not said what became of it.
    TimeUp,
    /// The merchant's word.
    Result(OrderStatus),
}

impl Ordered {
    /// An order that has just come.
    pub fn opened(seen: Seen) -> Self {
        Self {
            seen,
            step: Step::Waiting,
            hint: None,
            confirmed: true,
            lost: None,
            launched: None,
            answers: 0,
        }
    }

    /// What to show.
    pub fn look(&self) -> Look {
        let status = self.status();
        if !status.is_open() {
            Look::Result(status)
        } else if self.step == Step::Launching {
            Look::Opening
        } else if !self.confirmed {
            Look::Verifying
        } else if status == OrderStatus::AwaitingPayment && self.seen.order.payment.is_none() {
            Look::TimeUp
        } else {
            Look::Result(status)
        }
    }

    /// What to tell about the buyer's last wish.
    pub fn trouble(&self) -> Option<Trouble> {
        match &self.step {
            Step::Unlaunched(trouble)
            | Step::Unrenewed(_, trouble)
            | Step::Refused(trouble)
            | Step::NotCalledOff(trouble) => Some(*trouble),
            Step::Waiting
            | Step::Asking
            | Step::Launching
            | Step::Renewing(_)
            | Step::CallingOff => None,
        }
    }

    fn is_renewing(&self) -> bool {
        matches!(self.step, Step::Renewing(_))
    }

    fn status(&self) -> OrderStatus {
        self.seen.order.status
    }

    pub(super) fn apply(self, event: Event) -> (State, Vec<Command>) {
        match event {
            // The payment goes on its way whatever happens meanwhile; its answer writes the
            // address anew.
            Event::ShopTapped | Event::AgainTapped | Event::OrdersTapped | Event::Opened(_)
                if self.is_renewing() =>
            {
                self.unchanged()
            }
            Event::Read { id, answer } if id == self.seen.order.id => match answer {
                Ok(seen) => self.answered(seen),
                Err(Trouble::NotFound) if !self.is_renewing() => {
                    (State::Missing, vec![Command::StopReading])
                }
                // Nothing of another buyer's order stays on the screen.
                Err(Trouble::AnotherBuyer) if !self.is_renewing() => super::look(id),
                Err(trouble) => self.unanswered(trouble),
            },
            Event::Hinted { launch, hint } if self.launched.as_ref() == Some(&launch) => {
                self.hinted(hint)
            }
            Event::Woke => self.woke(),
            Event::CheckTapped if !self.step.is_busy() => self.check(),
            Event::ContinueTapped(key) if !self.step.is_busy() => self.renew(key),
            Event::Renewed { key, answer } if self.step == Step::Renewing(key.clone()) => {
                self.renewed(key, answer)
            }
            Event::CancelTapped if !self.step.is_busy() && self.status().is_open() => {
                self.call_off()
            }
            Event::CalledOff { id, answer }
                if self.step == Step::CallingOff && id == self.seen.order.id =>
            {
                self.called_off(answer)
            }
            Event::ShopTapped => Self::leave(vec![Command::Show(Route::Shop)]),
            Event::AgainTapped => {
                let fill = Command::FillCart(self.lines());
                Self::leave(vec![fill, Command::Show(Route::Shop)])
            }
            Event::OrdersTapped => super::list(),
            Event::Opened(Route::Orders) => super::Listing::open(),
            Event::Opened(Route::Order(id)) if id == self.seen.order.id => self.unchanged(),
            Event::Opened(Route::Order(id)) => super::look(id),
            Event::Opened(Route::Shop) => Self::leave(Vec::new()),
            Event::Opened(Route::NotFound) => (State::Missing, vec![Command::StopReading]),
            _ => self.unchanged(),
        }
    }

    /// Opens GoPay, and listens to the merchant at the same time: the container may
    /// never answer.
    pub(super) fn launch(mut self, key: Key) -> (State, Vec<Command>) {
        let live = (self.seen.order.payment.as_ref())
            .filter(|_| self.status() == OrderStatus::AwaitingPayment)
            .map(|payment| payment.deeplink.clone());
        let Some(deeplink) = live else {
            self.step = Step::Waiting;
            return self.follow();
        };
        if !deeplink.starts_with(PAYMENT_DEEPLINK) {
            self.step = Step::Unlaunched(Trouble::ShopDown);
            let (state, mut commands) = self.follow();
            commands.push(Command::Announce(Message::Happened(Trouble::ShopDown)));
            return (state, commands);
        }
        self.launched = Some(key.clone());
        self.step = Step::Launching;
        self.hint = None;
        self.answers = 0;
        let commands = vec![
            Command::Launch {
                deeplink,
                launch: key,
            },
            self.read_after(2),
        ];
        (self.into_state(), commands)
    }

    /// Waits for the merchant's next word, as long as there may be one.
    pub(super) fn follow(self) -> (State, Vec<Command>) {
        let pause = PACE.get(self.answers as usize).copied();
        let pause = match self.status() {
            OrderStatus::AwaitingPayment | OrderStatus::Checking if self.answers < PATIENCE => {
                Some(pause.unwrap_or(10))
            }
            OrderStatus::AwaitingPayment | OrderStatus::Checking | OrderStatus::Other => {
                Some(SLOW_PACE)
            }
            OrderStatus::Cancelled | OrderStatus::Failed | OrderStatus::Expired => {
                (self.answers < LATE_ANSWERS).then_some(pause.unwrap_or(10).max(2))
            }
            OrderStatus::Paid
            | OrderStatus::PartiallyRefunded
            | OrderStatus::Refunded
            | OrderStatus::Review => None,
        };
        // What was asked is still to be answered.
        let pause = pause.or(self.lost.map(|_| SLOW_PACE));
        let commands = match pause {
            Some(after) => vec![self.read_after(after)],
            None => vec![Command::StopReading],
        };
        (self.into_state(), commands)
    }

    fn answered(mut self, seen: Seen) -> (State, Vec<Command>) {
        let asked = self.step == Step::Asking;
        self.lost = None;
        self.confirmed = true;
        self.count_answer();
        self.see(seen);
        let heard = Message::Headline(self.status(), self.hint);
        let (state, mut commands) = self.follow();
        if asked {
            commands.push(Command::Announce(heard));
        }
        (state, commands)
    }

    fn unanswered(mut self, trouble: Trouble) -> (State, Vec<Command>) {
        let is_news = self.step == Step::Asking || self.lost != Some(trouble);
        self.lost = Some(trouble);
        self.count_answer();
        let (state, mut commands) = self.follow();
        if is_news {
            commands.push(Command::Announce(Message::Happened(trouble)));
        }
        (state, commands)
    }

    /// An answer, or the lack of one, ends the buyer's asking, and the waiting for a
    /// launch that shows no effect.
    fn count_answer(&mut self) {
        self.answers = PATIENCE.min(self.answers + 1);
        match self.step {
            Step::Asking => self.step = Step::Waiting,
            Step::Launching if self.answers >= LAUNCH_ANSWERS => self.step = Step::Waiting,
            _ => {}
        }
    }

    /// Takes over a newer word of the merchant's.
    fn see(&mut self, seen: Seen) {
        let (old, new) = (&self.seen.order, &seen.order);
        if new.id != old.id || new.as_of < old.as_of || !may_follow(old.status, new.status) {
            return;
        }
        if old.status != new.status {
            self.answers = 0;
            // What is asked for under a key is waited for, unless it is too late for it for ever.
            let is_waited_for = self.is_renewing() && may_reopen(new.status);
            if !new.status.is_open() && !is_waited_for {
                self.step = Step::Waiting;
            }
        }
        self.seen = seen;
    }

    fn hinted(mut self, hint: Result<Hint, Trouble>) -> (State, Vec<Command>) {
        // The buyer has already gone on to something else.
        if !matches!(self.step, Step::Launching | Step::Waiting | Step::Asking) {
            return self.unchanged();
        }
        match hint {
            Ok(hint) => {
                self.hint = Some(hint);
                self.confirmed = false;
                self.step = Step::Waiting;
                self.read_now()
            }
            Err(trouble) if self.status().is_open() => {
                self.step = Step::Unlaunched(trouble);
                self.tell(trouble)
            }
            // The merchant has said more than that.
            Err(_) => self.read_now(),
        }
    }

    /// Whoever comes back while GoPay was open comes back from GoPay.
    fn woke(mut self) -> (State, Vec<Command>) {
        if self.step == Step::Launching {
            self.step = Step::Waiting;
            self.confirmed = false;
        }
        self.read_now()
    }

    fn check(mut self) -> (State, Vec<Command>) {
        self.step = Step::Asking;
        self.read_now()
    }

    fn read_now(mut self) -> (State, Vec<Command>) {
        self.answers = 0;
        let read = self.read_after(0);
        (self.into_state(), vec![read])
    }

    fn renew(mut self, fresh: Key) -> (State, Vec<Command>) {
        if !takes_payment(self.status()) || self.look() == Look::TimeUp {
            return self.unchanged();
        }
        let key = match &self.step {
            Step::Unrenewed(unanswered, _) => unanswered.clone(),
            _ => fresh,
        };
        self.step = Step::Renewing(key.clone());
        self.answers = 0;
        let commands = vec![
            Command::Announce(Menu::Preparing.into()),
            self.ask_for_payment(key, 0),
        ];
        (self.into_state(), commands)
    }

    fn ask_for_payment(&self, key: Key, after: u32) -> Command {
        let id = self.seen.order.id.clone();
        Command::Renew { id, key, after }
    }

    fn renewed(mut self, key: Key, answer: Result<Seen, Trouble>) -> (State, Vec<Command>) {
        let is_under_way = answer == Err(Trouble::UnderWay) && takes_payment(self.status());
        if is_under_way && self.answers < PATIENCE {
            // Not as soon as an order is asked for: the merchant has only just said that it is at it.
            let pause = PACE.get(self.answers as usize + 2).copied();
            self.answers += 1;
            let again = self.ask_for_payment(key, pause.unwrap_or(10));
            return (self.into_state(), vec![again]);
        }
        let show = Command::Show(Route::Order(self.seen.order.id.clone()));
        let (state, commands) = match answer {
            Ok(seen) => {
                let before = self.status();
                self.see(seen);
                self.launch_renewed(key, before)
            }
            Err(Trouble::AnotherBuyer) => super::look(self.seen.order.id),
            Err(trouble) if trouble.leaves_doubt() => {
                self.step = Step::Unrenewed(key, trouble);
                self.tell(trouble)
            }
            Err(trouble) => {
                self.step = Step::Refused(trouble);
                self.tell(trouble)
            }
        };
        (state, [vec![show], commands].concat())
    }

    /// Opens GoPay with the payment that was asked for. Where there is none, and the screen stays
    /// what it was, the buyer is told.
    fn launch_renewed(mut self, key: Key, before: OrderStatus) -> (State, Vec<Command>) {
        let status = self.status();
        let is_refused =
            status == before && matches!(status, OrderStatus::Failed | OrderStatus::Expired);
        if is_refused {
            self.step = Step::Refused(Trouble::PaymentRefused);
            return self.tell(Trouble::PaymentRefused);
        }
        self.launch(key)
    }

    fn call_off(mut self) -> (State, Vec<Command>) {
        self.step = Step::CallingOff;
        let id = self.seen.order.id.clone();
        (self.into_state(), vec![Command::CallOff { id }])
    }

    fn called_off(mut self, answer: Result<Seen, Trouble>) -> (State, Vec<Command>) {
        self.step = Step::Waiting;
        match answer {
            // The merchant has asked GoPay, and does not know yet what became of it.
            Ok(seen) if seen.order.status.is_open() => {
                self.see(seen);
                self.not_called_off(Trouble::GopayDown)
            }
            Ok(seen) => self.answered(seen),
            Err(Trouble::AnotherBuyer) => super::look(self.seen.order.id),
            Err(trouble) => self.not_called_off(trouble),
        }
    }

    fn not_called_off(mut self, trouble: Trouble) -> (State, Vec<Command>) {
        // The merchant may have settled it meanwhile.
        if self.status().is_open() {
            self.step = Step::NotCalledOff(trouble);
        }
        self.tell(trouble)
    }

    fn tell(self, trouble: Trouble) -> (State, Vec<Command>) {
        let (state, mut commands) = self.read_now();
        commands.push(Command::Announce(Message::Happened(trouble)));
        (state, commands)
    }

    fn leave(mut commands: Vec<Command>) -> (State, Vec<Command>) {
        commands.push(Command::StopReading);
        (super::browsing(None), commands)
    }

    fn lines(&self) -> Vec<Line> {
        (self.seen.order.lines.iter())
            .map(|line| Line {
                product: line.product.clone(),
                quantity: line.quantity,
            })
            .collect()
    }

    fn read_after(&self, after: u32) -> Command {
        Command::Read {
            id: self.seen.order.id.clone(),
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

/// Whether the merchant can mean it that `new` comes after `old`. An answer that was
/// overtaken by another must not take a receipt back from the screen.
fn may_follow(old: OrderStatus, new: OrderStatus) -> bool {
    use OrderStatus::{Cancelled, Paid, PartiallyRefunded, Refunded, Review};
    match old {
        Paid => matches!(new, Paid | PartiallyRefunded | Refunded | Review),
        PartiallyRefunded => matches!(new, PartiallyRefunded | Refunded | Review),
        Refunded => matches!(new, Refunded | Review),
        // Money may come late all the same.
        Cancelled => !may_reopen(new) || new == Review,
        // A person, or GoPay after all, has found out what became of it.
        Review => !new.is_open(),
        _ => true,
    }
}

/// Whether a payment may still be asked for at some time after this.
fn may_reopen(status: OrderStatus) -> bool {
    takes_payment(status) || status == OrderStatus::Review
}

/// Whether the merchant makes, or has, a payment for an order that it says this of.
fn takes_payment(status: OrderStatus) -> bool {
    use OrderStatus::{AwaitingPayment, Checking, Expired, Failed};
    matches!(status, AwaitingPayment | Checking | Failed | Expired)
}
