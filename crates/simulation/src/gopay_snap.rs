//! GoPay's side of Snap Checkout: transactions by order id, without idempotency.
//!
//! Invariant: GoPay itself never fails; the transport injects the faults.

use crate::{
    gopay::{GoPay, Payment, Refund, State, StatusChange},
    gopay_message::{Request, Response},
};
use gopay_protocol::message::snap;
use serde_json::{Value, json};

pub(crate) fn is_of_snap(path: &str) -> bool {
    path.starts_with("/snap/") || path.starts_with("/v2/")
}

/// An answer of Snap itself that refuses.
pub(crate) fn error(status: u16, message: &str) -> Response {
    Response {
        status,
        body: json!({"error_messages": [message]}),
    }
}

/// An answer of the Core API, whose code decides.
pub(crate) fn core(code: &str) -> Response {
    Response {
        status: 200,
        body: json!({"status_code": code, "status_message": ""}),
    }
}

impl GoPay {
    pub(crate) fn respond_snap(&mut self, request: &Request, now: i64) -> Response {
        self.expire(now);
        let path = request.path.trim_start_matches('/');
        match *path.split('/').collect::<Vec<_>>() {
            ["snap", "v1", "transactions"] => self.create_snap(request, now),
            ["snap", "v1", "transactions", token, "cancel"] => self.cancel_session(token),
            ["v2", order, "status"] => self.snap_status(order),
            ["v2", order, "cancel"] => self.cancel_transaction(order),
            ["v2", order, "refund", "online", "direct"] => self.refund_snap(order, &request.body),
            _ => error(404, "no such path"),
        }
    }

    fn create_snap(&mut self, request: &Request, now: i64) -> Response {
        let Ok(asked) = serde_json::from_value::<snap::Request>(request.body.clone()) else {
            return error(400, "the request cannot be read");
        };
        let details = asked.transaction_details;
        let (order_id, amount) = (details.order_id.to_string(), details.gross_amount);
        if (self.payments.iter()).any(|payment| payment.partner_reference_no == order_id) {
            return error(400, "transaction_details.order_id has already been taken");
        }
        let seconds = asked.expiry.map_or(900, |expiry| {
            u64::from(expiry.duration) * u64::from(expiry.unit.seconds())
        });
        let number = self.payments.len() + 1;
        let token = format!("token-{number}");
        self.payments.push(Payment {
            reference_no: format!("A{number:04}"),
            partner_reference_no: order_id.clone(),
            external_id: order_id,
            requested: amount,
            amount,
            created_at: now,
            valid_until: now.saturating_add_unsigned(seconds * 1_000),
            state: State::Pending,
            suspicious: false,
            paid_late: false,
            refunds: Vec::new(),
            snap_token: Some(token.clone()),
            known_since: None,
        });
        Response {
            status: 201,
            body: json!({"token": token, "redirect_url": "https://app.midtrans.com/snap/x"}),
        }
    }

    /// The buyer opens the page of a Snap transaction; GoPay's id of it.
    pub(crate) fn open_snap(&mut self, token: &str, now: i64) -> Option<String> {
        let payment = (self.payments.iter_mut())
            .find(|payment| payment.snap_token.as_deref() == Some(token))?;
        if payment.state == State::Pending {
            payment.known_since.get_or_insert(now);
        }
        Some(payment.reference_no.clone())
    }

    fn cancel_session(&mut self, token: &str) -> Response {
        let session = (self.payments.iter_mut()).find(|payment| {
            payment.snap_token.as_deref() == Some(token)
                && payment.known_since.is_none()
                && payment.state == State::Pending
        });
        match session {
            Some(payment) => {
                payment.state = State::Cancelled;
                Response {
                    status: 200,
                    body: json!({"canceled_at": "2026-11-22"}),
                }
            }
            None => error(400, "the session cannot be cancelled"),
        }
    }

    fn transaction(&mut self, order: &str) -> Option<&mut Payment> {
        let mut payments = self.payments.iter_mut();
        payments.find(|it| it.partner_reference_no == order && it.known_since.is_some())
    }

    /// The transaction that this path inquires about.
    pub(crate) fn inquired_transaction(&mut self, path: &str) -> Option<&mut Payment> {
        self.transaction(path.strip_suffix("/status")?.rsplit('/').next()?)
    }

    fn snap_status(&mut self, order: &str) -> Response {
        let Some(payment) = self.transaction(order) else {
            return core("404");
        };
        let refunded = payment.refunded();
        let (code, status) = match payment.state {
            State::Pending => ("201", "pending"),
            State::Paid(_) if refunded == 0 => ("200", "settlement"),
            State::Paid(_) if refunded < payment.amount => ("200", "partial_refund"),
            State::Paid(_) => ("200", "refund"),
            State::Cancelled => ("202", "cancel"),
            State::Failed => ("202", "failure"),
            State::Expired => ("202", "expire"),
        };
        let fraud = match payment.suspicious && matches!(payment.state, State::Paid(_)) {
            true => "deny",
            false => "accept",
        };
        let done = payment.refunds.iter().filter(|refund| !refund.failed);
        let refunds: Vec<Value> = done
            .map(|refund| {
                json!({
                    "refund_key": refund.number,
                    "refund_amount": format!("{}.00", refund.amount),
                })
            })
            .collect();
        Response {
            status: 200,
            body: json!({
                "status_code": code,
                "transaction_status": status,
                "transaction_id": payment.reference_no,
                "order_id": payment.partner_reference_no,
                "gross_amount": format!("{}.00", payment.amount),
                "currency": "IDR",
                "payment_type": "gopay",
                "fraud_status": fraud,
                "refund_amount": format!("{refunded}.00"),
                "refunds": refunds,
            }),
        }
    }

    fn cancel_transaction(&mut self, order: &str) -> Response {
        let Some(payment) = self.transaction(order) else {
            return core("404");
        };
        if payment.state != State::Pending {
            return core("412");
        }
        payment.state = State::Cancelled;
        let reference_no = payment.reference_no.clone();
        self.status_changes.push(StatusChange {
            reference_no,
            status: "05",
        });
        let mut response = core("200");
        response.body["order_id"] = json!(order);
        response
    }

    fn refund_snap(&mut self, order: &str, body: &Value) -> Response {
        let number = body["refund_key"].as_str().unwrap_or_default().to_owned();
        let amount = body["amount"].as_u64().unwrap_or_default();
        let Some(payment) = self.transaction(order) else {
            return core("404");
        };
        if payment.refunds.iter().any(|refund| refund.number == number) {
            return core("406");
        }
        if !matches!(payment.state, State::Paid(_)) {
            return core("412");
        }
        if amount == 0 || payment.refunded() + amount > payment.amount {
            return core("414");
        }
        payment.refunds.push(Refund {
            number: number.clone(),
            amount,
            failed: false,
        });
        let reference_no = payment.reference_no.clone();
        self.status_changes.push(StatusChange {
            reference_no,
            status: "04",
        });
        let mut response = core("200");
        response.body["order_id"] = json!(order);
        response.body["refund_key"] = json!(number);
        response
    }
}
