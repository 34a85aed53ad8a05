//! A connection of a pool, perhaps in a transaction.

use super::{
    connector::{Connector, PING_TIMEOUT},
    deadline::{STATEMENT_TIMEOUT, within},
};
use deadpool::managed::Object;
use sqlx::{Connection as _, Executor, PgConnection};
use tokio::runtime::Handle;

/// Goes back to its pool where it is dropped. What it did in a transaction is rolled back before that, unless it
/// was committed.
#[derive(Debug)]
pub struct PooledConnection {
    /// `None` once it is dropped.
    object: Option<Object<Connector>>,
    in_transaction: bool,
    /// Whether a statement has begun and has not ended well, as where its future was dropped.
    is_doubtful: bool,
    /// Whether the server takes no writes any more, as a primary that has become a standby.
    is_read_only: bool,
}

impl PooledConnection {
    pub(crate) const fn new(object: Object<Connector>) -> Self {
        Self {
            object: Some(object),
            in_transaction: false,
            is_doubtful: false,
            is_read_only: false,
        }
    }

    pub(crate) const fn is_in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// For one statement, whose result [`Self::ended`] takes.
    pub(crate) fn start(&mut self) -> &mut PgConnection {
        self.is_doubtful = true;
        match &mut self.object {
            Some(object) => object,
            None => unreachable!("a dropped connection is used"),
        }
    }

    pub(crate) fn ended<T>(&mut self, result: &sqlx::Result<T>) {
        let error = result.as_ref().err();
        self.is_doubtful = error.is_some();
        self.is_read_only |= error.is_some_and(is_read_only);
    }

    pub(crate) async fn begin(&mut self) -> sqlx::Result<()> {
        // Also where it is not known whether it has begun.
        self.in_transaction = true;
        self.run("begin").await
    }

    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        self.run("commit").await?;
        self.in_transaction = false;
        Ok(())
    }

    async fn run(&mut self, text: &'static str) -> sqlx::Result<()> {
        let done = within(Some(STATEMENT_TIMEOUT), self.start().execute(text)).await;
        self.ended(&done);
        done.map(|_| ())
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        if !self.in_transaction && !self.is_doubtful {
            return;
        }
        let Some(object) = self.object.take() else {
            return;
        };
        match Handle::try_current() {
            Ok(runtime) if !self.is_read_only => {
                runtime.spawn(settle(object, self.in_transaction));
            }
            _ => drop(Object::take(object)),
        }
    }
}

/// <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn is_read_only(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some("25006"))
}

/// Has a connection forget what was begun on it, or closes it.
async fn settle(mut object: Object<Connector>, in_transaction: bool) {
    let settled = match in_transaction {
        true => within(Some(PING_TIMEOUT), object.execute("rollback"))
            .await
            .map(|_| ()),
        false => within(Some(PING_TIMEOUT), object.ping()).await,
    };
    if settled.is_err() {
        drop(Object::take(object));
    }
}
