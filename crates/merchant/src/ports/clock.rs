//! What time it is. Everything that asks is given a clock, so that a test can turn it.

use crate::domain::time::Timestamp;
use std::{fmt, sync::Arc};

#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self::new(jiff::Timestamp::now)
    }

    pub fn new(now: impl Fn() -> jiff::Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now_jiff(&self) -> jiff::Timestamp {
        (self.0)()
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_jiff().as_millisecond())
    }
}

impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = jiff::Error;

    fn try_from(at: Timestamp) -> Result<Self, jiff::Error> {
        Self::from_millisecond(at.as_millis())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
