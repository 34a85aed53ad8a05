//! The one connection that writes, and the group commit.
//!
//! Each commit waits for the disk, and SQLite has one writer. A write that asks for the connection while a
//! transaction is open joins it, and all of its members wait for the same commit.
//!
//! Invariant: [`Write::commit`] returns `Ok` only after the member's changes, and all that it read, have
//! reached the disk. A member that ends without it takes back its own changes, and no others; what it read
//! may be another's, and come to nothing.

use super::{
    busy::when_free,
    connection::execute,
    file::{self, Access},
};
use crate::{
    adapters::database::{connection::Connection, driver_error::DriverError},
    failpoint::{self, with_failpoints},
    metrics::Metrics,
    ports,
};
use std::{
    mem,
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, watch},
    task::spawn_blocking,
    time::timeout,
};

const BEGIN: &str = "begin immediate";

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
type Outcome = Option<Result<(), Arc<rusqlite::Error>>>;

#[derive(Debug, Clone)]
pub(crate) struct Writer {
    path: PathBuf,
    place: Arc<Mutex<Place>>,
    metrics: Option<Arc<Metrics>>,
    /// `None` for notifications.
    queue_limit: Option<Arc<Semaphore>>,
}

/// Where the connection is.
#[derive(Debug)]
enum Place {
    Idle(rusqlite::Connection),
    /// In a transaction.
    Group(Group),
    /// Closed after an error; the next write opens another one.
    Away,
    /// Nothing is written any more.
    Closed,
}

#[derive(Debug)]
struct Group {
    connection: Connection,
    /// How many members have kept their changes.
    kept: u32,
    /// Of what is not committed nothing may be.
    is_broken: bool,
    outcome: watch::Sender<Outcome>,
}

/// A member of a group, which has the connection until it ends.
#[derive(Debug)]
pub(crate) struct Write {
    group: OwnedMappedMutexGuard<Place, Group>,
    is_kept: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Writer {
    /// Opens its connection to a database that is there.
    pub(crate) fn open(path: PathBuf) -> rusqlite::Result<Self> {
        let connection = file::open(&path, Access::Write)?;
        Ok(Self {
            path,
            place: Arc::new(Mutex::new(Place::Idle(connection))),
            metrics: None,
            queue_limit: Some(Arc::new(Semaphore::new(MAX_QUEUE))),
        })
    }

    /// Commits are counted there from now on.
    pub(crate) fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// The same connection, for writes that the limit of the queue does not hold up.
    pub(crate) fn for_notifications(&self) -> Self {
        Self {
            queue_limit: None,
            ..self.clone()
        }
    }

    /// Waits for what is being written, and lets nothing more begin.
    pub(crate) async fn close(&self) {
        let mut place = Arc::clone(&self.place).lock_owned().await;
        place = commit(place, None).await;
        *place = Place::Closed;
    }

    pub(crate) async fn begin(&self) -> Result<Write, ports::Error> {
        let turn = async {
            let queue_place = match &self.queue_limit {
                Some(limit) => Arc::clone(limit).acquire_owned().await.ok(),
                None => None,
            };
            (queue_place, Arc::clone(&self.place).lock_owned().await)
        };
        let (queue_place, mut place) = timeout(QUEUE_TIMEOUT, turn)
            .await
            .map_err(|_| ports::Error::Internal("the database is too busy to write"))?;
        if let Place::Group(group) = &*place
            && group.has_ended()
        {
            // In a task: it is carried out also where the caller is dropped.
            let ended = tokio::spawn(with_failpoints("commit", async move {
                commit(place, None).await
            }))
            .await;
            place = ended.map_err(|_| ports::Error::Internal("a transaction broke off"))?;
        }
        if !matches!(*place, Place::Group(_)) {
            place = self.begin_group(place).await?;
        }
        let group = OwnedMutexGuard::try_map(place, |place| match place {
            Place::Group(group) => Some(group),
            _ => None,
        });
        let group = group.map_err(|_| ports::Error::Internal("the database is closed"))?;
        group.execute(BEGIN_MEMBER)?;
        Ok(Write {
            group,
            is_kept: false,
            _place: queue_place,
        })
    }

    async fn begin_group(
        &self,
        mut place: OwnedMutexGuard<Place>,
    ) -> Result<OwnedMutexGuard<Place>, ports::Error> {
        if matches!(*place, Place::Away) {
            let opened = file::open(&self.path, Access::Write);
            *place = Place::Idle(opened.map_err(DriverError::from)?);
        }
        if let Place::Idle(connection) = &mut *place {
            // A caller that is dropped while another process writes leaves the connection where it is.
            let begun = when_free(connection, |connection| execute(connection, BEGIN, &[])).await;
            begun.map_err(DriverError::from)?;
        }
        *place = match mem::replace(&mut *place, Place::Away) {
            Place::Idle(connection) => Place::Group(Group::new(connection)),
            other => return Ok(restored(place, other)),
        };
        let (next, metrics) = (Arc::clone(&self.place), self.metrics.clone());
        // It gets the connection after all writes that wait for it now.
        tokio::spawn(with_failpoints("commit", async move {
            commit(next.lock_owned().await, metrics.as_deref()).await;
        }));
        Ok(place)
    }
}

fn restored(mut place: OwnedMutexGuard<Place>, before: Place) -> OwnedMutexGuard<Place> {
    *place = before;
    place
}

/// Commits the group, if there is one, and tells its members.
async fn commit(
    mut place: OwnedMutexGuard<Place>,
    metrics: Option<&Metrics>,
) -> OwnedMutexGuard<Place> {
    let group = match mem::replace(&mut *place, Place::Away) {
        Place::Group(group) => group,
        other => return restored(place, other),
    };
    let Group {
        connection,
        kept,
        is_broken,
        outcome,
    } = group;
    let began = Instant::now();
    let committed = spawn_blocking(move || {
        let result = match is_broken {
            false => execute(sqlite(&connection)?, "commit", &[]),
            true => Err(rusqlite::Error::InvalidQuery),
        };
        // A connection whose transaction is not committed is closed, which rolls it back.
        result.map(|_| connection)
    });
    // A panic drops `outcome`: the members get an error.
    if let Ok(result) = committed.await {
        let result = result.map(|connection| {
            if let Connection::Sqlite(connection) = connection {
                *place = Place::Idle(connection);
            }
            if let Some(metrics) = metrics {
                metrics.committed(began.elapsed(), kept);
            }
        });
        outcome.send_replace(Some(result.map_err(Arc::new)));
    }
    place
}

fn sqlite(connection: &Connection) -> rusqlite::Result<&rusqlite::Connection> {
    match connection {
        Connection::Sqlite(connection) => Ok(connection),
        Connection::Postgres(_) => Err(rusqlite::Error::InvalidQuery),
    }
}

impl Group {
    fn new(connection: rusqlite::Connection) -> Self {
        Self {
            connection: Connection::Sqlite(connection),
            kept: 0,
            is_broken: false,
            outcome: watch::Sender::default(),
        }
    }

