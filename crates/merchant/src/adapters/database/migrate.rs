//! Bringing a database up to date, when a merchant starts on it or beforehand.

use super::{
    connection::Connection,
    error::Error,
    instance_lock::InstanceLock,
    postgres::pool,
    schema::{self, Migrated, Versions},
    sqlite::opening::{blocking, open_file},
    sqlite::{
        file::{self, Access},
        file_check,
    },
    url::{self, Location},
};
use crate::private_file;
use std::time::Duration;

/// How long `merchant migrate` waits for another one. A merchant that runs on the file keeps its lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Brings a database up to date, and creates it where it is missing.
pub async fn migrate(url: &str) -> Result<Migrated, Error> {
    let mut lock = InstanceLock::acquire_within(url, LOCK_TIMEOUT).await?;
    check_others(url, &mut lock).await?;
    bring_up_to_date(&url::parse(url)?).await
}

/// Fails where the schema has to change and merchants are running that cannot work with the new one.
pub(crate) async fn check_others(url: &str, lock: &mut InstanceLock) -> Result<(), Error> {
    let Location::Postgres(options) = url::parse(url)? else {
        // A merchant that runs on the file keeps its lock.
        return Ok(());
    };
    let mut connection = Connection::Postgres(pool::connect(&options).await?);
    let Versions {
        found, is_beside, ..
    } = schema::versions(&mut connection).await?;
    match is_beside || found == 0 || lock.wait_until_surely_alone().await? {
        true => Ok(()),
        false => Err(Error::FormerRun),
    }
}

/// Which schema the database has, and which this version of the merchant needs. Nothing is written.
pub async fn schema_versions(url: &str) -> Result<Versions, Error> {
    let mut connection = match url::existing(url)? {
        Location::Sqlite(path) => {
            let opened = file::open(&path, Access::Read);
            Connection::Sqlite(opened.map_err(|error| file_check::of(&path, error))?)
        }
        Location::Postgres(options) => Connection::Postgres(pool::connect(&options).await?),
    };
    schema::versions(&mut connection).await
}

pub(super) async fn bring_up_to_date(location: &Location) -> Result<Migrated, Error> {
    let mut connection = match location {
        Location::Sqlite(path) => {
            // SQLite gives what it writes beside the database the mode of the database. Where this
            // fails, it is there, or SQLite says why it cannot be.
            let _ = private_file::create_new(path);
            let file = path.clone();
            Connection::Sqlite(blocking(move || open_file(&file)).await??)
        }
        Location::Postgres(options) => {
            Connection::Postgres(pool::connect_without_limits(options).await?)
        }
    };
    schema::migrate(&mut connection).await
}
