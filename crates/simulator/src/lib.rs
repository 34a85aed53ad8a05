//! A GoPay you can run: an SDK stand-in with the payment sheet, the mini-app API, BI-SNAP, Snap, signed
//! notifications, Midtrans' sandbox, and a control API.
//!
//! GoPay has no sandbox for mini apps, and its SDK does nothing in a plain browser. The simulator
//! stands in for both, for developers and for tests. It is written from GoPay's documents
//! (<https://docs.midtrans.com/reference/>, pages named as `[page]`) and imports no merchant's or
//! app's code. It has never been compared with the real GoPay: what the documents leave open is
//! marked `Unverified:`, contradictions between them `Docs disagree:`.
//!
//! # Control API
//!
//! JSON under `/control`; the README lists its calls. Pages other than the simulator's and the mini apps' are
//! refused; tools pass. A call that causes notifications returns after the merchant has answered them.
//!
//! A page can choose its own scenario and buyer in its query: `?scenario=outside&buyer=siti`.

pub mod account;
mod api;
mod app_state;
mod auth_codes;
mod bridge;
mod buyer;
mod caller;
pub mod check;
mod checkout;
mod clock;
mod connection;
mod consents;
mod container;
mod control;
mod events;
mod exchanges;
mod faults;
mod gallery;
mod gopay_state;
mod host;
mod icon;
mod id;
mod idempotency;
mod input;
mod inspector;
mod keys;
mod ledger;
mod merchants;
mod mini_app_api;
mod mini_apps;
mod notification;
mod notifier;
mod order_history;
mod origin_guard;
mod outbox;
mod outcomes;
mod package;
mod pages;
mod path_form;
mod payments;
mod recording;
mod refunds;
mod replay;
mod scenario;
mod sdk_faults;
mod setup;
mod simulator;
mod snap_session;
mod target;
mod tokens;
mod transaction;
mod web_payment;

pub use buyer::Buyer;
pub use caller::UnknownMerchant;
pub use gallery::{Gallery, GalleryError, GalleryState};
pub use icon::{Icon, IconError};
pub use keys::{Keys, KeysError, MerchantSecrets};
pub use merchants::MerchantError;
pub use mini_apps::{MiniApp, MiniAppId, MiniAppsError};
pub use order_history::ShapeError;
pub use package::{Package, PackageError};
pub use setup::SetupError;
pub use simulator::{Error, FurtherMerchant, Options, Running, Simulator};
pub use url::Url;
