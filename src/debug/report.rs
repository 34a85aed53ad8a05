//! The report of all calls, for support. To a screen reader: a button, then a text field with the
//! report.

use super::Board;
use crate::browser::clipboard;
use gopay_container::conformance;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(super) fn report(board: Board) -> AnyView {
    let written = RwSignal::new(None::<String>);
    let write = move |_| {
        spawn_local(async move {
            let report = conformance::report().await;
            written.set(Some(report.clone()));
            let said = if clipboard::copy(&report).await {
                "The report has been copied"
            } else {
                "The report could not be copied: select it and copy it by hand"
            };
            board.said.set(said.to_owned());
        });
    };
    let shown = move || {
        written.get().map(|report| {
            view! {
                <textarea readonly rows="12" aria-label="Report for support" prop:value=report>
                </textarea>
            }
        })
    };
    view! {
        <button type="button" class="action" data-weight="side" on:click=write>
            "Copy for support"
        </button>
        {shown}
    }
    .into_any()
}
