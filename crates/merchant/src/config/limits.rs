//! What the merchant takes at once.

use super::section::Section;

/// Of one merchant process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: usize,
    /// Connections at once from one address on the internet; further ones are closed.
    pub connections_per_client: usize,
    /// Requests of buyers at once; further ones are answered with 503.
    pub requests: usize,
    /// Notifications at once; further ones are answered with 503, after which GoPay repeats them.
    pub notifications: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            connections_per_client: 100,
            requests: 256,
            notifications: 128,
        }
    }
}

/// The longest queue that makes sense on one machine, and far within what memory holds.
const MAX: u64 = 100_000;

pub(super) fn read(mut section: Section<'_>) -> Option<Limits> {
    let default = Limits::default();
    let mut limit = |key, default| match section.number(key) {
        None => Some(default),
        Some(number @ 1..=MAX) => usize::try_from(number).ok(),
        Some(_) => {
            section.wrong(key, format!("must be 1 to {MAX}"));
            None
        }
    };
    let limits = (
        limit("connections", default.connections),
        limit("connections_per_client", default.connections_per_client),
        limit("requests", default.requests),
        limit("notifications", default.notifications),
    );
    section.finish();
    Some(Limits {
        connections: limits.0?,
        connections_per_client: limits.1?,
        requests: limits.2?,
        notifications: limits.3?,
    })
}
