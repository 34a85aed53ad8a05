//! The outbox of the mini-app API.

use super::{
    MemoryStore, StoreHooks,
    tables::{RequestEntry, Tables, Token},
};
use contract::{CustomerId, OrderId, OrderStatus, Reward};
use gopay_protocol::RequestId;
use merchant::{
    domain::{
        mini_app_id::MiniAppId,
        mini_app_request::{
            Circumstances, LEASE, MiniAppResult, NewMiniAppRequest, NextStep, RECHECK_INTERVAL,
            Readiness, RequestKind, RequestState, StoredMiniAppRequest, entitled, overpaid,
            readiness, reward_status,
        },
        payment_event::PaymentEvent,
        retry,
        time::Timestamp,
    },
    ports::{Error, LeasedMiniAppRequest, MiniAppRequestRepository, StoredCustomer},
};
use serde_json::Value;

impl<H: StoreHooks> MiniAppRequestRepository for MemoryStore<H> {
    async fn due_requests(&self, now: Timestamp, limit: u32) -> Result<Vec<RequestId>, Error> {
        self.access(|tables, _| {
            let mut due: Vec<_> = (tables.requests.iter())
                .filter(|entry| tables.is_due(entry, now))
                .map(|entry| &entry.request)
                .collect();
            due.sort_by_key(|request| request.try_at);
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            due.into_iter().map(|request| request.id.clone()).collect()
        })
        .await
    }

