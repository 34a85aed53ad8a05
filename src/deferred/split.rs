//! The seam along which `wasm-split` cuts, by names that it knows (0.2). Its own macro makes the
//! same seam with futures, which would cost the buyer three kilobytes.
#![expect(unsafe_code, reason = "the two parts know each other by name alone")]

use super::{CHUNK, LoadState, QUEUE, REQUESTED, TABLE};
use crate::browser;
use leptos::prelude::*;
use std::ffi::c_void;
use std::ptr;

#[link(wasm_import_module = "__wasm_split_placeholder__")]
unsafe extern "C" {
    /// Fetches the second part, and calls back with whether it is here.
    #[link_name = "__wasm_split_load_later"]
    safe fn fetch(done: extern "C" fn(*const c_void, bool), data: *const c_void);

    /// [`arrive`], to be called once the second part is here.
    #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000_arrive"]
    safe fn call_arrive();
}

/// All that the first part calls of the second by name.
#[unsafe(export_name = "__wasm_split_00later00_export_00000000000000000000000000000000_arrive")]
extern "C" fn arrive() {
    CHUNK.set(Some(&TABLE));
    if let Some(state) = REQUESTED.take() {
        state.set(LoadState::Loaded);
    }
    for task in QUEUE.take() {
        task(&TABLE);
    }
}

pub(super) fn load() {
    fetch(done, ptr::null());
}

extern "C" fn done(_: *const c_void, is_here: bool) {
    if is_here {
        call_arrive();
    } else if let Some(state) = REQUESTED.take()
        && state.get_untracked() == LoadState::Awaited
    {
        // Nothing of it may happen any more behind the page that says it did not.
        QUEUE.take();
        state.set(LoadState::NotLoaded);
        browser::show_load_failure();
    }
}
