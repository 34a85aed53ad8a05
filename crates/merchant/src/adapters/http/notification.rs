//! `POST /v1.0/debit/notify`: GoPay's notifications.
//!
//! Invariant: nothing is parsed, looked up or kept before the signature over these bytes, or over
//! the same body as a JSON library writes it again, has been verified; and no answer is a 500, which
//! GoPay repeats only once. A classic notification has its signature in its body, so that is read first,
//! and it is never believed.

use super::{
    Context,
    counted_log::CountedLog,
    extract,
    overload::{BodyError, with_body},
    refusal_log::Refusal,
};
use crate::{config::SnapAccount, domain::message_ids::MessageIds, metrics::NotificationVerdict};
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderName, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    ExternalId, ServiceCode, header, json,
    message::{
        Outcome, http_notification,
        notify::{self, Notification},
    },
    signature, timestamp,
};
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::timeout;

/// The false signature of `merchant check`, by which the log tells it from GoPay.
pub(crate) const PROBE_SIGNATURE: &str = "bWVyY2hhbnQgY2hlY2s=";

/// The longest it may take to keep a notification. GoPay repeats what it is told to within
/// minutes, so a busy database is not waited for.
const HANDLING_TIMEOUT: Duration = Duration::from_millis(1500);

/// About what anybody may send.
#[derive(Debug, Default)]
pub(super) struct Logs {
    forged: CountedLog,
    probed: CountedLog,
    linking: CountedLog,
}

pub(super) enum Verified {
    /// In BI-SNAP's form.
    Signed {
        notification: Box<Notification>,
        /// `None` where its timestamp is in no form that can be read.
        signed_at: Option<Timestamp>,
    },
    /// A classic notification about the Snap transaction of this name. Its signature covers too little
    /// to be believed: it leads to an inquiry.
    ///
    /// Docs disagree: `[miniapp-x-snap-checkout-payment]` has BI-SNAP's form for mini apps.
    Classic(ExternalId),
}

/// Takes a verified notification; answers with SNAP codes of service 56.
pub(super) async fn receive(
    State(context): State<Context>,
    verified: Verified,
) -> Result<Response, Rejection> {
    let handle = async {
        match &verified {
            Verified::Signed {
                notification,
                signed_at,
            } => {
                let payments = &context.service.payments;
                payments.handle_notification(notification, *signed_at).await
            }
            Verified::Classic(external_id) => {
                let payments = &context.service.payments;
                payments.handle_classic_notification(external_id).await
            }
        }
    };
    let handled = timeout(HANDLING_TIMEOUT, handle);
    let Ok(handled) = handled.await else {
        tracing::error!(
            event = "notification.timeout",
            "a notification could not be kept in time: the database is busy"
        );
        return Err(Rejection::TryAgain);
    };
    match handled {
        // What is kept for a person needs no repetition either; and GoPay's dashboard tries an
        // address with a payment that there is not.
        Ok(verdict) => Ok(with_verdict(
            answer(StatusCode::OK, notify::receipt()),
            verdict,
        )),
        Err(error) => {
            tracing::error!(
                event = "notification.failed",
                error = &error as &dyn std::error::Error,
                "a notification could not be kept"
            );
            Err(Rejection::TryAgain)
        }
    }
}

/// GoPay repeats the notification.
pub(super) fn busy() -> Response {
    Rejection::TryAgain.into_response()
}

/// Refuses what GoPay tells of a linked account, unread: its body holds a token of the buyer's.
pub(super) async fn refuse_linking(State(context): State<Context>) -> Response {
    if let Some(count) = context.notification_logs.linking.count() {
        tracing::warn!(
            event = "notification.linking_refused",
            count,
            "a notification of a linked account: linked accounts and recurring payments are not supported, so ask GoPay to switch GoPay Tokenization off"
        );
    }
    with_verdict(
        answer(StatusCode::FORBIDDEN, notify::linking_refusal()),
        NotificationVerdict::Refused,
    )
}

impl FromRequest<Context> for Verified {
    type Rejection = Rejection;

    async fn from_request(request: Request, context: &Context) -> Result<Self, Rejection> {
        let headers = request.headers();
        if let Some(snap) = &context.gopay.snap
            && !headers.contains_key(header::SIGNATURE)
        {
            return classic(request, context, snap).await;
        }
        let timestamp = only(headers, header::TIMESTAMP)?;
        let signature = only(headers, header::SIGNATURE)?;
        let keys = &context.gopay.public_keys;
        let body = body_of(request, context).await?;
        // Docs disagree: GoPay's libraries verify the documented path, its guide for agents the
        // path that was called. Either is accepted: both have to be signed by GoPay.
        let paths = [notify::PATH, &context.notify_path];
        let different = if paths[0] == paths[1] { 1 } else { 2 };
        let genuine = signature::verify_notification(
            keys,
            paths.get(..different).unwrap_or(&paths),
            &timestamp,
            &signature,
            &body,
        );
        if !genuine {
            return Err(forged(context, &signature));
        }
        let Some(notification) = parse(&body) else {
            tracing::error!(
                event = "notification.unreadable",
                code = Rejection::Malformed.code(),
                "a notification that GoPay signed cannot be read"
            );
            return Err(Rejection::Malformed);
        };
        Ok(Self::Signed {
            notification: Box::new(notification),
            signed_at: timestamp::parse(&timestamp).ok(),
        })
    }
}

