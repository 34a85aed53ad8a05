//! `cargo xtask ids`: which of the numbered faults, invariants, bad inputs and threats have a test.
//!
//! An id counts in the name of a test and in the documentation above it, and as the name of a file of bad input,
//! which a test reads. Elsewhere it does not: a comment is no test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::outcome::exit_code;
use crate::workspace::{self, Workspace};

const ROOTS: [&str; 3] = ["src", "crates", "tests"];

/// Each file is one id; a test runs all that are there.
const BAD_INPUTS: &str = "merchant/tests/bad_input/inputs";

/// The rows of `docs/THREATS.md`.
const THREATS: usize = 40;

/// Fails where an id has no test that should have one.
pub(crate) fn run() -> Result<ExitCode> {
    let coverage = measure(&Workspace::find()?)?;
    println!("{}", coverage.summary);
    Ok(exit_code(coverage.is_complete))
}

#[derive(Debug)]
pub(crate) struct Coverage {
    pub(crate) is_complete: bool,
    /// How many of each kind have a test, and which have none.
    pub(crate) summary: String,
}

pub(crate) fn measure(workspace: &Workspace) -> Result<Coverage> {
    let mut found = BTreeSet::new();
    for root in ROOTS {
        collect(&workspace.path(root), &mut found)?;
    }
    let faults = (1..=108).map(|n| format!("F{n:02}"));
    let faults: Vec<String> = faults.chain(["F16b".to_owned()]).collect();
    let invariants: Vec<String> = (1..=47).map(|n| format!("I-{n:02}")).collect();
    let inputs = |letter, last| -> Vec<String> {
        let numbers = 1..=last;
        numbers.map(|n| format!("{letter}{n:02}")).collect()
    };
    let threats: Vec<String> = (1..=THREATS).map(|n| format!("TM{n:02}")).collect();
    let mut is_complete = true;
    let mut summary = String::new();
    let mut totals = Vec::new();
    for (kind, ids) in [
        ("faults", faults),
        ("invariants", invariants),
        ("container answers", inputs('S', 49)),
        ("bad inputs W", inputs('W', 70)),
        ("A", inputs('A', 46)),
        ("G", inputs('G', 26)),
        ("threats", threats),
    ] {
        let missing: Vec<&String> = ids.iter().filter(|id| !found.contains(*id)).collect();
        totals.push(format!(
            "{kind} {}/{}",
            ids.len() - missing.len(),
            ids.len()
        ));
        is_complete &= missing.is_empty();
        if !missing.is_empty() {
            let missing: Vec<&str> = missing.into_iter().map(String::as_str).collect();
            summary += &format!("{kind} without a test: {}\n", missing.join(" "));
        }
    }
    summary += &totals.join(", ");
    Ok(Coverage {
        is_complete,
        summary,
    })
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) -> Result<()> {
    let at = || folder.display().to_string();
    for entry in fs::read_dir(folder).with_context(at)? {
        let path = entry.with_context(at)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !matches!(&*name, "node_modules" | "test-results" | "target") {
                collect(&path, found)?;
            }
        } else if name == "traceability.rs" {
            // This file's own tests talk about ids.
        } else if folder.ends_with(BAD_INPUTS) {
            found.extend(name.strip_suffix(".toml").map(str::to_owned));
        } else if name.ends_with(".rs") {
            in_rust(&workspace::read(&path)?, found);
        } else if name.ends_with(".spec.ts") {
            in_playwright(&workspace::read(&path)?, found);
        }
    }
    Ok(())
}

/// The documentation, attributes and name of each test function.
fn in_rust(source: &str, found: &mut BTreeSet<String>) {
    let mut above = String::new();
    let mut is_test = false;
    for line in source.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            above.push_str(words);
            above.push('\n');
        } else if line.starts_with("#[") {
            is_test |= ["#[test]", "#[tokio::test", "#[wasm_bindgen_test"]
                .iter()
                .any(|attribute| line.starts_with(attribute));
        } else {
            if is_test && let Some((_, name)) = line.split_once("fn ") {
                let name = name.split('(').next().unwrap_or_default();
                above.push_str(&name.to_ascii_uppercase().replace('_', " "));
                ids(&above, found);
            }
            above.clear();
            is_test = false;
        }
    }
}

