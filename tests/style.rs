//! Components take every colour and measure from tokens, so that one file changes the look.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;

const COMPONENTS: [&str; 2] = ["main.css", "debug.css"];

/// Properties whose values must come from tokens.
const MEASURED: [&str; 22] = [
    "border",
    "border-bottom",
    "border-radius",
    "border-top",
    "bottom",
    "column-gap",
    "font",
    "font-size",
    "gap",
    "letter-spacing",
    "line-height",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "min-height",
    "outline",
    "padding",
    "padding-bottom",
    "padding-inline",
    "padding-top",
];

/// A style sheet without its comments.
fn style(name: &str) -> String {
    let path = format!("{}/style/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let mut parts = text.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.split_once("*/").unwrap().1)
}

/// Properties and custom properties with their values.
fn values(css: &str) -> impl Iterator<Item = (&str, &str)> {
    css.split(['}', ';'])
        // The text before a brace is a selector, which may have colons too.
        .filter_map(|part| part.rsplit('{').next()?.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}

#[test]
fn components_use_tokens_for_every_colour_and_measure() {
    for file in COMPONENTS {
        let css = style(file);
        for (name, value) in values(&css) {
            let colour = value.contains('#') || value.contains("rgb") || value.contains("hsl");
            assert!(
                !colour,
                "style/{file}: {name}: {value} is a colour; use a token"
            );
            if MEASURED.contains(&name) {
                let own = value
                    .split([' ', '(', ')', ','])
                    .find(|word| word.ends_with("px") || word.ends_with("rem"));
                assert_eq!(own, None, "style/{file}: {name}: {value}; use a token");
            }
        }
    }
}

#[test]
fn every_token_is_defined_and_used() {
    let tokens = style("tokens.css");
    let defined: BTreeSet<&str> = values(&tokens)
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("--"))
        .collect();
    let all = COMPONENTS.map(style).concat() + &tokens;
    let used: BTreeSet<&str> = (all.split("var(").skip(1))
        .map(|part| part.split([')', ',']).next().unwrap_or_default())
        .collect();
    let missing: Vec<_> = used.difference(&defined).collect();
    let idle: Vec<_> = defined.difference(&used).collect();
    assert!(missing.is_empty(), "used and not defined: {missing:?}");
    assert!(idle.is_empty(), "defined and not used: {idle:?}");
}
