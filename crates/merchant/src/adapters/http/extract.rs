//! What a handler may rely on, as the types of its arguments.

use super::{Context, api_error::ApiError};
use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use contract::{CustomerId, IDEMPOTENCY_KEY, IdempotencyKey, OrderId, ProblemCode};
use gopay_protocol::Secret;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The cookie's name where TLS protects it; the prefix makes browsers insist on that.
const COOKIE: &str = "__Host-sid";

/// The cookie's name on this machine, without TLS.
const PLAIN_COOKIE: &str = "sid";

pub(super) const fn cookie_name(secure: bool) -> &'static str {
    if secure { COOKIE } else { PLAIN_COOKIE }
}

/// The buyer whose session came with the request.
pub(super) struct SignedInCustomer(pub(super) CustomerId);

impl FromRequestParts<Context> for SignedInCustomer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let SessionToken(token) = SessionToken::from_request_parts(parts, context).await?;
        Self::of(&token, context).await
    }
}

impl SignedInCustomer {
    /// The buyer whose session this token opens.
    pub(super) async fn of(token: &Secret, context: &Context) -> Result<Self, ApiError> {
        let customer = context.service.customer(token).await?;
        let customer = customer.ok_or_else(|| ApiError::new(ProblemCode::SessionRequired))?;
        context.rates.request_of(&customer)?;
        Ok(Self(customer))
    }
}

/// The token that came with the request, whatever it opens.
pub(super) struct SessionToken(pub(super) Secret);

impl FromRequestParts<Context> for SessionToken {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let token = session_token(&parts.headers, context)?;
        token
            .map(Self)
            .ok_or_else(|| ApiError::new(ProblemCode::SessionRequired))
    }
}

/// The session token, if there is exactly one: a package's in `Authorization: Bearer`, the
/// site's in the cookie. Both at once are refused, lest one be looked at here and the other
/// there.
pub(super) fn session_token(
    headers: &HeaderMap,
    context: &Context,
) -> Result<Option<Secret>, ApiError> {
    match (bearer(headers), cookie(headers, context)) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "send the session in Authorization or in the cookie, not in both",
        )),
        (token, None) | (None, token) => Ok(token),
    }
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = only(headers.get_all(header::AUTHORIZATION))?;
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Secret::new(token.trim()))
}

fn cookie(headers: &HeaderMap, context: &Context) -> Option<Secret> {
    let name = cookie_name(context.is_secure());
    let tokens = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, token)| token);
    only(tokens).map(Secret::new)
}

/// The one item, where there is exactly one.
pub(super) fn only<T>(items: impl IntoIterator<Item = T>) -> Option<T> {
    let mut items = items.into_iter();
    let first = items.next()?;
    items.next().is_none().then_some(first)
}

/// The order that the path names. What cannot be read is no order's name.
pub(super) struct OrderPath(pub(super) OrderId);

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(ApiError::not_found()),
        }
    }
}

/// The request's name: 1 to 128 printable characters of the app's choice.
#[derive(IntoParams)]
#[into_params(names("Idempotency-Key"), parameter_in = Header)]
pub(super) struct IdempotencyKeyHeader(
    /// The request's name: the same request under the same key has one effect. A UUID is a good one.
    #[param(
        value_type = String,
        min_length = 1,
        max_length = 128,
        pattern = "^[!-~]+$",
        example = "2f1e6c8e-6f0e-4a3c-9d52-1b1c7f3a2b4d"
    )]
    pub(super) IdempotencyKey,
);

impl<S: Sync> FromRequestParts<S> for IdempotencyKeyHeader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let key = idempotency_key(&parts.headers).ok_or_else(|| {
            ApiError::new(ProblemCode::IdempotencyKeyRequired).with_detail(
                "one header of 1 to 128 printable ASCII characters; a UUID is a good one",
            )
        })?;
        Ok(Self(key))
    }
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Option<IdempotencyKey> {
    let key = only(headers.get_all(IDEMPOTENCY_KEY))?.to_str().ok()?;
    let is_key = (1..=128).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_graphic());
    is_key.then(|| key.into())
}

pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Context> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, context: &Context) -> Result<Self, ApiError> {
        use axum::extract::rejection::JsonRejection;
        match axum::Json::from_request(request, context).await {
            Ok(axum::Json(body)) => Ok(Self(body)),
            // serde's words quote the body: only the place goes back, not what stands there.
            Err(JsonRejection::JsonDataError(_)) => Err(ApiError::invalid(
                "a field is missing, unknown, or has a value it cannot have",
            )),
            Err(JsonRejection::JsonSyntaxError(_)) => {
                Err(ApiError::invalid("the body is not JSON"))
            }
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(ApiError::new(ProblemCode::UnsupportedMediaType))
            }
            Err(other) if other.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(ApiError::new(ProblemCode::TooLarge))
            }
            Err(_) => Err(ApiError::invalid("the body cannot be read")),
        }
    }
}
