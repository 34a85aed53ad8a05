//! Compares the database with GoPay: whether both say the same of every payment that may have
//! taken money, whose end is not known, or that is new. Nothing is written.
//!
//! Not here: what to do about a difference.

use crate::{
    adapters::{
        database::{self, Store},
        gopay::GoPay,
    },
    config::Config,
    domain::{
        attempt::Attempt,
        gopay_result,
        message_ids::MessageIds,
        operator_policy::PaidWithoutAmount,
        order::StoredOrder,
        payment_decision::{is_expired, is_not_found},
        payment_event::{
            InquiredPayment, InterpretedMessage, PaymentEvent, interpret_inquiry, total_refunded,
        },
        refund::{self, RefundState, StoredRefund},
    },
    ports::{self, AttemptLookup, AttemptRepository, Clock, OrderRepository},
};
use contract::{OrderId, OrderStatus, Rupiah};
use gopay_protocol::{
    ExternalId, LatestTransactionStatus,
    message::{
        notify::{self, RefundHistory},
        status,
    },
};
use std::{fmt, sync::Arc, time::Duration};

#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Beside those that matter, all of the last `days` days.
    pub days: u32,
    /// Not those whose own end, or that of a refund, the merchant still waits for: what GoPay
    /// knows more of them follows by inquiry or notification.
    pub settled: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub payments: usize,
    pub differences: Vec<String>,
}

