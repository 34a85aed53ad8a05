//! What the services and workers need of the world outside: the database, the way to GoPay, the time.
//!
//! In the program these are SQLite, HTTP and the machine's clock; a simulation puts its own behind
//! them.

mod account_state;
mod backlog;
mod clock;
mod gopay_transport;
mod process_count;
mod repository;

pub use account_state::{AccountState, Pending, SharedToken};
pub use backlog::{Backlog, BacklogRepository, DueWork, ItemState, Queue};
pub use clock::Clock;
pub use gopay_transport::{RawResponse, Transport};
pub use process_count::ProcessCount;
pub use repository::{
    AttemptLookup, AttemptRepository, CustomerRepository, DueInquiry, Error, FulfilmentRepository,
    LeasedMiniAppRequest, MiniAppRequestRepository, OrderRepository, RefundRepository, Repository,
    SealedAccount, StoredCustomer,
};
