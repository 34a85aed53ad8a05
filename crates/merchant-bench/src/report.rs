//! The table: each figure beside the least that must hold (floor) and the aim (star).

use crate::load::Figures;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Floor,
    Star,
}

impl Level {
    pub(crate) const ALL: [Self; 2] = [Self::Floor, Self::Star];

    /// What belongs to this level.
    pub(crate) fn of<T: Clone>(self, all: &[(Self, T)]) -> Vec<T> {
        let own = all.iter().filter(|(level, _)| *level == self);
        own.map(|(_, it)| it.clone()).collect()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Star => "star",
        }
    }

    pub(crate) const fn pick(self, floor: u32, star: u32) -> u32 {
        match self {
            Self::Floor => floor,
            Self::Star => star,
        }
    }
}

/// The longest that requests may take, of the middle one and of the slowest hundredth and thousandth.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) p50: Option<u64>,
    pub(crate) p99: Option<u64>,
    pub(crate) p999: Option<u64>,
}

/// Milliseconds.
fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    scenario: String,
    level: &'static str,
    wanted: String,
    measured: String,
    holds: bool,
    raw: Value,
}

impl Report {
    /// Requests at a rate, run by run. `upstream` is the part of each that is GoPay's.
    pub(crate) fn rate(
        &mut self,
        scenario: impl Into<String>,
        level: Level,
        per_second: u32,
        bounds: Bounds,
        upstream: Duration,
        runs: &[Figures],
    ) {
        let own = |figures: &Figures, share| figures.quantile(share).saturating_sub(upstream);
        let is_within = |bound: Option<u64>, found: Duration| {
            bound.is_none_or(|bound| found <= Duration::from_millis(bound))
        };
        let holds = |figures: &Figures| {
            figures.failed() == 0
                && figures.per_second() >= f64::from(per_second) * 0.98
                && is_within(bounds.p50, own(figures, 0.5))
                && is_within(bounds.p99, own(figures, 0.99))
                && is_within(bounds.p999, own(figures, 0.999))
        };
        let quantile = |share| spread(runs.iter().map(|figures| ms(own(figures, share))));
        let failed: u64 = runs.iter().map(Figures::failed).sum();
        let failures: Vec<_> = runs.iter().flat_map(|figures| &figures.failures).collect();
        let mut measured = format!(
            "{}/s, p50 {} ms, p99 {} ms, p99.9 {} ms",
            spread(runs.iter().map(Figures::per_second)),
            quantile(0.5),
            quantile(0.99),
            quantile(0.999),
        );
        if failed > 0 {
            measured += &format!(", failed {failures:?}");
        }
        let bound = |name, bound: Option<u64>| bound.map(|ms| format!(", {name} {ms} ms"));
        let wanted = [
            Some(format!("{per_second}/s")),
            bound("p50", bounds.p50),
            bound("p99", bounds.p99),
            bound("p99.9", bounds.p999),
        ];
        let raw = runs.iter().map(|figures| {
            json!({
                "per_second": figures.per_second(),
                "p50_ms": ms(own(figures, 0.5)),
                "p99_ms": ms(own(figures, 0.99)),
                "p999_ms": ms(own(figures, 0.999)),
                "succeeded": figures.succeeded(),
                "failed": figures.failed(),
            })
        });
        self.push(Line {
            scenario: scenario.into(),
            level: level.name(),
            wanted: wanted.into_iter().flatten().collect(),
            measured,
            holds: runs.iter().all(holds),
            raw: raw.collect(),
        });
    }

    /// One figure, run by run, that is to be at most `wanted`.
    pub(crate) fn at_most(
        &mut self,
        scenario: impl Into<String>,
        level: Level,
        wanted: f64,
        unit: &'static str,
        runs: &[f64],
    ) {
        self.push(Line {
            scenario: scenario.into(),
            level: level.name(),
            wanted: format!("at most {wanted} {unit}"),
            measured: format!("{} {unit}", spread(runs.iter().copied())),
            holds: runs.iter().all(|run| *run <= wanted),
            raw: json!(runs),
        });
    }

    /// One figure, run by run, that is to be at most the floor's and the star's.
    pub(crate) fn both(
        &mut self,
        scenario: impl Into<String>,
        wanted: [f64; 2],
        unit: &'static str,
        runs: &[f64],
    ) {
        let scenario = scenario.into();
        for (level, wanted) in Level::ALL.into_iter().zip(wanted) {
            self.at_most(scenario.clone(), level, wanted, unit, runs);
        }
    }

