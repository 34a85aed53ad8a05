//! The mini-app API: rewards, gems, reminders and pushes, for the buyer to whom a token belongs.

use super::{GoPay, bearer, throttle::Api};
use crate::{
    domain::{
        gopay_result::Error,
        mini_app_request::{MiniAppResult, RequestKind, StoredMiniAppRequest},
    },
    ports::RawResponse,
};
use gopay_protocol::{
    ReminderId, Secret, header,
    message::{
        Envelope,
        gems::{self, Balance},
        push,
        reminder::{self, Created},
        rewards::{self, Reward},
    },
};
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// Why there is no balance of gems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GemsBalanceError {
    #[error("GoPay gives no balance: {0}")]
    Refused(MiniAppResult),
    #[error("GoPay's answer has no balance")]
    NoBalance,
}

impl GoPay {
    /// Sends a request as it is stored, once. Under the same id GoPay carries it out once.
    pub async fn send_mini_app_request(
        &self,
        auth_token: &Secret,
        request: &StoredMiniAppRequest,
    ) -> MiniAppResult {
        let base = match self.mini_app_url() {
            Ok(base) => base,
            Err(error) => return MiniAppResult::Failed { error, code: None },
        };
        let built = match request.kind {
            RequestKind::Coins | RequestKind::Emoney | RequestKind::Gems => {
                Some(self.post(base, rewards::PATH))
            }
            RequestKind::GemsCollection => Some(self.post(base, gems::COLLECT_PATH)),
            RequestKind::Push => Some(self.post(base, push::PATH)),
            RequestKind::Reminder => Some(self.put(base, reminder::PATH)),
            RequestKind::ReminderRemoval => {
                reminder::path(&ReminderId::from(request.request.as_str()))
                    .map(|path| self.delete(base, &path))
            }
        };
        let Some(built) = built else {
            return MiniAppResult::Refused(None);
        };
        let built = match request.kind {
            RequestKind::ReminderRemoval => built,
            _ => built.body(request.request.clone()),
        };
        let answer = self
            .send(
                Api::MiniApp,
                with_token(built, auth_token, request.id.as_str()),
            )
            .await;
        match answer {
            Ok(answer) => read(&answer).0,
            Err(error) => MiniAppResult::Failed { error, code: None },
        }
    }

    /// The buyer's balance of gems.
    pub async fn gems_balance(&self, auth_token: &Secret) -> Result<u64, GemsBalanceError> {
        let failed = |error| GemsBalanceError::Refused(MiniAppResult::Failed { error, code: None });
        let base = self.mini_app_url().map_err(failed)?;
        let request = self.get(base, gems::BALANCE_PATH);
        let request = with_token(request, auth_token, &Uuid::new_v4().to_string());
        let answer = self.send(Api::MiniApp, request).await.map_err(failed)?;
        match read(&answer) {
            (MiniAppResult::Accepted(_), data) => serde_json::from_value::<Balance>(data)
                .ok()
                .and_then(|data| data.balance)
                .ok_or(GemsBalanceError::NoBalance),
            (refused, _) => Err(GemsBalanceError::Refused(refused)),
        }
    }
}

fn with_token(request: RequestBuilder, auth_token: &Secret, request_id: &str) -> RequestBuilder {
    request
        .header(header::AUTHORIZATION, bearer(auth_token))
        .header(header::REQUEST_ID, request_id)
}

/// | answer | result |
/// | --- | --- |
/// | 429, 5xx, no envelope | failed |
/// | success with 2xx | accepted |
/// | a code about the token; 401 without a code | token inactive |
/// | any other refusal | refused |
///
/// Unverified: the HTTP status of each refusal is not documented; the body decides.
fn read(RawResponse { status, body, .. }: &RawResponse) -> (MiniAppResult, Value) {
    let response: Option<Envelope<Value>> = gopay_protocol::json::from_slice(body).ok();
    let code = (response.as_ref())
        .and_then(|response| response.error.as_ref())
        .and_then(|error| error.code.clone());
    let failed = |error| (MiniAppResult::Failed { error, code: None }, Value::Null);
    if *status == StatusCode::TOO_MANY_REQUESTS {
        return failed(Error::Throttled);
    }
    if status.is_server_error() {
        let error = Error::Unknown("GoPay failed");
        return (MiniAppResult::Failed { error, code }, Value::Null);
    }
    let result = match response {
        Some(response) if response.success && status.is_success() => {
            let data = response.data.unwrap_or_default();
            return (MiniAppResult::Accepted(gopay_id(&data)), data);
        }
        Some(response) if response.success => {
            return failed(Error::Unknown("a success and an error in one answer"));
        }
        _ if code.as_ref().is_some_and(|code| code.is_about_token()) => {
            MiniAppResult::TokenInactive(code)
        }
        _ if *status == StatusCode::UNAUTHORIZED && code.is_none() => {
            MiniAppResult::TokenInactive(None)
        }
        Some(_) => MiniAppResult::Refused(code),
        None => return failed(Error::Unknown("not an answer of the mini-app API")),
    };
    (result, Value::Null)
}

