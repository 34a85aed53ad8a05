//! Snap Checkout: makes a transaction, inquires about it, cancels it, refunds it.
//!
//! What comes back is in BI-SNAP's words, so that one set of rules decides about both ways to pay.
//!
//! A transaction has no idempotency key: its order id, which stands for one attempt, is refused a
//! second time, and its token is not said again. The Core API knows a transaction only once the buyer
//! has opened its page: until then it answers as if there were none.

use super::{Credential, GoPay, at, throttle::Api};
use crate::{
    config::SnapAccount,
    domain::{
        attempt::Attempt,
        gopay_result::{CancelOutcome, CreatedPayment, Error},
    },
    ports::RawResponse,
};
use contract::PaymentWay;
use gopay_protocol::{
    ExternalId, LatestTransactionStatus, PartnerReferenceNo, ResponseCode, ServiceCode, SnapToken,
    header,
    message::{
        core_api::{Action, RefundRequest, StatusMeaning, Transaction, TransactionStatus},
        refund,
        snap::{self, Errors},
        status,
    },
};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use url::Url;

/// Longest token taken; Midtrans' are UUIDs.
const MAX_TOKEN: usize = 100;

impl GoPay {
    pub(super) async fn create_snap(
        &self,
        request: &snap::Request,
    ) -> Result<CreatedPayment, Error> {
        let snap = self.snap()?;
        let answer = self
            .call_snap(
                Api::Payment,
                Method::POST,
                &snap.snap_url,
                snap::PATH,
                Some(request),
            )
            .await?;
        let token = read_created(&answer)?;
        Ok(CreatedPayment {
            reference_no: None,
            way: PaymentWay::SnapToken(token.to_string()),
        })
    }

    /// What BI-SNAP would have answered.
    pub(super) async fn inquire_snap(
        &self,
        order_id: &PartnerReferenceNo,
    ) -> Result<status::Response, Error> {
        let path = Action::Status.path(order_id.as_str());
        let transaction = self
            .call_core_api(Api::Inquiry, Method::GET, &path, None::<&()>)
            .await?;
        read_status(&transaction)
    }

    /// Ends the page where its token is known, so that it cannot be paid any more, or else the
    /// transaction.
    pub(super) async fn cancel_snap(
        &self,
        attempt: &Attempt,
        order_id: &PartnerReferenceNo,
    ) -> Result<CancelOutcome, Error> {
        let snap = self.snap()?;
        if let Some(PaymentWay::SnapToken(token)) = &attempt.way {
            let path = snap::cancel_path(&SnapToken::from(token.as_str()));
            let answer = self
                .call_snap(
                    Api::Cancellation,
                    Method::POST,
                    &snap.snap_url,
                    &path,
                    None::<&()>,
                )
                .await?;
            if answer.status.is_success() {
                return Ok(CancelOutcome::Cancelled);
            }
            // The buyer has chosen how to pay: now it is a transaction.
        }
        let path = Action::Cancel.path(order_id.as_str());
        let transaction = self
            .call_core_api(Api::Cancellation, Method::POST, &path, None::<&()>)
            .await?;
        read_cancelled(&transaction, order_id)
    }

    /// Asks for the refund that `request`, in BI-SNAP's form, stands for.
    pub(super) async fn refund_snap(
        &self,
        order_id: &PartnerReferenceNo,
        request: &refund::Request,
    ) -> Result<refund::Response, Error> {
        let asked = RefundRequest {
            refund_key: request.partner_refund_no.clone(),
            amount: request.refund_amount.rupiah().map_err(|_| Error::NotSent)?,
            reason: request.reason.clone(),
        };
        let path = Action::Refund.path(order_id.as_str());
        let transaction = self
            .call_core_api(Api::Refund, Method::POST, &path, Some(&asked))
            .await?;
        read_refunded(&transaction, request)
    }

