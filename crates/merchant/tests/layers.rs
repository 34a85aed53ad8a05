//! Who may know whom: the domain decides without the world, services and workers reach it through the
//! ports.
#![allow(
    clippy::unwrap_used,
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
            "tokio",
            "jiff",
            "std::time",
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
    ("ports", &["axum", "sqlx", "crate::adapters"]),
    (
        "service",
        &["axum", "sqlx", "adapters::sqlite", "adapters::http"],
    ),
    (
        "workers",
        &["axum", "sqlx", "adapters::sqlite", "adapters::http"],
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
                let mut lines = text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"));
                let found = lines.find(|line| line.contains(name));
                assert_eq!(found, None, "{module} must not know {name}");
            }
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
