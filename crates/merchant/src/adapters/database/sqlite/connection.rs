//! Statements on a connection to SQLite.

use crate::adapters::database::value::{Cell, Row, Value};
use rusqlite::{
    Connection, Statement, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use std::sync::Arc;

/// The parameters as statements name them.
const PARAMETERS: [&str; 16] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16",
];

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(Some(value)) => ValueRef::Integer(*value),
            Self::Text(Some(value)) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(Some(value)) => ValueRef::Blob(value),
            Self::Integer(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        }))
    }
}

/// Carries out a statement that has no rows. Returns how many rows it changed.
pub(crate) fn execute(
    connection: &Connection,
    text: &str,
    values: &[Value<'_>],
) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, values)?;
    statement.raw_execute().map(|changed| changed as u64)
}

/// Inserts one row, whose values are in the order of the parameters, however many there are.
pub(crate) fn insert<'a>(
    connection: &Connection,
    text: &str,
    values: impl Iterator<Item = Value<'a>>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(text)?;
    for (place, value) in values.enumerate() {
        statement.raw_bind_parameter(place + 1, value)?;
    }
    statement.raw_execute().map(drop)
}

/// Carries out a statement and returns its rows.
pub(crate) fn fetch(
    connection: &Connection,
    text: &str,
    values: &[Value<'_>],
) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(text)?;
    bind(&mut statement, values)?;
    let mut columns: Option<Arc<[String]>> = None;
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        // Not before the first row: until then they are those from before the tables changed.
        let columns = columns.get_or_insert_with(|| {
            let names = row.as_ref().column_names();
            names.into_iter().map(str::to_owned).collect()
        });
        let cells = (0..columns.len()).map(|place| cell(row.get_ref(place)?));
        found.push(Row::new(columns, cells.collect::<rusqlite::Result<_>>()?));
    }
    Ok(found)
}

fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<()> {
    for (name, value) in PARAMETERS.iter().zip(values) {
        if let Some(place) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(place, value)?;
        }
    }
    Ok(())
}

fn cell(value: ValueRef<'_>) -> rusqlite::Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(value) => Cell::Integer(value),
        ValueRef::Text(_) => Cell::Text(value.as_str()?.to_owned()),
        ValueRef::Blob(value) => Cell::Bytes(value.to_owned()),
        // No table of ours has such a column.
        ValueRef::Real(value) => Cell::Text(value.to_string()),
    })
}
