//! Which tests are to run, and which Rust programs have to be compiled for them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::Value;

use super::compile::{TestProgram, suite};
use crate::error::Cause;
use crate::outcome::FailedTest;
use crate::process;
use crate::workspace::Workspace;

/// Rust suites that take minutes. [`Scope::Quick`] leaves them out.
const SLOW_SUITES: [&str; 2] = ["merchant::crash", "simulation::seeds"];

/// It is a group of its own: it needs the merchant with the features that are shipped.
const OTHER_GROUPS_SUITE: &str = "merchant::bad_input";

/// It waits more than others do: begun first, it waits while they work.
const FIRST_SUITE: &str = "merchant::api";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    Quick,
    /// Those that have this text in the name of their suite or in their own.
    Matching(String),
    Failed(Vec<FailedTest>),
}

/// Which tests of one Rust program run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    All,
    /// Those with this text in their path.
    Containing(String),
    Named(Vec<String>),
}

impl Scope {
    /// `None` where the suite has nothing to run.
    pub(crate) fn of_suite(&self, suite: &str) -> Option<Filter> {
        match self {
            Self::All => Some(Filter::All),
            Self::Quick => (!SLOW_SUITES.contains(&suite)).then_some(Filter::All),
            Self::Matching(text) => Some(match suite.contains(text.as_str()) {
                true => Filter::All,
                false => Filter::Containing(text.clone()),
            }),
            Self::Failed(tests) => {
                let names: Vec<String> = (tests.iter())
                    .filter(|test| test.suite == suite)
                    .map(|test| test.name.clone())
                    .collect();
                (!names.is_empty()).then_some(Filter::Named(names))
            }
        }
    }

    /// Whether all tests of this suite are to run, whatever they are called.
    pub(crate) fn is_all_of(&self, suite: &str) -> bool {
        match self {
            Self::All => true,
            Self::Quick => false,
            Self::Matching(text) => suite.contains(text.as_str()),
            Self::Failed(tests) => tests.iter().any(|test| test.suite == suite),
        }
    }

    /// The programs of the group `native` to run, in order, with their filters. The second list begins when the first has ended:
    /// slow suites take so much of the machine that others would miss their deadlines.
    pub(crate) fn of_programs(
        &self,
        mut programs: Vec<TestProgram>,
    ) -> [Vec<(TestProgram, Filter)>; 2] {
        programs.retain(|program| program.suite != OTHER_GROUPS_SUITE);
        let chosen = programs.into_iter().filter_map(|program| {
            self.of_suite(&program.suite)
                .map(|filter| (program, filter))
        });
        let (long, mut short): (Vec<_>, Vec<_>) =
            chosen.partition(|(program, _)| SLOW_SUITES.contains(&program.suite.as_str()));
        short.sort_by_key(|(program, _)| program.suite != FIRST_SUITE);
        [short, long]
    }

    /// Cargo's options for the targets that can have such tests; none stands for all targets.
    pub(crate) fn targets(&self, workspace: &Workspace) -> Result<Vec<String>> {
        if *self == Self::All {
            return Ok(Vec::new());
        }
        let targets = Target::all(workspace).into_iter();
        let options: BTreeSet<Vec<String>> = targets
            .filter(|target| target.suite != OTHER_GROUPS_SUITE && self.can_be_in(target))
            .map(|target| target.options())
            .collect();
        match self {
            Self::Matching(text) if options.is_empty() => {
                bail!(Cause::NoSuchTest(text.clone()))
            }
            _ => Ok(options.into_iter().flatten().collect()),
        }
    }

    fn can_be_in(&self, target: &Target) -> bool {
        match self {
            Self::Matching(text) => target.suite.contains(text.as_str()) || target.mentions(text),
            _ => self.of_suite(&target.suite).is_some(),
        }
    }
}

/// A target of cargo that can hold tests.
#[derive(Debug)]
struct Target {
    suite: String,
    kind: String,
    name: String,
    source: PathBuf,
}

