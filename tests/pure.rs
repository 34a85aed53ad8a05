//! Files that decide about money know no browser, so their tests run natively, in milliseconds.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

const PURE: [&str; 23] = [
    "analytics.rs",
    "analytics/launched.rs",
    "campaign.rs",
    "cart.rs",
    "checkout.rs",
    "checkout/attempt.rs",
    "checkout/io.rs",
    "checkout/listing.rs",
    "checkout/loading.rs",
    "checkout/order.rs",
    "checkout/order_flow.rs",
    "checkout/state.rs",
    "locale.rs",
    "money.rs",
    "profile.rs",
    "route.rs",
    "text.rs",
    "text/en.rs",
    "text/id.rs",
    "text/message.rs",
    "text/shop.rs",
    "time.rs",
    "user_error.rs",
];

const BROWSER: [&str; 9] = [
    "leptos",
    "web_sys",
    "js_sys",
    "wasm_bindgen",
    "gloo",
    "gopay_container",
    "crate::api",
    "crate::browser",
    "crate::session",
];

#[test]
fn pure_files_do_not_know_the_browser() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in PURE {
        let text = fs::read_to_string(sources.join(file)).unwrap();
        for name in BROWSER {
            assert!(!text.contains(name), "src/{file} must not know {name}");
        }
    }
}

#[test]
fn every_file_that_calls_itself_pure_is_checked() {
    let mut claimed = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        "",
        &mut claimed,
    );
    claimed.sort();
    // The languages are pure as a part of `text.rs`.
    let listed: Vec<&str> = (PURE.into_iter())
        .filter(|file| !file.starts_with("text/"))
        .collect();
    assert_eq!(claimed, listed);
}

fn collect(folder: &Path, prefix: &str, claimed: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), claimed);
        } else if fs::read_to_string(&path)
            .unwrap()
            .lines()
            .any(|line| line.starts_with("//!") && line.contains("PURE"))
        {
            claimed.push(format!("{prefix}{name}"));
        }
    }
}
