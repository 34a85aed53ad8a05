//! The one connection that writes, and the group commit.
//!
//! Each commit waits for the disk, and SQLite has one writer. A write that asks for the connection while a
//! transaction is open joins it, and all of its members wait for the same commit.
//!
//! Invariant: [`Write::commit`] returns `Ok` only after the member's changes, and all that it read, have
//! reached the disk. A member that ends without it takes back its own changes, and no others; what it read
//! may be another's, and come to nothing.

use crate::{failpoint::with_failpoints, ports};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

/// Each member's changes are in a savepoint of their own.
const BEGIN_MEMBER: &str = "savepoint member";
const KEEP_MEMBER: &str = "release member";
const UNDO_MEMBER: &str = "rollback to member";

/// How many writes, besides those of notifications, ask for the connection at once. A notification waits for
/// so many of them at most.
const MAX_QUEUE: usize = 32;

/// How long a write waits for the connection.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// How a group's commit ended.
type Outcome = Option<Result<(), Arc<sqlx::Error>>>;

#[derive(Debug, Clone)]
pub(super) struct Writer {
    /// Of one connection.
    pub(super) pool: SqlitePool,
    group: Arc<Mutex<Option<Group>>>,
    /// `None` for notifications.
    queue_limit: Option<Arc<Semaphore>>,
}

#[derive(Debug)]
struct Group {
    connection: PoolConnection<Sqlite>,
    /// A member ended without a commit.
    is_abandoned: bool,
    outcome: watch::Sender<Outcome>,
}

/// A member of a group, which has the connection until it ends.
pub(super) struct Write {
    group: OwnedMappedMutexGuard<Option<Group>, Group>,
    is_kept: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Writer {
    pub(super) fn new(pool: SqlitePool) -> Self {
        Self {
            pool,
            group: Arc::default(),
            queue_limit: Some(Arc::new(Semaphore::new(MAX_QUEUE))),
        }
    }

    /// The same connection, for writes that the limit of the queue does not hold up.
    pub(super) fn for_notifications(&self) -> Self {
        Self {
            queue_limit: None,
            ..self.clone()
        }
    }

    pub(super) async fn begin(&self) -> Result<Write, ports::Error> {
        let turn = async {
            let place = match &self.queue_limit {
                Some(limit) => Arc::clone(limit).acquire_owned().await.ok(),
                None => None,
            };
            (place, Arc::clone(&self.group).lock_owned().await)
        };
        let (place, slot) = timeout(QUEUE_TIMEOUT, turn)
            .await
            .map_err(|_| ports::Error::Internal("the database is too busy to write"))?;
        let writer = self.clone();
        // In a task of its own: a caller that is dropped leaves no statement half done.
        tokio::spawn(with_failpoints("write", async move {
            writer.join(place, slot).await
        }))
        .await
        .map_err(|_| ports::Error::Internal("a transaction did not begin"))?
    }

    async fn join(
        self,
        place: Option<OwnedSemaphorePermit>,
        mut slot: OwnedMutexGuard<Option<Group>>,
    ) -> Result<Write, ports::Error> {
        if let Some(group) = &mut *slot
            && let Err(error) = group.undo_abandoned().await
            && let Some(broken) = slot.take()
        {
            broken.end(Err(error)).await;
        }
        if slot.is_none() {
            *slot = Some(Group::begin(&self.pool).await?);
            let group = Arc::clone(&self.group);
            // It gets the connection after all writes that wait for it now.
            tokio::spawn(async move { commit(group.lock_owned().await).await });
        }
        if let Some(group) = &mut *slot
            && let Err(error) = execute(&mut group.connection, BEGIN_MEMBER).await
            && let Some(broken) = slot.take()
        {
            // SQLite may have ended the transaction, and would begin another one.
            broken.end(Err(error)).await;
        }
        let group = OwnedMutexGuard::try_map(slot, Option::as_mut)
            .map_err(|_| ports::Error::Internal("a transaction did not begin"))?;
        Ok(Write {
            group,
            is_kept: false,
            _place: place,
        })
    }
}

impl Group {
    async fn begin(pool: &SqlitePool) -> Result<Self, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        // Not as sqlx's transaction: that one does not recover where SQLite has ended it by itself.
        if let Err(error) = execute(&mut connection, "begin immediate").await {
            let _ = connection.close().await;
            return Err(error);
        }
        Ok(Self {
            connection,
            is_abandoned: false,
            outcome: watch::Sender::default(),
        })
    }

    /// Takes back what a member changed that ended without a commit.
    async fn undo_abandoned(&mut self) -> Result<(), sqlx::Error> {
        if self.is_abandoned {
            for statement in [UNDO_MEMBER, KEEP_MEMBER] {
                execute(&mut self.connection, statement).await?;
            }
            self.is_abandoned = false;
        }
        Ok(())
    }

