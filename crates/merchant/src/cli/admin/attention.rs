//! What needs a person, each with the command that settles it.

use super::{Admin, Error, refunds::approve_command};
use crate::{
    domain::{
        fulfilment::DeliveryState, mini_app_request::RequestState, refund::RefundState,
        time::Timestamp,
    },
    ports::Clock,
};
use serde::Serialize;
use std::{fmt::Write, time::Duration};
use strum::IntoStaticStr;

/// A notification is confirmed by an inquiry within seconds; the log names it after so long.
const UNCONFIRMED_AFTER: Duration = Duration::from_mins(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AttentionKind {
    OrderInReview,
    PaymentInDoubt,
    RefundAwaitsApproval,
    RefundFailed,
    RefundDeadLetter,
    WebhookDeadLetter,
    RequestDeadLetter,
    RequestRefused,
    NotificationUnmatched,
    BuyerTokenRefused,
}

impl AttentionKind {
    fn name(self) -> &'static str {
        self.into()
    }
}

/// Something that does not go on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttentionItem {
    pub kind: AttentionKind,
    /// Of what the command is about.
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    pub detail: String,
    /// What settles it, or tells more where a person has to decide.
    pub command: String,
}

impl Admin {
    /// All that needs a person, the most urgent kind first.
    pub async fn attention(&self) -> Result<Vec<AttentionItem>, Error> {
        self.attention_at(Clock::system().now()).await
    }

    async fn attention_at(&self, now: Timestamp) -> Result<Vec<AttentionItem>, Error> {
        let store = &self.store;
        let resolved = store.resolved_items().await?;
        let mut items = Vec::new();
        for id in store.orders_in_review().await? {
            items.push(AttentionItem {
                kind: AttentionKind::OrderInReview,
                id: id.to_string(),
                order_id: Some(id.to_string()),
                detail: "its payment is in doubt, or of another amount: compare it with GoPay's dashboard, and hand it over or give the money back".to_owned(),
                command: format!("merchant refund {id} --reason WHY"),
            });
        }
        for id in store.orders_in_doubt(now - UNCONFIRMED_AFTER).await? {
            items.push(AttentionItem {
                kind: AttentionKind::PaymentInDoubt,
                id: id.to_string(),
                order_id: Some(id.to_string()),
                detail: "GoPay notified of its payment, and does not confirm it".to_owned(),
                command: "merchant reconcile".to_owned(),
            });
        }
        for approval in store.refund_approvals(now).await? {
            items.push(AttentionItem {
                kind: AttentionKind::RefundAwaitsApproval,
                id: format!("A{}", approval.id),
                order_id: Some(approval.order_id.to_string()),
                detail: format!(
                    "Rp{}, asked for by {}: another person has to ask for the same",
                    approval.amount.get(),
                    approval.asked_by
                ),
                command: approve_command(&approval),
            });
        }
        for (kind, state) in [
            (AttentionKind::RefundFailed, RefundState::Failed),
            (AttentionKind::RefundDeadLetter, RefundState::DeadLetter),
        ] {
            for refund in store.refunds(state).await? {
                items.push(AttentionItem {
                    kind,
                    id: refund.number.to_string(),
                    order_id: Some(refund.order_id.to_string()),
                    detail: format!(
                        "Rp{}, last answer: {}",
                        refund.amount.get(),
                        refund.answer.as_deref().unwrap_or("none")
                    ),
                    command: format!("merchant refunds retry {} --reason WHY", refund.number),
                });
            }
        }
        for fulfilment in store.fulfilments(DeliveryState::DeadLetter).await? {
            items.push(AttentionItem {
                kind: AttentionKind::WebhookDeadLetter,
                id: fulfilment.id.to_string(),
                order_id: Some(fulfilment.order_id.to_string()),
                detail: format!(
                    "pick-up code {}, last answer: {}",
                    fulfilment.pickup_code,
                    fulfilment.answer.as_deref().unwrap_or("none")
                ),
                command: format!("merchant outbox retry {}", fulfilment.id),
            });
        }
        for (kind, state) in [
            (AttentionKind::RequestDeadLetter, RequestState::DeadLetter),
            (AttentionKind::RequestRefused, RequestState::Refused),
        ] {
            for (request, _) in store.requests(state).await? {
                items.push(AttentionItem {
                    kind,
                    id: request.id.to_string(),
                    order_id: Some(request.order_id.to_string()),
                    detail: format!(
                        "{}, last answer: {}",
                        request.kind.name(),
                        request.answer.as_deref().unwrap_or("none")
                    ),
                    command: format!("merchant requests retry {} --reason WHY", request.id),
                });
            }
        }
        for stored in store.unmatched_notifications().await? {
            let notification = &stored.notification;
            let id = format!("N{}", stored.id);
            items.push(AttentionItem {
                kind: AttentionKind::NotificationUnmatched,
                order_id: None,
                detail: format!(
                    "reference {}, status {}, {}: refund it in GoPay's dashboard, or hand it over",
                    notification.reference_no, notification.status, notification.amount
                ),
                command: format!("merchant resolve {id} --reason WHY"),
                id,
            });
        }
        for (customer, waiting) in store.requests_awaiting_sign_in().await? {
            items.push(AttentionItem {
                kind: AttentionKind::BuyerTokenRefused,
                id: customer.to_string(),
                order_id: None,
                detail: format!("{waiting} requests wait until this buyer opens the shop again"),
                command: "merchant requests".to_owned(),
            });
        }
        items.retain(|item| !resolved.contains(&item.id));
        Ok(items)
    }

    /// Takes what has this id off the list: staff have dealt with it in another way than by the command that the
    /// list names. It comes back where something happens to it.
    pub async fn resolve(&self, id: &str) -> Result<String, Error> {
        let items = self.attention().await?;
        match items.iter().find(|item| item.id == id) {
            None => Err(Error::NothingToResolve(id.to_owned())),
            // It ends by itself, with the buyer's next sign-in.
            Some(item) if item.kind == AttentionKind::BuyerTokenRefused => {
                Err(Error::NotResolvedByStaff(id.to_owned()))
            }
            Some(item) if item.kind == AttentionKind::RefundAwaitsApproval => {
                Err(Error::ApprovalLapses(id.to_owned()))
            }
            Some(_) if self.store.may_become_paid(id).await? => {
                Err(Error::MayBecomePaid(id.to_owned()))
            }
            Some(item) => {
                self.store.resolve_item(id).await?;
                Ok(format!("{} {id} is resolved", item.kind.name()))
            }
        }
    }
}

/// A line for each, and a last one that counts.
pub fn attention_text(items: &[AttentionItem]) -> String {
    let mut list = String::new();
    for item in items {
        let order = item.order_id.as_ref().filter(|order| **order != item.id);
        let order = order.map_or_else(String::new, |order| format!("  order {order}"));
        let _ = writeln!(
            list,
            "{}  {}{order}  {}\n    {}",
            item.kind.name(),
            item.id,
            item.detail,
            item.command
        );
    }
    if !items.is_empty() {
        let _ = writeln!(
            list,
            "dealt with in another way: merchant resolve ID --reason WHY"
        );
    }
    let _ = write!(list, "to look at: {}", items.len());
    list
}
