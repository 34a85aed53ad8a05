//! Signing in.

use super::{
    Context,
    api_document::{ReadProblems, SignInProblems, SignOutProblems},
    api_error::ApiError,
    extract::{Json, SignedInCustomer, cookie_name, session_token},
    origin::RequestOrigin,
    rate_limit::SignInPermit,
};
use crate::service::{SESSION_LIFETIME, SignedIn};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::IntoResponse,
};
use contract::{OpenSession, Product, SESSION_TOKEN, Session};
use gopay_protocol::Secret;
use std::time::Duration;

/// Longest auth code taken; GoPay's samples have 64 characters.
const MAX_AUTH_CODE: usize = 1024;

/// `POST /api/session`: an auth code for a session, the catalogue and the open order.
/// The session's credential goes into a cookie; for a package, or where the shop's own page says
/// that it has lost a cookie, into a header.
///
/// The page asks with a header of its own, which no other site's page may send, and no other site's
/// page may read the answer: a session in a header cannot be used across sites.
#[utoipa::path(
    post,
    path = "/session",
    summary = "Signs in",
    description = "An auth code of GoPay's for a session, the catalogue and the open order.",
    params(
        ("Session-Token" = Option<String>, Header,
            description = "With any value: the session comes in the header of this name, not in a cookie."),
    ),
    request_body = OpenSession,
    responses(
        (status = 200, body = Session, headers(
            ("Set-Cookie" = Option<String>, description = "The session, where it is in a cookie."),
            ("Session-Token" = Option<String>, description = "The session, where it is in a header."),
        )),
        SignInProblems,
    ),
    security(()),
)]
pub(super) async fn open(
    State(context): State<Context>,
    headers: HeaderMap,
    _: SignInPermit,
    Json(OpenSession { auth_code }): Json<OpenSession>,
) -> Result<impl IntoResponse, ApiError> {
    let plausible = (1..=MAX_AUTH_CODE).contains(&auth_code.len())
        && auth_code.bytes().all(|b| b.is_ascii_graphic());
    if !plausible {
        return Err(ApiError::invalid(
            "auth_code must be what the container gave: printable, without spaces",
        ));
    }
    let replaced = session_token(&headers, &context)?;
    context.rates.sign_in()?;
    let SignedIn { token, session } = context
        .service
        .sign_in(&Secret::new(auth_code), replaced.as_ref())
        .await?;
    tracing::info!(
        event = "sign_in.completed",
        mini_app = context.service.mini_app.id.as_str(),
        "a buyer has signed in"
    );
    let credential = match RequestOrigin::of(&headers, &context) {
        RequestOrigin::SameOrigin if !headers.contains_key(SESSION_TOKEN) => {
            let cookie = cookie(token.expose(), SESSION_LIFETIME, context.is_secure());
            (header::SET_COOKIE, cookie)
        }
        // Of a foreign page no request comes here; see `origin`.
        RequestOrigin::SameOrigin | RequestOrigin::Package | RequestOrigin::CrossSite => (
            HeaderName::from_static(SESSION_TOKEN),
            token.expose().to_owned(),
        ),
    };
    Ok(([credential], axum::Json(session)))
}

/// What a page stored goes with the session. Not `"cookies"`, which are those of the whole domain, of the
/// company's other sites too. Not `"cache"`: nothing of a buyer's is in it, and the bundle is.
const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// `DELETE /api/session`: ends the session, if there is one, and takes its cookie away.
#[utoipa::path(
    delete,
    path = "/session",
    summary = "Ends the session",
    description = "Also where there is none.",
    responses(
        (status = 204, description = "There is no session any more.", headers(
            ("Set-Cookie" = String, description = "Takes the cookie away."),
        )),
        SignOutProblems,
    ),
    security((), ("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn close(
    State(context): State<Context>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(token) = session_token(&headers, &context)? {
        context.service.sign_out(&token).await?;
    }
    let cookie = cookie("", Duration::ZERO, context.is_secure());
    let clear = (CLEAR_SITE_DATA, "\"storage\"".to_owned());
    let headers = [(header::SET_COOKIE, cookie), clear];
    Ok((StatusCode::NO_CONTENT, headers))
}

fn cookie(token: &str, lifetime: Duration, secure: bool) -> String {
    format!(
        "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
        cookie_name(secure),
        lifetime.as_secs(),
        if secure { "; Secure" } else { "" },
    )
}

/// `GET /api/catalogue`: what is for sale.
#[utoipa::path(
    get,
    path = "/catalogue",
    summary = "The products",
    description = "In the order in which to show them.",
    responses((status = 200, body = Vec<Product>), ReadProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn catalogue(
    State(context): State<Context>,
    _: SignedInCustomer,
) -> axum::Json<Vec<Product>> {
    axum::Json(context.service.mini_app.catalogue.products().to_vec())
}
