//! The files of bad inputs, one for each id.

use std::{env, fs, path::Path};
use toml::{Table, Value};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad_input/inputs");

/// Limits a run to the ids that begin so.
const ONLY: &str = "BAD_INPUT";

/// One way to write what an id stands for.
pub(crate) struct Input {
    /// The id, and which of its inputs it is.
    pub(crate) name: String,
    pub(crate) table: Table,
}

/// The inputs whose ids begin with this letter, in the order of the ids.
pub(crate) fn inputs(letter: char) -> Vec<Input> {
    let only = env::var(ONLY).unwrap_or_default();
    let mut files: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| id(path).starts_with(letter) && id(path).starts_with(&only))
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn id(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Each `[[input]]`, with what the file says of all of them in front. Without an `[[input]]` the file is one.
fn read(path: &Path) -> Vec<Input> {
    let id = id(path);
    let text = fs::read_to_string(path).unwrap();
    let mut shared: Table = text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let description = shared.remove("description");
    let is_told = description.is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty()));
    assert!(is_told, "{}: a description is missing", path.display());
    let own = match shared.remove("input") {
        None => vec![Value::Table(Table::new())],
        Some(Value::Array(inputs)) if !inputs.is_empty() => inputs,
        Some(_) => panic!("{}: [[input]] is a list", path.display()),
    };
    let inputs = own.into_iter().enumerate().map(|(number, own)| {
        let mut table = shared.clone();
        let Value::Table(own) = own else {
            panic!("{}: an input is a table", path.display());
        };
        overlay(&mut table, own);
        let name = table.remove("name");
        let name = name.as_ref().and_then(Value::as_str);
        let name = name.map_or_else(|| (number + 1).to_string(), str::to_owned);
        Input {
            name: format!("{id} {name}"),
            table,
        }
    });
    inputs.collect()
}

/// Puts the values of `own` in the place of those of `table`. What is in these tables is kept, where `own` says
/// nothing of it.
fn overlay(table: &mut Table, own: Table) {
    for (key, value) in own {
        let is_kept = ["expect", "headers", "sign"].contains(&key.as_str());
        match (table.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(value)) if is_kept => below.extend(value),
            (_, value) => {
                table.insert(key, value);
            }
        }
    }
}
