//! A GoPay you can run: the SDK stand-in with all its methods and the payment sheet, the mini-app API and BI-SNAP,
//! signed notifications, and a control API to make anything happen.
//!
//! There is no GoPay sandbox for mini apps, and the SDK does nothing in a plain browser; this
//! is the missing piece, for people and for tests. It is written from GoPay's documents
//! (<https://docs.midtrans.com/reference/>, pages named as `[page]`), knows nothing of any
//! merchant's or app's code, and has never been compared with the real GoPay: what the
//! documents leave open is marked `Unverified:`, where they contradict each other
//! `Docs disagree:`.
//!
//! # Control API
//!
//! JSON. Pages other than the simulator's and the app's are refused; tools pass. Calls that
//! cause notifications answer after the merchant has.
//!
//! | call | what it does |
//! |---|---|
//! | `GET /control/ledger[?last=50]` | settings, payments and everything that happened |
//! | `POST /control/payments/{ref}/{pay\|cancel\|fail\|expire\|leave}` | acts for the buyer; 404 unknown, 409 settled before |
//! | `POST /control/payments/{ref}/refund [{"amount": 10000}]` | a refund in GoPay's dashboard; all that is left without an amount |
//! | `PUT /control/refunds {"ending": "failed", "history": "sample"}` | how refunds end, and how their history is spelled |
//! | `PUT /control/notifications {"mode": "send"\|"withhold"\|"delay"}` | what becomes of notifications that are due |
//! | `POST /control/notifications/release` | sends what was delayed |
//! | `POST /control/notifications/{ref}/repeat [{"status": "03"}]` | a genuine one, once more, also odd: the README has all ways; the merchant's answer |
//! | `POST /control/notifications/forge {"ref", "how": "unsigned"\|"foreign_key"\|"tampered", "status"}` | a false one; the merchant's answer |
//! | `PUT /control/scenario {"name": "outside"}` | `default`, `outside`, `silent-launch`, `refuse-login`, `denied`, `gopay-down`, `garbage`, `slow`, `answer-lost` |
//! | `PUT /control/faults [{"on": "payment", "do": "answer_lost", "times": 1}]` | the fault plan: the README has all of it |
//! | `POST /control/faults/release` | lets the answers go that `hold` keeps back |
//! | `GET /control/keys` | GoPay's public keys |
//! | `PUT /control/container {"container": "v1", "locale": "en_ID"}` | how the SDK answers: the switches are in the README |
//! | `POST /control/clock/advance {"seconds": 120}` | moves the clock forward |
//! | `PUT /control/merchant {"app", "notify"}` | the merchant's addresses |
//! | `POST /control/reset` | as after a start |
//! | `POST /control/reload` | open pages load again |
//! | `GET /gallery.json` | the states of the gallery, each with its addresses |
//! | `GET /control/events` | server-sent events `change` and `reload` |
//!
//! A page can choose its own scenario and buyer in its query: `?scenario=outside&buyer=siti`.

pub mod account;
mod answers;
mod api;
mod bearers;
mod bridge;
mod buyer;
mod clock;
mod consents;
mod container;
mod control;
mod events;
mod faults;
mod frame;
mod gallery;
mod guard;
mod id;
mod keys;
mod ledger;
mod line;
mod logins;
mod notification;
mod notifier;
mod outbox;
mod package;
mod payments;
mod refunds;
mod scenario;
mod shared;
mod simulator;
mod world;

pub use gallery::{Gallery, GalleryError, Scene};
pub use keys::{Keys, KeysError};
pub use package::{Package, PackageError};
pub use simulator::{Error, Options, Running, Simulator};
pub use url::Url;
