//! Admin commands, beside the running merchant or without it.

mod actions;
pub mod attention;
mod refunds;
mod requests;

use crate::{
    adapters::{
        database::{self, Erasure, Store},
        gopay::GemsBalanceError,
    },
    config::Config,
    domain::{
        fulfilment::{DeliveryState, Fulfilment, FulfilmentId, RetryOutcome},
        operator_policy::FulfilmentMode,
        unmatched_notification::StoredUnmatchedNotification,
    },
    ports::{self, Clock, CustomerRepository, OrderRepository},
    sealed_customer,
    vault::{Vault, VaultError},
};
use contract::{CustomerId, OrderStatus, Rupiah};
use gopay_protocol::{PartnerRefundNo, RequestId, timestamp::format_wib};
use jiff::Timestamp;
use std::fmt::Write;

/// The admin commands, on one database.
#[derive(Debug)]
pub struct Admin {
    store: Store,
    fulfilment_mode: FulfilmentMode,
    refund_approval_from: Option<Rupiah>,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no webhook is configured: set fulfilment.webhook_url in the configuration")]
    NoWebhook,
    #[error("there is no fulfilment {0}; `merchant outbox` lists them")]
    Unknown(FulfilmentId),
    #[error("{0} is acknowledged already")]
    Delivered(FulfilmentId),
    /// The money went back, or it is not sure that it came.
    #[error("the order of {id} is {}: a webhook is sent for paid orders only", .status.name())]
    NotPaid {
        id: FulfilmentId,
        status: OrderStatus,
    },
    #[error("there is no order {0}")]
    NoOrder(String),
    #[error("nothing that needs a person has the id {0}; `merchant attention` lists what does")]
    NothingToResolve(String),
    #[error("{0} is a buyer: what waits for them goes on when they open the shop again")]
    NotResolvedByStaff(String),
    #[error(
        "GoPay may still say that {0} is paid, and then it is handed over: refund it, or wait until GoPay is not asked any more"
    )]
    MayBecomePaid(String),
    #[error("the buyer of {id} cannot be erased yet: {why}")]
    NotErased { id: String, why: &'static str },
    #[error("order {id} is {}: nobody paid it, so there is nothing to refund", .status.name())]
    NothingPaid { id: String, status: OrderStatus },
    #[error("only Rp{} of {id} are left to refund: the rest is refunded or reserved, see `merchant refunds`", .left.get())]
    TooMuch {
        /// Of which order or refund.
        id: String,
        left: Rupiah,
    },
    #[error(
        "the approval of {0} lapses by itself; `merchant attention` names the command that gives it"
    )]
    ApprovalLapses(String),
    #[error("there is no refund {0}; `merchant refunds` lists them")]
    NoRefund(PartnerRefundNo),
    /// A name stands for one request.
    #[error("--key {0} was used for another amount of this order; use another one")]
    KeyConflict(String),
    /// It looks like a request that was made already.
    #[error(
        "refund {number} of the same amount of this order was asked for already and is {state}; \
         say --again if the money is to go back a second time"
    )]
    Repeated {
        number: PartnerRefundNo,
        state: &'static str,
    },
    /// A failed refund is tried again once.
    #[error("refund {number} was tried again already, as {retried_as}")]
    RetriedBefore {
        number: PartnerRefundNo,
        /// The one in its place.
        retried_as: PartnerRefundNo,
    },
    #[error("refund {number} is {state}: only what is parked or failed is tried again")]
    NotToRetry {
        number: PartnerRefundNo,
        state: &'static str,
    },
    #[error("there is no request {0}; `merchant requests --all` lists them")]
    NoRequest(RequestId),
    #[error("the buyer of {0} is erased: GoPay is asked for nothing in their name")]
    BuyerErased(String),
    #[error("request {id} is {state}: only a dead letter and a refused one are sent again")]
    RequestNotToRetry { id: RequestId, state: &'static str },
    #[error(
        "request {0} was first sent a day ago: GoPay may have carried it out, and may not know its \
         id any more. Look in GoPay's dashboard; say --again if it is to be sent all the same"
    )]
    RequestTooOld(RequestId),
    #[error(
        "no gems are configured for the mini app of this order: set mini_app.rewards.gems in the configuration"
    )]
    NoGems,
    #[error(transparent)]
    Gems(#[from] GemsBalanceError),
    #[error(
        "the buyer's sign-in was sealed under another master key: they have to open the shop again"
    )]
    Vault(#[from] VaultError),
    #[error("no connection to GoPay can be set up: {0}")]
    GoPay(#[from] reqwest::Error),
    #[error(transparent)]
    Rotate(#[from] super::rotate::Error),
    #[error(transparent)]
    Open(#[from] database::Error),
    #[error(transparent)]
    Store(#[from] ports::Error),
}

impl Admin {
    /// On the database of this merchant, which has to be there.
    pub async fn connect(config: &Config) -> Result<Self, database::Error> {
        Ok(Self {
            store: Store::attach(&config.database_url).await?,
            fulfilment_mode: config.fulfilment_mode(),
            refund_approval_from: config.refund_approval_from,
        })
    }

    /// On the database at this address, which has to be there.
    pub async fn attach(url: &str) -> Result<Self, database::Error> {
        Ok(Self {
            store: Store::attach(url).await?,
            fulfilment_mode: FulfilmentMode::PickupOnly,
            refund_approval_from: None,
        })
    }

    /// A line for each paid order whose webhook is not acknowledged, the parked ones first, and
    /// a last one that counts.
    pub async fn outbox(&self) -> Result<String, Error> {
        let parked = self.store.fulfilments(DeliveryState::DeadLetter).await?;
        let pending = self.store.fulfilments(DeliveryState::Pending).await?;
        let mut list = String::new();
        for fulfilment in parked.iter().chain(&pending) {
            line(&mut list, fulfilment);
        }
        let _ = write!(
            list,
            "parked: {}, pending: {}, delivered: {}, without a hook: {}",
            parked.len(),
            pending.len(),
            self.store
                .count_fulfilments(DeliveryState::Delivered)
                .await?,
            self.store
                .count_fulfilments(DeliveryState::PickupOnly)
                .await?,
        );
        Ok(list)
    }

    /// Sends a webhook again, at once.
    pub async fn retry(&self, id: &FulfilmentId) -> Result<String, Error> {
        if self.fulfilment_mode == FulfilmentMode::PickupOnly {
            return Err(Error::NoWebhook);
        }
        match self
            .store
            .retry_fulfilment(id, Clock::system().now())
            .await?
        {
            RetryOutcome::Due => Ok(format!("{id} is sent again as soon as the merchant runs")),
            RetryOutcome::Unknown => Err(Error::Unknown(id.clone())),
            RetryOutcome::Delivered => Err(Error::Delivered(id.clone())),
            RetryOutcome::NotPaid(status) => Err(Error::NotPaid {
                id: id.clone(),
                status,
            }),
        }
    }
}

impl Admin {
    /// A line for each notification of GoPay's that is about no payment in this database, the
    /// newest first, and a last one that counts.
    pub async fn notifications(&self) -> Result<String, Error> {
        let unmatched = self.store.unmatched_notifications().await?;
        let mut list = String::new();
        for StoredUnmatchedNotification {
            notification,
            last_at,
            times,
            ..
        } in &unmatched
        {
            let last_at = Timestamp::try_from(*last_at).unwrap_or_default();
            let _ = writeln!(
                list,
                "{}  status {}  {}  reference {}  order {}  external id {}  times {times}",
                format_wib(last_at),
                notification.status,
                notification.amount,
                notification.reference_no,
                notification.partner_reference_no,
                notification.external_id,
            );
        }
        let _ = write!(
            list,
            "notifications without a payment here: {}",
            unmatched.len()
        );
        Ok(list)
    }
}

impl Admin {
    /// Ends the sessions of the buyer of an order, or of all buyers.
    pub async fn sign_out(&self, order: Option<&str>) -> Result<String, Error> {
        let customer = match order {
            None => None,
            Some(named) => Some(self.buyer_of(named).await?),
        };
        let ended = self.store.end_sessions(customer.as_ref()).await?;
        Ok(format!("sessions ended: {ended}"))
    }

    /// Replaces all that says who the buyer of an order is, in each mini app, and ends their sessions. Their orders
    /// and payments stay; who signs in with the same account is a new buyer.
    pub async fn erase(&self, vault: &Vault, order: &str) -> Result<String, Error> {
        self.store.check_master_key(vault).await?;
        let id = self.buyer_of(order).await?;
        let mut erased = Vec::new();
        let customer = self.store.customer(&id).await?;
        let hashes = sealed_customer::account_hashes(vault, &customer)?;
        for customer in self.store.customers_of_account(&hashes).await? {
            let replacement = sealed_customer::erased(vault, &customer)?;
            erased.push((customer, replacement));
        }
        let refused = |why| Error::NotErased {
            id: order.to_owned(),
            why,
        };
        match self
            .store
            .erase_customers(&erased, Clock::system().now())
            .await?
        {
            Erasure::Done { orders } => Ok(format!(
                "erased; orders that stay: {orders}. Copies of the database still have this buyer: remove them"
            )),
            Erasure::OrderOpen => Err(refused(
                "an order of theirs waits for its payment, or for GoPay to confirm it",
            )),
            Erasure::RequestPending => Err(refused(
                "a reward, reminder or push of theirs is not carried out yet, see `merchant requests`",
            )),
            Erasure::Changed => Err(refused("their row has just changed; try again")),
        }
    }

    async fn buyer_of(&self, named: &str) -> Result<CustomerId, Error> {
        let none = || Error::NoOrder(named.to_owned());
        let id = self.store.order_named(named).await?.ok_or_else(none)?;
        let order = self.store.order(&id).await?.ok_or_else(none)?;
        Ok(order.customer_id)
    }
}

fn line(list: &mut String, fulfilment: &Fulfilment) {
    let state = match (fulfilment.state, fulfilment.order_status) {
        (DeliveryState::DeadLetter, _) => "parked".to_owned(),
        (_, OrderStatus::Paid) => "pending".to_owned(),
        (_, status) => format!("held, for its order is {}", status.name()),
    };
    let _ = writeln!(
        list,
        "{}  {state}  order {}  code {}  tries {}  last answer: {}",
        fulfilment.id,
        fulfilment.order_id,
        fulfilment.pickup_code,
        fulfilment.tries,
        fulfilment.answer.as_deref().unwrap_or("none"),
    );
}
