//! What earlier answers said about each method, for as long as the page lives.

use crate::{Error, method::Method};
use std::cell::RefCell;

/// What is known of a method in this GoPay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Support {
    /// It has not been called yet, or GoPay did not answer.
    Unknown,
    /// GoPay does not know it (code 100).
    Missing,
    /// It is there, and the buyer has not agreed to it: see
    /// [`get_consent`](crate::consent::get_consent).
    NeedsConsent,
    /// It is there, and answers.
    Present,
}

/// What the last answer of `class.method` on this page says about it; calls nothing.
///
/// A missing method is called again all the same: GoPay may have replaced its SDK.
pub fn support(class: &str, method: &str) -> Support {
    let name = name(class, method);
    KNOWN.with_borrow(|known| {
        let found = known.iter().find(|known| known.0 == name);
        found.map_or(Support::Unknown, |known| known.1)
    })
}

thread_local! {
    /// By `class.method`.
    static KNOWN: RefCell<Vec<(String, Support)>> = const { RefCell::new(Vec::new()) };
}

fn name(class: &str, method: &str) -> String {
    [class, ".", method].concat()
}

pub(crate) fn is_missing(method: &Method<'_>) -> bool {
    support(method.class, method.name) == Support::Missing
}

pub(crate) fn record<T>(method: &Method<'_>, result: &Result<T, Error>) {
    let support = match result {
        Err(Error::Unsupported) => Support::Missing,
        Err(Error::NoConsent) => Support::NeedsConsent,
        // These say nothing of GoPay, or do not come from it.
        Err(Error::NotInGoPay | Error::NotLoaded | Error::Threw { .. } | Error::TimedOut) => return,
        Ok(_)
        | Err(
            Error::Permission | Error::Offline | Error::Unreadable { .. } | Error::Refused { .. },
        ) => Support::Present,
    };
    let name = name(method.class, method.name);
    KNOWN.with_borrow_mut(|known| {
        known.retain(|known| known.0 != name);
        known.push((name, support));
    });
}
