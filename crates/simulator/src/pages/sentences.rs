//! What the simulator says of a request, and a person reads in the panel: each sentence of the sources has its
//! Indonesian words in `sentences.js`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const SENTENCES: &str = include_str!("../../assets/sentences.js");

/// The files and folders, below `src`, whose sentences the panel shows. Not here: what the control API refuses to those who
/// call it without the panel, whose forms do not send it.
const SOURCES: [&str; 10] = [
    "api",
    "bridge",
    "clock.rs",
    "control.rs",
    "input.rs",
    "inspector",
    "inspector.rs",
    "notifier.rs",
    "origin_guard.rs",
    "payments.rs",
];

/// Of these, what is not for the panel.
const OTHER_SOURCES: [&str; 7] = [
    // GoPay's own words.
    "api/fault",
    "api/fault.rs",
    "api/snap.rs",
    "bridge/response.rs",
    // Of the shell, and of the terminal.
    "inspector/curl.rs",
    "inspector/secrets.rs",
    // The toasts of the phone, which are in both languages.
    "bridge/file.rs",
];

/// Not for the panel, in files that have sentences for it, too.
const OTHER_TEXTS: [&str; 19] = [
    // GoPay's own words.
    "X-TIMESTAMP is not of now",
    "body: not a JSON object",
    "the body is not a JSON object",
    // The toasts of the phone, which are in both languages.
    "bergetar {duration} md",
    "vibrates for {duration} ms",
    "lembar berbagi terbuka",
    "the share sheet opens",
    "teks disalin",
    "text copied",
    // For those who call without the panel.
    "curl -X {method} http://{host}/{root}/{below} -d '{body}'",
    "the address is not understood",
    "the body is not understood: {why}",
    "{method} {}: another method is right here, see the response's header Allow",
    // Of the compiler.
    "negative numbers were refused, and fractions of a millisecond are dropped",
    // Of the terminal.
    "{time} {:>5}  {:<12} {} {}  {}  {took} ms",
    "\n                rule: {rule}",
    "\n                mistake: {mistake}",
    "\n                string to sign: {string}",
    // The panel has its own words for it.
    "under way",
];

/// Values of sentences that no source has as a text.
const STATES: [&str; 5] = ["pending", "paid", "cancelled", "failed", "expired"];

/// By the English sentence.
fn table() -> BTreeMap<String, String> {
    let (_, table) = SENTENCES.split_once("INDONESIAN = ").unwrap();
    let (table, _) = table.split_once(";\n").unwrap();
    let lines = table.lines().filter(|line| !line.starts_with("  //"));
    serde_json::from_str(&lines.collect::<String>()).unwrap()
}

fn files(path: PathBuf) -> Vec<PathBuf> {
    match path.is_dir() {
        true => {
            let entries = fs::read_dir(path).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            paths.flat_map(files).collect()
        }
        false => vec![path],
    }
}

/// The texts of a source without its tests, as they are at run time; `{{` is `{`.
fn texts(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, here) = rest.split_at(at);
        let hashes = before.len() - before.trim_end_matches('#').len();
        let is_raw = before[..before.len() - hashes].ends_with('r');
        rest = match here.chars().next() {
            Some('/') if here.starts_with("//") => here.split_once('\n').map_or("", |it| it.1),
            // A character; else the name of a lifetime.
            Some('\'') if here.starts_with("'\\") => {
                &here[2..][here[3..].find('\'').unwrap() + 2..]
            }
            Some('\'') => {
                let character = here.chars().nth(1).map_or(1, char::len_utf8);
                let is_closed = here[1 + character..].starts_with('\'');
                &here[if is_closed { character + 2 } else { 1 }..]
            }
            Some('"') if is_raw => {
                let end = format!("\"{}", "#".repeat(hashes));
                let (text, after) = here[1..].split_once(&end).unwrap();
                found.push(text.to_owned());
                after
            }
            Some('"') => {
                let (text, after) = escaped(&here[1..]);
                found.push(text);
                after
            }
            _ => &here[1..],
        };
    }
    let plain = |text: &String| text.replace("{{", "{").replace("}}", "}");
    found.iter().map(plain).collect()
}

