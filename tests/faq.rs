//! The FAQ names files and tests that exist, the same in both languages.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

const LANGUAGES: [&str; 2] = ["docs/FAQ.md", "docs/FAQ.id.md"];
const ROOTS: [&str; 5] = ["assets/", "crates/", "docs/", "src/", "tests/"];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The number of each row, and what stands in it between backticks and begins with a folder of
/// the repository.
fn rows(text: &str) -> Vec<(&str, Vec<&str>)> {
    (text.lines())
        .filter_map(|line| {
            let number = line.strip_prefix("| ")?.split_once(" |")?.0;
            let spans = line.split('`').skip(1).step_by(2);
            let named = spans.filter(|span| ROOTS.iter().any(|root| span.starts_with(root)));
            number.contains('.').then(|| (number, named.collect()))
        })
        .collect()
}

#[test]
fn every_file_and_test_that_the_faq_names_exists() {
    for language in LANGUAGES {
        let text = read(language);
        assert!(rows(&text).len() > 50, "{language} has too few rows");
        for (number, named) in rows(&text) {
            for name in named {
                let (file, test) = name.split_once("::").unwrap_or((name, ""));
                let source = read(file);
                let exists = test.is_empty()
                    || source.contains(&format!("fn {test}()"))
                    || source.contains(&format!("test(\"{test}\""));
                assert!(exists, "{language}, {number}: there is no {name}");
            }
        }
    }
}

#[test]
fn the_faq_names_the_same_in_both_languages() {
    let [english, indonesian] = LANGUAGES.map(read);
    let [english, indonesian] = [rows(&english), rows(&indonesian)];
    assert_eq!(english.len(), indonesian.len());
    for (english, indonesian) in english.iter().zip(&indonesian) {
        assert_eq!(english, indonesian);
    }
}
