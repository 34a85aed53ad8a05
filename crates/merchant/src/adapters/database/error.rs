//! Why a database is not opened, or not copied.

use super::driver_error::DriverError;
use crate::{ports, vault::KeyId};
use std::{io, path::PathBuf};

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened or brought up to date.
    #[error("the database cannot be opened")]
    Open(#[from] DriverError),
    /// A table cannot be brought up to date. What was done before it is kept.
    #[error("the database cannot be migrated: {name} failed")]
    Migrate {
        name: &'static str,
        source: DriverError,
    },
    /// Another transaction has locked a table for as long as a migration waits. What was done before it is kept.
    #[error(
        "the database cannot be migrated: {name} waited two minutes for a table that another transaction has locked, as that of a backup. Let it end, then start this version again; until then restart no merchant of the former version, which would refuse what is migrated already"
    )]
    Locked {
        name: &'static str,
        source: DriverError,
    },
    /// A later version of the merchant has brought it up to date.
    #[error(
        "the database was brought up to date by a later version of the merchant (its schema is {found}, this one's is {known}): run that one, or restore a copy that is older"
    )]
    Newer { found: i64, known: i64 },
    /// An earlier version of the merchant brought it up to date last.
    #[error(
        "the database is of an earlier version of the merchant (its schema is {found}, this one's is {known}): bring it up to date with `merchant migrate`, a backup in a copy of it"
    )]
    Older { found: i64, known: i64 },
    /// What was done to it is not what this version does.
    #[error("the database was brought up to date by another {name} than that of this version")]
    OtherMigration { name: &'static str },
    /// There is none.
    #[error("there is no database {}: the merchant makes it when it starts", .0.display())]
    Missing(PathBuf),
    /// A merchant is running on it.
    #[error("another merchant is running on {}; stop that one, or give this one a database of its own", .0.display())]
    InUse(PathBuf),
    /// Merchants of the former version are running on a database whose schema they would not know.
    #[error(
        "the database's schema has to change, and other merchants are running that cannot work with the new one: stop all of them, then start this one"
    )]
    FormerRun,
    /// A merchant is running on what is to be filled.
    #[error("merchants are running on the database; stop all of them")]
    MerchantsRun,
    /// Whether a merchant is running on it cannot be found out.
    #[error("{} cannot be locked: {source}; the folder of the database must be there, and be the merchant's own", path.display())]
    Lock { path: PathBuf, source: io::Error },
    /// It is another user's, or on a file system that is mounted to be read.
    #[error("{} cannot be written: it and its folder must belong to the user that the merchant runs as", .0.display())]
    ReadOnly(PathBuf),
    /// It is not as SQLite left it.
    #[error("{} is damaged ({wrong}); put it aside, with its -wal and -shm, and restore a copy", path.display())]
    Damaged {
        path: PathBuf,
        /// What was found first.
        wrong: String,
    },
    /// It cannot be copied there.
    #[error("{} cannot be written: {source}; give each copy a new name in a folder that is there", path.display())]
    Copy { path: PathBuf, source: io::Error },
    /// What is copied would be added to it.
    #[error(
        "the table {0} has rows already: a copy needs a database that is new, or that only `merchant migrate` was run on"
    )]
    NotEmpty(&'static str),
    /// A row was changed or lost on the way.
    #[error(
        "the rows of {table} are not those that were copied ({copied} rows, {found} arrived); nothing of the copy is kept"
    )]
    Differs {
        table: &'static str,
        copied: u64,
        found: u64,
    },
    /// It is another program's, or of another version.
    #[error("this is not a database that this version of the merchant was started on")]
    SchemaMismatch,
    /// To which of several mini apps they belong is not written.
    #[error(
        "the database is of a version that supported one mini app: start once with only that [[mini_app]], then add the others"
    )]
    CustomersWithoutMiniApp,
    /// Buyers would be taken for new ones.
    #[error(
        "{buyers} buyers need a master key that master_key_file does not name any more ({}): name its file there too, after the first. Where it is lost, `merchant rotate re-seal --without-lost-keys` lets the merchant start without their orders",
        list(missing)
    )]
    MasterKeyMissing { missing: Vec<KeyId>, buyers: u64 },
    /// The running merchant could not read what is sealed under it.
    #[error(
        "the merchant has not been started with the master key {0} yet: restart it with this configuration first"
    )]
    MasterKeyNotInUse(KeyId),
    /// Other processes would take this key's buyers for new ones.
    #[error(
        "master_key_file: the key {0} is new, and other merchant processes are running: name its file second, restart every process with that, and put it first only then"
    )]
    MasterKeyTooEarly(KeyId),
    /// What is opened cannot be read or written.
    #[error(transparent)]
    Repository(#[from] ports::Error),
}

fn list(ids: &[KeyId]) -> String {
    let ids: Vec<String> = ids.iter().map(KeyId::to_string).collect();
    ids.join(", ")
}
