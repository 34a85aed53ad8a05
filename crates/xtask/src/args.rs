//! The command line. A few verbs and a few options do not need a parser library,
//! and without one the first `cargo xtask` is compiled in seconds.

mod bench;
mod dist;

use std::fmt;
use std::ops::RangeInclusive;

use crate::bench::Bench;
use crate::dist::Dist;
use crate::servers::Ports;
use crate::test::{Group, Request};

/// What is printed for `--help` and after a mistake.
pub(crate) const USAGE: &str = "\
Usage:
  cargo xtask preview [--merchant-port PORT] [--simulator-port PORT]
      Builds and starts app, merchant and simulator, and prints one address.
      Rebuilds what changes. Ctrl-C stops all of it.

  cargo xtask check
      Says in under two minutes whether a change is sound: format, shop.toml, ids, types,
      lints and the quick native tests. Stops at the first thing that is not.

  cargo xtask test [GROUP] [FILTER]
      Runs every test there is, the tests of one group, or those of them that have FILTER
      in their name. Groups: format, shop, ids, types, clippy, docs (all of these: checks),
      bench, native, wasm, bundle, e2e.

  cargo xtask test --failed
      Runs what failed in earlier runs and has not passed since.

  cargo xtask shop
      Puts name, words and colours from shop.toml into the app; preview and dist do it too.

  cargo xtask ids
      Says which of the numbered faults, invariants and bad inputs have no test.

  cargo xtask world [--seeds N] [--from SEED] [--tell] ...
      Lives through simulated worlds in which everything breaks; --help tells the rest.

  cargo xtask dist [--container v2] [--debug | --plain]
      Builds what buyers download into dist/, for the merchant to serve; with --debug
      what a developer opens with ?debug on a phone, into dist-debug/; with --plain
      what trunk and wasm-opt alone make of it, for when one of our own steps fails, into
      dist-plain/.

  cargo xtask dist --container v1 --merchant ORIGIN [--sdk URL] [--debug]
      Packs it into mini-app-v1.zip, for GoPay's portal. ORIGIN is where the merchant
      is on the internet: https://shop.example

  cargo xtask size
      Says what the app's WebAssembly is made of, by crate and by function.

  cargo xtask bench app [--runs N] [--network slow-4g | none] [--cpu TIMES]
                        [--against ADDRESS | FOLDER] [--purchases N] [--json FILE | -]
      Measures dist/ in a browser that plays a cheap phone: 5 runs, slow 4G and a
      processor 4 times slower unless said otherwise. --against measures another build
      in turns with it, --purchases buys so often on one page and shows what it holds,
      --json writes every figure of every run.";

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// Print the usage.
    Help,
    /// Show the running thing.
    Preview(Ports),
    /// Look at a change.
    Check,
    /// Run tests.
    Test(Request),
    /// Make the app the shop's own.
    Shop,
    /// Tell what has no test.
    Ids,
    /// Live through simulated worlds, as these words say.
    World(Vec<String>),
    /// Build what is shipped.
    Dist(Dist),
    /// Measure the app.
    Bench(Bench),
    /// Tell what the app is made of.
    Size,
}

