//! The kept corpus passes through its targets: samples of GoPay's pages, and what fuzzing has found.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

#[test]
fn each_target_has_a_corpus_and_each_corpus_a_target() {
    let folders: BTreeSet<_> = (entries(&corpus()).iter())
        .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    let targets: BTreeSet<_> = fuzz::TARGETS
        .iter()
        .map(|target| target.name.to_owned())
        .collect();
    assert_eq!(folders, targets);
}

#[test]
fn no_kept_input_fails_its_target() {
    for target in fuzz::TARGETS {
        let inputs = entries(&corpus().join(target.name));
        assert!(inputs.len() >= 4, "{} keeps too few inputs", target.name);
        for input in inputs {
            println!("{}", input.display());
            (target.run)(&fs::read(&input).unwrap());
        }
    }
}
