//! Who may import whom: the domain decides without the world, services and workers reach it through the
//! ports, and no two modules import each other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

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

#[test]
fn no_two_modules_import_each_other() {
    let sources = sources();
    let imports: BTreeMap<&str, BTreeSet<&str>> = sources
        .iter()
        .map(|(module, text)| (module.as_str(), imports(module, text, &sources)))
        .collect();
    for start in imports.keys() {
        let mut path = vec![*start];
        assert!(
            !returns(start, &imports, &mut path, &mut BTreeSet::new()),
            "a circle of imports: {}",
            path.join(" -> ")
        );
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

/// The modules that a module imports from, without those it is part of: they are its face.
fn imports<'a>(
    module: &str,
    text: &str,
    sources: &'a BTreeMap<String, String>,
) -> BTreeSet<&'a str> {
    let mut imports = BTreeSet::new();
    for statement in text.split("use ").skip(1) {
        let tree = statement.split(';').next().unwrap_or_default();
        let tree: String = tree.split_whitespace().collect();
        let mut parent = module.to_owned();
        parent.truncate(module.rfind("::").unwrap_or_default());
        let absolute = match (tree.strip_prefix("crate::"), tree.strip_prefix("super::")) {
            (Some(rest), _) => rest.to_owned(),
            (_, Some(rest)) => format!("{parent}::{rest}"),
            // An item of a module within this one.
            _ => format!("{module}::{tree}"),
        };
        for path in flatten(&absolute) {
            let known = prefixes(&path).find_map(|prefix| sources.get_key_value(prefix));
            if let Some((target, _)) = known
                && target != module
                && !module.starts_with(&format!("{target}::"))
            {
                imports.insert(target.as_str());
            }
        }
    }
    imports
}

/// Every path in the tree of a `use` statement.
fn flatten(tree: &str) -> Vec<String> {
    let Some((prefix, group)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let group = group.strip_suffix('}').unwrap_or(group);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&group[start..]);
    parts
        .into_iter()
        .flat_map(|part| flatten(&format!("{prefix}{part}")))
        .collect()
}

/// The path itself, then shorter and shorter ones.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| Some(&path[..path.rfind("::")?]))
}

/// Whether a way from the end of `path` leads back to `start`; then it is left in `path`.
fn returns<'a>(
    start: &str,
    imports: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    path: &mut Vec<&'a str>,
    seen: &mut BTreeSet<&'a str>,
) -> bool {
    let last = path.last().copied().unwrap_or_default();
    for next in imports.get(last).into_iter().flatten() {
        if !seen.insert(next) {
            continue;
        }
        path.push(next);
        if *next == start || returns(start, imports, path, seen) {
            return true;
        }
        path.pop();
    }
    false
}
