//! The options of `bench app`.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use super::Error;
use crate::bench::{Against, Bench, Json, Network};

/// Reads the words after `bench`.
pub(super) fn parse(mut words: impl Iterator<Item = String>) -> Result<Bench, Error> {
    match words.next() {
        Some(word) if word == "app" => {}
        Some(word) => return Err(Error::Unknown(word)),
        None => return Err(Error::NothingToMeasure),
    }
    let mut bench = Bench::default();
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| Error::ValueMissing(word.clone()))
        };
        match word.as_str() {
            "--runs" => bench.runs = number(&word, &value()?, 1..=100)?,
            "--cpu" => bench.cpu = number(&word, &value()?, 1..=20)?,
            "--purchases" => bench.purchases = number(&word, &value()?, 0..=100_000)?,
            "--network" => bench.network = network(value()?)?,
            "--against" => bench.against = Some(against(value()?)),
            "--json" => bench.json = Some(json(value()?)),
            _ => return Err(Error::Unknown(word)),
        }
    }
    Ok(bench)
}

fn number(option: &str, word: &str, range: RangeInclusive<u32>) -> Result<u32, Error> {
    match word.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(Error::NotANumber {
            option: option.to_owned(),
            word: word.to_owned(),
            range,
        }),
    }
}

fn network(word: String) -> Result<Network, Error> {
    match word.as_str() {
        "slow-4g" => Ok(Network::Slow4g),
        "none" => Ok(Network::Unlimited),
        _ => Err(Error::NotANetwork(word)),
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
    use super::*;

    fn parsed(line: &str) -> Result<Bench, Error> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn by_default_a_cheap_phone_is_measured() {
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
    fn what_is_not_understood_is_named() {
        assert_eq!(parsed(""), Err(Error::NothingToMeasure));
        for (line, word) in [("server", "server"), ("app --fast", "--fast")] {
            assert_eq!(parsed(line), Err(Error::Unknown(word.to_owned())));
        }
        assert_eq!(
            parsed("app --network 3g"),
            Err(Error::NotANetwork("3g".to_owned()))
        );
        assert_eq!(
            parsed("app --json"),
            Err(Error::ValueMissing("--json".to_owned()))
        );
        for (option, word, range) in [
            ("--runs", "0", 1..=100),
            ("--runs", "many", 1..=100),
            ("--cpu", "-1", 1..=20),
            ("--cpu", "21", 1..=20),
            ("--purchases", "100001", 0..=100_000),
        ] {
            let error = parsed(&format!("app {option} {word}")).unwrap_err();
            let (option, word) = (option.to_owned(), word.to_owned());
            assert_eq!(
                error,
                Error::NotANumber {
                    option,
                    word,
                    range
                }
            );
        }
    }
}