impl Target {
    fn all(workspace: &Workspace) -> Vec<Self> {
        let mut cargo = workspace.cargo("metadata");
        cargo.args(["--no-deps", "--format-version=1"]);
        let metadata = process::output_of(&mut cargo).unwrap_or_default();
        let metadata = serde_json::from_str::<Value>(&metadata).unwrap_or(Value::Null);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let packages = list(&metadata["packages"]).into_iter();
        packages
            .flat_map(|package| {
                let targets = list(&package["targets"]).into_iter();
                targets
                    .filter_map(|target| {
                        let kind = target["kind"][0].as_str()?;
                        let name = target["name"].as_str()?;
                        Some(Self {
                            suite: suite(package["name"].as_str()?, kind, name),
                            kind: kind.to_owned(),
                            name: name.to_owned(),
                            source: target["src_path"].as_str()?.into(),
                        })
                    })
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Cargo's options for it. Choosing the library of one package would change the features, so that all
    /// libraries come together.
    fn options(&self) -> Vec<String> {
        match self.kind.as_str() {
            "test" | "bin" => vec![format!("--{}", self.kind), self.name.clone()],
            _ => vec!["--lib".to_owned()],
        }
    }

    /// Whether the last part of this path stands in the target's sources.
    fn mentions(&self, path: &str) -> bool {
        let word = path
            .rsplit("::")
            .find(|part| !part.is_empty())
            .unwrap_or(path);
        // `tests/pure.rs` may have a folder of modules beside it; `main.rs` and `lib.rs` are in theirs.
        let is_alone = !matches!(
            self.source.file_name().and_then(|name| name.to_str()),
            Some("main.rs" | "lib.rs")
        );
        match is_alone {
            true => {
                stands_in(&self.source, word) || stands_in(&self.source.with_extension(""), word)
            }
            false => self
                .source
                .parent()
                .is_some_and(|folder| stands_in(folder, word)),
        }
    }
}

/// Whether the word stands in a file, or in a file or a file's name below a folder.
fn stands_in(path: &Path, word: &str) -> bool {
    if path.file_stem().is_some_and(|stem| stem == word) {
        return true;
    }
    match fs::read_dir(path) {
        Ok(entries) => entries
            .flatten()
            .any(|entry| stands_in(&entry.path(), word)),
        Err(_) => fs::read_to_string(path).is_ok_and(|text| text.contains(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(suite: &str) -> TestProgram {
        TestProgram {
            suite: suite.to_owned(),
            file: PathBuf::new(),
            folder: PathBuf::new(),
            variables: Vec::new(),
        }
    }

    fn chosen(scope: &Scope) -> [Vec<(String, Filter)>; 2] {
        let suites = [
            "simulation::seeds",
            "contract",
            "merchant::api",
            "merchant::bad_input",
            "merchant::crash",
        ];
        let named = |(program, filter): (TestProgram, Filter)| (program.suite, filter);
        let parts = scope.of_programs(suites.map(program).to_vec());
        parts.map(|part| part.into_iter().map(named).collect())
    }

    fn suites(part: &[(String, Filter)]) -> Vec<&str> {
        part.iter().map(|(suite, _)| suite.as_str()).collect()
    }

    #[test]
    fn the_suite_that_waits_begins_first_and_slow_suites_begin_last() {
        // `merchant::bad_input` is in another group.
        let [short, long] = chosen(&Scope::All);
        assert_eq!(suites(&short), ["merchant::api", "contract"]);
        assert_eq!(suites(&long), ["simulation::seeds", "merchant::crash"]);
    }

    #[test]
    fn a_quick_scope_leaves_out_slow_suites() {
        let [short, long] = chosen(&Scope::Quick);
        assert_eq!(suites(&short), ["merchant::api", "contract"]);
        assert_eq!(long, []);
    }

    #[test]
    fn a_suites_name_stands_for_all_of_its_tests() {
        let [short, long] = chosen(&Scope::Matching("crash".to_owned()));
        assert_eq!(long[1], ("merchant::crash".to_owned(), Filter::All));
        let containing = Filter::Containing("crash".to_owned());
        assert_eq!(short[1], ("contract".to_owned(), containing));
    }

    #[test]
    fn only_failed_tests_run_again() {
        let failed = FailedTest {
            group: "native".to_owned(),
            suite: "contract".to_owned(),
            name: "order::adds_up".to_owned(),
        };
        let named = Filter::Named(vec!["order::adds_up".to_owned()]);
        let [short, long] = chosen(&Scope::Failed(vec![failed]));
        assert_eq!(short, [("contract".to_owned(), named)]);
        assert_eq!(long, []);
    }

    #[test]
    fn a_test_is_looked_for_in_the_sources_of_its_target() {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../merchant/tests");
        let target = |source: &str| Target {
            suite: String::new(),
            kind: "test".to_owned(),
            name: String::new(),
            source: tests.join(source),
        };
        let name = "matrix::a_crash_at_any_await_loses_and_repeats_nothing";
        assert!(target("crash/main.rs").mentions(name));
        assert!(
            target("crash/main.rs").mentions("matrix::"),
            "by its module"
        );
        assert!(!target("api/main.rs").mentions(name));
        assert!(!target("tls.rs").mentions(name));
    }
}