/// GoPay's id of what it did, of whichever kind.
fn gopay_id(data: &Value) -> Option<String> {
    let reward = Reward::deserialize(data).ok();
    let payment_id = reward.and_then(|reward| reward.payment_id);
    let reminder = Created::deserialize(data).ok();
    let reminder_id = reminder.and_then(|reminder| reminder.reminder_id);
    let id = payment_id.map(|id| id.to_string());
    id.or_else(|| reminder_id.map(|id| id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::MiniAppErrorCode as Code;

    fn answer(status: u16, body: &str) -> MiniAppResult {
        let status = StatusCode::from_u16(status).unwrap();
        read(&RawResponse {
            status,
            body: body.as_bytes().to_vec(),
            ..RawResponse::default()
        })
        .0
    }

    #[test]
    fn a_success_brings_gopays_id() {
        for (body, id) in [
            (r#"{"success":true,"data":{"payment_id":"01"}}"#, Some("01")),
            (r#"{"success":true,"data":{"reminder_id":"r"}}"#, Some("r")),
            (r#"{"success":true,"error":{}}"#, None),
            (r#"{"success":true,"data":{"payment_id":""}}"#, None),
            (r#"{"success":true,"data":{"reminder_id":7}}"#, Some("7")),
        ] {
            let id = id.map(str::to_owned);
            assert_eq!(answer(200, body), MiniAppResult::Accepted(id), "{body}");
        }
    }

    #[test]
    fn a_token_that_is_not_taken_is_told_from_other_refusals() {
        for (status, body, code) in [
            (
                401,
                r#"{"success":false,"error":{"code":"110"}}"#,
                Some(Code::Unauthorized),
            ),
            (
                200,
                r#"{"success":false,"error":{"code":5003}}"#,
                Some(Code::InvalidAuthorisation),
            ),
            (
                401,
                r#"{"success":false,"error":{"description":"no"}}"#,
                None,
            ),
            (401, "<html>", None),
        ] {
            assert_eq!(
                answer(status, body),
                MiniAppResult::TokenInactive(code),
                "{body}"
            );
        }
        for (status, body, code) in [
            (
                403,
                r#"{"success":false,"error":{"code":"4060"}}"#,
                Some(Code::FraudValidationError),
            ),
            (
                401,
                r#"{"success":false,"error":{"code":"303"}}"#,
                Some(Code::FieldCannotBeBlank),
            ),
            (
                404,
                r#"{"success":false,"error":{"description":"Reminder not found"}}"#,
                None,
            ),
            (
                400,
                r#"{"success":false,"error":{"code":"900"}}"#,
                Some(Code::GenericServiceError),
            ),
        ] {
            assert_eq!(answer(status, body), MiniAppResult::Refused(code), "{body}");
        }
    }

    /// GoPay asks for a repetition after 5xx only; what is no answer of its API says nothing.
    #[test]
    fn an_answer_that_says_nothing_certain_is_no_refusal() {
        let generic = r#"{"success":false,"error":{"code":"900"}}"#;
        let failed = MiniAppResult::Failed {
            error: Error::Unknown("GoPay failed"),
            code: Some(Code::GenericServiceError),
        };
        assert_eq!(answer(500, generic), failed);
        for (status, body) in [
            (429, generic),
            (502, "<html>"),
            (404, "<html>"),
            (200, ""),
            (400, r#"{"success":true,"data":{"payment_id":"01"}}"#),
        ] {
            let result = answer(status, body);
            assert!(
                matches!(result, MiniAppResult::Failed { .. }),
                "{status} {body}"
            );
        }
    }
}
