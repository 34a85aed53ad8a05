//! The interface between mini app and merchant: JSON in snake_case, errors as RFC 9457
//! `application/problem+json`.
//!
//! ```
//! use contract::{Line, PlaceOrder, Rupiah};
//! use std::num::NonZeroU32;
//!
//! let order = PlaceOrder {
//!     lines: vec![Line { product: "kopi-susu".into(), quantity: NonZeroU32::MIN }],
//!     expected_total: Rupiah::new(25_000),
//!     promo: None,
//!     table: None,
//! };
//! let json = r#"{"lines":[{"product":"kopi-susu","quantity":1}],"expected_total":25000}"#;
//! assert_eq!(serde_json::to_string(&order)?, json);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Not here: messages of GoPay. A buyer's browser never sees a `gopay_account_id`, an `auth_token`
//! or a signature.

#![warn(missing_docs)]

mod id;
mod order;
mod problem;
mod product;
mod promo;
mod rupiah;
mod session;
mod time;

pub use id::{CustomerId, IdempotencyKey, OrderId};
pub use order::{
    Line, MAX_QUANTITY, OpenOrder, Order, OrderLine, OrderStatus, Payment, PaymentWay, PlaceOrder,
    Reward, RewardKind, RewardStatus,
};
pub use problem::{Problem, ProblemCode};
pub use product::{Category, Product, Wording};
pub use promo::{Discount, Promo, Reduction};
pub use rupiah::{Rupiah, grouped};
pub use session::{Customer, OpenSession, Profile, Session};
pub use time::UnixTime;

/// The header of a `POST` that has one effect however often it is repeated under the same key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The header of `POST /api/session`'s answer that carries the session to an app in a package
/// (Container V1), which sends it back as `Authorization: Bearer`: web views keep no cookie
/// of another site. Keep it in memory only.
///
/// The app on the merchant's own site gets an HttpOnly cookie instead. It sends this header with
/// the request where its web view has lost that cookie.
pub const SESSION_TOKEN: &str = "session-token";
