//! The app's errors: RFC 9457, and one place that decides
//! which code each error becomes, and which status each code has.

use crate::{
    adapters::gopay::{self, AuthorizationError},
    domain::{catalogue::QuoteError, promo::PromoError},
    http_request_id::HttpRequestId,
    ports,
    service::{CancelError, CustomerNameError, PlaceError, SignInError},
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use contract::{Problem, ProblemCode};
use serde::Serialize;
use std::time::Duration;

/// When a buyer with too many orders may ask again: one of them may have ended by then.
const TOO_MANY_ORDERS_PAUSE: Duration = Duration::from_secs(60);

/// A request that is not answered with what it asked for.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ProblemCode,
    status: StatusCode,
    detail: Option<String>,
    consent: Option<String>,
    retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(code: ProblemCode) -> Self {
        Self {
            code,
            status: status(code),
            detail: None,
            consent: None,
            retry_after: None,
        }
    }

    pub(crate) fn rate_limited(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(ProblemCode::RateLimited)
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(ProblemCode::NotFound)
    }

    /// The path is known, and its method is another one.
    pub(crate) fn wrong_method() -> Self {
        Self {
            status: StatusCode::METHOD_NOT_ALLOWED,
            ..Self::invalid("this path does not have this method; Allow names those that it has")
        }
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(ProblemCode::InvalidRequest).with_detail(detail)
    }

    /// The database or the machine: the cause is in the log, not in the answer.
    pub(crate) fn internal() -> Self {
        Self::new(ProblemCode::Internal)
    }

    fn gopay_unavailable() -> Self {
        Self::new(ProblemCode::GopayUnavailable)
            .with_detail("GoPay gives no clear answer; repeat the same request to go on")
    }
}

