//! What goes into a statement and what comes out of it, the same for both databases.

use crate::{domain::time::Timestamp, ports::Error};
use std::sync::Arc;

/// A parameter. What is absent has a type too: PostgreSQL asks for it.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Also a truth, as 0 or 1, and a time, in Unix milliseconds.
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

/// Implements `From` for a type and for its `Option`.
macro_rules! value {
    ($type:ty, $variant:ident, $value:ident => $convert:expr) => {
        impl<'a> From<$type> for Value<'a> {
            fn from($value: $type) -> Self {
                Self::$variant(Some($convert))
            }
        }

        impl<'a> From<Option<$type>> for Value<'a> {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value.map(|$value| $convert))
            }
        }
    };
}

value!(i64, Integer, value => value);
value!(u32, Integer, value => value.into());
value!(bool, Integer, value => value.into());
value!(Timestamp, Integer, value => value.as_millis());
value!(&'a str, Text, value => value);

value!(&'a [u8], Bytes, value => value);

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        value.as_str().into()
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        value.as_slice().into()
    }
}

impl<'a> From<&'a Option<Vec<u8>>> for Value<'a> {
    fn from(value: &'a Option<Vec<u8>>) -> Self {
        value.as_deref().into()
    }
}

/// What one column of a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    /// Also a truth, as 0 or 1.
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl<'a> From<&'a Cell> for Value<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Text(None),
            Cell::Integer(value) => Self::Integer(Some(*value)),
            Cell::Text(value) => Self::Text(Some(value)),
            Cell::Bytes(value) => Self::Bytes(Some(value)),
        }
    }
}

/// One row of an answer.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Arc<[String]>,
    cells: Vec<Cell>,
}

impl Row {
    pub(super) fn new(columns: &Arc<[String]>, cells: Vec<Cell>) -> Self {
        Self {
            columns: Arc::clone(columns),
            cells,
        }
    }

    /// What the first column of this name holds.
    pub fn get<'a, T: FromCell<'a>>(&'a self, column: &'static str) -> Result<T, Error> {
        let place = self.columns.iter().position(|name| name == column);
        let cell = place.and_then(|place| self.cells.get(place));
        cell.and_then(T::from_cell).ok_or(Error::CorruptRow(column))
    }

    /// What the column at this place, counted from 0, holds.
    pub fn at<'a, T: FromCell<'a>>(&'a self, place: usize) -> Result<T, Error> {
        let cell = self.cells.get(place);
        cell.and_then(T::from_cell)
            .ok_or(Error::CorruptRow("a column"))
    }

    /// What its columns hold.
    pub(super) fn into_cells(self) -> Vec<Cell> {
        self.cells
    }

    /// All columns, with their names.
    pub fn cells(&self) -> impl Iterator<Item = (&str, &Cell)> {
        self.columns.iter().map(String::as_str).zip(&self.cells)
    }
}

/// What a column is read as.
pub trait FromCell<'a>: Sized {
    /// `None` where the column holds something else.
    fn from_cell(cell: &'a Cell) -> Option<Self>;
}

impl<'a> FromCell<'a> for i64 {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        match cell {
            Cell::Integer(value) => Some(*value),
            _ => None,
        }
    }
}

impl<'a> FromCell<'a> for u32 {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        i64::from_cell(cell)?.try_into().ok()
    }
}

impl<'a> FromCell<'a> for bool {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        Some(i64::from_cell(cell)? != 0)
    }
}

impl<'a> FromCell<'a> for Timestamp {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        i64::from_cell(cell).map(Self::from_millis)
    }
}

impl<'a> FromCell<'a> for &'a str {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        match cell {
            Cell::Text(value) => Some(value),
            _ => None,
        }
    }
}

impl<'a> FromCell<'a> for String {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        <&str>::from_cell(cell).map(Self::from)
    }
}

impl<'a> FromCell<'a> for &'a [u8] {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        match cell {
            Cell::Bytes(value) => Some(value),
            _ => None,
        }
    }
}

impl<'a> FromCell<'a> for Vec<u8> {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        <&[u8]>::from_cell(cell).map(Self::from)
    }
}

impl<'a, T: FromCell<'a>> FromCell<'a> for Option<T> {
    fn from_cell(cell: &'a Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}
