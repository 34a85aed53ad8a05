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
//! JSON. Pages other than the simulator's and the mini apps' are refused; tools pass. A call that
//! causes notifications returns after the merchant has answered them.
//!
//! | call | what it does |
//! |---|---|
//! | `GET /control/ledger[?last=50&app=kopi]` | settings, mini apps, payments, buyers, all events, and the order history of the phone with that app |
//! | `POST /control/payments/{ref}/{pay\|cancel\|fail\|expire\|leave}` | acts on the buyer's behalf; 404 unknown, 409 settled before |
//! | `POST /control/payments/{ref}/refund [{"amount": 10000}]` | a refund in GoPay's dashboard, in full without an amount |
//! | `PUT /control/refunds {"ending": "failed", "history": "sample", "status": "success"}` | how refunds end, and how payments show them |
//! | `PUT /control/mini-app {"wallet": 10000}` | what GoPay has configured for rewards, gems, reminders and pushes: see the README |
//! | `PUT /control/notifications {"mode": "send"\|"withhold"\|"delay"}` | how due notifications are handled |
//! | `POST /control/notifications/release` | sends what was delayed |
//! | `POST /control/notifications/{ref}/repeat [{"status": "03"}]` | sends a genuine notification again, also an odd one (see the README); returns the merchant's answer |
//! | `POST /control/notifications/forge {"ref", "how": "unsigned"\|"foreign_key"\|"tampered", "status"}` | sends a forged notification; returns the merchant's answer |
//! | `PUT /control/scenario {"name": "outside"}` | `default`, `outside`, `silent-launch`, `refuse-login`, `denied`, `gopay-down`, `garbage`, `slow`, `answer-lost` |
//! | `PUT /control/faults [{"on": "payment", "do": "answer_lost", "times": 1}]` | replaces the fault plan: see the README |
//! | `POST /control/faults/release` | sends the responses that `hold` keeps back |
//! | `GET /control/keys` | GoPay's public keys |
//! | `PUT /control/keys {"client_secret": "..."}` | GoPay changes a key, and knows the former one no more: `merchant` (its public key), `client_secret`, `auth_credentials`, `server_key`, `gopay` (`current`, `next`) |
//! | `PUT /control/container {"container": "v1", "locale": "en_ID"}` | how the SDK answers: see the README |
//! | `PUT /control/checkout {"snap_notification": "classic"}` | how payments, notifications, Snap and the sandbox behave: see the README |
//! | `POST /control/clock/advance {"seconds": 120}` | moves the clock forward |
//! | `PUT /control/merchant {"app", "notify", "order_history"}` | the merchant's addresses; `app` is the first mini app's |
//! | `POST /control/reset` | restores the state after a start |
//! | `POST /control/reload` | makes open pages reload |
//! | `GET /gallery.json` | the states of the gallery, with their addresses |
//! | `GET /control/events` | server-sent events `change` and `reload` |
//!
//! A page can choose its own scenario and buyer in its query: `?scenario=outside&buyer=siti`.

pub mod account;
mod api;
mod app_state;
mod auth_codes;
mod bridge;
mod buyer;
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
mod id;
mod idempotency;
mod input;
mod keys;
mod ledger;
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
mod payments;
mod refunds;
mod scenario;
mod simulator;
mod snap_session;
mod target;
mod tokens;
mod transaction;
mod web_payment;

pub use buyer::Buyer;
pub use gallery::{Gallery, GalleryError, GalleryState};
pub use keys::{Keys, KeysError};
pub use mini_apps::{MiniApp, MiniAppId, MiniAppsError};
pub use order_history::ShapeError;
pub use package::{Package, PackageError};
pub use simulator::{Error, Options, Running, Simulator};
pub use url::Url;
