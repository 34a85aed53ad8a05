//! What time it is. Everything that asks is given a clock, so that a test can turn it.

use jiff::Timestamp;
use std::{fmt, sync::Arc};

#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn timestamp(&self) -> Timestamp {
        (self.0)()
    }

    /// Unix milliseconds.
    pub fn now(&self) -> i64 {
        self.timestamp().as_millisecond()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
