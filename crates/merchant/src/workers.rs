//! What the merchant does by itself, beside the requests that it answers.
//!
//! Invariant: a panic of a worker ends neither the process nor the other workers; it begins
//! again.

pub mod inquiry;
mod leased_work;
pub mod mini_app;
pub mod refund;
pub mod webhook;

use crate::failpoint::with_failpoints;
use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinSet, time::Instant};

/// Lies between a panic and the next beginning: what panics at once does not fill the log.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 1_000 });

/// When a worker last looked for work and could.
#[derive(Debug, Clone)]
pub struct Heartbeat(Arc<Mutex<Instant>>);

/// Of a worker that begins now.
impl Default for Heartbeat {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Heartbeat {
    pub(crate) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    pub(crate) fn age(&self) -> Duration {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.elapsed()
    }
}

/// Workers, which end when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Workers(JoinSet<()>);

impl Workers {
    /// Has `work` done in a task of its own, and begun again whenever it panics.
    pub(crate) fn spawn<F>(&mut self, name: &'static str, work: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.spawn(async move {
            loop {
                // Ends with this task too, which a task that is only awaited would not.
                let mut one = JoinSet::new();
                one.spawn(with_failpoints(name, work()));
                match one.join_next().await {
                    Some(Err(error)) if error.is_panic() => {
                        tracing::error!(
                            event = "worker.restarted",
                            worker = name,
                            "a worker panicked and begins again"
                        );
                    }
                    _ => return,
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
    }

    /// Ends all of them, wherever they are.
    pub(crate) async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

/// Any number, another one for another id and try: what failed together is not tried together.
fn jitter(id: &str, tries: u32) -> u8 {
    let bytes = id.bytes().chain(tries.to_le_bytes());
    bytes.fold(0, |mixed: u8, byte| {
        mixed.wrapping_mul(31).wrapping_add(byte)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };
    use test_kit::{WAIT_TIMEOUT, within};
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn a_worker_that_panics_begins_again_and_the_others_go_on() {
        let begun = Arc::new(AtomicU32::new(0));
        let steady = Arc::new(Semaphore::new(0));
        let third = Arc::new(Semaphore::new(0));
        let mut workers = Workers::default();
        let (count, is_third) = (Arc::clone(&begun), Arc::clone(&third));
        workers.spawn("panics twice", move || {
            let (count, is_third) = (Arc::clone(&count), Arc::clone(&is_third));
            async move {
                assert!(count.fetch_add(1, Ordering::SeqCst) >= 2, "asked for");
                is_third.add_permits(1);
                std::future::pending::<()>().await;
            }
        });
        let works = Arc::clone(&steady);
        workers.spawn("steady", move || {
            let works = Arc::clone(&works);
            async move {
                works.add_permits(1);
                std::future::pending::<()>().await;
            }
        });
        let begins = within(WAIT_TIMEOUT, "a third start", third.acquire());
        let _third = begins.await.unwrap();
        assert_eq!(begun.load(Ordering::SeqCst), 3);
        assert_eq!(steady.available_permits(), 1, "begun once");
        within(WAIT_TIMEOUT, "the workers' end", workers.stop()).await;
        // What its workers held is given back: they are over.
        assert_eq!(Arc::strong_count(&steady), 1);
    }
}