fn in_playwright(source: &str, found: &mut BTreeSet<String>) {
    for after in source.split("test(").skip(1) {
        let title = after.trim_start();
        let quote = title.chars().next().unwrap_or_default();
        if matches!(quote, '"' | '\'' | '`') {
            ids(title[1..].split(quote).next().unwrap_or_default(), found);
        }
    }
}

/// Every id that stands as a word of its own.
fn ids(text: &str, found: &mut BTreeSet<String>) {
    for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let digits = word
            .strip_prefix("I-")
            .or_else(|| word.strip_prefix("TM"))
            .or_else(|| word.strip_prefix(['F', 'S', 'W', 'A', 'G']));
        let number = digits.map(|digits| digits.strip_suffix(['b', 'B']).unwrap_or(digits));
        if number.is_some_and(|number| {
            (2..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
        }) {
            found.insert(word.replace('B', "b"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(read: fn(&str, &mut BTreeSet<String>), source: &str) -> Vec<String> {
        let mut found = BTreeSet::new();
        read(source, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn an_id_counts_in_the_name_of_a_test_and_above_it() {
        let source = "
            /// F01, F16b: and I-03, TM40.
            #[test]
            fn a_test() {}
            #[wasm_bindgen_test]
            async fn s09_a_symbol() {}
            /// F02
            #[tokio::test(start_paused = true)]
            async fn another() {}";
        assert_eq!(
            found(in_rust, source),
            ["F01", "F02", "F16b", "I-03", "S09", "TM40"]
        );
    }

    #[test]
    fn a_file_of_bad_input_counts_by_its_name() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = BTreeSet::new();
        collect(&crates.join(BAD_INPUTS), &mut found).unwrap();
        assert!(found.contains("W34") && found.contains("G10"), "{found:?}");
        assert!(!found.contains("A05"), "{found:?}");
    }

    #[test]
    fn an_id_counts_nowhere_else() {
        let source = "
            /// F01
            fn no_test() {}
            // F02
            #[test]
            fn a_test() { let f03 = \"F03\"; }
            /// F04

            #[test]
            fn with_a_gap() {}
            /// HTTP2 UTF8 F5 F1234 FF06 A5 W1 G
            #[test]
            fn no_ids() {}";
        assert_eq!(found(in_rust, source), [""; 0]);
    }

    /// A row names tests as they are called.
    #[test]
    fn each_threat_has_a_row_and_each_test_in_it_is_there() {
        let workspace = Workspace::find().unwrap();
        let page = workspace::read(&workspace.path("docs/THREATS.md")).unwrap();
        let rows: Vec<Vec<&str>> = page
            .lines()
            .filter(|line| line.starts_with("| TM"))
            .map(|line| line.split(" | ").collect())
            .collect();
        let ids = (rows.iter()).map(|row| row[0].trim_start_matches("| ").to_owned());
        let all: Vec<_> = (1..=THREATS).map(|n| format!("TM{n:02}")).collect();
        assert_eq!(ids.collect::<Vec<_>>(), all);
        let mut sources = String::new();
        for root in ROOTS {
            read_all(&workspace.path(root), &mut sources);
        }
        for row in rows {
            let named: Vec<_> = row[3].split('`').skip(1).step_by(2).collect();
            assert!(!named.is_empty(), "{row:?}");
            for name in named {
                let is_there = sources.contains(&format!("fn {name}("))
                    || sources.contains(&format!("{name}\""));
                assert!(is_there, "{} names {name}", row[0]);
            }
        }
    }

    fn read_all(folder: &Path, sources: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() && name != "node_modules" {
                read_all(&path, sources);
            } else if [".rs", ".spec.ts", ".test.mjs"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                sources.push_str(&workspace::read(&path).unwrap());
            }
        }
    }

    #[test]
    fn playwright_has_them_in_the_title() {
        let source = r#"
            // F01
            test("F91, F92 what the container says", async () => {});
            test.describe("F93", () => {});
            test(`F94 ${shape}`, async () => { expect("F95") });"#;
        assert_eq!(found(in_playwright, source), ["F91", "F92", "F94"]);
    }
}