/// Why a command line was not understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// No verb at all.
    Nothing,
    /// A word that means nothing here.
    Unknown(String),
    /// No group of tests.
    NotAGroup(String),
    /// A filter for a check, which has no tests.
    NothingToChoose {
        /// The check.
        group: &'static str,
        /// The filter.
        filter: String,
    },
    /// An option at the end of the line, without its value.
    ValueMissing(String),
    /// A port that is not a number from 1 to 65535.
    NotAPort(String),
    /// Neither of GoPay's containers.
    NotAContainer(String),
    /// A package without the one thing it has to be told.
    MerchantMissing,
    /// An option of packages, without a package.
    NoPackage(String),
    /// Two options of which one has to go.
    NotTogether(&'static str, &'static str),
    /// A merchant that no browser would write like this.
    NotAnOrigin(String),
    /// An address that cannot be put into the page.
    NotAnAddress(String),
    /// `bench` alone.
    NothingToMeasure,
    /// No number, or one that makes no sense there.
    NotANumber {
        /// The option.
        option: String,
        /// What came after it.
        word: String,
        /// What makes sense.
        range: RangeInclusive<u32>,
    },
    /// A network that no browser is told to play.
    NotANetwork(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => write!(
                f,
                "say what to do: preview, check, test, shop, ids, world, dist, bench or size"
            ),
            Self::Unknown(word) => write!(f, "`{word}` is not understood here"),
            Self::NotAGroup(word) => {
                let groups = Group::ALL.map(Group::name).join(", ");
                write!(
                    f,
                    "`{word}` is no group of tests: use checks, {groups} or --failed"
                )
            }
            Self::NothingToChoose { group, filter } => write!(
                f,
                "{group} is one check, of which `{filter}` chooses nothing: leave it out"
            ),
            Self::ValueMissing(option) => write!(f, "{option} needs a value after it"),
            Self::NotAPort(word) => {
                write!(f, "`{word}` is not a port: use a number from 1 to 65535")
            }
            Self::NotAContainer(word) => write!(
                f,
                "`{word}` is no container of GoPay's: use v2, or v1 for a package"
            ),
            Self::MerchantMissing => write!(
                f,
                "a package cannot tell where its merchant is: add --merchant https://shop.example"
            ),
            Self::NoPackage(option) => write!(
                f,
                "{option} goes into a package: add --container v1, or leave it out"
            ),
            Self::NotTogether(one, other) => {
                write!(f, "{one} and {other} do not go together: leave one out")
            }
            Self::NotAnOrigin(word) => write!(
                f,
                "`{word}` is no merchant's origin: use https://shop.example, in small letters and \
                 without a path; http is for this machine only"
            ),
            Self::NotAnAddress(word) => write!(
                f,
                "`{word}` is no address of an SDK: use https://...; http is for this machine only"
            ),
            Self::NothingToMeasure => write!(f, "say what to measure: bench app"),
            Self::NotANumber {
                option,
                word,
                range,
            } => write!(
                f,
                "{option} `{word}`: use a number from {} to {}",
                range.start(),
                range.end()
            ),
            Self::NotANetwork(word) => {
                write!(f, "`{word}` is no network here: use slow-4g or none")
            }
        }
    }
}

/// Reads the words after `cargo xtask`.
pub(crate) fn parse(words: impl IntoIterator<Item = String>) -> Result<Task, Error> {
    let words: Vec<String> = words.into_iter().collect();
    let asks_for_help = |word: &String| matches!(word.as_str(), "help" | "--help" | "-h");
    // The worlds have a help of their own.
    if words.first().is_some_and(|verb| verb != "world") && words.iter().any(asks_for_help) {
        return Ok(Task::Help);
    }
    let mut words = words.into_iter();
    let task = match words.next().as_deref() {
        None => return Err(Error::Nothing),
        Some("shop") => Task::Shop,
        Some("ids") => Task::Ids,
        Some("size") => Task::Size,
        Some("world") => return Ok(Task::World(words.collect())),
        Some("preview") => return preview(words),
        Some("dist") => return dist::parse(words).map(Task::Dist),
        Some("bench") => return bench::parse(words).map(Task::Bench),
        Some("check") => Task::Check,
        Some("test") => Task::Test(test(&mut words)?),
        Some(word) => return Err(Error::Unknown(word.to_owned())),
    };
    match words.next() {
        None => Ok(task),
        Some(word) => Err(Error::Unknown(word)),
    }
}

fn test(words: &mut impl Iterator<Item = String>) -> Result<Request, Error> {
    let Some(word) = words.next() else {
        return Ok(Request::Groups(Group::ALL.to_vec()));
    };
    let group = match word.as_str() {
        "--failed" => return Ok(Request::Failed),
        "checks" => {
            let checks = Group::ALL.into_iter().filter(|group| group.is_check());
            return Ok(Request::Groups(checks.collect()));
        }
        name => Group::named(name).ok_or_else(|| Error::NotAGroup(name.to_owned()))?,
    };
    match words.next() {
        None => Ok(Request::Groups(vec![group])),
        Some(word) if word.starts_with('-') => Err(Error::Unknown(word)),
        Some(filter) if group.is_check() => Err(Error::NothingToChoose {
            group: group.name(),
            filter,
        }),
        Some(filter) => Ok(Request::Matching(group, filter)),
    }
}

