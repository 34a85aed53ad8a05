//! What each layer may import: the domain no other layer and nothing that does input or output, services
//! and workers no database and no HTTP server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeMap, fs, path::Path};

/// A layer, and what its files must not name.
const FORBIDDEN: [(&str, &[&str]); 4] = [
    (
        "domain",
        &[
            "axum",
            "reqwest",
            "sqlx",
            "rusqlite",
            "tokio",
            "jiff",
            "Instant",
            "SystemTime",
            "rand::",
            "uuid",
            "crate::adapters",
            "crate::cli",
            "crate::config",
            "crate::ports",
            "crate::server",
            "crate::service",
            "crate::workers",
        ],
    ),
    ("ports", &["axum", "sqlx", "rusqlite", "crate::adapters"]),
    (
        "service",
        &["axum", "sqlx", "adapters::database", "adapters::http"],
    ),
    (
        "workers",
        &["axum", "sqlx", "adapters::database", "adapters::http"],
    ),
];

#[test]
fn a_layer_names_nothing_that_it_must_not_know() {
    let sources = sources();
    for (layer, names) in FORBIDDEN {
        let mut files = sources
            .iter()
            .filter(|(module, _)| module.split("::").next() == Some(layer))
            .peekable();
        assert!(files.peek().is_some(), "there is no layer {layer}");
        for (module, text) in files {
            for name in names {
                let found = code(text).into_iter().find(|line| line.contains(name));
                assert_eq!(found, None, "{module} must not know {name}");
            }
        }
    }
}

#[test]
fn a_use_over_several_lines_names_each_of_its_paths() {
    let text =
        "use crate::{\n    config::Config,\n    ports::{self, Error},\n};\n// sqlx\nlet a = 1;";
    assert_eq!(
        code(text),
        [
            "crate::config::Config",
            "crate::ports::self",
            "crate::ports::Error",
            "let a = 1;"
        ]
    );
}

/// Lines of code, and in the place of each `use` the paths that it names.
fn code(text: &str) -> Vec<String> {
    let mut code = Vec::new();
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("//"));
    while let Some(line) = lines.next() {
        let visible = line
            .trim_start_matches("pub ")
            .trim_start_matches("pub(crate) ");
        let Some(first) = visible.strip_prefix("use ") else {
            code.push(line.to_owned());
            continue;
        };
        let mut tree = first.to_owned();
        while !tree.ends_with(';') {
            tree += lines.next().expect("a use ends");
        }
        let tree: String = tree.split_whitespace().collect();
        expand(tree.trim_end_matches(';'), &mut code);
    }
    code
}

fn expand(tree: &str, paths: &mut Vec<String>) {
    let Some((prefix, inner)) = tree.split_once('{') else {
        paths.push(tree.to_owned());
        return;
    };
    let (mut depth, mut part) = (0, String::new());
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth < 0 || (depth == 0 && c == ',') {
            if !part.is_empty() {
                expand(&format!("{prefix}{part}"), paths);
            }
            part.clear();
        } else {
            part.push(c);
        }
    }
}

/// Every module with its text, by its path below `crate`.
fn sources() -> BTreeMap<String, String> {
    let mut sources = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&root, "", &mut sources);
    sources
}

fn collect(folder: &Path, prefix: &str, sources: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let module = match prefix {
            "" => name.to_owned(),
            prefix => format!("{prefix}::{name}"),
        };
        if path.is_dir() {
            collect(&path, &module, sources);
        } else if !matches!(name, "tests" | "properties" | "main" | "lib") {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            sources.insert(module, text.to_owned());
        }
    }
}
