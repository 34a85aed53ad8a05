//! Payments: make one, ask what became of it, call it off; through BI-SNAP here, or through Snap.

use super::{
    Credential, GoPay, bearer,
    payment_link::{PaymentLinkError, PaymentLinks},
    throttle::Api,
};
use crate::{
    domain::{
        attempt::Attempt,
        gopay_result::{CancelOutcome, CreatedPayment, Error},
        message_ids::MessageIds,
        payment_request::PaymentRequest,
    },
    ids::new_external_id,
    ports::RawResponse,
};
use contract::Rupiah;
use gopay_protocol::{
    Amount, AmountError, ClientSecret, DeeplinkError, ExternalId, Meaning, PartnerReferenceNo,
    ReferenceNo, ResponseCode, Secret, header, is_same_id,
    message::{cancel, payment, status},
    signature, timestamp,
};
use reqwest::StatusCode;
use serde::{Deserialize, de::DeserializeOwned};

/// Longest `referenceNo` `[seamless-payment-v2]`.
const MAX_REFERENCE: usize = 256;

/// A payment to ask for, as it was written down.
#[derive(Debug, Clone, Copy)]
pub struct PaymentIntent<'a> {
    /// `X-EXTERNAL-ID`; repeated with the same request it has one effect.
    pub external_id: &'a ExternalId,
    /// The body but for `chargeToken`.
    pub request: &'a str,
    /// What the answer has to be about.
    pub partner_reference_no: &'a PartnerReferenceNo,
    /// What the answer has to be about.
    pub total: Rupiah,
}

impl GoPay {
    /// Asks for a payment; lawful to repeat, under the same intent.
    pub async fn create_payment(&self, intent: PaymentIntent<'_>) -> Result<CreatedPayment, Error> {
        if let Some(PaymentRequest::Snap(request)) = PaymentRequest::parse(intent.request) {
            return self.create_snap(&request).await;
        }
        let response: payment::Response = self
            .transact(Api::Payment, payment::PATH, intent.external_id, |token| {
                payment::body(intent.request, token)
            })
            .await?;
        validate(&response, intent, PaymentLinks::of(&self.account))
    }

    /// Asks what became of the payment of `attempt`.
    pub async fn inquire(&self, attempt: &Attempt) -> Result<status::Response, Error> {
        if let Some(order_id) = snap_order_id(attempt) {
            return self.inquire_snap(&order_id).await;
        }
        let reference_no = attempt.reference_no.as_ref();
        let request = status::Request::new(reference_no, &attempt.external_id);
        self.transact(Api::Inquiry, status::PATH, &new_external_id(), |_| {
            json(&request)
        })
        .await
    }

    /// Calls the payment of `attempt` off.
    pub async fn cancel(&self, attempt: &Attempt) -> Result<CancelOutcome, Error> {
        if let Some(order_id) = snap_order_id(attempt) {
            return self.cancel_snap(attempt, &order_id).await;
        }
        let reference_no = attempt.reference_no.clone();
        let external_id = reference_no.is_none().then(|| attempt.external_id.clone());
        let request = cancel::Request {
            original_reference_no: reference_no,
            original_external_id: external_id,
            original_partner_reference_no: attempt.partner_reference_no(),
        };
        let answer: Result<cancel::Response, Error> = self
            .transact(Api::Cancellation, cancel::PATH, &new_external_id(), |_| {
                json(&request)
            })
            .await;
        match answer {
            Ok(response) if MessageIds::of_cancel(&response).matches_attempt(attempt) => {
                Ok(CancelOutcome::Cancelled)
            }
            Ok(_) => Err(Error::Unknown("an answer about another payment")),
            Err(Error::Refused(code)) if code.meaning() == Meaning::NotFound => {
                Ok(CancelOutcome::NotFound)
            }
            Err(Error::Refused(code)) => Ok(CancelOutcome::NotAllowed(code)),
            Err(error) => Err(error),
        }
    }