    async fn commit(mut self) {
        let committed = async {
            self.undo_abandoned().await?;
            execute(&mut self.connection, "commit").await
        };
        let result = committed.await;
        self.end(result).await;
    }

    /// Tells the members. What is not committed by now is rolled back.
    async fn end(self, result: Result<(), sqlx::Error>) {
        if result.is_err() {
            let _ = self.connection.close().await;
        }
        self.outcome.send_replace(Some(result.map_err(Arc::new)));
    }
}

async fn execute(
    connection: &mut SqliteConnection,
    statement: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}

/// Commits the group, if it is still there.
async fn commit(mut slot: OwnedMutexGuard<Option<Group>>) {
    if let Some(group) = slot.take() {
        with_failpoints("commit", group.commit()).await;
    }
}

impl Write {
    /// Waits until the changes have reached the disk.
    pub(super) async fn commit(self) -> Result<(), ports::Error> {
        // In a task of its own: what is kept is noted as kept, also where the caller is dropped.
        let mut outcome = tokio::spawn(with_failpoints("write", self.keep()))
            .await
            .map_err(|_| ports::Error::Internal("a commit broke off"))??;
        let outcome = outcome
            .wait_for(Option::is_some)
            .await
            .map_err(|_| ports::Error::Internal("a commit broke off"))?;
        match &*outcome {
            Some(Err(error)) => Err(ports::Error::Unavailable(Box::new(Arc::clone(error)))),
            _ => Ok(()),
        }
    }

    async fn keep(mut self) -> Result<watch::Receiver<Outcome>, sqlx::Error> {
        execute(&mut self, KEEP_MEMBER).await?;
        self.is_kept = true;
        Ok(self.group.outcome.subscribe())
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        self.group.is_abandoned = !self.is_kept;
    }
}

impl Deref for Write {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.group.connection
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.group.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
    use std::sync::{
        Mutex as StdMutex,
        atomic::{AtomicUsize, Ordering},
    };
    use test_kit::TempDir;
    use tokio::task::JoinSet;

    /// A database with a table of numbers, each of which can be written once.
    struct Fixture {
        writer: Writer,
        commits: Arc<AtomicUsize>,
        /// The number of the commit that fails.
        refused: Arc<AtomicUsize>,
        _folder: TempDir,
    }

    impl Fixture {
        async fn new() -> Self {
            let folder = TempDir::create();
            let options = SqliteConnectOptions::new()
                .filename(folder.join("it.db"))
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal);
            let pool = SqlitePoolOptions::new().max_connections(1);
            let pool = pool.connect_with(options).await.unwrap();
            sqlx::query("create table numbers (number integer primary key) strict")
                .execute(&pool)
                .await
                .unwrap();
            let commits = Arc::new(AtomicUsize::new(0));
            let refused = Arc::new(AtomicUsize::new(0));
            let (counted, refuse) = (Arc::clone(&commits), Arc::clone(&refused));
            let mut connection = pool.acquire().await.unwrap();
            connection
                .lock_handle()
                .await
                .unwrap()
                .set_commit_hook(move || {
                    let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
                    number != refuse.load(Ordering::Relaxed)
                });
            drop(connection);
            Self {
                writer: Writer::new(pool),
                commits,
                refused,
                _folder: folder,
            }
        }

