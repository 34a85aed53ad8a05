//! All rows of one database, copied into another of either kind.
//!
//! Invariant: what is copied is one snapshot, whatever is written meanwhile; it arrives in one transaction, and
//! only after it was read back and is what was copied.
//!
//! The triggers that check an insert are off meanwhile: they judge a change by what was written before it, and
//! final rows come without their past. A refund that is done, for instance, is in GoPay's history already.
//! `merchant verify` judges the whole instead.

use super::{
    connection::{Connection, Statement, sql},
    driver_error::DriverError,
    error::Error,
    instance_lock::InstanceLock,
    postgres::{connection::without_nul, copy_text::push_row, pool},
    schema,
    snapshot::open_snapshot,
    sqlite::opening::blocking,
    sqlite::{
        connection::insert,
        file::{self, Access},
        file_check,
    },
    tables::{BATCH, TABLES, Table},
    url::{self, Location},
    value::{Cell, Row},
};
use crate::{ports, private_file};
use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::config::DbConfig;
use sqlx::{PgConnection, postgres::PgCopyIn};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// A table's rows, as far as they are copied.
pub(crate) type Progress = fn(&'static str, u64);

/// After how many rows of a table that is said.
const PROGRESS_INTERVAL: u64 = 100_000;

/// A snapshot of the database that is copied.
#[derive(Debug)]
pub(crate) struct Source(Connection);

/// The database that is filled, in a transaction. Where it is dropped before that is committed, nothing of the
/// copy is left.
#[derive(Debug)]
pub(crate) struct Target {
    // These three are dropped in this order.
    connection: Connection,
    file: Option<NewFile>,
    _lock: Option<InstanceLock>,
}

/// A file that is removed unless it is kept.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    is_kept: bool,
}

/// What a table holds: how many rows, and the sum of their digests, in whatever order they are read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Contents {
    rows: u64,
    sum: u128,
}

/// The ids that are counted go on after the greatest.
const SET_SEQUENCES: &str = "select setval(pg_get_serial_sequence('evidence', 'id'),
        coalesce(max(id), 1), max(id) is not null) from evidence;
    select setval(pg_get_serial_sequence('unplaced_notifications', 'id'),
        coalesce(max(id), 1), max(id) is not null) from unplaced_notifications;
    select setval(pg_get_serial_sequence('staff_actions', 'id'),
        coalesce(max(id), 1), max(id) is not null) from staff_actions;
    select setval(pg_get_serial_sequence('refund_approvals', 'id'),
        coalesce(max(id), 1), max(id) is not null) from refund_approvals";

/// A refund may name a later one.
const BEGIN_SQLITE: &str =
    "pragma foreign_keys = on; begin exclusive; pragma defer_foreign_keys = on";

impl Source {
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        if let Location::Sqlite(path) = url::existing(url)? {
            let checked = blocking(move || {
                let connection = file::open(&path, Access::Read)
                    .map_err(|error| file_check::of(&path, error))?;
                file_check::check_pages(&connection, &path)
            });
            checked.await??;
        }
        Ok(Self(open_snapshot(url).await?))
    }
}

impl Target {
    /// Opens a database that is empty, or creates it, while no merchant runs on it.
    pub(crate) async fn open(url: &str) -> Result<Self, Error> {
        let lock = InstanceLock::acquire_alone(url).await?;
        let (connection, file) = match url::parse(url)? {
            Location::Sqlite(path) => {
                let file = match path.exists() {
                    true => None,
                    false => Some(NewFile::create(path.clone())?),
                };
                (open_sqlite(&path)?, file)
            }
            Location::Postgres(options) => {
                let connection = pool::connect_without_limits(&options).await?;
                (Connection::Postgres(connection), None)
            }
        };
        let target = Self {
            connection,
            file,
            _lock: Some(lock),
        };
        target.begin().await
    }

    /// Makes a new database file.
    pub(crate) async fn create(file: NewFile) -> Result<Self, Error> {
        let target = Self {
            connection: open_sqlite(&file.path)?,
            file: Some(file),
            _lock: None,
        };
        target.begin().await
    }

