//! A method of the container: its name, its deadline and the limits of its answer.

use std::time::Duration;

/// Milliseconds for an answer that GoPay gives without the buyer.
const QUICK_DEADLINE_MS: u32 = 10_000;
/// Milliseconds for an answer that needs the buyer or the phone.
const INTERACTIVE_DEADLINE_MS: u32 = 120_000;
/// Fields and characters of an answer; documented ones have less than 1 Ki.
pub(crate) const MAX_RESPONSE_SIZE: u32 = 64 * 1024;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Method<'a> {
    pub(crate) class: &'a str,
    pub(crate) name: &'a str,
    /// Milliseconds for the answer, counted from when the SDK is ready.
    pub(crate) deadline_ms: Option<u32>,
    /// Whether the buyer has to agree first.
    pub(crate) consent: bool,
    /// Fields and characters that the answer may have.
    pub(crate) max_response_size: u32,
}

/// The SDK and the browser's timers count in these.
pub(crate) fn milliseconds(duration: Duration) -> u32 {
    duration.as_millis().try_into().unwrap_or(u32::MAX)
}

impl<'a> Method<'a> {
    /// GoPay answers without the buyer.
    pub(crate) const fn quick(class: &'a str, name: &'a str) -> Self {
        Self {
            class,
            name,
            deadline_ms: Some(QUICK_DEADLINE_MS),
            consent: false,
            max_response_size: MAX_RESPONSE_SIZE,
        }
    }

    /// The answer needs the buyer or the phone.
    pub(crate) const fn interactive(class: &'a str, name: &'a str) -> Self {
        let mut method = Self::quick(class, name);
        method.deadline_ms = Some(INTERACTIVE_DEADLINE_MS);
        method
    }

    pub(crate) const fn with_consent(mut self) -> Self {
        self.consent = true;
        self
    }
}
