//! Work that the database lists, carried out side by side, each under a lease of its own.
//!
//! Invariant: a piece of work is carried out after its lease has been written, and one that takes long or
//! fails holds up no other, until as many as may run at once do so.

use super::Heartbeat;
use crate::{
    domain::time::Timestamp,
    failpoint::with_failpoints,
    ports::{self, Clock},
};
use std::{
    future::{Future, pending},
    time::Duration,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::timeout,
};

const POLL_INTERVAL: Duration = Duration::from_secs(1);

pub(super) trait LeasedWork: Clone + Send + Sync + 'static {
    /// In log events and of the failpoints.
    const NAME: &'static str;
    /// How many run at once.
    const AT_ONCE: usize;
    type Id: Send + Sync + 'static;
    type Lease: Send + 'static;

    /// What is due, the longest overdue first.
    fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Self::Id>, ports::Error>> + Send;

    /// `None` while another worker has the lease, or when there is nothing to do.
    fn lease(
        &self,
        id: &Self::Id,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Self::Lease>, ports::Error>> + Send;

    /// Begins at `now`.
    fn carry_out(
        &self,
        lease: Self::Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), ports::Error>> + Send;
}

type Tasks = JoinSet<Result<(), ports::Error>>;

/// Goes on until the process ends.
pub(super) async fn run<W: LeasedWork>(work: W, clock: Clock, heartbeat: Heartbeat) {
    let mut tasks = Tasks::new();
    loop {
        let begun = begin(&work, &mut tasks, || clock.now()).await;
        if begun.is_ok() {
            heartbeat.beat();
        }
        match begun {
            // More may be due.
            Ok(begun) if begun > 0 && tasks.len() < W::AT_ONCE => continue,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(event = "worker.poll_failed", worker = W::NAME, %error, "due work could not be read, or its lease not be written");
            }
        }
        let ended = timeout(POLL_INTERVAL, async {
            match tasks.join_next().await {
                None => pending().await,
                Some(ended) => ended,
            }
        });
        match ended.await {
            Ok(Ok(Err(error))) => {
                tracing::error!(event = "worker.not_recorded", worker = W::NAME, %error, "a result could not be recorded");
            }
            Ok(Err(error)) => broke_off::<W>(&error),
            Ok(Ok(Ok(()))) | Err(_) => {}
        }
    }
}

/// Carries out what is due `now`, once each. Returns how many it was.
pub(super) async fn run_once<W: LeasedWork>(
    work: &W,
    now: Timestamp,
) -> Result<usize, ports::Error> {
    let mut tasks = Tasks::new();
    let begun = begin(work, &mut tasks, || now).await;
    let mut failed = None;
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                failed.get_or_insert(error);
            }
            Err(error) => broke_off::<W>(&error),
        }
    }
    failed.map_or(begun, Err)
}

/// Begins what is due, as far as there is room. Returns how many leases were taken.
async fn begin<W: LeasedWork>(
    work: &W,
    tasks: &mut Tasks,
    now: impl Fn() -> Timestamp,
) -> Result<usize, ports::Error> {
    let room = u32::try_from(W::AT_ONCE.saturating_sub(tasks.len())).unwrap_or_default();
    let due_at = now();
    // Together: they share a commit.
    let mut leases = JoinSet::new();
    for id in work.due(due_at, room).await? {
        let work = work.clone();
        leases.spawn(with_failpoints(W::NAME, async move {
            work.lease(&id, due_at).await
        }));
    }
    let mut begun = 0;
    // One that cannot be read or written is no reason to leave the others.
    let mut failed = None;
    while let Some(lease) = leases.join_next().await {
        match lease {
            Ok(Ok(Some(lease))) => {
                begun += 1;
                let work = work.clone();
                let now = now();
                tasks.spawn(with_failpoints(W::NAME, async move {
                    work.carry_out(lease, now).await
                }));
            }
            Ok(Ok(None)) => {}
            Ok(Err(error)) => {
                failed.get_or_insert(error);
            }
            Err(error) => broke_off::<W>(&error),
        }
    }
    failed.map_or(Ok(begun), Err)
}

fn broke_off<W: LeasedWork>(error: &JoinError) {
    tracing::error!(event = "worker.task_failed", worker = W::NAME, %error, "a task broke off");
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::sleep;

    /// Nothing is due, where the database answers.
    #[derive(Clone)]
    struct Idle {
        answers: bool,
    }

    impl LeasedWork for Idle {
        const NAME: &'static str = "idle";
        const AT_ONCE: usize = 1;
        type Id = ();
        type Lease = ();

        async fn due(&self, _: Timestamp, _: u32) -> Result<Vec<()>, ports::Error> {
            match self.answers {
                true => Ok(Vec::new()),
                false => Err(ports::Error::Internal("no database")),
            }
        }

        async fn lease(&self, (): &(), _: Timestamp) -> Result<Option<()>, ports::Error> {
            Ok(None)
        }

        async fn carry_out(&self, (): (), _: Timestamp) -> Result<(), ports::Error> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_is_alive_while_it_can_look_for_work() {
        for (answers, oldest) in [(true, 2), (false, 100)] {
            let heartbeat = Heartbeat::default();
            let clock = Clock::new(|| jiff::Timestamp::UNIX_EPOCH);
            let running = tokio::spawn(run(Idle { answers }, clock, heartbeat.clone()));
            sleep(Duration::from_secs(100)).await;
            assert!(heartbeat.age() <= Duration::from_secs(oldest), "{answers}");
            assert_eq!(heartbeat.age() < Duration::from_secs(90), answers);
            running.abort();
        }
    }
}
