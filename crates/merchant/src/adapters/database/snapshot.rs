//! A database at one moment, whatever is written meanwhile.

use super::{
    connection::Connection,
    error::Error,
    postgres::pool,
    schema,
    sqlite::{
        file::{self, Access},
        file_check,
    },
    url::{self, Location},
};

/// Opens a database that is there and up to date, to read whole tables: without time limits.
pub(crate) async fn open_snapshot(url: &str) -> Result<Connection, Error> {
    let (mut connection, begin) = match url::existing(url)? {
        Location::Sqlite(path) => {
            let opened = file::open(&path, Access::Read);
            let connection = opened.map_err(|error| file_check::of(&path, error))?;
            (Connection::Sqlite(connection), "begin")
        }
        Location::Postgres(options) => {
            let connection = pool::connect_without_limits(&options).await?;
            let begin = "begin isolation level repeatable read read only";
            (Connection::Postgres(connection), begin)
        }
    };
    connection.run_script(begin).await?;
    schema::check(&mut connection).await?;
    Ok(connection)
}