/// A problem, with the id by which the log names its request.
#[derive(Serialize)]
struct LoggedProblem {
    #[serde(flatten)]
    problem: Problem,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status;
        let problem = Problem {
            status: status.as_u16(),
            code: self.code,
            title: title(self.code).to_owned(),
            detail: self.detail,
            consent: self.consent,
        };
        let request_id = HttpRequestId::current().map(|id| id.to_string());
        let problem = LoggedProblem {
            problem,
            request_id,
        };
        let mut response = (status, Json(problem)).into_response();
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        let retry_after = match self.retry_after {
            None if status == StatusCode::SERVICE_UNAVAILABLE => Some(2),
            // In whole seconds.
            wait => wait.map(|wait| (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)),
        };
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

pub(super) const fn status(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::InvalidRequest | ProblemCode::IdempotencyKeyRequired => {
            StatusCode::BAD_REQUEST
        }
        ProblemCode::SessionRequired | ProblemCode::AuthCodeRefused => StatusCode::UNAUTHORIZED,
        ProblemCode::ForeignOrigin | ProblemCode::ConsentRequired => StatusCode::FORBIDDEN,
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        ProblemCode::SoldOut
        | ProblemCode::PromoExpired
        | ProblemCode::PriceChanged
        | ProblemCode::UnderWay
        | ProblemCode::OrderClosed => StatusCode::CONFLICT,
        ProblemCode::RateLimited | ProblemCode::TooManyOrders => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemCode::UnknownProduct
        | ProblemCode::PromoRefused
        | ProblemCode::UnknownTable
        | ProblemCode::InvalidQuantity
        | ProblemCode::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemCode::GopayUnavailable | ProblemCode::Internal | ProblemCode::Other => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

pub(super) const fn title(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::InvalidRequest => "The request does not have the form this API asks for",
        ProblemCode::TooLarge => "The body is too large",
        ProblemCode::UnsupportedMediaType => "The body must be declared as application/json",
        ProblemCode::ForeignOrigin => "Another site sent this request",
        ProblemCode::SessionRequired => "Sign in first",
        ProblemCode::AuthCodeRefused => "GoPay does not accept this auth code",
        ProblemCode::ConsentRequired => "The buyer has not agreed to this",
        ProblemCode::NotFound => "There is no such thing here",
        ProblemCode::UnknownProduct => "The catalogue does not have this product",
        ProblemCode::PromoRefused => "The promo code does not apply",
        ProblemCode::PromoExpired => "The promo code is over",
        ProblemCode::UnknownTable => "The shop does not have this table",
        ProblemCode::SoldOut => "Something in the order is sold out",
        ProblemCode::InvalidQuantity => "So much cannot be ordered",
        ProblemCode::PriceChanged => "The prices have changed",
        ProblemCode::IdempotencyKeyRequired => "The request needs an Idempotency-Key",
        ProblemCode::IdempotencyKeyReused => "The Idempotency-Key was used for something else",
        ProblemCode::UnderWay => "The same request is being answered",
        ProblemCode::OrderClosed => "The order has ended",
        ProblemCode::RateLimited => "Too many requests",
        ProblemCode::TooManyOrders => "Too many orders",
        ProblemCode::GopayUnavailable => "GoPay cannot be asked right now",
        ProblemCode::Internal | ProblemCode::Other => "The merchant has a problem",
    }
}

impl From<ports::Error> for ApiError {
    fn from(error: ports::Error) -> Self {
        tracing::error!(
            event = "database.failed",
            error = &error as &dyn std::error::Error,
            "the store failed"
        );
        Self::internal()
    }
}

impl From<QuoteError> for ApiError {
    fn from(error: QuoteError) -> Self {
        let code = match error {
            QuoteError::Empty | QuoteError::Repeated(_) => ProblemCode::InvalidRequest,
            QuoteError::UnknownProduct(_) => ProblemCode::UnknownProduct,
            QuoteError::TooMuch => ProblemCode::InvalidQuantity,
            QuoteError::Promo(error) => return error.into(),
            QuoteError::UnknownTable(_) => ProblemCode::UnknownTable,
            QuoteError::SoldOut(_) => ProblemCode::SoldOut,
            QuoteError::PriceChanged { .. } => ProblemCode::PriceChanged,
        };
        Self::new(code).with_detail(error.to_string())
    }
}

impl From<PromoError> for ApiError {
    fn from(error: PromoError) -> Self {
        let code = match error {
            PromoError::Unknown(_) | PromoError::TooLittle { .. } => ProblemCode::PromoRefused,
            PromoError::Expired(_) => ProblemCode::PromoExpired,
        };
        Self::new(code).with_detail(error.to_string())
    }
}

impl From<PlaceError> for ApiError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Quote(error) => error.into(),
            PlaceError::KeyConflict => Self::new(ProblemCode::IdempotencyKeyReused),
            PlaceError::NotFound => Self::not_found(),
            PlaceError::Closed => Self::new(ProblemCode::OrderClosed),
            PlaceError::GoPay => Self::gopay_unavailable(),
            PlaceError::TooManyOrders => Self {
                retry_after: Some(TOO_MANY_ORDERS_PAUSE),
                ..Self::new(ProblemCode::TooManyOrders)
            }
            .with_detail("pay or cancel an order that waits for its payment, or wait an hour"),
            PlaceError::UnderWay => Self::new(ProblemCode::UnderWay)
                .with_detail("repeat it in a moment, under the same key"),
            PlaceError::Store(error) => error.into(),
        }
    }
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::NotFound => Self::not_found(),
            CancelError::Closed => Self::new(ProblemCode::OrderClosed),
            CancelError::GoPay => Self::gopay_unavailable(),
            CancelError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Authorization(AuthorizationError::CodeRefused) => {
                Self::new(ProblemCode::AuthCodeRefused)
                    .with_detail("it is unknown, too old or was used before; get a new one")
            }
            SignInError::Authorization(AuthorizationError::GoPay(error)) => {
                tracing::error!(event = "sign_in.failed", %error, "no sign-in is possible");
                Self::gopay_unavailable()
            }
            SignInError::Store(error) => error.into(),
            error @ (SignInError::Vault(_) | SignInError::Random) => {
                tracing::error!(event = "sign_in.failed", %error, "no sign-in is possible");
                Self::internal()
            }
        }
    }
}

impl From<CustomerNameError> for ApiError {
    fn from(error: CustomerNameError) -> Self {
        match error {
            CustomerNameError::GoPay(gopay::ProfileError::ConsentMissing(scope)) => Self {
                consent: scope,
                ..Self::new(ProblemCode::ConsentRequired)
                    .with_detail("ask the buyer in GoPay's container, then repeat the request")
            },
            CustomerNameError::GoPay(gopay::ProfileError::TokenInactive) => {
                Self::new(ProblemCode::SessionRequired)
                    .with_detail("GoPay wants the buyer to sign in anew; send a fresh auth code")
            }
            CustomerNameError::GoPay(error) => {
                tracing::warn!(event = "profile.failed", %error, "no profile from GoPay");
                Self::gopay_unavailable()
            }
            CustomerNameError::Store(error) => error.into(),
            CustomerNameError::Vault(error) => {
                tracing::error!(event = "profile.vault_failed", %error, "no profile can be asked for");
                Self::internal()
            }
        }
    }
}