/// One line for every difference, then one for their number.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        writeln!(f, "payments: {}", self.payments)?;
        write!(f, "differences: {}", self.differences.len())
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Open(#[from] database::Error),
    #[error(transparent)]
    Store(#[from] ports::Error),
    #[error("no connection to GoPay can be set up: {0}")]
    GoPay(#[from] reqwest::Error),
}

/// Asks GoPay about all in the scope, no faster than five times in a second.
pub async fn reconcile(config: Config, scope: Scope) -> Result<Report, Error> {
    let store = Store::attach(&config.database_url).await?;
    let gopay = GoPay::new(Arc::new(config.gopay), Clock::system())?;
    let since = Clock::system().now() - Duration::from_hours(u64::from(scope.days) * 24);
    let mut report = Report::default();
    for (order, external_id) in store.attempts_to_reconcile(since).await? {
        let ask = || compare(&store, &gopay, scope, &order, &external_id);
        let Some(mut differences) = ask().await? else {
            continue;
        };
        // An event between two inquiries is no difference.
        if !differences.is_empty() {
            let Some(again) = ask().await? else {
                continue;
            };
            differences = again;
        }
        report.payments += 1;
        report.differences.extend(
            differences
                .into_iter()
                .map(|what| format!("order {order}  payment {external_id}: {what}")),
        );
    }
    Ok(report)
}

/// What GoPay says otherwise of one payment; `None` where it is outside the scope. What we
/// heard of while GoPay was asked is read after it has answered.
async fn compare(
    store: &Store,
    gopay: &GoPay,
    scope: Scope,
    order_id: &OrderId,
    external_id: &ExternalId,
) -> Result<Option<Vec<String>>, ports::Error> {
    let name = AttemptLookup::ByExternalId(external_id);
    let Some((order, _)) = store.order_with_attempt(name).await? else {
        return Ok(None);
    };
    let Some(attempt) = order.find_attempt(external_id) else {
        return Ok(None);
    };
    if scope.settled && is_under_way(&order, attempt, &store.refunds_of(external_id).await?) {
        return Ok(None);
    }
    gopay.acquire_slot().await;
    let answer = gopay.inquire(attempt).await;
    let Some(order) = store.order(order_id).await? else {
        return Ok(None);
    };
    let Some(attempt) = order.find_attempt(external_id) else {
        return Ok(None);
    };
    let refunds = store.refunds_of(external_id).await?;
    Ok(Some(differences(&order, attempt, &refunds, &answer)))
}

/// Whether its end, or that of a refund, is open.
fn is_under_way(order: &StoredOrder, attempt: &Attempt, refunds: &[StoredRefund]) -> bool {
    let is_open = |refund: &StoredRefund| refund.state == RefundState::Open;
    attempt.status(order.total).is_open() || refunds.iter().any(is_open)
}

/// What GoPay's answer says otherwise than the database.
pub fn differences(
    order: &StoredOrder,
    attempt: &Attempt,
    refunds: &[StoredRefund],
    answer: &Result<status::Response, gopay_result::Error>,
) -> Vec<String> {
    let response = match answer {
        Ok(response) if MessageIds::of_inquiry(response).matches_attempt(attempt) => response,
        Ok(_) => return vec!["GoPay answers about another payment".to_owned()],
        Err(error) if is_not_found(error) => {
            return unknown(order, attempt).into_iter().collect();
        }
        Err(error) if is_expired(error) && is_over(attempt.status(order.total)) => {
            return Vec::new();
        }
        Err(error) => return vec![format!("cannot be compared: {error}")],
    };
    let ours = attempt.status(order.total);
    let Some(theirs) = &response.latest_transaction_status else {
        return vec!["GoPay does not say where it stands".to_owned()];
    };
    match theirs {
        LatestTransactionStatus::Success | LatestTransactionStatus::Refunded => {
            money_differs(order, attempt, refunds, response)
        }
        LatestTransactionStatus::NotFound => unknown(order, attempt).into_iter().collect(),
        LatestTransactionStatus::Pending | LatestTransactionStatus::Initiated => {
            // Closed here, it could be paid there.
            let open = ours.is_open() || ours == OrderStatus::Review && !took_money(order, attempt);
            says(theirs, ours).filter(|_| !open).into_iter().collect()
        }
        // The two sides may differ in how it ended unpaid, but not in that it did.
        LatestTransactionStatus::Canceled
        | LatestTransactionStatus::Failed
        | LatestTransactionStatus::Rejected
        | LatestTransactionStatus::Expired => says(theirs, ours)
            .filter(|_| !is_over(ours))
            .into_iter()
            .collect(),
        LatestTransactionStatus::Other(_) => says(theirs, ours).into_iter().collect(),
    }
}

const fn is_over(ours: OrderStatus) -> bool {
    matches!(
        ours,
        OrderStatus::Cancelled | OrderStatus::Failed | OrderStatus::Expired
    )
}

fn took_money(order: &StoredOrder, attempt: &Attempt) -> bool {
    attempt.payment_amounts(order.total).paid > Rupiah::ZERO
}

fn unknown(order: &StoredOrder, attempt: &Attempt) -> Option<String> {
    let known = took_money(order, attempt) || attempt.reference_no.is_some();
    let ours = attempt.status(order.total);
    known.then(|| format!("GoPay does not know it, here it is {}", ours.name()))
}

fn says(theirs: &LatestTransactionStatus, ours: OrderStatus) -> Option<String> {
    Some(format!(
        "GoPay says {} ({theirs:?}), here it is {}",
        theirs.code(),
        ours.name()
    ))
}

/// GoPay has, or had, the money.
fn money_differs(
    order: &StoredOrder,
    attempt: &Attempt,
    refunds: &[StoredRefund],
    response: &status::Response,
) -> Vec<String> {
    let ours = attempt.payment_amounts(order.total);
    let mut differences = Vec::new();
    if ours.paid == Rupiah::ZERO {
        let status = attempt.status(order.total);
        differences.push(format!("GoPay has the money, here it is {}", status.name()));
        return differences;
    }
    let rupiah = |amount: &gopay_protocol::Amount| amount.rupiah().ok().map(Rupiah::new);
    if let Some(amount) = &response.trans_amount
        && rupiah(amount) != Some(ours.paid)
    {
        differences.push(format!(
            "GoPay says {} {} were paid, here it is {}.00 IDR",
            amount.value,
            amount.currency,
            ours.paid.get()
        ));
    }
    let known = |entry: &notify::Refund| {
        let ours = refunds.iter().find(|ours| entry.is_named(&ours.number));
        ours.map(|ours| ours.amount)
    };
    let theirs = total_refunded(&response.refund_history, known);
    if response.refund_history.is_partial {
        differences.push("GoPay's refund history cannot be read".to_owned());
    } else if theirs != ours.refunded {
        differences.push(format!(
            "GoPay says that {} rupiah went back, here it is {}",
            theirs.get(),
            ours.refunded.get()
        ));
    }
    let asked = InquiredPayment {
        total: order.total,
        known: attempt.known_money(),
        without_amount: PaidWithoutAmount::Paid,
    };
    let doubts = matches!(
        interpret_inquiry(response, asked),
        InterpretedMessage::Event(PaymentEvent::PaidInDoubt(_))
    );
    if doubts && ours.in_full {
        differences.push("GoPay doubts the payment, here it counts".to_owned());
    }
    differences.extend(
        refunds
            .iter()
            .filter_map(|refund| refund_differs(refund, &response.refund_history)),
    );
    differences
}

fn refund_differs(ours: &StoredRefund, history: &RefundHistory) -> Option<String> {
    let number = &ours.number;
    let named = history
        .refunds
        .iter()
        .filter(|entry| entry.is_named(number));
    let mut amounts = named.filter_map(notify::Refund::rupiah);
    if let Some(other) = amounts.find(|amount| *amount != ours.amount.get()) {
        return Some(format!(
            "GoPay says that refund {number} is {other} rupiah, here it is {}",
            ours.amount.get()
        ));
    }
    match (ours.state, refund::ending(history, number, ours.amount)) {
        (RefundState::Done, Some(RefundState::Done))
        | (RefundState::Failed, Some(RefundState::Failed) | None) => None,
        // On its way.
        (RefundState::Open, None) => None,
        (state, Some(theirs)) => Some(format!(
            "GoPay says that refund {number} is {}, here it is {}",
            theirs.name(),
            state.name()
        )),
        (state, None) => Some(format!(
            "GoPay does not know refund {number}, here it is {}",
            state.name()
        )),
    }
}

#[cfg(test)]
mod tests;
