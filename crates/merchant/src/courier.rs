//! Tells the hook of paid orders, until it knows of every one or a person has to look at it.
//!
//! Invariant: before the hook is told, somebody holds the fulfilment's lease and the try is
//! counted. Two who tell it at once, because one of them was paused for longer than its
//! lease, tell it the same under the same id.
//!
//! Not here: how it is told, and how long the pauses are.

use crate::{
    clock::Clock,
    crash::mortal,
    hook::Hook,
    outbox::{self, Next},
    store::{self, Store},
};
use aws_lc_rs::rand;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// So many at once at most.
const A_ROUND: u32 = 8;

const ROUND: Duration = Duration::from_secs(1);

/// Brings what is in the outbox to the hook.
#[derive(Debug, Clone)]
pub struct Courier {
    store: Store,
    hook: Arc<Hook>,
}

impl Courier {
    /// One between this database and this hook; there may be several.
    pub fn new(store: Store, hook: Hook) -> Self {
        Self {
            store,
            hook: Arc::new(hook),
        }
    }

    /// Goes on until the process ends.
    pub async fn run(self, clock: Clock) {
        loop {
            if let Err(error) = self.round(clock.now()).await {
                tracing::error!(%error, "the outbox could not be read");
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Tries what is due `now` (unix milliseconds), once each. Returns how many it was.
    pub async fn round(&self, now: i64) -> Result<usize, store::Error> {
        let due = self.store.due_fulfilments(now, A_ROUND).await?;
        let mut tries = JoinSet::new();
        for id in due {
            let courier = self.clone();
            tries.spawn(mortal(
                "errand",
                async move { courier.carry(&id, now).await },
            ));
        }
        let mut tried = 0;
        // One that fails does not end the others, which may be in the middle of telling.
        let mut failed = None;
        while let Some(done) = tries.join_next().await {
            match done {
                Ok(Ok(true)) => tried += 1,
                Ok(Ok(false)) => {}
                Ok(Err(error)) => {
                    failed.get_or_insert(error);
                }
                Err(error) => tracing::error!(%error, "a try to tell the hook broke off"),
            }
        }
        failed.map_or(Ok(tried), Err)
    }

    /// Returns whether the hook was told.
    async fn carry(&self, id: &str, now: i64) -> Result<bool, store::Error> {
        let until = now.saturating_add(outbox::LEASE);
        let Some(errand) = self.store.lease_fulfilment(id, now, until).await? else {
            return Ok(false);
        };
        let order = &errand.order.id;
        let began = Instant::now();
        let told = self.hook.tell(&errand, now).await;
        let took = i64::try_from(began.elapsed().as_millis()).unwrap_or(outbox::PATIENCE);
        let now = now.saturating_add(took);
        match told {
            Ok(status) => {
                tracing::info!(order, fulfilment = id, "the hook knows of a paid order");
                let answer = status.as_u16().to_string();
                self.store.fulfilment_delivered(id, &answer, now).await?;
            }
            Err(error) => {
                let next = outbox::after_failure(errand.tries, now, jitter());
                let tries = errand.tries;
                match next {
                    Next::Again(_) => {
                        tracing::warn!(order, fulfilment = id, tries, %error, "the hook does not know yet of a paid order");
                    }
                    Next::Park => {
                        tracing::error!(order, fulfilment = id, tries, %error, "the hook does not take a paid order: hand it over by its pick-up code, or mend the hook and run `merchant outbox retry`");
                    }
                }
                self.store
                    .fulfilment_failed(&errand, &error.to_string(), next, now)
                    .await?;
            }
        }
        Ok(true)
    }
}

/// Any number; that it can be foretold would do no harm.
fn jitter() -> u8 {
    let mut byte = [0];
    let _ = rand::fill(&mut byte);
    byte[0]
}
