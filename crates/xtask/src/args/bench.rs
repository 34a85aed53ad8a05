//! The options of `bench app` and `bench merchant`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::prelude::*;

use super::{Task, number};
use crate::bench::{Against, Bench, Json, Network};
use crate::bench_merchant::{Database, MerchantBench};

pub(super) fn parse(words: &mut lexopt::Parser) -> Result<Task> {
    match words.next()? {
        Some(Value(word)) if word == "app" => app(words).map(Task::Bench),
        Some(Value(word)) if word == "merchant" => merchant(words).map(Task::BenchMerchant),
        Some(word) => Err(word.unexpected().into()),
        None => bail!("say what to measure: bench app or bench merchant"),
    }
}

fn app(words: &mut lexopt::Parser) -> Result<Bench> {
    let mut bench = Bench::default();
    while let Some(word) = words.next()? {
        match word {
            Long("runs") => bench.runs = number(words, "runs", 1..=100)?,
            Long("cpu") => bench.cpu = number(words, "cpu", 1..=20)?,
            Long("purchases") => bench.purchases = number(words, "purchases", 0..=100_000)?,
            Long("network") => bench.network = network(&words.value()?.string()?)?,
            Long("against") => bench.against = Some(against(words.value()?.string()?)),
            Long("json") => bench.json = Some(json(words.value()?.string()?)),
            _ => return Err(word.unexpected().into()),
        }
    }
    Ok(bench)
}

fn merchant(words: &mut lexopt::Parser) -> Result<MerchantBench> {
    let mut bench = MerchantBench::default();
    let mut processes = None;
    while let Some(word) = words.next()? {
        match word {
            Long("runs") => bench.runs = number(words, "runs", 1..=100)?,
            Long("seconds") => bench.seconds = number(words, "seconds", 1..=3600)?,
            Long("orders") => bench.orders = number(words, "orders", 1000..=10_000_000)?,
            Long("database") => bench.database = database(&words.value()?.string()?)?,
            Long("processes") => processes = Some(number(words, "processes", 1..=4)?),
            Long("only") => bench.only = Some(words.value()?.string()?),
            Long("no-rival") => bench.rival = false,
            Long("json") => bench.json = Some(json(words.value()?.string()?)),
            _ => return Err(word.unexpected().into()),
        }
    }
    if let Some(wanted) = processes {
        match &mut bench.database {
            Database::Postgres { processes } => *processes = wanted,
            Database::Sqlite => bail!("SQLite has one process: add `--database postgres`"),
        }
    }
    Ok(bench)
}

fn database(word: &str) -> Result<Database> {
    match word {
        "sqlite" => Ok(Database::Sqlite),
        "postgres" => Ok(Database::Postgres { processes: 2 }),
        _ => bail!("`{word}` is no database here: use sqlite or postgres"),
    }
}

fn network(word: &str) -> Result<Network> {
    match word {
        "slow-4g" => Ok(Network::Slow4g),
        "none" => Ok(Network::Unlimited),
        _ => bail!("`{word}` is no network here: use slow-4g or none"),
    }
}

fn against(word: String) -> Against {
    if word.starts_with("http://") || word.starts_with("https://") {
        Against::Address(word)
    } else {
        Against::Bundle(PathBuf::from(word))
    }
}

fn json(word: String) -> Json {
    match word.as_str() {
        "-" => Json::Output,
        _ => Json::File(PathBuf::from(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::explained;
    use super::*;

    fn task(line: &str) -> Result<Task, String> {
        let mut words = lexopt::Parser::from_args(line.split_whitespace());
        parse(&mut words).map_err(|error| format!("{:#}", explained(error)))
    }

    fn parsed(line: &str) -> Result<Bench, String> {
        match task(line)? {
            Task::Bench(bench) => Ok(bench),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_merchants_bench_has_options_of_its_own() {
        assert_eq!(
            task("merchant"),
            Ok(Task::BenchMerchant(MerchantBench::default()))
        );
        let line =
            "merchant --runs 1 --seconds 5 --orders 2000 --only idle,large --no-rival --json f";
        assert_eq!(
            task(line),
            Ok(Task::BenchMerchant(MerchantBench {
                database: Database::Sqlite,
                runs: 1,
                seconds: 5,
                orders: 2000,
                only: Some("idle,large".to_owned()),
                rival: false,
                json: Some(Json::File(PathBuf::from("f"))),
            }))
        );
        assert_eq!(
            task("merchant --orders 1"),
            Err("--orders `1`: use a number from 1000 to 10000000".to_owned())
        );
    }

    #[test]
    fn only_postgres_has_several_processes() {
        for (line, database) in [
            ("merchant --database sqlite", Ok(Database::Sqlite)),
            (
                "merchant --database postgres",
                Ok(Database::Postgres { processes: 2 }),
            ),
            (
                "merchant --processes 4 --database postgres",
                Ok(Database::Postgres { processes: 4 }),
            ),
            (
                "merchant --processes 2",
                Err("SQLite has one process: add `--database postgres`"),
            ),
            (
                "merchant --database mysql",
                Err("`mysql` is no database here: use sqlite or postgres"),
            ),
        ] {
            let wanted = database.map_err(str::to_owned).map(|database| {
                Task::BenchMerchant(MerchantBench {
                    database,
                    ..MerchantBench::default()
                })
            });
            assert_eq!(task(line), wanted, "{line}");
        }
    }

    #[test]
    fn the_default_is_a_cheap_phone() {
        let bench = parsed("app").unwrap();
        assert_eq!(bench, Bench::default());
        assert_eq!(bench.network, Network::Slow4g);
        assert_eq!((bench.runs, bench.cpu, bench.purchases), (5, 4, 0));
    }

    #[test]
    fn everything_can_be_chosen() {
        let line = "app --runs 3 --network none --cpu 1 --purchases 1000 --against old --json -";
        assert_eq!(
            parsed(line),
            Ok(Bench {
                runs: 3,
                network: Network::Unlimited,
                cpu: 1,
                purchases: 1000,
                against: Some(Against::Bundle(PathBuf::from("old"))),
                json: Some(Json::Output),
            })
        );
    }

    #[test]
    fn an_address_is_told_from_a_folder() {
        let address = "http://localhost:4100/?x=1";
        assert_eq!(
            parsed(&format!("app --against {address} --json figures.json")),
            Ok(Bench {
                against: Some(Against::Address(address.to_owned())),
                json: Some(Json::File(PathBuf::from("figures.json"))),
                ..Bench::default()
            })
        );
    }

    #[test]
    fn an_error_names_what_is_not_understood() {
        for (line, told) in [
            ("", "say what to measure: bench app or bench merchant"),
            ("server", "`server` is not understood here"),
            ("app --fast", "`--fast` is not understood here"),
            (
                "app --network 3g",
                "`3g` is no network here: use slow-4g or none",
            ),
            ("app --json", "`--json` needs a value after it"),
            ("app --runs 0", "--runs `0`: use a number from 1 to 100"),
            (
                "app --runs many",
                "--runs `many`: use a number from 1 to 100",
            ),
            ("app --cpu -1", "--cpu `-1`: use a number from 1 to 20"),
            ("app --cpu 21", "--cpu `21`: use a number from 1 to 20"),
            (
                "app --purchases 100001",
                "--purchases `100001`: use a number from 0 to 100000",
            ),
        ] {
            assert_eq!(parsed(line), Err(told.to_owned()), "{line}");
        }
    }
}