    async fn begin(mut self) -> Result<Self, Error> {
        let connection = &mut self.connection;
        if schema::versions(connection).await?.found > 0 {
            // It may be kept for another version.
            schema::check(connection).await?;
        }
        schema::migrate(connection).await?;
        match connection {
            Connection::Sqlite(sqlite) => {
                let begun = sqlite.execute_batch(BEGIN_SQLITE);
                begun.map_err(DriverError::from)?;
            }
            Connection::Postgres(_) => connection.run_script("begin").await?,
        }
        enable_triggers(connection, false).await?;
        for table in TABLES {
            if sql(table.count_first)
                .fetch_value::<i64>(connection)
                .await?
                > 0
            {
                return Err(Error::NotEmpty(table.name));
            }
        }
        Ok(self)
    }

    /// Copies all rows, and compares what arrived.
    pub(crate) async fn fill(
        &mut self,
        mut source: Source,
        progress: Progress,
    ) -> Result<(), Error> {
        let mut numbers = EvidenceNumbers::of(&source.0, &self.connection);
        let mut copied = Vec::new();
        for table in TABLES {
            let contents = self.copy(&mut source.0, table, &mut numbers, progress);
            copied.push(contents.await?);
        }
        drop(source);
        enable_triggers(&mut self.connection, true).await?;
        if matches!(self.connection, Connection::Postgres(_)) {
            self.connection.run_script(SET_SEQUENCES).await?;
            for table in TABLES {
                self.connection.run_script(table.analyze).await?;
            }
        }
        for (table, copied) in TABLES.iter().zip(copied) {
            let mut found = Contents::default();
            let mut rows = Rows::of(table);
            while let Some(batch) = rows.next(&mut self.connection).await? {
                for row in batch {
                    found.add(&row.into_cells());
                }
            }
            if found != copied {
                return Err(Error::Differs {
                    table: table.name,
                    copied: copied.rows,
                    found: found.rows,
                });
            }
        }
        Ok(())
    }

    async fn copy(
        &mut self,
        source: &mut Connection,
        table: &'static Table,
        numbers: &mut Option<EvidenceNumbers>,
        progress: Progress,
    ) -> Result<Contents, Error> {
        let has_nul = matches!(self.connection, Connection::Sqlite(_));
        let mut contents = Contents::default();
        let mut rows = Rows::of(table);
        let mut inserts = Inserts::begin(&mut self.connection, table).await?;
        while let Some(batch) = rows.next(source).await? {
            for row in batch {
                let mut cells = row.into_cells();
                if let Some(numbers) = numbers {
                    numbers.apply(table, &mut cells)?;
                }
                for cell in &mut cells {
                    if let Cell::Text(text) = cell
                        && !has_nul
                    {
                        *text = without_nul(text).into_owned();
                    }
                }
                contents.add(&cells);
                inserts.push(&cells)?;
            }
            inserts.send().await?;
            if rows.is_over() || contents.rows.is_multiple_of(PROGRESS_INTERVAL) {
                progress(table.name, contents.rows);
            }
        }
        inserts.finish().await?;
        Ok(contents)
    }

    /// The filled database before it is committed.
    pub(crate) const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Waits until the copy has reached the disk. The file that was made for it, if one was, is still removed
    /// unless it is kept.
    pub(crate) async fn commit(mut self) -> Result<Option<NewFile>, Error> {
        self.connection.run_script("commit").await?;
        Ok(self.file.take())
    }
}

/// A new file gets a rollback journal, which leaves no second file behind. A merchant that starts on it gives
/// it a write-ahead log.
fn open_sqlite(path: &Path) -> Result<Connection, Error> {
    let connection =
        file::open(path, Access::Write).map_err(|error| file_check::of(path, error))?;
    file_check::check_writable(&connection, path)?;
    Ok(Connection::Sqlite(connection))
}

/// Switches all triggers: in SQLite those of this connection, in PostgreSQL those of this transaction.
async fn enable_triggers(connection: &mut Connection, are_on: bool) -> Result<(), DriverError> {
    match connection {
        Connection::Sqlite(sqlite) => {
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, are_on)?;
        }
        Connection::Postgres(_) => {
            for table in TABLES {
                let script = match are_on {
                    true => table.enable_triggers,
                    false => table.disable_triggers,
                };
                connection.run_script(script).await?;
            }
        }
    }
    Ok(())
}

