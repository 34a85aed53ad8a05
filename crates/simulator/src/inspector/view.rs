//! An exchange as the control API and the terminal show it.

use super::{
    credentials::{self, Known},
    curl,
    secrets::Mask,
    signature,
};
use crate::{
    app_state::AppState,
    exchanges::{Answer, Exchange, Fields, KeptBody, Line},
    host::Host,
};
use gopay_protocol::{header, message::authorization as exchange_of_codes, timestamp::format_wib};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Secrets {
    #[default]
    Mask,
    Show,
}

/// Whole, with the strings to sign.
pub(crate) fn view(state: &AppState, exchange: &Exchange, secrets: Secrets) -> Value {
    let mask = match secrets {
        Secrets::Mask => Mask::of(exchange),
        Secrets::Show => Mask::none(),
    };
    let signature = signature::of(state, exchange, &mask);
    let sent = &exchange.sent;
    let answer = exchange.answer.as_ref();
    let milliseconds = exchange.took.map(|took| took.as_millis());
    json!({
        "number": exchange.number,
        "at": format_wib(exchange.at),
        "line": sent.line,
        "host": sent.host,
        "milliseconds": milliseconds.and_then(|it| u64::try_from(it).ok()),
        "request": {
            "method": sent.method,
            "url": mask.apply(&sent.url),
            "headers": headers(&sent.headers, &mask),
            "body": text(&sent.body, &mask),
        },
        "response": answer.map(|answer| json!({
            "status": answer.status,
            "headers": headers(&answer.headers, &mask),
            "body": text(&answer.body, &mask),
        })),
        "failure": exchange.failure,
        "outcome": mask.apply(&outcome(exchange)),
        "rule": answer.and_then(|answer| answer.rule.as_ref()),
        "mistake": mistake(state, exchange, &signature),
        "signature": signature,
        "curl": curl::command(sent, |text| mask.apply(text)),
    })
}

fn headers(fields: &Fields, mask: &Mask) -> Value {
    let fields = fields.iter();
    fields
        .map(|(name, value)| json!([name, mask.apply(value)]))
        .collect()
}

fn text(body: &KeptBody, mask: &Mask) -> String {
    match body.whole() {
        Some(body) => mask.apply(&String::from_utf8_lossy(body)),
        None => format!("({} bytes, more than are kept)", body.len()),
    }
}

/// For the terminal.
pub(super) fn line(state: &AppState, exchange: &Exchange) -> String {
    let sent = &exchange.sent;
    let mask = Mask::of(exchange);
    let to = match sent.line {
        Line::Notification => &sent.url,
        _ => sent.target(),
    };
    let time = format_wib(exchange.at);
    let time = time.get(11..19).unwrap_or(&time);
    let took = exchange.took.unwrap_or_default().as_millis();
    let mut line = format!(
        "{time} {:>5}  {:<12} {} {}  {}  {took} ms",
        exchange.number,
        sent.line.to_string(),
        sent.method,
        mask.apply(to),
        mask.apply(&outcome(exchange)),
    );
    let answer = exchange.answer.as_ref();
    if let Some(rule) = answer.and_then(|answer| answer.rule.as_ref()) {
        line += &format!("\n                rule: {rule}");
    }
    if is_unauthorized(exchange) {
        let signature = signature::of(state, exchange, &mask);
        if let Some(mistake) = mistake(state, exchange, &signature) {
            line += &format!("\n                mistake: {mistake}");
        }
        if let (true, Some(string)) = (
            signature["mistake"].is_string(),
            signature["string_to_sign"].as_str(),
        ) {
            line += &format!("\n                string to sign: {string}");
        }
    }
    line
}

fn is_unauthorized(exchange: &Exchange) -> bool {
    matches!(&exchange.answer, Some(Answer { status: 401, .. }))
}

/// The likeliest one, in the signature or in the credentials.
fn mistake(state: &AppState, exchange: &Exchange, signature: &Value) -> Option<String> {
    if !is_unauthorized(exchange) {
        return None;
    }
    if let Some(mistake) = signature["mistake"].as_str() {
        return Some(mistake.to_owned());
    }
    let sent = &exchange.sent;
    let is_exchange = sent.url.ends_with(exchange_of_codes::PATH);
    let authorization = sent.header(header::AUTHORIZATION);
    state.read(|gopay| {
        let auth_credentials: Vec<_> = gopay.mini_apps.auth_credentials().collect();
        let known = gopay.merchants.iter().map(|(no, merchant)| {
            let account = &merchant.account;
            Known {
                auth_credentials: &auth_credentials,
                client_secret: exchange.keys.of(no).client_secret_text.expose(),
                client_key: &account.client_key,
                server_keys: [&account.server_key, &account.sandbox_server_key],
                is_sandbox: sent.host == Some(Host::Sandbox),
                snap_client_keys: [&account.snap_client_key, &account.sandbox_snap_client_key],
            }
        });
        let known: Vec<_> = known.collect();
        credentials::mistake(sent.line, is_exchange, authorization, &known)
    })
}

fn json_of(body: &KeptBody) -> Value {
    serde_json::from_slice(body.whole().unwrap_or_default()).unwrap_or_default()
}

/// In a few words: a response code, an SDK error, or the HTTP status.
fn outcome(exchange: &Exchange) -> String {
    let Some(answer) = &exchange.answer else {
        return exchange.failure.unwrap_or("under way").to_owned();
    };
    let body = json_of(&answer.body);
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    if exchange.sent.line == Line::Sdk {
        let called = json_of(&exchange.sent.body);
        let method = match (text(&called["class"]), text(&called["method"])) {
            (Some(class), Some(method)) => format!("{class}.{method} "),
            _ => String::new(),
        };
        let reply = &body["reply"];
        let code = ["errorCode", "error_code"];
        let code = code.iter().find_map(|name| text(&reply[*name]));
        let end = code.or_else(|| text(&body["kind"]));
        let end = end.unwrap_or_else(|| answer.status.to_string());
        return format!("{method}{end}");
    }
    let said = [
        text(&body["responseCode"]),
        text(&body["status_code"]),
        text(&body["error"]["code"]),
    ];
    let message = [
        text(&body["responseMessage"]),
        text(&body["status_message"]),
        text(&body["error"]["description"]),
        text(&body["error_messages"][0]),
        text(&body["error"]),
    ];
    let said = said.into_iter().flatten().next();
    let message = message.into_iter().flatten().next();
    let words = [Some(answer.status.to_string()), said, message];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