    fn execute(&self, statement: &'static str) -> Result<(), DriverError> {
        execute(sqlite(&self.connection)?, statement, &[])?;
        Ok(())
    }

    /// Also where SQLite itself ended the transaction, as it does where the disk is full.
    fn has_ended(&self) -> bool {
        self.is_broken || sqlite(&self.connection).is_ok_and(rusqlite::Connection::is_autocommit)
    }
}

impl Write {
    /// Waits until the changes have reached the disk.
    pub(crate) async fn commit(mut self) -> Result<(), ports::Error> {
        failpoint::statement().await;
        self.group.execute(KEEP_MEMBER)?;
        self.is_kept = true;
        self.group.kept += 1;
        let mut outcome = self.group.outcome.subscribe();
        // Now others may join; what is kept is committed also where the caller is dropped.
        drop(self);
        let outcome = outcome
            .wait_for(Option::is_some)
            .await
            .map_err(|_| ports::Error::Internal("a commit broke off"))?;
        match &*outcome {
            Some(Err(error)) => Err(ports::Error::Unavailable(Box::new(Arc::clone(error)))),
            _ => Ok(()),
        }
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let group = &mut *self.group;
        let undone = group
            .execute(UNDO_MEMBER)
            .and_then(|()| group.execute(KEEP_MEMBER));
        group.is_broken |= undone.is_err();
    }
}

impl Deref for Write {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.group.connection
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.group.connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::database::connection::sql;
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
            let path = folder.join("numbers.db");
            file::open(&path, Access::Create)
                .unwrap()
                .execute_batch("create table numbers (number integer primary key) strict")
                .unwrap();
            let writer = Writer::open(path).unwrap();
            let commits = Arc::new(AtomicUsize::new(0));
            let refused = Arc::new(AtomicUsize::new(0));
            let (counted, refuse) = (Arc::clone(&commits), Arc::clone(&refused));
            if let Place::Idle(connection) = &*writer.place.lock().await {
                let hook = move || {
                    let number = counted.fetch_add(1, Ordering::Relaxed) + 1;
                    number == refuse.load(Ordering::Relaxed)
                };
                connection.commit_hook(Some(hook)).unwrap();
            }
            Self {
                writer,
                commits,
                refused,
                _folder: folder,
            }
        }

        async fn numbers(&self) -> Vec<i64> {
            let connection = file::open(&self.writer.path, Access::Read).unwrap();
            let numbers = sql("select number from numbers order by number");
            let read = numbers
                .fetch_values(&mut Connection::Sqlite(connection))
                .await;
            read.unwrap()
        }
    }

    async fn insert(writer: Writer, numbers: &[i64]) -> Result<(), ports::Error> {
        let mut write = writer.begin().await?;
        for number in numbers {
            sql("insert into numbers values ($1)")
                .bind(*number)
                .execute(&mut write)
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
        let statement = sql("insert into numbers values (1)");
        statement.execute(&mut dropped).await.unwrap();
        // In the middle of a statement.
        let statement = sql("insert into numbers values (2)").execute(&mut dropped);
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
            let statement = sql("insert into numbers values ($1)").bind(number);
            statement.execute(&mut write).await.unwrap();
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
        let statement = sql("insert into numbers values (1)");
        statement.execute(&mut first).await.unwrap();
        sql("rollback").execute(&mut first).await.unwrap();
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
