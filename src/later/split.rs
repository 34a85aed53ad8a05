//! The seam along which `wasm-split` cuts, by names that it knows (0.2). Its own macro makes the
//! same seam with futures, which would cost the buyer three kilobytes.
#![expect(unsafe_code, reason = "the two parts know each other by name alone")]

use super::{ASKED, HERE, LATER, Presence, WAITING};
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
    HERE.set(Some(&LATER));
    if let Some(presence) = ASKED.take() {
        presence.set(Presence::Here);
    }
    for task in WAITING.take() {
        task(&LATER);
    }
}

pub(super) fn load() {
    fetch(done, ptr::null());
}

extern "C" fn done(_: *const c_void, is_here: bool) {
    if is_here {
        call_arrive();
    } else if let Some(presence) = ASKED.take()
        && presence.get_untracked() == Presence::Awaited
    {
        // Nothing of it may happen any more behind the page that says it did not.
        WAITING.take();
        presence.set(Presence::Away);
        browser::show_load_failure();
    }
}
