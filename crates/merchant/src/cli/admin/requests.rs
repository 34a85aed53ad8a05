//! Rewards, reminders and pushes, and the gems of buyers. What staff ask for is entered here; the
//! merchant that runs on the same database sends it.

use super::{Admin, Error};
use crate::{
    adapters::gopay::GoPay,
    config::{Config, MiniApp},
    domain::mini_app_request::{
        RequestKind, RequestRetryOutcome, RequestState, StoredMiniAppRequest, hint,
    },
    ports::{Clock, CustomerRepository, OrderRepository},
    sealed_customer::token_owner,
};
use contract::OrderId;
use gopay_protocol::{MiniAppErrorCode, RequestId};
use std::{fmt::Write, num::NonZeroU64, sync::Arc};

impl Admin {
    /// A line for each request that has not been carried out, those that need a person first, and a last
    /// one that counts; with `all`, also for those that ended well.
    pub async fn requests(&self, all: bool) -> Result<String, Error> {
        let mut list = String::new();
        let mut counts = Vec::new();
        for state in [
            RequestState::DeadLetter,
            RequestState::Refused,
            RequestState::Pending,
            RequestState::Accepted,
            RequestState::NotNeeded,
        ] {
            let is_over = matches!(state, RequestState::Accepted | RequestState::NotNeeded);
            let count = match is_over && !all {
                true => self.store.request_count(state).await?,
                false => {
                    let requests = self.store.requests(state).await?;
                    for (request, awaits_sign_in) in &requests {
                        line(&mut list, request, *awaits_sign_in);
                    }
                    requests.len()
                }
            };
            counts.push(format!("{}: {count}", shown(state)));
        }
        list.push_str(&counts.join(", "));
        Ok(list)
    }

    /// Has a dead-letter or refused request sent again, at once.
    pub async fn retry_request(&self, id: &RequestId, again: bool) -> Result<String, Error> {
        let now = Clock::system().now();
        match self.store.retry_request(id, again, now).await? {
            RequestRetryOutcome::Due => {
                Ok(format!("{id} is sent again as soon as the merchant runs"))
            }
            RequestRetryOutcome::Unknown => Err(Error::NoRequest(id.clone())),
            RequestRetryOutcome::NotToRetry(state) => Err(Error::RequestNotToRetry {
                id: id.clone(),
                state: shown(state),
            }),
            RequestRetryOutcome::BuyerErased => Err(Error::BuyerErased(id.to_string())),
            RequestRetryOutcome::TooOld => Err(Error::RequestTooOld(id.clone())),
        }
    }

    /// Asks GoPay how many gems the buyer of an order has.
    pub async fn gems(&self, config: Config, order: &str) -> Result<String, Error> {
        let gems = self.balance(config, order).await?;
        Ok(format!("the buyer of {order} has {gems} gems"))
    }

    /// Enters a collection of gems from the buyer of an order.
    pub async fn collect_gems(
        &self,
        mini_apps: &[MiniApp],
        order: &str,
        amount: NonZeroU64,
        key: &str,
    ) -> Result<String, Error> {
        let order = self.order_named(order).await?;
        let order =
            (self.store.order(&order).await?).ok_or_else(|| Error::NoOrder(order.to_string()))?;
        let mini_app = mini_apps.iter().find(|app| app.id == order.mini_app);
        let rule = mini_app.and_then(|app| app.rules.gems.as_ref());
        let rule = rule.ok_or(Error::NoGems)?;
        if self.store.is_erased(&order.customer_id).await? {
            return Err(Error::BuyerErased(order.id.to_string()));
        }
        let now = Clock::system().now();
        let request = (rule.collection(&order, amount, now)).ok_or(Error::NoGems)?;
        let (entered, is_new) = self
            .store
            .enter_request(&order.id, key, &request, now)
            .await?;
        Ok(match is_new {
            true => format!(
                "{} is entered: sent as soon as the merchant runs; `merchant requests` tells how it goes",
                entered.id
            ),
            false if entered.request == request.request => format!(
                "{} was entered before under this name, and nothing was added; it is {}",
                entered.id,
                shown(entered.state)
            ),
            false => return Err(Error::KeyConflict(key.to_owned())),
        })
    }

    async fn balance(&self, config: Config, order: &str) -> Result<u64, Error> {
        let id = self.order_named(order).await?;
        let found = self.store.order(&id).await?;
        let found = found.ok_or_else(|| Error::NoOrder(order.to_owned()))?;
        if self.store.is_erased(&found.customer_id).await? {
            return Err(Error::BuyerErased(order.to_owned()));
        }
        let customer = self.store.customer(&found.customer_id).await?;
        let owner = token_owner(&customer.account_hash);
        let auth_token = config.vault.open(&owner, &customer.auth_token)?;
        let gopay = GoPay::new(Arc::new(config.gopay), Clock::system())?;
        Ok(gopay.gems_balance(&auth_token).await?)
    }

    async fn order_named(&self, order: &str) -> Result<OrderId, Error> {
        let id = self.store.order_named(order).await?;
        id.ok_or_else(|| Error::NoOrder(order.to_owned()))
    }
}

const fn shown(state: RequestState) -> &'static str {
    match state {
        RequestState::DeadLetter => "dead letter",
        RequestState::Refused => "refused",
        RequestState::Pending => "pending",
        RequestState::Accepted => "accepted",
        RequestState::NotNeeded => "not needed",
    }
}

fn line(list: &mut String, request: &StoredMiniAppRequest, awaits_sign_in: bool) {
    let state = match request.state {
        RequestState::Pending if awaits_sign_in => "pending, until the buyer signs in again",
        state => shown(state),
    };
    let amount = request.amount.or(request.full_amount);
    let amount = amount.map_or_else(String::new, |amount| format!(" {amount}"));
    let _ = write!(
        list,
        "{}  {state}  {}{amount}  order {}  tries {}  last answer: {}",
        request.id,
        request.kind.name(),
        request.order_id,
        request.tries,
        request.answer.as_deref().unwrap_or("none"),
    );
    if matches!(
        request.state,
        RequestState::DeadLetter | RequestState::Refused
    ) && let Some(hint) = hint_of(request.kind, request.answer.as_deref())
    {
        let _ = write!(list, "\n    {hint}");
    }
    list.push('\n');
}

/// Of the code at the end of what is kept of an answer.
fn hint_of(kind: RequestKind, answer: Option<&str>) -> Option<&'static str> {
    let (_, code) = answer?.trim_end_matches(')').rsplit_once('(')?;
    hint(kind, Some(&MiniAppErrorCode::from_code(code)))
}
