//! Rows as `copy ... from stdin` reads them
//! <https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2>.

use crate::adapters::database::value::Cell;
use std::fmt::Write;

/// Adds a line with these values.
pub(crate) fn push_row(text: &mut String, cells: &[Cell]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push('\t');
        }
        // Writing to a text does not fail.
        match cell {
            Cell::Null => text.push_str("\\N"),
            Cell::Integer(value) => {
                let _ = write!(text, "{value}");
            }
            Cell::Text(value) => value.chars().for_each(|c| push_escaped(text, c)),
            Cell::Bytes(bytes) => {
                text.push_str("\\\\x");
                for byte in bytes {
                    let _ = write!(text, "{byte:02x}");
                }
            }
        }
    }
    text.push('\n');
}

fn push_escaped(text: &mut String, c: char) {
    match c {
        '\\' => text.push_str("\\\\"),
        '\t' => text.push_str("\\t"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        c => text.push(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_one_line_whatever_its_texts_hold() {
        let mut text = String::new();
        push_row(
            &mut text,
            &[
                Cell::Null,
                Cell::Integer(-1),
                Cell::Text("a\\N\tb\r\n".to_owned()),
                Cell::Bytes(vec![0, 0xff]),
                Cell::Text(String::new()),
            ],
        );
        assert_eq!(text, "\\N\t-1\ta\\\\N\\tb\\r\\n\t\\\\x00ff\t\n");
    }
}
