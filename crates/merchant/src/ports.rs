//! What the services and workers need of the world outside: the database, the way to GoPay, the time.
//!
//! In the program these are SQLite, HTTP and the machine's clock; a simulation puts its own behind
//! them.

mod clock;
mod repository;
mod transport;

pub use clock::Clock;
pub use repository::{
    AttemptLookup, AttemptRepository, CustomerRepository, Due, Error, FulfilmentRepository,
    OrderRepository, RefundRepository, Repository, StoredCustomer,
};
pub use transport::{RawResponse, Transport};
