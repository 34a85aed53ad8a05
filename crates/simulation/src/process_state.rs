//! Whether a process of the merchant is alive, and whether it waits for GoPay.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

#[derive(Debug, Clone, Default)]
pub(crate) struct ProcessState {
    crashed: Arc<AtomicBool>,
    /// How many responses of GoPay it waits for.
    waiting: Arc<AtomicU32>,
}

/// Counts as waiting for a response until it is dropped.
pub(crate) struct Waiting(Arc<AtomicU32>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ProcessState {
    pub(crate) fn start_waiting(&self) -> Waiting {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(Arc::clone(&self.waiting))
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Returns whether it was alive.
    pub(crate) fn crash(&self) -> bool {
        !self.crashed.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn is_crashed(&self) -> bool {
        self.crashed.load(Ordering::Relaxed)
    }

    /// Never returns in a crashed process: no task of it goes on.
    pub(crate) async fn stop_if_crashed(&self) {
        if self.is_crashed() {
            pending().await
        }
    }
}
