//! What a promo code takes off, before an order is placed with it.

use super::{Context, api_error::ApiError, extract::SignedInCustomer};
use axum::extract::{Path, State, rejection::PathRejection};
use contract::{ProblemCode, Promo};

/// `GET /api/promo/{code}`: the rule of one code; no request lists them. Problems: `promo_refused`,
/// `promo_expired`, `session_required`.
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
