//! What to call the buyer.

use super::{
    Context,
    api_document::{ForgetProblems, ProfileProblems},
    api_error::ApiError,
    extract::SignedInCustomer,
};
use axum::extract::State;
use contract::Profile;

/// `POST /api/profile`, without a body: the buyer's name as GoPay has it; from then on it comes
/// with the session.
#[utoipa::path(
    post,
    path = "/profile",
    summary = "Asks GoPay for the buyer's name",
    description = "The buyer's name as GoPay has it; from then on it comes with the session.",
    responses((status = 200, body = Profile), ProfileProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn ask(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Profile>, ApiError> {
    let name = context.service.fetch_name(&customer).await?;
    Ok(axum::Json(Profile {
        name: name.map(|name| name.expose().to_owned()),
    }))
}

/// `DELETE /api/profile`: the name is forgotten.
#[utoipa::path(
    delete,
    path = "/profile",
    summary = "Forgets the buyer's name",
    description = "It comes with the session no more.",
    responses((status = 200, body = Profile), ForgetProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn forget(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Profile>, ApiError> {
    context.service.forget_name(&customer).await?;
    Ok(axum::Json(Profile { name: None }))
}