    /// Signs and sends; with a new token once, and with each further client secret once, if GoPay says
    /// that token or signature is no good: that answer is proof that it did nothing else with the
    /// request.
    pub(super) async fn transact<T: DeserializeOwned>(
        &self,
        api: Api,
        path: &str,
        external_id: &ExternalId,
        body: impl Fn(&Secret) -> Option<Secret>,
    ) -> Result<T, Error> {
        let mut token = self.access_token(None).await?;
        let mut is_renewed = false;
        let mut refused = Err(Error::NotSent);
        for turn in self.account.client_secret.in_order() {
            let send = async |token: &Secret| {
                self.send_signed(api, path, external_id, token, turn.key, &body)
                    .await
            };
            let mut answer = send(&token).await?;
            // Docs disagree: a token that is over is 401 case 01 on one page and case 00 on another,
            // where case 00 is a wrong signature as well.
            if is_refusal_of_merchant(&answer) && !is_renewed {
                is_renewed = true;
                match self.access_token(Some(&token)).await {
                    // It was renewed just now: the token is not what is wrong.
                    Err(Error::Credentials { .. }) => {}
                    renewed => {
                        token = renewed?;
                        answer = send(&token).await?;
                    }
                }
            }
            if !is_refusal_of_merchant(&answer) {
                if answer.status.is_success() {
                    self.credentials.note(Credential::ClientSecret, true);
                    turn.note_accepted("client_secret_file");
                }
                return read(&answer);
            }
            refused = read(&answer);
        }
        self.credentials.note(Credential::ClientSecret, false);
        refused
    }

    async fn send_signed(
        &self,
        api: Api,
        path: &str,
        external_id: &ExternalId,
        token: &Secret,
        client_secret: &ClientSecret,
        body: impl Fn(&Secret) -> Option<Secret>,
    ) -> Result<RawResponse, Error> {
        let account = &self.account;
        let body = body(token).ok_or(Error::NotSent)?;
        let sent = self.clock.now_jiff();
        let now = timestamp::format_wib(self.clock_skew.correct(sent));
        let signature = client_secret.sign(&signature::transaction_string_to_sign(
            path,
            token.expose(),
            &signature::body_hash(body.expose().as_bytes()),
            &now,
        ));
        let request = self
            .post(&account.bi_snap_url, path)
            .header(header::AUTHORIZATION, bearer(token))
            .header(header::TIMESTAMP, now)
            .header(header::SIGNATURE, signature)
            .header(header::PARTNER_ID, &account.partner_id)
            .header(header::EXTERNAL_ID, external_id.as_str())
            .header(header::CHANNEL_ID, &account.channel_id)
            .header(header::DEVICE_ID, "merchant")
            .body(body.expose().to_owned());
        let answer = self.send(api, request).await?;
        self.observe_clock(&answer.headers, sent);
        Ok(answer)
    }
}

/// Midtrans' name for it, where an attempt is a Snap transaction.
pub(super) fn snap_order_id(attempt: &Attempt) -> Option<PartnerReferenceNo> {
    match PaymentRequest::parse(&attempt.request)? {
        PaymentRequest::Snap(request) => Some(request.transaction_details.order_id),
        PaymentRequest::BiSnap(_) => None,
    }
}

fn json(request: &impl serde::Serialize) -> Option<Secret> {
    serde_json::to_string(request).ok().map(Secret::new)
}

pub(super) fn response_code(body: &[u8]) -> Option<ResponseCode> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Coded {
        response_code: ResponseCode,
    }
    gopay_protocol::json::from_slice(body)
        .ok()
        .map(|Coded { response_code }| response_code)
}

/// Whether GoPay does not take the access token or the signature.
fn is_refusal_of_merchant(answer: &RawResponse) -> bool {
    answer.status == StatusCode::UNAUTHORIZED && response_code(&answer.body).is_some()
}

fn read<T: DeserializeOwned>(answer: &RawResponse) -> Result<T, Error> {
    let Some(code) = response_code(&answer.body) else {
        return Err(Error::Unknown("not a BI-SNAP answer"));
    };
    if code.http != answer.status.as_u16() {
        return Err(Error::Unknown(
            "HTTP status and response code contradict each other",
        ));
    }
    match answer.status {
        StatusCode::OK if code.is_success() => gopay_protocol::json::from_slice(&answer.body)
            .map_err(|_| Error::Unknown("a success that cannot be read")),
        StatusCode::UNAUTHORIZED => Err(Error::Credentials {
            settings: "client_secret_file and partner_id",
            code: Some(code),
        }),
        StatusCode::CONFLICT => Err(Error::Conflict(code)),
        StatusCode::TOO_MANY_REQUESTS => Err(Error::Throttled),
        // A request that took too long may have been carried out.
        StatusCode::REQUEST_TIMEOUT => Err(Error::Unknown("GoPay waited too long")),
        status if status.is_client_error() => Err(Error::Refused(code)),
        _ => Err(Error::Unknown("neither done nor refused")),
    }
}