/// A text up to its closing quote, and what follows.
fn escaped(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut rest = source;
    loop {
        let at = rest.find(['"', '\\']).unwrap();
        text += &rest[..at];
        let (mark, after) = (&rest[at..=at], &rest[at + 1..]);
        if mark == "\"" {
            return (text, after);
        }
        rest = match after.chars().next().unwrap() {
            '\n' => after.trim_start(),
            escape => {
                text.push(match escape {
                    'n' => '\n',
                    other => other,
                });
                &after[escape.len_utf8()..]
            }
        };
    }
}

/// Whether it is for a reader, and no name or value: words beside spaces, of which the first has no capital letter unless it
/// is a header. GoPay's own words begin with one.
fn is_sentence(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    let is_header = first.contains('-') || first == "Authorization";
    let is_word = |word: &str| {
        let word = word.trim_matches(|it: char| ",:;.?`".contains(it));
        word.len() > 1 && word.chars().all(|it| it.is_ascii_lowercase())
    };
    let starts_small = !first.starts_with(|it: char| it.is_ascii_uppercase());
    (starts_small || is_header) && text.trim().contains(' ') && text.split(' ').any(is_word)
}

/// `{name}` and the like, in the order of their names.
fn values(text: &str) -> Vec<&str> {
    let begun = text.split('{').skip(1);
    let closed = begun.filter_map(|it| Some(it.split_once('}')?.0));
    let is_name = |it: &&str| it.chars().all(|it| it.is_alphanumeric() || it == '_');
    let mut found: Vec<_> = closed.filter(is_name).collect();
    found.sort_unstable();
    found
}

/// Of all sources: the texts, each with whether it is a sentence for the panel.
fn sources() -> BTreeMap<String, bool> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    for file in SOURCES.into_iter().flat_map(|it| files(folder.join(it))) {
        let is_other = OTHER_SOURCES
            .iter()
            .any(|other| file.starts_with(folder.join(other)));
        for text in texts(&fs::read_to_string(&file).unwrap()) {
            let is_for_panel = !is_other && is_sentence(&text);
            *found.entry(text).or_default() |= is_for_panel;
        }
    }
    for other in OTHER_TEXTS {
        assert_eq!(found.insert(other.to_owned(), false), Some(true), "{other}");
    }
    found
}

#[test]
fn each_sentence_of_the_server_has_indonesian_words() {
    let (table, sources) = (table(), sources());
    let sentences = sources.iter().filter(|(_, is_sentence)| **is_sentence);
    let missing: Vec<_> = sentences
        .map(|(sentence, _)| sentence)
        .filter(|it| !table.contains_key(*it))
        .collect();
    assert!(missing.is_empty(), "not in sentences.js: {missing:#?}");
    let states: BTreeSet<_> = STATES.into_iter().collect();
    let unused: Vec<_> = table
        .keys()
        .filter(|it| !sources.contains_key(*it) && !states.contains(it.as_str()))
        .collect();
    assert!(unused.is_empty(), "in no source: {unused:#?}");
    assert!(table.len() > 200, "{}", table.len());
}

#[test]
fn each_translation_has_the_values_of_its_sentence() {
    for (english, indonesian) in table() {
        let named = values(&english);
        assert_eq!(named, values(&indonesian), "{english}");
        let names: BTreeSet<_> = named.iter().collect();
        assert_eq!(names.len(), named.len(), "a value twice: {english}");
    }
}

#[test]
fn the_texts_of_a_source_are_read_as_they_are_at_run_time() {
    let source = r##"
        // "a comment"
        const A: &'static str = "one \"two\" \
            three";
        let b = ('"', '\'', '\\', r#"raw "text""#, "{{brace}}");
        #[cfg(test)]
        fn helper() { "kept" }
#[cfg(test)]
mod tests { "left out" }
"##;
    assert_eq!(
        texts(source),
        ["one \"two\" three", "raw \"text\"", "{brace}", "kept"]
    );
    for (text, is) in [
        ("the time is left out", true),
        ("X-TIMESTAMP is mandatory", true),
        ("Authorization is Basic", true),
        ("`{name}` has to be {}", true),
        ("Transaction Not Found", false),
        ("{}: {}", false),
        ("Bearer ", false),
        ("word", false),
    ] {
        assert_eq!(is_sentence(text), is, "{text}");
    }
}