    fn snap(&self) -> Result<&SnapAccount, Error> {
        self.account.snap.as_ref().ok_or(Error::Credentials {
            settings: "gopay.server_key_file, which is missing",
            code: None,
        })
    }

    async fn call_core_api(
        &self,
        api: Api,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Transaction, Error> {
        let base = &self.snap()?.core_api_url;
        let answer = self.call_snap(api, method, base, path, body).await?;
        // Its own code decides: 404 and 412 come under HTTP 200.
        gopay_protocol::json::from_slice(&answer.body)
            .map_err(|_| Error::Unknown("not an answer of the Core API"))
    }

    async fn call_snap(
        &self,
        api: Api,
        method: Method,
        base: &Url,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<RawResponse, Error> {
        let body = match body {
            Some(body) => Some(serde_json::to_string(body).map_err(|_| Error::NotSent)?),
            None => None,
        };
        for turn in self.snap()?.server_key.in_order() {
            let request = self
                .http
                .request(method.clone(), at(base, path))
                .header("accept", "application/json")
                .header("content-type", "application/json")
                .header(header::AUTHORIZATION, turn.key.authorization().expose());
            let request = match &body {
                Some(body) => request.body(body.clone()),
                None => request,
            };
            let answer = self.send(api, request).await?;
            if is_unauthorized(&answer) {
                continue;
            }
            return match answer.status {
                StatusCode::TOO_MANY_REQUESTS => Err(Error::Throttled),
                status if status.is_server_error() => Err(Error::Unknown("Midtrans failed")),
                status => {
                    if status.is_success() {
                        self.credentials.note(Credential::ServerKey, true);
                        turn.note_accepted("server_key_file");
                    }
                    Ok(answer)
                }
            };
        }
        self.credentials.note(Credential::ServerKey, false);
        Err(credentials())
    }
}

/// Whether Midtrans does not take the server key, by HTTP's status or by the one in the body: then it
/// did nothing.
fn is_unauthorized(answer: &RawResponse) -> bool {
    answer.status == StatusCode::UNAUTHORIZED
        || serde_json::from_slice(&answer.body)
            .is_ok_and(|answer: Transaction| answer.meaning() == StatusMeaning::Unauthorized)
}

fn credentials() -> Error {
    Error::Credentials {
        settings: "server_key_file and the environment of snap_url",
        code: None,
    }
}

fn read_created(answer: &RawResponse) -> Result<SnapToken, Error> {
    if answer.status == StatusCode::CREATED {
        let response: snap::Response = gopay_protocol::json::from_slice(&answer.body)
            .map_err(|_| Error::Unknown("a success that cannot be read"))?;
        let is_token = |token: &SnapToken| {
            let text = token.as_str();
            (1..=MAX_TOKEN).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        return (response.token.filter(is_token))
            .ok_or(Error::Unknown("a success without a token"));
    }
    let errors: Errors = gopay_protocol::json::from_slice(&answer.body)
        .map_err(|_| Error::Unknown("not an answer of Snap"))?;
    if errors.is_order_id_taken() {
        return Err(Error::Conflict(code(409, ServiceCode::Payment, 1)));
    }
    match answer.status {
        status if status.is_client_error() => {
            let why = errors.error_messages.first().map(String::as_str);
            tracing::error!(event = "snap.refused", why, "Snap refuses the transaction");
            Err(Error::Refused(code(400, ServiceCode::Payment, 2)))
        }
        _ => Err(Error::Unknown("neither made nor refused")),
    }
}

/// | Core API | BI-SNAP |
/// | --- | --- |
/// | 404 | status 07: there is none, or its page was not opened yet |
/// | a transaction status, with 200 where it is settled | the same status |
/// | 401 | credentials |
/// | anything else | unknown |
fn read_status(transaction: &Transaction) -> Result<status::Response, Error> {
    let answer = |latest_transaction_status| status::Response {
        response_code: code(200, ServiceCode::Status, 0),
        original_partner_reference_no: transaction.order_id.clone(),
        original_external_id: (transaction.order_id.as_ref())
            .map(|id| ExternalId::from(id.as_str())),
        original_reference_no: transaction.transaction_id.clone(),
        latest_transaction_status: Some(latest_transaction_status),
        trans_amount: transaction.amount(),
        refund_history: transaction.refund_history(),
        additional_info: status::AdditionalInfo {
            fraud_status: transaction.fraud_status,
        },
    };
    match (
        transaction.meaning(),
        transaction.latest_transaction_status(),
    ) {
        (StatusMeaning::NotFound, _) => Ok(answer(LatestTransactionStatus::NotFound)),
        (StatusMeaning::Unauthorized, _) => Err(credentials()),
        (StatusMeaning::Throttled, _) => Err(Error::Throttled),
        (meaning, Some(latest)) => {
            let is_settled = transaction.transaction_status == Some(TransactionStatus::Settlement);
            if is_settled && meaning != StatusMeaning::Success {
                return Err(Error::Unknown(
                    "status code and status contradict each other",
                ));
            }
            Ok(answer(latest))
        }
        (_, None) => Err(Error::Unknown("an answer without a status")),
    }
}

fn read_cancelled(
    transaction: &Transaction,
    order_id: &PartnerReferenceNo,
) -> Result<CancelOutcome, Error> {
    let is_ours = (transaction.order_id.as_ref()).is_none_or(|named| named == order_id);
    match transaction.meaning() {
        StatusMeaning::Success if is_ours => Ok(CancelOutcome::Cancelled),
        StatusMeaning::Success => Err(Error::Unknown("an answer about another payment")),
        StatusMeaning::NotFound => Ok(CancelOutcome::NotFound),
        StatusMeaning::NotModifiable => Ok(CancelOutcome::NotAllowed(code(
            403,
            ServiceCode::Cancel,
            15,
        ))),
        StatusMeaning::Unauthorized => Err(credentials()),
        StatusMeaning::Throttled => Err(Error::Throttled),
        _ => Err(Error::Unknown("neither cancelled nor refused")),
    }
}

/// A refusal has the BI-SNAP code of the same meaning, whose hint helps the operator.
fn read_refunded(
    transaction: &Transaction,
    asked: &refund::Request,
) -> Result<refund::Response, Error> {
    let refused = |http, case| Err(Error::Refused(code(http, ServiceCode::Refund, case)));
    match transaction.meaning() {
        StatusMeaning::Success => {
            let number = transaction.refund_key.clone();
            if number
                .as_ref()
                .is_some_and(|number| *number != asked.partner_refund_no)
            {
                return Err(Error::Unknown("an answer about another refund"));
            }
            Ok(refund::Response {
                response_code: code(200, ServiceCode::Refund, 0),
                original_reference_no: transaction.transaction_id.clone(),
                refund_no: None,
                partner_refund_no: number,
                refund_amount: None,
            })
        }
        // The status says whether the first request under this key succeeded.
        StatusMeaning::Duplicate => Err(Error::Conflict(code(409, ServiceCode::Refund, 0))),
        StatusMeaning::NotFound => refused(404, 1),
        StatusMeaning::NotModifiable | StatusMeaning::Denied => refused(403, 15),
        StatusMeaning::RefundRefused => refused(403, 14),
        StatusMeaning::InvalidField => refused(400, 2),
        StatusMeaning::Unauthorized => Err(credentials()),
        StatusMeaning::Throttled => Err(Error::Throttled),
        _ => Err(Error::Unknown("neither refunded nor refused")),
    }
}

const fn code(http: u16, service: ServiceCode, case: u8) -> ResponseCode {
    ResponseCode::new(http, service, case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::Amount;
    use serde_json::json;

    fn transaction(body: serde_json::Value) -> Transaction {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn a_transaction_is_made_where_snap_gives_a_token() {
        let read = |status: u16, body: &str| {
            read_created(&RawResponse {
                status: StatusCode::from_u16(status).unwrap(),
                body: body.as_bytes().to_vec(),
                ..RawResponse::default()
            })
        };
        let token = read(
            201,
            r#"{"token":"66e4fa55-fdac","redirect_url":"https://x"}"#,
        );
        assert_eq!(token.unwrap().as_str(), "66e4fa55-fdac");
        let taken = r#"{"error_messages":["transaction_details.order_id has already been taken"]}"#;
        assert!(matches!(read(400, taken), Err(Error::Conflict(_))));
        let wrong = r#"{"error_messages":["transaction_details.gross_amount is required"]}"#;
        assert!(matches!(read(400, wrong), Err(Error::Refused(_))));
        for (status, body) in [
            (201, "{}"),
            (201, r#"{"token":"a b"}"#),
            (201, "<html>"),
            (200, r#"{"token":"a"}"#),
            (302, ""),
        ] {
            let unknown = read(status, body);
            assert!(matches!(unknown, Err(Error::Unknown(_))), "{status} {body}");
        }
    }

    #[test]
    fn a_status_is_read_in_bi_snaps_words() {
        let read = |code: &str, status: &str| {
            read_status(&transaction(json!({
                "status_code": code, "transaction_status": status, "order_id": "a",
                "transaction_id": "t", "gross_amount": "25000.00",
            })))
        };
        for (code, status, latest) in [
            ("200", "settlement", LatestTransactionStatus::Success),
            ("201", "pending", LatestTransactionStatus::Pending),
            ("202", "cancel", LatestTransactionStatus::Canceled),
            ("202", "expire", LatestTransactionStatus::Expired),
            ("404", "", LatestTransactionStatus::NotFound),
        ] {
            let response = read(code, status).unwrap();
            assert_eq!(response.latest_transaction_status, Some(latest), "{status}");
            assert_eq!(response.trans_amount, Some(Amount::idr(25_000)));
        }
        let contradiction = read("201", "settlement");
        assert!(matches!(contradiction, Err(Error::Unknown(_))));
        let refused = read_status(&transaction(json!({"status_code": "401"})));
        assert!(matches!(refused, Err(Error::Credentials { .. })));
        let failed = read_status(&transaction(json!({"status_code": "500"})));
        assert!(matches!(failed, Err(Error::Unknown(_))));
    }

    #[test]
    fn a_cancellation_is_one_of_this_order() {
        let read = |code: &str, order: &str| {
            let answer = json!({"status_code": code, "order_id": order});
            read_cancelled(&transaction(answer), &"a".into())
        };
        assert_eq!(read("200", "a"), Ok(CancelOutcome::Cancelled));
        assert!(matches!(read("200", "b"), Err(Error::Unknown(_))));
        assert_eq!(read("404", "a"), Ok(CancelOutcome::NotFound));
        assert!(matches!(read("412", "a"), Ok(CancelOutcome::NotAllowed(_))));
        assert!(matches!(read("500", "a"), Err(Error::Unknown(_))));
    }

    #[test]
    fn a_refund_is_one_under_its_key() {
        let asked = refund::Request {
            original_reference_no: None,
            original_external_id: None,
            original_partner_reference_no: "a".into(),
            partner_refund_no: "R".into(),
            refund_amount: Amount::idr(10_000),
            reason: String::new(),
        };
        let read = |code: &str, key: &str| {
            let answer = json!({"status_code": code, "refund_key": key});
            read_refunded(&transaction(answer), &asked)
        };
        assert!(read("200", "R").is_ok());
        assert!(matches!(read("200", "Q"), Err(Error::Unknown(_))));
        assert!(matches!(read("406", "R"), Err(Error::Conflict(_))));
        for code in ["202", "404", "412", "414", "400"] {
            assert!(matches!(read(code, "R"), Err(Error::Refused(_))), "{code}");
        }
        assert!(matches!(read("500", "R"), Err(Error::Unknown(_))));
    }
}