fn is_plausible(reference_no: &str) -> bool {
    reference_no.len() <= MAX_REFERENCE && reference_no.bytes().all(|b| b.is_ascii_graphic())
}

/// A success is one only if it is about this payment, this amount, and a page of GoPay's. What
/// only decorates the answer, and cannot be read, is ignored.
fn validate(
    response: &payment::Response,
    intent: PaymentIntent<'_>,
    links: PaymentLinks<'_>,
) -> Result<CreatedPayment, Error> {
    let reference_no = response
        .reference_no
        .clone()
        .filter(|no| is_plausible(no.as_str()));
    let about_another = response.partner_reference_no.as_ref().is_some_and(|named| {
        let ours = [
            intent.partner_reference_no.as_str(),
            intent.external_id.as_str(),
        ];
        let theirs = reference_no.as_ref().map(ReferenceNo::as_str);
        !ours.iter().any(|id| is_same_id(named.as_str(), id)) && Some(named.as_str()) != theirs
    });
    if about_another {
        return Err(Error::Unknown("an answer about another order"));
    }
    let amount = response
        .additional_info
        .as_ref()
        .and_then(|made| made.gross_amount.as_ref())
        .map(Amount::rupiah);
    match amount {
        // It is only a check; what was paid is in GoPay's answer to an inquiry.
        None | Some(Err(AmountError::Value)) => {}
        Some(Ok(amount)) if amount == intent.total.get() => {}
        Some(_) => return Err(Error::Unknown("an answer about another amount")),
    }
    let url = response.web_redirect_url.as_deref().unwrap_or_default();
    let way = links.way(url).map_err(|error| {
        tracing::error!(
            event = "payment.link_refused",
            partner_reference_no = intent.partner_reference_no.as_str(),
            %error,
            hint = error.hint(),
            "GoPay's payment link is not opened"
        );
        Error::Unknown(match error {
            PaymentLinkError::Deeplink(DeeplinkError::Tokenization) => {
                "an answer with a link of GoPay Tokenization"
            }
            _ => "an answer with an address that is not GoPay's",
        })
    })?;
    Ok(CreatedPayment { reference_no, way })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::ServiceCode;

    fn answer(status: u16, body: &str) -> Result<payment::Response, Error> {
        read(&RawResponse {
            status: StatusCode::from_u16(status).unwrap(),
            body: body.as_bytes().to_vec(),
            ..RawResponse::default()
        })
    }

    #[test]
    fn only_a_clear_no_is_a_no() {
        for (status, code) in [
            (400, "4005402"),
            (403, "4035415"),
            (404, "4045418"),
            (405, "4055401"),
            (422, "4225400"),
        ] {
            let body = format!(r#"{{"responseCode":"{code}"}}"#);
            assert_eq!(
                answer(status, &body),
                Err(Error::Refused(code.parse().unwrap()))
            );
        }
    }

    /// F21, F22
    #[test]
    fn a_conflict_and_a_throttle_are_neither_yes_nor_no() {
        let conflict = ResponseCode::new(409, ServiceCode::Payment, 1);
        let body = r#"{"responseCode":"4095401"}"#;
        assert_eq!(answer(409, body), Err(Error::Conflict(conflict)));
        let body = r#"{"responseCode":"4295400"}"#;
        assert_eq!(answer(429, body), Err(Error::Throttled));
    }

    #[test]
    fn an_uncertain_answer_is_an_unknown_outcome() {
        for (status, body) in [
            (500, r#"{"responseCode":"5005401"}"#),
            (504, r#"{"responseCode":"5045400"}"#),
            (202, r#"{"responseCode":"2025400"}"#),
            (200, "<html>"),
            (200, r#"{"responseCode":"2005400""#),
            (200, "{}"),
            (500, r#"{"responseCode":"2005400"}"#),
            (200, r#"{"responseCode":"5005401"}"#),
            (400, "bad gateway"),
            (408, r#"{"responseCode":"4085400"}"#),
        ] {
            assert!(
                matches!(answer(status, body), Err(Error::Unknown(_))),
                "{status} {body}"
            );
        }
    }

    fn made(change: impl FnOnce(&mut payment::Response)) -> Result<CreatedPayment, Error> {
        let mut response = payment::Response {
            response_code: ResponseCode::new(200, ServiceCode::Payment, 0),
            reference_no: Some("A1".into()),
            partner_reference_no: Some("order".into()),
            web_redirect_url: Some("https://gopay.co.id/app/merchanttransfer?tref=A1".to_owned()),
            additional_info: Some(payment::ResponseInfo {
                gross_amount: Some(Amount::idr(25_000)),
                valid_up_to: None,
            }),
        };
        change(&mut response);
        let intent = PaymentIntent {
            external_id: &"4b1f-22".into(),
            request: "{}",
            partner_reference_no: &"order".into(),
            total: Rupiah::new(25_000),
        };
        let hosts = ["pay.gopay.example".to_owned()];
        validate(&response, intent, PaymentLinks::Container(&hosts))
    }

    fn reference(change: impl FnOnce(&mut payment::Response)) -> Option<ReferenceNo> {
        made(change).unwrap().reference_no
    }

    /// What a back end that speaks SNAP loosely puts around a payment that was made.
    #[test]
    fn an_odd_detail_does_not_hide_that_a_payment_can_be_made() {
        let link = "https://gopay.co.id/app/merchanttransfer?tref=A1";
        for detail in [
            r#""responseMessage":null"#,
            r#""responseMessage":{}"#,
            r#""additionalInfo":[]"#,
            r#""additionalInfo":"""#,
            r#""additionalInfo":{"grossAmount":[]}"#,
            r#""additionalInfo":{"grossAmount":{"value":true}}"#,
            r#""additionalInfo":{"grossAmount":{"value":"25000.0","currency":"IDR"}}"#,
            r#""additionalInfo":{"grossAmount":25000}"#,
            r#""additionalInfo":{"grossAmount":{"value":"25.000,00","currency":"Rp"}}"#,
            r#""additionalInfo":{"validUpTo":7}"#,
            r#""partnerReferenceNo":"""#,
            r#""partnerReferenceNo":[]"#,
            r#""appRedirectUrl":null"#,
        ] {
            for code in [r#""2005400""#, "2005400"] {
                let body = format!(
                    r#"{{"responseCode":{code},"referenceNo":"A1","webRedirectUrl":"{link}",{detail}}}"#
                );
                let response = answer(200, &body).unwrap();
                assert_eq!(
                    reference(|it| *it = response),
                    Some("A1".into()),
                    "{detail}"
                );
            }
        }
    }

    #[test]
    fn a_success_must_be_about_this_order() {
        assert_eq!(reference(|_| ()), Some("A1".into()));
        for named in [None, Some("ORDER"), Some("4B1F22"), Some("A1")] {
            let named = named.map(PartnerReferenceNo::from);
            assert!(made(|it| it.partner_reference_no = named).is_ok());
        }
        assert!(made(|it| it.additional_info = None).is_ok());
        let configured = "https://pay.gopay.example/v2/merchanttransfer?tref=A1";
        assert!(made(|it| it.web_redirect_url = Some(configured.to_owned())).is_ok());
        // Inquiries then name the payment by its X-EXTERNAL-ID.
        assert_eq!(reference(|it| it.reference_no = None), None);
        assert_eq!(
            reference(|it| it.reference_no = Some("a\r\nb".into())),
            None
        );
        for (wrong, result) in [
            (
                "order",
                made(|it| it.partner_reference_no = Some("other".into())),
            ),
            (
                "amount",
                made(|it| {
                    it.additional_info = Some(payment::ResponseInfo {
                        gross_amount: Some(Amount::idr(1)),
                        valid_up_to: None,
                    });
                }),
            ),
            (
                "address",
                made(|it| it.web_redirect_url = Some("https://evil.id/?tref=A1".to_owned())),
            ),
            ("no address", made(|it| it.web_redirect_url = None)),
        ] {
            assert!(matches!(result, Err(Error::Unknown(_))), "{wrong}");
        }
        let linking = "https://gopay.co.id/app/tokenization/linking?reference_id=A1";
        assert_eq!(
            made(|it| it.web_redirect_url = Some(linking.to_owned())),
            Err(Error::Unknown(
                "an answer with a link of GoPay Tokenization"
            ))
        );
    }
}
