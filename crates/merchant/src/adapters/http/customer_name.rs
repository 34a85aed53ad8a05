//! What to call the buyer.

use super::{Context, api_error::ApiError, extract::SignedInCustomer};
use axum::extract::State;
use contract::Profile;

/// `POST /api/profile`, without a body: the buyer's name as GoPay has it; from then on it comes
/// with the session. Problems: `consent_required`, `gopay_unavailable`, `session_required`.
pub(super) async fn ask(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Profile>, ApiError> {
    let name = context.service.fetch_name(&customer).await?;
    Ok(axum::Json(Profile {
        name: name.map(|name| name.expose().to_owned()),
    }))
}

/// `DELETE /api/profile`: the name is forgotten. Problems: `session_required`.
pub(super) async fn forget(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Profile>, ApiError> {
    context.service.forget_name(&customer).await?;
    Ok(axum::Json(Profile { name: None }))
}