/// Logs a notification with a wrong signature. Whoever sends many fills no log.
fn forged(context: &Context, signature: &str) -> Rejection {
    let logs = &context.notification_logs;
    if signature == PROBE_SIGNATURE {
        if let Some(count) = logs.probed.count() {
            tracing::info!(
                event = "notification.probed",
                count,
                "the probe of `merchant check` arrived"
            );
        }
    } else if let Some(count) = logs.forged.count() {
        tracing::warn!(
            event = "notification.forged",
            code = Rejection::Forged.code(),
            count,
            "notifications with a wrong signature"
        );
    }
    Rejection::Forged
}

/// Reads a classic notification, whose signature is in its body.
async fn classic(
    request: Request,
    context: &Context,
    snap: &SnapAccount,
) -> Result<Verified, Rejection> {
    let body = body_of(request, context).await?;
    let missing = || Rejection::Missing(HeaderName::from_static(header::SIGNATURE));
    let notification: http_notification::Notification =
        json::from_slice(&body).map_err(|_| missing())?;
    let Some(order_id) = &notification.transaction.order_id else {
        return Err(missing());
    };
    if !snap.server_key.iter().any(|key| key.verify(&notification)) {
        return Err(forged(context, ""));
    }
    Ok(Verified::Classic(order_id.as_str().into()))
}

/// The body that is there already: see [`read_body`].
async fn body_of(request: Request, context: &Context) -> Result<Bytes, Rejection> {
    let body = Bytes::from_request(request, context).await;
    body.map_err(|_| Rejection::Malformed)
}

/// Waits for the body of a notification whose signature could be GoPay's. Others are refused unread.
pub(super) async fn read_body(
    State(context): State<Context>,
    request: Request,
    next: Next,
) -> Response {
    let read = async {
        let headers = request.headers();
        let is_signed = headers.contains_key(header::SIGNATURE) || context.gopay.snap.is_none();
        if request.method() == Method::POST && is_signed {
            only(headers, header::TIMESTAMP)?;
            let signature = only(headers, header::SIGNATURE)?;
            let mut keys = context.gopay.public_keys.iter();
            if !keys.any(|key| key.has_length_of(&signature)) {
                return Err(forged(&context, &signature));
            }
        }
        with_body(request).await.map_err(|error| match error {
            BodyError::TooLarge => Rejection::TooLarge,
            BodyError::Incomplete => Rejection::TryAgain,
        })
    };
    match read.await {
        Ok(request) => next.run(request).await,
        Err(rejection) => rejection.into_response(),
    }
}

/// Reads a notification that names a payment, also one that was written as JSON into a JSON string, as GoPay's
/// dashboard sends it.
pub(super) fn parse(body: &[u8]) -> Option<Notification> {
    let notification: Option<Notification> = match json::from_slice::<String>(body) {
        Ok(inner) => json::from_slice(inner.as_bytes()).ok(),
        Err(_) => json::from_slice(body).ok(),
    };
    notification.filter(|it| MessageIds::of_notification(it).named().next().is_some())
}

/// The value of a header that must be there exactly once.
fn only(headers: &HeaderMap, name: &'static str) -> Result<String, Rejection> {
    extract::only(headers.get_all(name))
        .and_then(|value| value.to_str().ok().map(str::to_owned))
        .ok_or(Rejection::Missing(HeaderName::from_static(name)))
}

/// Why a notification is not taken.
///
/// Unverified: of service 56 GoPay documents success only; 4015600 is in its guide for
/// agents, the others follow the pattern of its other services.
#[derive(Debug)]
pub(super) enum Rejection {
    Missing(HeaderName),
    Forged,
    Malformed,
    TooLarge,
    TryAgain,
}

impl Rejection {
    fn outcome(&self) -> Outcome {
        let missing;
        let (status, case, message) = match self {
            Self::Missing(name) => {
                missing = format!("Invalid Mandatory Field {name}");
                (400, 2, missing.as_str())
            }
            Self::Malformed => (400, 0, "Bad Request"),
            Self::Forged => (401, 0, "Unauthorized. Signature"),
            Self::TooLarge => (413, 0, "Request Too Large"),
            Self::TryAgain => (503, 0, "Service Unavailable"),
        };
        Outcome::new(status, ServiceCode::Notify, case, message)
    }

    fn code(&self) -> String {
        self.outcome().response_code.to_string()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let outcome = self.outcome();
        let status = StatusCode::from_u16(outcome.response_code.http);
        let mut response = answer(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), outcome);
        // The others are logged with their cause.
        if matches!(self, Self::Missing(_) | Self::TooLarge) {
            response.extensions_mut().insert(Refusal(self.code()));
        }
        let verdict = match self {
            Self::Missing(_) | Self::Malformed | Self::TooLarge => NotificationVerdict::Refused,
            Self::Forged => NotificationVerdict::Forged,
            Self::TryAgain => NotificationVerdict::Shed,
        };
        with_verdict(response, verdict)
    }
}

/// For what counts the answers.
fn with_verdict(mut response: Response, verdict: NotificationVerdict) -> Response {
    response.extensions_mut().insert(verdict);
    response
}

fn answer(status: StatusCode, outcome: Outcome) -> Response {
    let timestamp = timestamp::format_wib(Timestamp::now());
    (status, [(header::TIMESTAMP, timestamp)], Json(outcome)).into_response()
}
