//! The log's events are an interface: docs/OBSERVABILITY.md lists what the source has, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The levels of each event.
type Events = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_documented_events_are_those_of_the_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut in_source = Events::new();
    collect(&root.join("src"), &mut in_source);
    let text = fs::read_to_string(root.join("../../docs/OBSERVABILITY.md")).unwrap();
    let documented = documented(&text);
    for (event, levels) in &in_source {
        let listed = documented.get(event);
        assert_eq!(listed, Some(levels), "{event} in docs/OBSERVABILITY.md");
    }
    let gone = documented
        .keys()
        .filter(|event| !in_source.contains_key(*event));
    assert_eq!(gone.collect::<Vec<_>>(), [""; 0], "no longer in the source");
}

#[test]
fn an_event_is_found_with_its_level() {
    let mut events = Events::new();
    for source in [
        r#"Some(error) => tracing::warn!(target: "a", %error, event = "store.damaged", "text"),"#,
        r#"let event = ("request.shed", "busy"); tracing::info!(event, "text");"#,
        r#"macro_rules! log { ($level:ident) => { tracing::$level!(event = "a.b") } }"#,
    ] {
        events_of(source, &mut events);
    }
    let levels = |event: &str| events[event].iter().cloned().collect::<Vec<_>>().join(", ");
    assert_eq!(levels("store.damaged"), "warn");
    assert_eq!(levels("request.shed"), "info");
    assert_eq!(levels("a.b"), "debug, info");
}

/// The rows of the table of events: event, levels, meaning.
fn documented(text: &str) -> Events {
    let mut events = Events::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let mut cells = row.split('|').map(str::trim);
        let event = cells.next().unwrap().trim_end_matches('`');
        if !is_event(event) {
            continue;
        }
        let levels = cells.next().unwrap().split(", ").map(str::to_owned);
        let meaning = cells.next().unwrap();
        assert!(!meaning.is_empty(), "{event} has no meaning");
        let before = events.insert(event.to_owned(), levels.collect());
        assert_eq!(before, None, "{event} is listed twice");
    }
    events
}

fn is_event(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.split_once('.')
        .is_some_and(|(area, what)| is_name(area) && is_name(what))
}

fn collect(folder: &Path, events: &mut Events) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, events);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            events_of(code, events);
        }
    }
}

fn events_of(code: &str, events: &mut Events) {
    for (at, _) in code.match_indices("tracing::") {
        let rest = &code[at + "tracing::".len()..];
        let Some((level, arguments)) = rest.split_once("!(") else {
            continue;
        };
        let levels: &[&str] = match level {
            // Both levels of a macro of ours.
            "$level" => &["debug", "info"],
            "error" => &["error"],
            "warn" => &["warn"],
            "info" => &["info"],
            "debug" => &["debug"],
            _ => continue,
        };
        let arguments = arguments.split("tracing::").next().unwrap();
        let named = match arguments.split_once("event = \"") {
            Some((_, named)) => vec![named.split('"').next().unwrap()],
            // In a variable of this name.
            None => literals(code).filter(|text| is_event(text)).collect(),
        };
        assert!(!named.is_empty(), "an event without a name: {arguments}");
        for event in named {
            let known = events.entry(event.to_owned()).or_default();
            known.extend(levels.iter().map(|level| (*level).to_owned()));
        }
    }
}

/// What stands between quotation marks, and between these.
fn literals(code: &str) -> impl Iterator<Item = &str> {
    code.split('"')
}
