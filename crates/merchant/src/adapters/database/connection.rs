//! Statements, written once for both databases.
//!
//! Their parameters are `$1`, `$2` and so on. What the two databases understand differently is avoided: a
//! scalar `max` or `min`, `or ignore`, `is` between columns, a truth where a number is stored.

use super::{
    driver_error::DriverError,
    postgres::{connection as postgres, pool},
    sqlite::{
        busy::when_free,
        connection as sqlite,
        file::{self, Access},
    },
    url::{self, Location},
    value::{FromCell, Row, Value},
};
use crate::{failpoint, ports::Error};

/// A connection to the database.
#[derive(Debug)]
pub enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Connection),
}

/// A statement with its parameters.
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is carried out"]
pub struct Statement<'a> {
    text: &'static str,
    values: Vec<Value<'a>>,
}

/// A statement whose parameters follow. The text is part of the program: no text from outside is one.
pub fn sql<'a>(text: &'static str) -> Statement<'a> {
    Statement {
        text,
        values: Vec::new(),
    }
}

impl<'a> Statement<'a> {
    /// The next parameter.
    pub fn bind(mut self, value: impl Into<Value<'a>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Carries it out. Returns how many rows it changed.
    pub async fn execute(self, connection: &mut Connection) -> Result<u64, DriverError> {
        failpoint::statement().await;
        Ok(match connection {
            Connection::Sqlite(connection) => {
                when_free(connection, |it| {
                    sqlite::execute(it, self.text, &self.values)
                })
                .await?
            }
            Connection::Postgres(connection) => connection.execute(self.text, &self.values).await?,
        })
    }

    pub async fn fetch_all(self, connection: &mut Connection) -> Result<Vec<Row>, DriverError> {
        failpoint::statement().await;
        Ok(match connection {
            Connection::Sqlite(connection) => {
                when_free(connection, |it| sqlite::fetch(it, self.text, &self.values)).await?
            }
            Connection::Postgres(connection) => connection.fetch(self.text, &self.values).await?,
        })
    }

    pub async fn fetch_optional(
        self,
        connection: &mut Connection,
    ) -> Result<Option<Row>, DriverError> {
        Ok(self.fetch_all(connection).await?.into_iter().next())
    }

    pub async fn fetch_one(self, connection: &mut Connection) -> Result<Row, Error> {
        let row = self.fetch_optional(connection).await?;
        row.ok_or(Error::CorruptRow("no row"))
    }

    /// The first column of the only row.
    pub async fn fetch_value<T>(self, connection: &mut Connection) -> Result<T, Error>
    where
        T: for<'r> FromCell<'r>,
    {
        self.fetch_one(connection).await?.at(0)
    }

    /// The first column of the first row, if there is one.
    pub async fn fetch_optional_value<T>(
        self,
        connection: &mut Connection,
    ) -> Result<Option<T>, Error>
    where
        T: for<'r> FromCell<'r>,
    {
        let row = self.fetch_optional(connection).await?;
        row.map(|row| row.at(0)).transpose()
    }

    /// The first column of all rows.
    pub async fn fetch_values<T>(self, connection: &mut Connection) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromCell<'r>,
    {
        let rows = self.fetch_all(connection).await?;
        rows.iter().map(|row| row.at(0)).collect()
    }
}

impl Connection {
    /// Looks at a database from beside the merchant.
    pub async fn open(url: &str) -> Result<Self, DriverError> {
        Ok(match url::parse(url)? {
            Location::Sqlite(path) => Self::Sqlite(file::open(&path, Access::Write)?),
            Location::Postgres(options) => Self::Postgres(pool::connect(&options).await?),
        })
    }

    /// Carries out several statements without parameters, however long that takes.
    pub async fn run_script(&mut self, text: &'static str) -> Result<(), DriverError> {
        match self {
            Self::Sqlite(connection) => when_free(connection, |it| it.execute_batch(text)).await?,
            Self::Postgres(connection) => connection.run_script(text).await?,
        }
        Ok(())
    }
}
