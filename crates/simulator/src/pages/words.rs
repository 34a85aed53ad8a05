//! The words of the panel: each is in both languages, is used, and stands in `words.js` only.

use super::PHONE_HTML;
use crate::{faults::FaultKind, scenario::Scenario, sdk_faults::SdkFaultKind};
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

const WORDS: &str = include_str!("../../assets/words.js");
/// What writes texts into the panel.
const SCRIPTS: [&str; 3] = [
    include_str!("../../assets/panel.js"),
    include_str!("../../assets/timeline.js"),
    include_str!("../../assets/control.js"),
];
/// The same in each language.
const NAMES: [&str; 6] = ["SDK", "Bahasa", "English", "Indonesia", "Snap", "WIB"];

/// What stands between the two.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(begin).expect(begin);
    rest.split_once(end).expect(end).0
}

/// The keys of a language in one of the tables.
fn keys(table: &str, language: &str) -> BTreeSet<&'static str> {
    let table = between(WORDS, &format!("const {table} = {{\n"), "\n};\n");
    let lines = between(table, &format!("  {language}: {{\n"), "\n  },").lines();
    let entries = lines.filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    entries.map(|(key, _)| key.trim_matches('\'')).collect()
}

/// The part of the page beside the phone: the panel, and its dialog.
fn panel_html() -> &'static str {
    between(PHONE_HTML, "<main", "</body>")
}

/// What stands behind each `begin`, up to `end`.
fn pieces<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    let rests = text.split(begin).skip(1);
    rests.filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// The strings of a script, without what is filled in.
fn strings(script: &str) -> Vec<String> {
    let mut found = Vec::new();
    let code = script.lines().filter(|line| {
        let line = line.trim_start();
        !["//", "/*", "import "]
            .iter()
            .any(|it| line.starts_with(it))
    });
    for line in code {
        let mut rest = line;
        while let Some(begin) = rest.find(['\'', '`']) {
            let (_, opened) = rest.split_at(begin);
            let (quote, text) = opened.split_at(1);
            let (string, after) = text.split_once(quote).unwrap_or((text, ""));
            found.push(string.to_owned());
            rest = after;
        }
    }
    found
}

/// Whether a string is for a reader: a word beside a space, or one with a capital letter. A single word
/// without one may be a value.
fn is_text(string: &str) -> bool {
    let filled = string.split("${").skip(1);
    let filled = filled.filter_map(|it| Some(it.split_once('}')?.1));
    let begin = string.split("${").next();
    let text = begin.into_iter().chain(filled).collect::<Vec<_>>();
    let text = text.join("_");
    text.split(' ').any(|word| {
        let is_word = word.len() > 1 && word.chars().all(char::is_alphabetic);
        let is_capital =
            word.starts_with(char::is_uppercase) && word.chars().skip(1).all(char::is_lowercase);
        is_word && !NAMES.contains(&word) && (is_capital || text.contains(' '))
    })
}

#[test]
fn each_word_is_in_both_languages() {
    let english = keys("WORDS", "en");
    assert!(english.len() > 100, "{english:?}");
    assert_eq!(&keys("WORDS", "id") ^ &english, BTreeSet::new());
}

#[test]
fn each_word_is_used_and_each_used_word_exists() {
    let keys = keys("WORDS", "en");
    let code = format!("{}{WORDS}", SCRIPTS.concat());
    let called = pieces(&code, "word('", '\'');
    let named = ["data-word=\"", "data-label=\"", "data-placeholder=\""];
    let named = named
        .into_iter()
        .flat_map(|it| pieces(panel_html(), it, '"'));
    let used: BTreeSet<_> = called.chain(named).collect();
    // Of a group, a value of the control API chooses the word.
    let groups: BTreeSet<_> = pieces(&code, "word(`", '.').collect();
    let is_in_a_group = |key: &str| key.split_once('.').is_some_and(|it| groups.contains(it.0));
    for key in &keys {
        assert!(
            used.contains(key) || is_in_a_group(key),
            "{key} is not used"
        );
    }
    for key in used {
        assert!(keys.contains(key), "{key} is not in the table");
    }
}

#[test]
fn the_panel_has_no_words_of_its_own() {
    for piece in panel_html().split('<') {
        let text = piece.rsplit_once('>').map_or("", |(_, text)| text).trim();
        let is_name = NAMES.contains(&text);
        assert!(is_name || !text.contains(char::is_alphabetic), "{text}");
    }
    for attribute in [" aria-label=", " title=", " placeholder=", " alt="] {
        assert!(!panel_html().contains(attribute), "{attribute}");
    }
    for string in SCRIPTS.into_iter().flat_map(strings) {
        assert!(!is_text(&string), "{string}");
    }
}

#[test]
fn each_scenario_and_kind_of_fault_has_an_indonesian_meaning() {
    let scenarios = Scenario::iter().map(|it| serde_json::to_value(it).unwrap());
    let scenarios = scenarios.map(|it| format!("scenario.{}", it.as_str().unwrap()));
    let faults = FaultKind::iter().map(|it| format!("fault.{it}"));
    let replies = SdkFaultKind::iter().map(|it| format!("reply.{it}"));
    let named: BTreeSet<_> = scenarios.chain(faults).chain(replies).collect();
    let written = keys("MEANINGS", "id").into_iter().map(str::to_owned);
    assert_eq!(&written.collect() ^ &named, BTreeSet::new());
}
