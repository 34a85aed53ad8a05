//! Notices that source files changed, by looking at their times.
//!
//! A few hundred files are looked at in milliseconds, and looking works on
//! every file system, network drives and container mounts included, where
//! notifications do not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The time and the length of every file.
type Snapshot = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Some files and directories, and how they were when last asked about.
#[derive(Debug)]
pub(crate) struct Watch {
    roots: Vec<PathBuf>,
    known: Snapshot,
    /// A change that may still be going on.
    settling: Option<Snapshot>,
}

impl Watch {
    /// Begins to watch these files and directories, there or not.
    pub(crate) fn new(roots: Vec<PathBuf>) -> Self {
        let known = snapshot(&roots);
        Self {
            roots,
            known,
            settling: None,
        }
    }

    /// Whether something has changed, and then stayed the same between two
    /// calls: an editor or a checkout writes many files, which is one change.
    pub(crate) fn has_changed(&mut self) -> bool {
        let now = snapshot(&self.roots);
        if now == self.known {
            self.settling = None;
            false
        } else if self.settling.as_ref() == Some(&now) {
            self.known = now;
            self.settling = None;
            true
        } else {
            self.settling = Some(now);
            false
        }
    }
}

fn snapshot(roots: &[PathBuf]) -> Snapshot {
    let mut files = Snapshot::new();
    for root in roots {
        collect(root, &mut files);
    }
    files
}

/// A file that vanishes meanwhile counts as absent.
fn collect(path: &Path, files: &mut Snapshot) {
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if metadata.is_file() {
        files.insert(path.to_owned(), (metadata.modified().ok(), metadata.len()));
        return;
    }
    let Ok(entries) = fs::read_dir(path) else {
        return;
    };
    for entry in entries.flatten() {
        let is_link_to_directory =
            entry.file_type().is_ok_and(|kind| kind.is_symlink()) && entry.path().is_dir();
        if !is_link_to_directory && !is_by_the_way(&entry.file_name().to_string_lossy()) {
            collect(&entry.path(), files);
        }
    }
}

/// What editors and tools put beside the sources.
fn is_by_the_way(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || name == "target" || name == "node_modules"
}

#[cfg(test)]
mod tests {
    use test_kit::TempDir;

    use super::*;

    struct Scratch(TempDir);

    impl Scratch {
        fn new() -> Self {
            let scratch = Self(TempDir::create());
            fs::create_dir(scratch.0.join("deep")).unwrap();
            scratch.write("deep/shop.rs", "one");
            scratch
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.join(name), text).unwrap();
        }
    }

    #[test]
    fn a_change_is_told_once_and_only_when_it_has_settled() {
        let scratch = Scratch::new();
        let mut watch = Watch::new(vec![scratch.0.to_path_buf()]);
        assert!(!watch.has_changed());

        scratch.write("deep/shop.rs", "one and two");
        assert!(!watch.has_changed(), "it may still be written to");
        scratch.write("deep/shop.rs", "one, two and three");
        assert!(!watch.has_changed(), "and it was");
        assert!(watch.has_changed());
        assert!(!watch.has_changed());
    }

    #[test]
    fn new_and_vanished_files_are_changes() {
        let scratch = Scratch::new();
        let mut watch = Watch::new(vec![
            scratch.0.to_path_buf(),
            scratch.0.join("not-there-yet"),
        ]);
        for change in [
            |s: &Scratch| s.write("deep/cart.rs", ""),
            |s: &Scratch| {
                fs::remove_file(s.0.join("deep/shop.rs")).unwrap();
            },
        ] {
            change(&scratch);
            assert!(!watch.has_changed());
            assert!(watch.has_changed());
        }
    }

    #[test]
    fn an_editors_backup_file_is_not_a_change() {
        let scratch = Scratch::new();
        let mut watch = Watch::new(vec![scratch.0.to_path_buf()]);
        scratch.write("deep/.shop.rs.swp", "");
        scratch.write("deep/shop.rs~", "");
        assert!(!watch.has_changed());
        assert!(!watch.has_changed());
    }
}