fn preview(mut words: impl Iterator<Item = String>) -> Result<Task, Error> {
    let mut ports = Ports::default();
    while let Some(word) = words.next() {
        let port = match word.as_str() {
            Ports::MERCHANT_OPTION => &mut ports.merchant,
            Ports::SIMULATOR_OPTION => &mut ports.simulator,
            _ => return Err(Error::Unknown(word)),
        };
        let value = words.next().ok_or(Error::ValueMissing(word))?;
        *port = match value.parse() {
            Ok(number) if number != 0 => number,
            _ => return Err(Error::NotAPort(value)),
        };
    }
    Ok(Task::Preview(ports))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task, Error> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_verb_alone_takes_the_defaults() {
        assert_eq!(
            parsed("preview"),
            Ok(Task::Preview(Ports {
                merchant: 8080,
                simulator: 9090
            }))
        );
        let all = Request::Groups(Group::ALL.to_vec());
        assert_eq!(parsed("test"), Ok(Task::Test(all)));
        assert_eq!(parsed("check"), Ok(Task::Check));
    }

    #[test]
    fn ports_can_be_chosen() {
        assert_eq!(
            parsed("preview --simulator-port 9191 --merchant-port 8181"),
            Ok(Task::Preview(Ports {
                merchant: 8181,
                simulator: 9191
            }))
        );
    }

    #[test]
    fn one_group_can_be_chosen() {
        for group in Group::ALL {
            let one = Request::Groups(vec![group]);
            assert_eq!(
                parsed(&format!("test {}", group.name())),
                Ok(Task::Test(one))
            );
        }
        let Ok(Task::Test(Request::Groups(checks))) = parsed("test checks") else {
            panic!("checks are a group of groups");
        };
        assert!(checks.contains(&Group::Clippy) && !checks.contains(&Group::Native));
    }

    #[test]
    fn tests_can_be_chosen_by_their_name_or_their_failure() {
        assert_eq!(
            parsed("test e2e cancels"),
            Ok(Task::Test(Request::Matching(
                Group::EndToEnd,
                "cancels".to_owned()
            )))
        );
        assert_eq!(parsed("test --failed"), Ok(Task::Test(Request::Failed)));
        assert_eq!(
            parsed("test format cancels"),
            Err(Error::NothingToChoose {
                group: "format",
                filter: "cancels".to_owned()
            })
        );
    }

    #[test]
    fn help_is_given_wherever_it_is_asked_for() {
        for line in [
            "help",
            "--help",
            "test --help",
            "preview -h",
            "test native --help",
        ] {
            assert_eq!(parsed(line), Ok(Task::Help), "{line}");
        }
        let world = Task::World(vec!["--help".to_owned()]);
        assert_eq!(parsed("world --help"), Ok(world));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let unknown = |word: &str| Err(Error::Unknown(word.to_owned()));
        assert_eq!(parsed(""), Err(Error::Nothing));
        assert_eq!(parsed("prevue"), unknown("prevue"));
        assert_eq!(
            parsed("test browser"),
            Err(Error::NotAGroup("browser".to_owned()))
        );
        assert_eq!(parsed("test wasm one two"), unknown("two"));
        assert_eq!(parsed("test native --failed"), unknown("--failed"));
        assert_eq!(parsed("check wasm"), unknown("wasm"));
        assert_eq!(parsed("preview --port 1"), unknown("--port"));
        assert_eq!(
            parsed("preview --merchant-port"),
            Err(Error::ValueMissing("--merchant-port".to_owned()))
        );
        for port in ["0", "65536", "http"] {
            assert_eq!(
                parsed(&format!("preview --merchant-port {port}")),
                Err(Error::NotAPort(port.to_owned()))
            );
        }
    }
}
