//! The call log. To a screen reader: a list of calls, the newest first.

use super::Board;
use gopay_container::contract::Judgement;
use gopay_container::log::{Answer, Call, Outcome};
use js_sys::Date;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

pub(super) fn calls(board: Board) -> AnyView {
    let title = move || format!("Calls ({})", board.calls.with(Vec::len));
    let newest_first = move || board.calls.get().into_iter().rev().collect::<Vec<_>>();
    // The key holds each field that can change, so that unchanged rows stay open or closed.
    let key = |call: &Call| {
        let answered = call.answer.is_some();
        (call.number, call.took, answered, call.ignored)
    };
    let heard = move || {
        let events = board.events.get().into_iter();
        let line = events.map(|it| {
            let name = it.event.clone();
            let found = format!(": {} times, found in {}", it.times, it.place);
            view! { <li data-event=name><b>{it.event}</b>{found}</li> }
        });
        line.collect_view().into_any()
    };
    view! {
        <details open class="group">
            <summary><h3>{title}</h3></summary>
            <ol>
                <For each=newest_first key children=call/>
            </ol>
            <h4>"Events heard"</h4>
            <ul>{heard}</ul>
        </details>
    }
    .into_any()
}

fn call(call: Call) -> impl IntoView {
    let ignored = (call.ignored > 0).then(|| {
        let line = format!("{} further or late answers ignored", call.ignored);
        view! { <p>{line}</p> }
    });
    let answer = call.answer.as_ref().map(|Answer { shape, .. }| {
        let shape = format!("{shape:#}");
        view! {
            <details>
                <summary>"Shape of the answer"</summary>
                <pre tabindex="0">{shape}</pre>
            </details>
        }
    });
    view! {
        <li
            data-call=call.call.clone()
            data-outcome=outcome_name(&call)
            data-judgement=call.answer.as_ref().map(judgement_name)
        >
            <p>
                <b>{format!("{}. {}", call.number, call.call)}</b>
                " "
                {time(call.began)}
            </p>
            <p>{sentence(&call)}</p>
            {ignored}
            {answer}
        </li>
    }
}

/// How a call ended, and how its answer compares with the documentation.
pub(super) fn sentence(call: &Call) -> String {
    let ended = match &call.outcome {
        None => "no answer yet".to_owned(),
        Some(Outcome::Ok) => "ok".to_owned(),
        Some(Outcome::Told) => "told, not waited for".to_owned(),
        Some(Outcome::Failed { error, code: None }) => (*error).to_owned(),
        Some(Outcome::Failed {
            error,
            code: Some(code),
        }) => format!("{error} (code {code})"),
    };
    let took = call
        .took
        .map_or_else(String::new, |ms| format!(" after {ms} ms"));
    let judged = call.answer.as_ref().map_or_else(String::new, judged);
    format!("{ended}{took}{judged}")
}

fn judged(answer: &Answer) -> String {
    let callback = answer.callback;
    match &answer.judgement {
        Judgement::Like { sample, more } if more.is_empty() => {
            format!("; {callback}, like the sample {sample}")
        }
        Judgement::Like { sample, more } => {
            let more = more.join(", ");
            format!("; {callback}, like the sample {sample}, and more: {more}")
        }
        Judgement::Unlike {
            closest,
            differences,
        } => {
            let differences = differences.join(", ");
            format!("; {callback}, unlike any sample; closest is {closest}: {differences}")
        }
        Judgement::Undocumented => format!("; {callback}, of which no page says anything"),
    }
}

fn judgement_name(answer: &Answer) -> &'static str {
    match answer.judgement {
        Judgement::Like { .. } => "like",
        Judgement::Unlike { .. } => "unlike",
        Judgement::Undocumented => "undocumented",
    }
}

fn outcome_name(call: &Call) -> &'static str {
    match call.outcome {
        None => "none",
        Some(Outcome::Ok) => "ok",
        Some(Outcome::Told) => "told",
        Some(Outcome::Failed { error, .. }) => error,
    }
}

/// The phone's time of day, in UTC: `07:05:09.120`.
fn time(began: u64) -> String {
    let moment = Date::new(&JsValue::from_f64(began as f64)).to_iso_string();
    let moment = String::from(moment);
    moment.get(11..23).unwrap_or_default().to_owned()
}