/// PostgreSQL's ids of evidence have gaps where nothing is missing; in SQLite a gap says that something is.
/// The copy in SQLite has them without gaps, in the same order. Eight bytes are kept of each.
#[derive(Debug, Default)]
struct EvidenceNumbers(Vec<i64>);

impl EvidenceNumbers {
    fn of(source: &Connection, target: &Connection) -> Option<Self> {
        let is_needed = matches!(
            (source, target),
            (Connection::Postgres(_), Connection::Sqlite(_))
        );
        is_needed.then(Self::default)
    }

    fn apply(&mut self, table: &Table, cells: &mut [Cell]) -> Result<(), Error> {
        let column = match table.name {
            "evidence" => "id",
            "fulfilments" => "evidence_id",
            _ => return Ok(()),
        };
        let place = table.columns.iter().position(|name| *name == column);
        let cell = place.and_then(|place| cells.get_mut(place));
        let Some(Cell::Integer(id)) = cell else {
            return Err(ports::Error::CorruptRow(column).into());
        };
        if column == "id" {
            self.0.push(*id);
        }
        let number = self.0.partition_point(|known| known <= id);
        *id = number.try_into().unwrap_or(i64::MAX);
        Ok(())
    }
}

impl Contents {
    fn add(&mut self, cells: &[Cell]) {
        let mut bytes = Vec::new();
        for cell in cells {
            let (kind, value): (u8, &[u8]) = match cell {
                Cell::Null => (0, &[]),
                Cell::Integer(value) => (1, &value.to_be_bytes()),
                Cell::Text(value) => (2, value.as_bytes()),
                Cell::Bytes(value) => (3, value),
            };
            bytes.push(kind);
            bytes.extend_from_slice(&value.len().to_be_bytes());
            bytes.extend_from_slice(value);
        }
        let digest = digest(&SHA256, &bytes);
        let first = digest.as_ref().first_chunk().copied().unwrap_or_default();
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(first));
    }
}

/// Reads a table by its key, so that it need not fit into memory.
struct Rows {
    table: &'static Table,
    last: Option<Cell>,
    is_over: bool,
}

impl Rows {
    const fn of(table: &'static Table) -> Self {
        Self {
            table,
            last: None,
            is_over: false,
        }
    }

    const fn is_over(&self) -> bool {
        self.is_over
    }

    async fn next(&mut self, connection: &mut Connection) -> Result<Option<Vec<Row>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        let select: Statement<'_> = match &self.last {
            None => sql(self.table.first),
            Some(last) => sql(self.table.next).bind(last),
        };
        let rows = select.fetch_all(connection).await?;
        self.is_over = rows.len() < BATCH;
        self.last = rows
            .last()
            .and_then(|row| row.cells().next())
            .map(|(_, cell)| cell.clone());
        Ok((!rows.is_empty()).then_some(rows))
    }
}

/// Fills one table.
enum Inserts<'c> {
    Sqlite {
        connection: &'c rusqlite::Connection,
        table: &'static Table,
    },
    Postgres {
        copy: PgCopyIn<&'c mut PgConnection>,
        text: String,
    },
}

impl<'c> Inserts<'c> {
    async fn begin(
        connection: &'c mut Connection,
        table: &'static Table,
    ) -> Result<Self, DriverError> {
        Ok(match connection {
            Connection::Sqlite(connection) => Self::Sqlite { connection, table },
            Connection::Postgres(connection) => Self::Postgres {
                copy: connection.copy_in(table.copy_in).await?,
                text: String::new(),
            },
        })
    }

