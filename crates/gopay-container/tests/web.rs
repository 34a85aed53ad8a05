//! The binding in a real browser, against containers that behave and containers that do
//! not. Natively there is nothing here to run.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy knows the tests of #[test] only"
)]

#[path = "web/contract.rs"]
mod contract;
#[path = "web/debug.rs"]
mod debug;
#[path = "web/environment.rs"]
mod environment;
#[path = "web/events.rs"]
mod events;
#[path = "web/heap.rs"]
mod heap;
#[path = "web/hostile.rs"]
mod hostile;
#[path = "web/once.rs"]
mod once;
#[path = "web/stage.rs"]
mod stage;
#[path = "web/testing.rs"]
mod testing;
#[path = "web/waiting.rs"]
mod waiting;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
