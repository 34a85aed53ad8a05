//! The command line.

mod bench;
mod dist;

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, anyhow, bail};
use lexopt::prelude::*;

use crate::bench::Bench;
use crate::bench_merchant::MerchantBench;
use crate::dist::Dist;
use crate::fuzz::Fuzz;
use crate::npm::Npm;
use crate::servers::Ports;
use crate::test::{Group, Request};

/// Printed for `--help` and after a mistake.
pub(crate) const USAGE: &str = "\
Usage:
  cargo xtask preview [--merchant-port PORT] [--simulator-port PORT]
                      [--sandbox] [--sandbox-port PORT]
      Builds and starts app, merchant and simulator, and prints one address.
      Rebuilds what changes. Ctrl-C stops all of it. With --sandbox there is no phone:
      the shop is in a browser, and so are its payments, as in Midtrans' sandbox.

  cargo xtask check
      Says in under two minutes whether a change is sound: format, shop.toml, ids, types,
      lints and the quick native tests. Stops at the first thing that is not.

  cargo xtask test [GROUP] [FILTER]
      Runs every test there is, the tests of one group, or those of them that have FILTER
      in their name. Groups: format, shop, ids, types, clippy, docs, publish, deny, deploy
      (all of these: checks), bench, npm, native, postgres, bad-input, wasm, bundle, e2e.

  cargo xtask test --failed
      Runs what failed in earlier runs and has not passed since.

  cargo xtask shop
      Puts name, words and colours from shop.toml into the app; preview and dist do it too.

  cargo xtask ids
      Says which of the numbered faults, invariants and bad inputs have no test.

  cargo xtask simulation [--seeds N] [--from SEED] [--trace] ...
      Runs seeds of the simulation, in which faults are injected everywhere; --help has the rest.

  cargo xtask fuzz [TARGET [--seconds N]]
      Looks for inputs that break a fuzz target, for a minute unless said otherwise; without
      TARGET lists the targets.

  cargo xtask dist [--container v2] [--debug | --plain]
      Builds what buyers download into dist/, for the merchant to serve; with --debug
      what a developer opens with ?debug on a phone, into dist-debug/; with --plain
      what trunk and wasm-opt alone make of it, for when one of our own steps fails, into
      dist-plain/. Lists what bundle, merchant and simulator are linked from in target/sbom/.

  cargo xtask dist --container v1 --merchant ORIGIN [--sdk URL] [--debug]
      Packs it into mini-app-v1.zip, for GoPay's portal. ORIGIN is where the merchant
      is on the internet: https://shop.example

  cargo xtask npm [--out FOLDER]
      Packs the simulator's npm packages, with its program for this machine, into target/npm/
      unless said otherwise.

  cargo xtask size
      Says what the app's WebAssembly is made of, by crate and by function.

  cargo xtask bench app [--runs N] [--network slow-4g | none] [--cpu TIMES]
                        [--against ADDRESS | FOLDER] [--purchases N] [--json FILE | -]
      Measures dist/ in a browser that plays a cheap phone: 5 runs, slow 4G and a
      processor 4 times slower unless said otherwise. --against measures another build
      in turns with it, --purchases buys so often on one page and shows what it holds,
      --json writes every figure of every run.

  cargo xtask bench merchant [--runs N] [--seconds N] [--orders N] [--only NAME,...]
                             [--no-rival] [--json FILE | -]
                             [--database sqlite | postgres [--processes N]]
      Puts load on the merchant, with the simulator as GoPay, and compares what it carries
      with its floors and with a server in Node: 3 runs of 10 seconds, and a database of
      1,000,000 orders, unless said otherwise. With --database postgres it is 2 processes
      on a PostgreSQL of the bench's own, without the server in Node. `--only soak
      --seconds 1800` buys for half an hour and says whether memory grows.";

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Task {
    Help,
    Preview(Ports),
    Check,
    Test(Request),
    Shop,
    Ids,
    /// The words are for the program of that name.
    Simulation(Vec<OsString>),
    Fuzz(Fuzz),
    Dist(Dist),
    Npm(Npm),
    Bench(Bench),
    BenchMerchant(MerchantBench),
    Size,
}

/// Reads the words after `cargo xtask`.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Task> {
    task(words).map_err(explained)
}

/// The parser's errors in the words of ours.
fn explained(error: anyhow::Error) -> anyhow::Error {
    use lexopt::Error::{MissingValue, UnexpectedArgument, UnexpectedOption};
    match error.downcast() {
        Ok(UnexpectedOption(word)) => anyhow!("`{word}` is not understood here"),
        Ok(UnexpectedArgument(word)) => anyhow!("`{}` is not understood here", word.display()),
        Ok(MissingValue { option: Some(word) }) => anyhow!("`{word}` needs a value after it"),
        Ok(other) => other.into(),
        Err(error) => error,
    }
}

fn task(words: impl IntoIterator<Item = OsString>) -> Result<Task> {
    let words: Vec<OsString> = words.into_iter().collect();
    let asks_for_help = |word: &OsString| ["help", "--help", "-h"].iter().any(|help| word == help);
    // The simulation has its own help.
    if words.first().is_some_and(|verb| verb != "simulation") && words.iter().any(asks_for_help) {
        return Ok(Task::Help);
    }
    let mut words = lexopt::Parser::from_args(words);
    let verb = match words.next()? {
        None => {
            bail!(
                "say what to do: preview, check, test, shop, ids, simulation, fuzz, dist, npm, bench or size"
            )
        }
        Some(Value(verb)) => verb.string()?,
        Some(option) => return Err(option.unexpected().into()),
    };
    let task = match verb.as_str() {
        "shop" => Task::Shop,
        "ids" => Task::Ids,
        "size" => Task::Size,
        "simulation" => Task::Simulation(words.raw_args()?.collect()),
        "fuzz" => Task::Fuzz(fuzz(&mut words)?),
        "preview" => Task::Preview(ports(&mut words)?),
        "dist" => Task::Dist(dist::parse(&mut words)?),
        "npm" => Task::Npm(npm(&mut words)?),
        "bench" => bench::parse(&mut words)?,
        "check" => Task::Check,
        "test" => Task::Test(test(&mut words)?),
        _ => return Err(Value(verb.into()).unexpected().into()),
    };
    match words.next()? {
        None => Ok(task),
        Some(word) => Err(word.unexpected().into()),
    }
}

fn test(words: &mut lexopt::Parser) -> Result<Request> {
    let group = match words.next()? {
        None => return Ok(Request::Groups(Group::ALL.to_vec())),
        Some(Long("failed")) => return Ok(Request::Failed),
        Some(Value(name)) => name.string()?,
        Some(option) => return Err(option.unexpected().into()),
    };
    if group == "checks" {
        let checks = Group::ALL.into_iter().filter(|group| group.is_check());
        return Ok(Request::Groups(checks.collect()));
    }
    let Some(group) = Group::named(&group) else {
        let groups = Group::ALL.map(Group::name).join(", ");
        bail!("`{group}` is no group of tests: use checks, {groups} or --failed");
    };
    match words.next()? {
        None => Ok(Request::Groups(vec![group])),
        Some(Value(filter)) if group.is_check() => bail!(
            "{} is one check, of which `{}` chooses nothing: leave it out",
            group.name(),
            filter.display()
        ),
        Some(Value(filter)) => Ok(Request::Matching(group, filter.string()?)),
        Some(option) => Err(option.unexpected().into()),
    }
}

fn fuzz(words: &mut lexopt::Parser) -> Result<Fuzz> {
    let mut fuzz = Fuzz {
        target: None,
        seconds: 60,
    };
    while let Some(word) = words.next()? {
        match word {
            Value(target) if fuzz.target.is_none() => fuzz.target = Some(target.string()?),
            Long("seconds") if fuzz.target.is_some() => {
                fuzz.seconds = number(words, "seconds", 1..=u32::MAX)?;
            }
            _ => return Err(word.unexpected().into()),
        }
    }
    Ok(fuzz)
}

fn npm(words: &mut lexopt::Parser) -> Result<Npm> {
    let mut npm = Npm { out: None };
    while let Some(word) = words.next()? {
        match word {
            Long("out") => npm.out = Some(PathBuf::from(words.value()?)),
            _ => return Err(word.unexpected().into()),
        }
    }
    Ok(npm)
}

fn ports(words: &mut lexopt::Parser) -> Result<Ports> {
    let mut ports = Ports::default();
    while let Some(word) = words.next()? {
        let (option, port) = match word {
            Long(Ports::MERCHANT_OPTION) => (Ports::MERCHANT_OPTION, &mut ports.merchant),
            Long(Ports::SIMULATOR_OPTION) => (Ports::SIMULATOR_OPTION, &mut ports.simulator),
            Long("sandbox") => {
                ports.sandbox.get_or_insert(Ports::DEFAULT_SANDBOX);
                continue;
            }
            Long(Ports::SANDBOX_OPTION) => {
                let port = ports.sandbox.insert(Ports::DEFAULT_SANDBOX);
                (Ports::SANDBOX_OPTION, port)
            }
            _ => return Err(word.unexpected().into()),
        };
        *port = number(words, option, 1..=u16::MAX)?;
    }
    Ok(ports)
}

/// The value of the option that was read last.
fn number<N: FromStr + PartialOrd + Display>(
    words: &mut lexopt::Parser,
    option: &str,
    range: RangeInclusive<N>,
) -> Result<N> {
    let word = words.value()?.string()?;
    match word.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => bail!(
            "--{option} `{word}`: use a number from {} to {}",
            range.start(),
            range.end()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Task, String> {
        let words = line.split_whitespace().map(OsString::from);
        parse(words).map_err(|error| format!("{error:#}"))
    }

    fn message(line: &str) -> String {
        parsed(line).unwrap_err()
    }

    #[test]
    fn a_verb_alone_takes_the_defaults() {
        assert_eq!(
            parsed("preview"),
            Ok(Task::Preview(Ports {
                merchant: 8080,
                simulator: 9090,
                sandbox: None,
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
                simulator: 9191,
                sandbox: None,
            }))
        );
    }

    #[test]
    fn the_sandbox_has_a_port_where_it_is_asked_for() {
        for (line, port) in [
            ("preview --sandbox", 9091),
            ("preview --sandbox-port 9191", 9191),
            ("preview --sandbox-port 9191 --sandbox", 9191),
        ] {
            let ports = Ports {
                sandbox: Some(port),
                ..Ports::default()
            };
            assert_eq!(parsed(line), Ok(Task::Preview(ports)), "{line}");
        }
    }

    #[test]
    fn a_fuzz_target_runs_for_a_minute_unless_said_otherwise() {
        let fuzz = |target: Option<&str>, seconds| {
            let target = target.map(str::to_owned);
            Ok(Task::Fuzz(Fuzz { target, seconds }))
        };
        assert_eq!(parsed("fuzz"), fuzz(None, 60));
        assert_eq!(parsed("fuzz snap"), fuzz(Some("snap"), 60));
        assert_eq!(parsed("fuzz snap --seconds 5"), fuzz(Some("snap"), 5));
        assert_eq!(
            message("fuzz --seconds 5"),
            "`--seconds` is not understood here"
        );
    }

    #[test]
    fn npm_packages_go_into_the_folder_that_is_named() {
        let npm = |out: Option<&str>| {
            let out = out.map(PathBuf::from);
            Ok(Task::Npm(Npm { out }))
        };
        assert_eq!(parsed("npm"), npm(None));
        assert_eq!(parsed("npm --out packages"), npm(Some("packages")));
        assert_eq!(message("npm --out"), "`--out` needs a value after it");
        assert_eq!(message("npm packages"), "`packages` is not understood here");
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
            message("test format cancels"),
            "format is one check, of which `cancels` chooses nothing: leave it out"
        );
    }

    #[test]
    fn help_is_given_at_any_place_of_the_line() {
        for line in [
            "help",
            "--help",
            "test --help",
            "preview -h",
            "test native --help",
        ] {
            assert_eq!(parsed(line), Ok(Task::Help), "{line}");
        }
        let simulation = Task::Simulation(vec!["--help".into()]);
        assert_eq!(parsed("simulation --help"), Ok(simulation));
    }

    #[test]
    fn an_error_names_what_is_not_understood() {
        for (line, told) in [
            ("", "say what to do: preview, "),
            ("prevue", "`prevue` is not understood here"),
            (
                "test browser",
                "`browser` is no group of tests: use checks, format, ",
            ),
            ("test wasm one two", "`two` is not understood here"),
            ("test native --failed", "`--failed` is not understood here"),
            ("check wasm", "`wasm` is not understood here"),
            ("preview --port 1", "`--port` is not understood here"),
            (
                "preview --merchant-port",
                "`--merchant-port` needs a value after it",
            ),
        ] {
            let message = message(line);
            assert!(message.starts_with(told), "{line}: {message}");
        }
        for port in ["0", "65536", "http"] {
            assert_eq!(
                message(&format!("preview --merchant-port {port}")),
                format!("--merchant-port `{port}`: use a number from 1 to 65535")
            );
        }
    }
}
