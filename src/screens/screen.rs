//! Which screen is shown. Invariant: it follows from the session and the checkout alone.

use crate::checkout::State;
use crate::session;
use crate::user_error::UserError;
use contract::OrderId;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// The boot skeleton of `index.html` is still there.
    Boot,
    NotInGopay,
    SignInFailed(UserError),
    Shop,
    Loading,
    LoadFailed(UserError),
    Order(OrderId),
    Orders,
    NotFound,
}

impl Screen {
    pub fn of(session: &session::State, checkout: &State) -> Self {
        use session::State as S;
        match (session, checkout) {
            // The stored session is enough for an order.
            (_, State::LoadingOrder { .. }) => Screen::Loading,
            (_, State::LoadFailed { error, .. }) => Screen::LoadFailed(*error),
            (_, State::Ordered(flow)) => Screen::Order(flow.snapshot.order.id.clone()),
            (_, State::Listing(_)) => Screen::Orders,
            (_, State::NotFound) => Screen::NotFound,
            (S::SigningIn, _) | (S::In(_), State::Starting) => Screen::Boot,
            (S::Failed(UserError::NotInGopay) | S::Retrying(UserError::NotInGopay), _) => {
                Screen::NotInGopay
            }
            (S::Failed(error) | S::Retrying(error), _) => Screen::SignInFailed(*error),
            (
                S::In(_),
                State::Browsing { .. }
                | State::Placing { .. }
                | State::Unconfirmed { .. }
                | State::Repricing { .. },
            ) => Screen::Shop,
        }
    }
}
