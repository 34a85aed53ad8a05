//! Every documented method, with a button that calls it. To a screen reader: a list of methods, each
//! with its purpose before the button of its name.

use super::{Board, calls};
use gopay_container::conformance::{self, Finding};
use gopay_container::contract::{self, Consent, Method};
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(super) fn methods(board: Board) -> AnyView {
    let all = contract::methods();
    let title = format!("Methods ({})", all.len());
    let harmless = all.iter().filter(|method| method.harmless);
    let label = format!("Try all {} harmless", harmless.clone().count());
    let busy = RwSignal::new(false);
    let try_all = move |_| {
        if !busy.get_untracked() {
            busy.set(true);
            let harmless = harmless.clone();
            spawn_local(async move {
                for method in harmless {
                    conformance::try_out(method).await;
                    board.refresh();
                }
                busy.set(false);
                board
                    .said
                    .set("All harmless methods have been tried".to_owned());
            });
        }
    };
    let rows = all.iter().map(|method| row(board, method)).collect_view();
    let flag = move || busy.get().then_some("true");
    view! {
        <details open class="group">
            <summary><h3>{title}</h3></summary>
            <button
                type="button"
                class="action"
                data-weight="side"
                aria-disabled=flag
                on:click=try_all
            >
                {label}
            </button>
            <ul>{rows}</ul>
        </details>
    }
    .into_any()
}

fn row(board: Board, method: &'static Method) -> impl IntoView {
    let name = method.name();
    let try_it = move |_| {
        spawn_local(async move {
            let Finding { understood, call } = conformance::try_out(method).await;
            board.refresh();
            let came = call.map_or_else(
                || "it was not called".to_owned(),
                |call| calls::sentence(&call),
            );
            let verdict = match understood {
                Ok(()) => "The binding understood it".to_owned(),
                Err(error) => format!("The binding says: {error}"),
            };
            board
                .said
                .set(format!("{}: {came}. {verdict}", method.name()));
        });
    };
    let last = {
        let name = name.clone();
        move || {
            board.calls.with(|calls| {
                let last = calls.iter().rev().find(|call| call.call == name);
                last.map(|call| format!("Last time: {}", calls::sentence(call)))
            })
        }
    };
    let purpose = if method.harmless {
        method.purpose.clone()
    } else {
        format!("Trying it really does this: {}", method.purpose)
    };
    view! {
        <li data-method=name.clone() data-harmless=method.harmless.then_some("")>
            <p>
                <b>{name.clone()}</b>
            </p>
            <p>{purpose}</p>
            <p>{facts(method)}</p>
            <button type="button" class="try" aria-label=format!("Try {name}") on:click=try_it>
                "Try"
            </button>
            <p>{last}</p>
        </li>
    }
}

fn facts(method: &Method) -> String {
    let containers = match method.containers.as_slice() {
        [] => "In no container's table".to_owned(),
        some => some.join(", ").to_uppercase(),
    };
    let consent = match &method.consent {
        None => "no consent".to_owned(),
        Some(Consent { name: None }) => "needs a consent".to_owned(),
        Some(Consent { name: Some(name) }) => format!("needs the consent {name}"),
    };
    let since = method.since.as_deref();
    let since = since.map_or_else(String::new, |since| format!(", since GoPay {since}"));
    format!("{containers}, {consent}{since}")
}