    /// Ratios, run by run, that are to be at least `wanted`.
    pub(crate) fn at_least(&mut self, scenario: impl Into<String>, wanted: f64, runs: &[f64]) {
        self.push(Line {
            scenario: scenario.into(),
            level: Level::Floor.name(),
            wanted: format!("at least {wanted} times"),
            measured: format!("{} times", spread(runs.iter().copied())),
            holds: runs.iter().all(|run| *run >= wanted),
            raw: json!(runs),
        });
    }

    /// Figures, run by run, for which nothing is wanted.
    pub(crate) fn figures(
        &mut self,
        scenario: impl Into<String>,
        unit: &'static str,
        runs: &[f64],
    ) {
        self.push(Line {
            scenario: scenario.into(),
            level: "figure",
            wanted: String::new(),
            measured: format!("{} {unit}", spread(runs.iter().copied())),
            holds: true,
            raw: json!(runs),
        });
    }

    /// Something that is so or is not.
    pub(crate) fn fact(
        &mut self,
        scenario: impl Into<String>,
        wanted: &str,
        found: String,
        holds: bool,
    ) {
        self.push(Line {
            scenario: scenario.into(),
            level: "floor",
            wanted: wanted.to_owned(),
            raw: json!(found),
            measured: found,
            holds,
        });
    }

    fn push(&mut self, line: Line) {
        eprintln!("{}", line.text());
        self.lines.push(line);
    }

    pub(crate) fn text(&self) -> String {
        let heading = "| scenario | level | wanted | measured: min, median, max | holds |\n| --- | --- | --- | --- | --- |\n";
        let lines = self.lines.iter().map(|line| line.text() + "\n");
        heading.to_owned() + &lines.collect::<String>()
    }

    pub(crate) fn json(&self) -> Value {
        let line = |line: &Line| {
            json!({
                "scenario": line.scenario, "level": line.level, "wanted": line.wanted,
                "measured": line.measured, "holds": line.holds, "runs": line.raw,
            })
        };
        self.lines.iter().map(line).collect()
    }

    /// Whether anything was measured, and each floor holds.
    pub(crate) fn floors_hold(&self) -> bool {
        let mut floors = self.lines.iter().filter(|line| line.level == "floor");
        !self.lines.is_empty() && floors.all(|line| line.holds)
    }
}

impl Line {
    fn text(&self) -> String {
        let holds = if self.holds { "yes" } else { "NO" };
        format!(
            "| {} | {} | {} | {} | {holds} |",
            self.scenario, self.level, self.wanted, self.measured
        )
    }
}

/// Minimum, median and maximum; one figure where there is one run.
fn spread(figures: impl Iterator<Item = f64>) -> String {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let digits = |figure: f64| if figure >= 100.0 { 0 } else { 1 };
    let text = |figure: f64| format!("{figure:.*}", digits(figure));
    match figures.as_slice() {
        [] => "none".to_owned(),
        [only] => text(*only),
        [first, .., last] => {
            let median = figures[figures.len() / 2];
            [*first, median, *last].map(text).join(" ")
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_least_median_and_greatest() {
        for (figures, text) in [
            (&[][..], "none"),
            (&[1.25], "1.2"),
            (&[300.4, 1.0, 20.0], "1.0 20.0 300"),
        ] {
            assert_eq!(spread(figures.iter().copied()), text);
        }
    }

    #[test]
    fn floors_hold_where_there_are_some_and_each_does() {
        let mut report = Report::default();
        assert!(!report.floors_hold());
        report.at_most("memory", Level::Floor, 25.0, "MiB", &[20.0, 25.0]);
        report.at_most("memory", Level::Star, 15.0, "MiB", &[20.0]);
        assert!(report.floors_hold());
        report.at_least("ratio", 10.0, &[11.0, 9.9]);
        assert!(!report.floors_hold());
    }

    #[test]
    fn a_rate_needs_its_requests_its_speed_and_its_times() {
        let figures = |milliseconds, count| {
            let mut figures = Figures::of(vec![Duration::from_millis(milliseconds); count]);
            figures.took = Duration::from_secs(1);
            figures
        };
        let holds = |figures: Figures| {
            let bounds = Bounds {
                p99: Some(20),
                ..Bounds::default()
            };
            let mut report = Report::default();
            report.rate(
                "it",
                Level::Floor,
                100,
                bounds,
                Duration::from_millis(50),
                &[figures],
            );
            report.floors_hold()
        };
        assert!(holds(figures(70, 101)));
        assert!(!holds(figures(71, 101)));
        assert!(!holds(figures(70, 90)));
        let mut failed = figures(70, 101);
        failed.failures.insert(crate::load::Failure::Broken, 1);
        assert!(!holds(failed));
    }
}
