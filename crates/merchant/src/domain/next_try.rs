//! When something is tried next.

use super::time::Timestamp;

/// What follows a try without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTry {
    At(Timestamp),
    /// Leave it to staff.
    DeadLetter,
}