    async fn lease_request(
        &self,
        id: &RequestId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedMiniAppRequest>, Error> {
        self.access(|tables, _| {
            let found = (tables.requests.iter()).position(|entry| entry.request.id == *id);
            let Some(index) = found.filter(|index| tables.is_due(&tables.requests[*index], now))
            else {
                return Ok(None);
            };
            let request = &tables.requests[index].request;
            let order = (tables.order(&request.order_id).cloned())
                .ok_or(Error::CorruptRow("a request without an order"))?;
            let circumstances = Circumstances {
                order: &order,
                is_refund_open: (tables.refunds_of(&order.id).iter())
                    .any(|refund| refund.state.is_reserved()),
                overpaid: tables.overpaid_to(&order.customer_id, request.kind),
            };
            let readiness = readiness(request, circumstances, now)
                .ok_or(Error::CorruptRow("a mini-app request"))?;
            let token = &tables.tokens[&order.customer_id];
            let customer = StoredCustomer {
                id: order.customer_id.clone(),
                account_hash: account_hash(&order.customer_id),
                gopay_account_id: None,
                auth_token: token.sealed.clone(),
                auth_token_version: token.version,
                name: None,
            };
            let entry = &mut tables.requests[index];
            let leased = match readiness {
                Readiness::Wait => {
                    entry.request.try_at = now + RECHECK_INTERVAL;
                    None
                }
                Readiness::NotNeeded(why) => {
                    entry.request.state = RequestState::NotNeeded;
                    entry.request.answer = Some(why.to_owned());
                    entry.request.try_at = now;
                    None
                }
                Readiness::TooOld => {
                    entry.request.state = RequestState::DeadLetter;
                    entry.request.try_at = now;
                    None
                }
                Readiness::Send { amount, request } => {
                    entry.request.amount = amount;
                    entry.request.request = request;
                    let is_first = entry.request.first_sent_at.is_none();
                    entry.request.first_sent_at.get_or_insert(now);
                    entry.request.tries += 1;
                    entry.leased_until = until;
                    Some(LeasedMiniAppRequest {
                        request: entry.request.clone(),
                        is_first,
                        customer,
                        leased_until: until,
                    })
                }
            };
            tables.show_rewards(&order.id);
            Ok(leased)
        })
        .await?
    }

    async fn record_request_result(
        &self,
        lease: &LeasedMiniAppRequest,
        result: &MiniAppResult,
        next: NextStep,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.access(|tables, _| {
            let (state, try_at) = match next {
                NextStep::End(state) => (state, now),
                NextStep::TryAt(at) => (RequestState::Pending, at),
                NextStep::AwaitSignIn => (RequestState::Pending, now),
            };
            let is_inactive = matches!(result, MiniAppResult::TokenInactive(_));
            if next == NextStep::AwaitSignIn {
                let used = &lease.customer;
                if let Some(token) = tables.tokens.get_mut(&used.id) {
                    token.is_inactive |= token.version == used.auth_token_version;
                }
            }
            let entry = tables.requests.iter_mut().find(|entry| {
                entry.request.id == lease.request.id
                    && entry.request.state != RequestState::Accepted
                    && (entry.leased_until == lease.leased_until || state == RequestState::Accepted)
            });
            let Some(entry) = entry else {
                return;
            };
            entry.leased_until = Timestamp::EPOCH;
            let request = &mut entry.request;
            request.state = state;
            request.try_at = try_at;
            request.answer = Some(result.to_string());
            request.token_refusals += u32::from(is_inactive);
            if lease.is_first && result.did_nothing() {
                request.first_sent_at = None;
                request.amount = None;
            }
            if let MiniAppResult::Accepted(Some(id)) = result {
                request.gopay_id = Some(id.clone());
            }
            tables.show_rewards(&lease.request.order_id);
            tables.remove_reminder(&lease.request.order_id, now);
        })
        .await
    }
}

/// What the merchant's hash of the customer's account is here.
pub(crate) fn account_hash(customer: &CustomerId) -> Vec<u8> {
    customer.as_str().as_bytes().to_vec()
}

impl Tables {
    /// The requests of an order.
    pub fn requests_of<'a>(
        &'a self,
        order_id: &'a OrderId,
    ) -> impl Iterator<Item = &'a StoredMiniAppRequest> {
        let requests = self.requests.iter().map(|entry| &entry.request);
        requests.filter(move |request| request.order_id == *order_id)
    }

    /// Whether a request is written as it is sent: under this id, with this body or, in the case of a
    /// removal, at this path.
    pub(crate) fn has_request(&self, id: &str, path: &str, body: &Value) -> bool {
        let mut requests = self.requests.iter().map(|entry| &entry.request);
        requests.any(|it| {
            let is_same = match it.kind {
                RequestKind::ReminderRemoval => path.ends_with(&it.request),
                _ => serde_json::from_str::<Value>(&it.request).is_ok_and(|it| it == *body),
            };
            it.id.as_str() == id && is_same && it.first_sent_at.is_some()
        })
    }

    /// Whether the customer's next request leads to a sign-in.
    pub(crate) fn needs_sign_in(&self, customer: &CustomerId) -> bool {
        (self.tokens.get(customer)).is_none_or(|token| token.is_inactive)
    }

    /// The customer signed in to a mini app, which brought a token.
    pub fn sign_in(&mut self, customer: &CustomerId, mini_app: MiniAppId, sealed: Vec<u8>) {
        let before = self.tokens.get(customer);
        let token = Token {
            mini_app,
            sealed,
            version: before.map_or(0, |token| token.version + 1),
            is_inactive: false,
        };
        self.tokens.insert(customer.clone(), token);
    }

    pub(super) fn enqueue(
        &mut self,
        order_id: &OrderId,
        new: Vec<NewMiniAppRequest>,
        now: Timestamp,
    ) {
        for request in new {
            if self.requests_of(order_id).any(|it| it.kind == request.kind) {
                continue;
            }
            let id = RequestId::from(format!("Q{}", self.requests.len() + 1));
            self.requests.push(RequestEntry {
                request: StoredMiniAppRequest {
                    id,
                    order_id: order_id.clone(),
                    kind: request.kind,
                    full_amount: request.full_amount.map(std::num::NonZeroU64::get),
                    amount: None,
                    request: request.request,
                    created_at: now,
                    state: RequestState::Pending,
                    first_sent_at: None,
                    tries: 0,
                    token_refusals: 0,
                    gopay_id: None,
                    answer: None,
                    try_at: request.due_at,
                },
                leased_until: Timestamp::EPOCH,
            });
        }
        self.show_rewards(order_id);
    }

    /// Enters the removal of the reminder of an order that is over.
    pub(super) fn remove_reminder(&mut self, order_id: &OrderId, now: Timestamp) {
        if self
            .order(order_id)
            .is_none_or(|order| order.status.is_open())
        {
            return;
        }
        let shown = self.requests_of(order_id).find(|request| {
            request.kind == RequestKind::Reminder && request.state == RequestState::Accepted
        });
        let reminder_id = shown.and_then(|request| request.gopay_id.clone());
        if let Some(id) = reminder_id {
            let removal = NewMiniAppRequest::removal(&id.into(), now);
            self.enqueue(order_id, vec![removal], now);
        }
    }

    /// What the buyer sees of an order's rewards.
    fn show_rewards(&mut self, order_id: &OrderId) {
        let reward = |request: &StoredMiniAppRequest| {
            Some(Reward {
                kind: request.kind.reward()?,
                amount: request.amount.or(request.full_amount)?,
                status: reward_status(request.state)?,
            })
        };
        let rewards = self.requests_of(order_id).filter_map(reward).collect();
        let entry = (self.orders.iter_mut()).find(|entry| entry.order.id == *order_id);
        if let Some(entry) = entry {
            entry.order.rewards = rewards;
        }
    }

    fn is_due(&self, entry: &RequestEntry, now: Timestamp) -> bool {
        let RequestEntry {
            request,
            leased_until,
        } = entry;
        let customer = self.order(&request.order_id).map(|it| &it.customer_id);
        let has_token = customer.is_some_and(|customer| !self.needs_sign_in(customer));
        let is_contradicted = self.is_contradicted(&request.order_id);
        let is_late =
            request.tries > 0 && request.try_at > now + retry::MAX_PAUSE + retry::CLOCK_TOLERANCE;
        request.state == RequestState::Pending
            && has_token
            && !is_contradicted
            && (request.try_at <= now || is_late)
            && (*leased_until <= now || *leased_until > now + LEASE + retry::CLOCK_TOLERANCE)
    }

    /// Whether GoPay called a payment of the order paid and then over, and is asked again.
    fn is_contradicted(&self, order_id: &OrderId) -> bool {
        let Some(o) = self.orders().position(|order| order.id == *order_id) else {
            return false;
        };
        let attempts = self.orders[o].order.attempts.iter().enumerate();
        attempts.into_iter().any(|(a, attempt)| {
            let mut events = attempt.events.iter().map(|it| it.event);
            let is_paid = events.any(|event| matches!(event, PaymentEvent::Paid(_)));
            let is_over = events.any(|event| {
                matches!(
                    event,
                    PaymentEvent::Cancelled | PaymentEvent::Failed | PaymentEvent::Expired
                )
            });
            let inquiry = self.inquiries.get(&(o, a));
            is_paid && is_over && inquiry.is_some_and(|it| it.next_inquiry_at.is_some())
        })
    }

    fn overpaid_to(&self, customer: &CustomerId, kind: RequestKind) -> u64 {
        let decided = self
            .requests
            .iter()
            .map(|entry| &entry.request)
            .filter(|it| {
                it.kind == kind
                    && (it.first_sent_at.is_some() || it.state == RequestState::NotNeeded)
            });
        overpaid(decided.filter_map(|it| {
            let order = self.order(&it.order_id)?;
            let (full, amount) = (it.full_amount?, it.amount.unwrap_or(0));
            let right = match order.status {
                OrderStatus::Paid => full,
                _ => entitled(full, order),
            };
            (order.customer_id == *customer).then_some((amount, right))
        }))
    }
}
