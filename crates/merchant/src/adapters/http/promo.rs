//! What a promo code takes off, before an order is placed with it.

use super::{Context, api_document::PromoProblems, api_error::ApiError, extract::SignedInCustomer};
use axum::extract::{Path, State, rejection::PathRejection};
use contract::{ProblemCode, Promo};

/// `GET /api/promo/{code}`: the rule of one code; no request lists them.
#[utoipa::path(
    get,
    path = "/promo/{code}",
    summary = "What a promo code takes off",
    description = "The rule of one code, in any case; no request lists them.",
    params(("code" = String, Path, description = "At most 20 letters, digits and dashes.", example = "HEMAT10")),
    responses((status = 200, body = Promo), PromoProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn show(
    State(context): State<Context>,
    _: SignedInCustomer,
    code: Result<Path<String>, PathRejection>,
) -> Result<axum::Json<Promo>, ApiError> {
    let Path(code) = code.map_err(|_| ApiError::new(ProblemCode::PromoRefused))?;
    let service = &context.service;
    let promo = service.mini_app.catalogue.promo(&code, service.now())?;
    Ok(axum::Json(promo.clone()))
}
