//! What the check found: as text and as JSON.

use super::attack::Attack;
use serde::Serialize;
use std::fmt;
use strum::Display;

/// Longer requests are cut in the report.
const MAX_REQUEST_CHARS: usize = 2000;

#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether orders could be asked about; otherwise answers alone are judged.
    pub states_known: bool,
    pub passed: usize,
    pub of: usize,
    /// In the order of the table.
    pub attacks: Vec<Finding>,
}

/// One attack and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    pub id: &'static str,
    pub sent: &'static str,
    pub right: String,
    pub why: &'static str,
    pub verdict: Verdict,
    /// What was found instead, or why it is not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The last request, for a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curl: Option<String>,
    /// The body of the answer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    #[strum(serialize = "passed")]
    Passed,
    #[strum(serialize = "FAILED")]
    Failed,
    #[strum(serialize = "not judged")]
    NotJudged,
}

impl Report {
    pub(super) fn new(states_known: bool, attacks: Vec<Finding>) -> Self {
        let passed = attacks
            .iter()
            .filter(|finding| finding.verdict == Verdict::Passed);
        Self {
            states_known,
            passed: passed.count(),
            of: attacks.len(),
            attacks,
        }
    }

    /// Whether every attack was judged and passed.
    pub fn is_full(&self) -> bool {
        self.passed == self.of
    }

    /// The ids of the attacks with this verdict.
    pub fn ids(&self, verdict: Verdict) -> Vec<&'static str> {
        let findings = self.attacks.iter();
        let with_verdict = findings.filter(|finding| finding.verdict == verdict);
        with_verdict.map(|finding| finding.id).collect()
    }
}

impl Finding {
    pub(super) fn new(attack: &Attack, verdict: Verdict) -> Self {
        Self {
            id: attack.id,
            sent: attack.sent,
            right: attack.right(),
            why: attack.why,
            verdict,
            found: None,
            curl: None,
            answer: None,
        }
    }

    pub(super) fn with_exchange(self, curl: &str, answer: Option<&str>) -> Self {
        Self {
            curl: Some(cut(curl)),
            answer: answer.map(cut),
            ..self
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_REQUEST_CHARS) {
        Some((end, _)) => format!("{} … (cut)", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

/// A line for each attack, more for one that did not pass, and the score.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.attacks {
            let Finding { verdict, id, .. } = finding;
            writeln!(f, "{:<10}  {id:<22}  {}", verdict.to_string(), finding.sent)?;
            if *verdict == Verdict::Passed {
                continue;
            }
            let found = finding.found.as_deref();
            let answer = finding
                .answer
                .as_deref()
                .filter(|answer| !answer.is_empty());
            for (name, text) in [
                ("found", found),
                ("right", Some(finding.right.as_str())),
                ("why", Some(finding.why)),
                ("answer", answer),
                ("curl", finding.curl.as_deref()),
            ] {
                if let Some(text) = text {
                    let text = text.replace('\n', "\n            ");
                    writeln!(f, "            {name}: {text}")?;
                }
            }
        }
        if !self.states_known {
            writeln!(
                f,
                "Only answers were judged: --state tells the states of orders."
            )?;
        }
        writeln!(f, "score: {} of {}", self.passed, self.of)
    }
}
