//! Whether something that failed is tried again.

use super::time::Timestamp;

/// What to do after a try that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    At(Timestamp),
    /// Leave it to staff.
    DeadLetter,
}
