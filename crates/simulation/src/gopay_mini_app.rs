//! GoPay's mini-app API: rewards, reminders and pushes, by the buyer's token.
//!
//! Invariant: GoPay itself never fails; the transport injects the faults.

use crate::{
    gopay_message::{Request, Response},
    time::HOUR,
};
use gopay_protocol::message::{push, reminder, rewards};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How long GoPay knows a `Request-Id`.
///
/// Unverified: as long as an `X-EXTERNAL-ID`.
const IDEMPOTENCY_WINDOW: u64 = 24 * HOUR;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GivenReward {
    /// The order's id.
    pub(crate) reference: String,
    pub(crate) customer: String,
    pub(crate) amount: u64,
}

#[derive(Debug, Default)]
pub(crate) struct MiniApp {
    /// By token, its customer.
    tokens: BTreeMap<String, String>,
    tokens_issued: u32,
    pub(crate) rewards: Vec<GivenReward>,
    /// By id, the number of the order.
    pub(crate) reminders: BTreeMap<String, String>,
    reminders_made: u32,
    /// The numbers of the orders.
    pub(crate) pushes: Vec<String>,
    idempotency: BTreeMap<String, (i64, Value, Response)>,
}

pub(crate) fn is_of_mini_app(path: &str) -> bool {
    path.starts_with("/v1/mini-apps/")
}

pub(crate) fn refusal(status: u16, code: &str) -> Response {
    Response {
        status,
        body: json!({"success": false, "error": {"code": code}}),
    }
}

impl MiniApp {
    /// A customer signs in.
    pub(crate) fn issue_token(&mut self, customer: &str) -> String {
        self.tokens_issued += 1;
        let token = format!("auth-{customer}-{}", self.tokens_issued);
        self.tokens.insert(token.clone(), customer.to_owned());
        token
    }

    pub(crate) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    pub(crate) fn respond(&mut self, request: &Request, now: i64) -> Response {
        let Some(customer) = self.tokens.get(&request.token).cloned() else {
            return refusal(401, "110");
        };
        let id = &request.request_id;
        if let Some((at, body, response)) = self.idempotency.get(id)
            && now < at.saturating_add_unsigned(IDEMPOTENCY_WINDOW)
        {
            return match *body == request.body {
                true => response.clone(),
                false => refusal(409, "310"),
            };
        }
        let data = match request.path.as_str() {
            rewards::PATH => self.reward(request, customer),
            push::PATH => {
                self.pushes.push(order_number(&request.body));
                Value::Null
            }
            reminder::PATH => {
                self.reminders_made += 1;
                let id = format!("reminder-{}", self.reminders_made);
                (self.reminders).insert(id.clone(), order_number(&request.body));
                json!({"reminder_id": id})
            }
            path => {
                let id = path.rsplit('/').next().unwrap_or_default();
                if self.reminders.remove(id).is_none() {
                    return Response {
                        status: 404,
                        body: json!({
                            "success": false,
                            "error": {"description": "Reminder not found"},
                        }),
                    };
                }
                Value::Null
            }
        };
        let response = Response {
            status: 200,
            body: json!({"success": true, "data": data}),
        };
        let entry = (now, request.body.clone(), response.clone());
        self.idempotency.insert(id.clone(), entry);
        response
    }

    fn reward(&mut self, request: &Request, customer: String) -> Value {
        let reference = request.body["metadata"]["reference_id"].as_str();
        self.rewards.push(GivenReward {
            reference: reference.unwrap_or_default().to_owned(),
            customer,
            amount: request.body["amount"]["value"].as_u64().unwrap_or_default(),
        });
        json!({"payment_id": format!("reward-{}", self.rewards.len())})
    }
}

fn order_number(body: &Value) -> String {
    let number = body["template_parameters"]["order"].as_str();
    number.unwrap_or_default().to_owned()
}