        async fn numbers(&self) -> Vec<i64> {
            sqlx::query_scalar("select number from numbers order by number")
                .fetch_all(&self.writer.pool)
                .await
                .unwrap()
        }
    }

    async fn insert(writer: Writer, numbers: &[i64]) -> Result<(), ports::Error> {
        let mut write = writer.begin().await?;
        for number in numbers {
            sqlx::query("insert into numbers values (?)")
                .bind(number)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await
    }

    /// Lets every task go on until it waits for the database or for another task.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn writes_that_wait_at_once_share_one_commit() {
        let it = Fixture::new().await;
        let first = it.writer.begin().await.unwrap();
        let mut others = JoinSet::new();
        for number in 0..20 {
            let writer = it.writer.clone();
            others.spawn(async move { insert(writer, &[number]).await });
        }
        settle().await;
        first.commit().await.unwrap();
        assert!(others.join_all().await.iter().all(Result::is_ok));
        // The first one's, and that of all others.
        assert_eq!(it.commits.load(Ordering::Relaxed), 2);
        assert_eq!(it.numbers().await, Vec::from_iter(0..20));
    }

    #[tokio::test]
    async fn a_write_that_fails_takes_back_only_its_own_changes() {
        let it = Fixture::new().await;
        let first = it.writer.begin().await.unwrap();
        let [before, failing, after] = [&[1][..], &[2, 1], &[3]].map(|numbers| {
            let writer = it.writer.clone();
            tokio::spawn(async move { insert(writer, numbers).await })
        });
        settle().await;
        first.commit().await.unwrap();
        before.await.unwrap().unwrap();
        failing.await.unwrap().unwrap_err();
        after.await.unwrap().unwrap();
        assert_eq!(it.numbers().await, [1, 3]);
        assert_eq!(it.commits.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_write_that_is_dropped_takes_back_its_changes() {
        let it = Fixture::new().await;
        let mut dropped = it.writer.begin().await.unwrap();
        let statement = sqlx::query("insert into numbers values (1)");
        statement.execute(&mut *dropped).await.unwrap();
        // In the middle of a statement.
        let statement = sqlx::query("insert into numbers values (2)").execute(&mut *dropped);
        let _ = tokio::time::timeout(std::time::Duration::ZERO, statement).await;
        drop(dropped);
        insert(it.writer.clone(), &[3]).await.unwrap();
        assert_eq!(it.numbers().await, [3]);
    }

    #[tokio::test]
    async fn a_caller_that_is_dropped_while_it_waits_holds_nothing_up() {
        let it = Fixture::new().await;
        let first = it.writer.begin().await.unwrap();
        let writer = it.writer.clone();
        let waiting = tokio::spawn(async move { insert(writer, &[1]).await });
        settle().await;
        waiting.abort();
        first.commit().await.unwrap();
        insert(it.writer.clone(), &[2]).await.unwrap();
        assert_eq!(it.numbers().await, [2]);
    }

    #[tokio::test]
    async fn a_caller_that_is_dropped_while_it_commits_keeps_its_changes() {
        let it = Fixture::new().await;
        for number in 0..20 {
            let mut write = it.writer.begin().await.unwrap();
            let statement = sqlx::query("insert into numbers values (?)").bind(number);
            statement.execute(&mut *write).await.unwrap();
            let writer = it.writer.clone();
            let other = tokio::spawn(async move { insert(writer, &[100 + number]).await });
            // Polled so often, and dropped.
            let mut commit = Box::pin(write.commit());
            for _ in 0..number {
                if is_ready(&mut commit).await {
                    break;
                }
            }
            drop(commit);
            other.await.unwrap().unwrap();
        }
        let kept = it.numbers().await;
        assert!((1..20).all(|number| kept.contains(&number)), "{kept:?}");
    }

    /// Polls once, and lets the others go on.
    async fn is_ready<F: Future + Unpin>(future: &mut F) -> bool {
        let is_ready = std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())
        })
        .await;
        tokio::task::yield_now().await;
        is_ready
    }

    #[tokio::test]
    async fn a_commit_that_fails_fails_for_all_and_the_next_one_succeeds() {
        let it = Fixture::new().await;
        it.refused.store(2, Ordering::Relaxed);
        let first = it.writer.begin().await.unwrap();
        let others = [0, 1].map(|number| {
            let writer = it.writer.clone();
            tokio::spawn(async move { insert(writer, &[number]).await })
        });
        settle().await;
        first.commit().await.unwrap();
        for other in others {
            other.await.unwrap().unwrap_err();
        }
        insert(it.writer.clone(), &[2]).await.unwrap();
        assert_eq!(it.numbers().await, [2]);
    }

    /// SQLite itself rolls back the whole transaction where the disk is full.
    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_is_not_reported_as_committed() {
        let it = Fixture::new().await;
        let mut first = it.writer.begin().await.unwrap();
        let statement = sqlx::query("insert into numbers values (1)");
        statement.execute(&mut *first).await.unwrap();
        sqlx::query("rollback").execute(&mut *first).await.unwrap();
        first.commit().await.unwrap_err();
        insert(it.writer.clone(), &[2]).await.unwrap();
        assert_eq!(it.numbers().await, [2]);
    }

    #[tokio::test]
    async fn a_notification_waits_for_a_bounded_number_of_other_writes() {
        let it = Fixture::new().await;
        let first = it.writer.begin().await.unwrap();
        let order = Arc::new(StdMutex::new(Vec::new()));
        let mut writes = JoinSet::new();
        let others = (0..MAX_QUEUE + 20).map(|_| (it.writer.clone(), "other"));
        let notification = (it.writer.for_notifications(), "notification");
        for (writer, name) in others.chain([notification]) {
            let order = Arc::clone(&order);
            writes.spawn(async move {
                let write = writer.begin().await.unwrap();
                order.lock().unwrap().push(name);
                write.commit().await.unwrap();
            });
            settle().await;
        }
        first.commit().await.unwrap();
        writes.join_all().await;
        let order = order.lock().unwrap();
        assert_eq!(
            order.iter().position(|name| *name == "notification"),
            // The first one left its place when it was done.
            Some(MAX_QUEUE - 1)
        );
    }
}
