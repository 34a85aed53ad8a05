//! What ten thousand calls leave behind.

use crate::stage::{collect_garbage, empty_page, json, look_at, run};
use gopay_container::{auth::get_auth_code, payment::launch_payment};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    pin::pin,
    sync::atomic::{AtomicIsize, Ordering::Relaxed},
};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(unsafe_code, reason = "an allocator is; it only counts")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size() as isize, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size() as isize, Relaxed);
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Bytes in use of Rust's heap and of JavaScript's.
async fn measure(calls: u32) -> (isize, u32) {
    collect_garbage().await;
    let rust = LIVE.load(Relaxed);
    let script = json("performance.memory.usedJSHeapSize").parse().unwrap();
    console_log!("after {calls} calls: {rust} bytes of Rust's heap, {script} of JavaScript's");
    (rust, script)
}

/// A container that keeps no record of its own.
fn a_container(behaviour: &str) {
    empty_page();
    run(&format!(
        "window.gpContainer = {{ call(_class, _name, _params, success) {{ {behaviour} }} }}"
    ));
}

async fn call(times: u32) {
    for _ in 0..times {
        get_auth_code().await.unwrap();
    }
    run("stage.delays.length = 0");
}

#[wasm_bindgen_test]
async fn ten_thousand_calls_leave_no_more_behind_than_a_hundred() {
    a_container("success({ success: true, data: { authCode: 'abc' } })");
    call(100).await;
    let (few, script_of_few) = measure(100).await;
    call(9_900).await;
    let (many, script_of_many) = measure(10_000).await;
    // One leaked closure per call would be 9,900 times some dozens of bytes.
    assert!(many - few < 4_096, "{few} then {many} bytes");
    assert!(
        script_of_many < script_of_few + 512 * 1024,
        "{script_of_few} then {script_of_many} bytes"
    );
}

#[wasm_bindgen_test]
async fn calls_that_are_never_answered_leave_nothing_behind_either() {
    a_container("");
    let give_up = |times| {
        for _ in 0..times {
            let payment = pin!(launch_payment("gopay://merchanttransfer?tref=1"));
            assert!(look_at(payment).is_none());
            let code = pin!(get_auth_code());
            assert!(look_at(code).is_none());
        }
        run("stage.delays.length = 0");
    };
    give_up(100);
    let (few, _) = measure(200).await;
    give_up(4_900);
    let (many, _) = measure(10_000).await;
    assert!(many - few < 4_096, "{few} then {many} bytes");
}