    fn push(&mut self, cells: &[Cell]) -> Result<(), DriverError> {
        match self {
            Self::Sqlite { connection, table } => {
                insert(connection, table.insert, cells.iter().map(Into::into))?;
            }
            Self::Postgres { text, .. } => push_row(text, cells),
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), DriverError> {
        if let Self::Postgres { copy, text } = self {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
        Ok(())
    }

    async fn finish(self) -> Result<(), DriverError> {
        if let Self::Postgres { copy, .. } = self {
            copy.finish().await?;
        }
        Ok(())
    }
}

impl NewFile {
    /// Makes the file under another name than it is to get, which nothing may have yet.
    pub(crate) fn create_for(name: &Path, path: PathBuf) -> Result<Self, Error> {
        let failed = |path: &Path, source| Error::Copy {
            path: path.to_owned(),
            source,
        };
        if name.exists() {
            return Err(failed(name, io::ErrorKind::AlreadyExists.into()));
        }
        match private_file::create_new(&path) {
            Ok(_) => Ok(Self::new(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(failed(&path, error)),
            Err(error) => Err(failed(name, error)),
        }
    }

    const fn new(path: PathBuf) -> Self {
        Self {
            path,
            is_kept: false,
        }
    }

    /// Only its owner can read it.
    fn create(path: PathBuf) -> Result<Self, Error> {
        match private_file::create_new(&path) {
            Ok(_) => Ok(Self::new(path)),
            Err(source) => Err(Error::Copy { path, source }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies a database file, as it is at one moment.
    pub(crate) async fn fill_from(&self, from: &Path) -> Result<(), Error> {
        let (from, to) = (from.to_owned(), self.path.clone());
        blocking(move || {
            let text = to
                .to_str()
                .ok_or(ports::Error::Internal("the path of a copy must be UTF-8"))?;
            // SQLite writes into an empty file as into none, and leaves its mode as it is.
            file::open(&from, Access::Write)
                .and_then(|connection| connection.execute("vacuum into ?", [text]))
                .map_err(|error| file_check::of(&from, error))?;
            Ok(())
        })
        .await?
    }

    /// Waits until it has reached the disk, and gives it its name if it has another yet.
    pub(crate) fn keep_as(mut self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Copy {
            path: path.to_owned(),
            source,
        };
        private_file::sync(&self.path).map_err(failed)?;
        if path != self.path {
            if path.exists() {
                return Err(failed(io::ErrorKind::AlreadyExists.into()));
            }
            fs::rename(&self.path, path).map_err(failed)?;
            self.is_kept = true;
            private_file::sync(path).map_err(failed)?;
        }
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(rows: &[[Cell; 2]]) -> Contents {
        let mut contents = Contents::default();
        rows.iter().for_each(|cells| contents.add(cells));
        contents
    }

    #[test]
    fn a_table_is_compared_by_all_that_it_holds_in_any_order() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let [one, other] = [[text("ab"), text("c")], [Cell::Integer(1), Cell::Null]];
        let both = contents(&[one.clone(), other.clone()]);
        assert_eq!(both, contents(&[other.clone(), one.clone()]));
        for changed in [
            &[one.clone()][..],
            &[one.clone(), one.clone()],
            &[one.clone(), other.clone(), other.clone()],
            // The same characters in other columns, and the same bytes of another kind.
            &[[text("a"), text("bc")], other.clone()],
            &[[Cell::Bytes(b"ab".to_vec()), text("c")], other.clone()],
            &[one.clone(), [Cell::Integer(1), text("")]],
            &[one.clone(), [Cell::Integer(-1), Cell::Null]],
        ] {
            assert_ne!(both, contents(changed), "{changed:?}");
        }
    }

    #[test]
    fn evidence_is_numbered_without_gaps_and_what_names_it_follows() {
        let table = |name| TABLES.iter().find(|table| table.name == name).unwrap();
        let mut numbers = EvidenceNumbers::default();
        let mut number = |table: &Table, place: usize, id: i64| {
            let mut cells = vec![Cell::Null; table.columns.len()];
            cells[place] = Cell::Integer(id);
            numbers.apply(table, &mut cells).unwrap();
            cells[place].clone()
        };
        for (id, expected) in [(3, 1), (4, 2), (90, 3)] {
            let numbered = number(table("evidence"), 0, id);
            assert_eq!(numbered, Cell::Integer(expected));
        }
        assert_eq!(number(table("fulfilments"), 2, 90), Cell::Integer(3));
        assert_eq!(number(table("orders"), 2, 90), Cell::Integer(90));
    }
}
