//! What the mini app and the merchant say to each other: JSON in snake_case,
//! errors as RFC 9457 `application/problem+json`.
//!
//! Not here: anything GoPay says. A buyer's browser never sees a `gopay_account_id`,
//! an `auth_token` or a signature.

mod order;
mod problem;
mod product;
mod rupiah;
mod session;
mod time;

pub use order::{
    Line, MAX_QUANTITY, OpenOrder, Order, OrderLine, OrderStatus, Payment, PlaceOrder,
};
pub use problem::{Problem, ProblemCode};
pub use product::{Product, Wording};
pub use rupiah::Rupiah;
pub use session::{Customer, OpenSession, Profile, Session};
pub use time::UnixTime;

/// Names the request that a repeated `POST` repeats, so that it has one effect.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The header of `POST /api/session`'s answer that carries the session to an app in a package
/// (Container V1), which sends it back as `Authorization: Bearer`: web views keep no cookie
/// of another site. To be held in memory only. The app on the merchant's own site gets an
/// HttpOnly cookie instead, unless it sends this header along: its web view has lost the cookie.
pub const SESSION_TOKEN: &str = "session-token";
