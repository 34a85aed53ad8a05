//! How many processes of the merchant there are.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// As of a second ago, and at least one: rates of all processes together are divided by it.
#[derive(Debug, Clone)]
pub struct ProcessCount(Arc<AtomicU32>);

/// One process.
impl Default for ProcessCount {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1)))
    }
}

impl ProcessCount {
    pub fn get(&self) -> NonZeroU32 {
        NonZeroU32::new(self.0.load(Ordering::Relaxed)).unwrap_or(NonZeroU32::MIN)
    }

    pub fn set(&self, count: u32) {
        self.0.store(count, Ordering::Relaxed);
    }
}
