//! What is masked in an exchange. The values are found by where they stand, and replaced wherever they occur.

use crate::{exchanges::Exchange, faults::Endpoint};
use gopay_protocol::message::profile;
use serde_json::Value;

/// Below it a value may be part of other words.
const MIN_SECRET_BYTES: usize = 6;

/// Of the name of a person.
const MIN_NAME_BYTES: usize = 3;

const NAME: &str = "<name>";

/// Fields of JSON bodies whose text is a secret or personal data, and what stands in its place.
const FIELDS: [(&str, &str); 13] = [
    ("accessToken", "<access token>"),
    ("chargeToken", "<access token>"),
    ("auth_code", "<auth code>"),
    ("authCode", "<auth code>"),
    ("auth_token", "<auth token>"),
    ("authToken", "<auth token>"),
    // Of a bank account, and of a Snap session.
    ("token", "<token>"),
    ("phone_number", "<phone number>"),
    ("phone", "<phone number>"),
    ("email", "<e-mail address>"),
    ("username", NAME),
    ("first_name", NAME),
    ("last_name", NAME),
];

/// The longest first, so that none is replaced by a part of another.
pub(super) struct Mask(Vec<(String, &'static str)>);

impl Mask {
    /// Masks nothing.
    pub(super) const fn none() -> Self {
        Self(Vec::new())
    }

    pub(super) fn of(exchange: &Exchange) -> Self {
        let mut found = Vec::new();
        let answer = exchange.answer.as_ref();
        let headers = answer.map(|answer| &answer.headers);
        for (name, value) in headers
            .into_iter()
            .chain([&exchange.sent.headers])
            .flatten()
        {
            match name.as_str() {
                "authorization" => {
                    let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
                    let label = match scheme {
                        "Bearer" => "<access token>",
                        "Basic" => "<credentials>",
                        _ => "<authorization>",
                    };
                    found.push((credentials.to_owned(), label));
                }
                "cookie" | "set-cookie" => found.push((value.clone(), "<cookie>")),
                _ => {}
            }
        }
        let path = exchange.sent.target();
        if Endpoint::at(path) == Some(Endpoint::SnapSession)
            && let Some(token) = path.split('/').nth(4)
        {
            found.push((token.to_owned(), "<token>"));
        }
        let answer = answer.map(|answer| &answer.body);
        for body in answer.into_iter().chain([&exchange.sent.body]) {
            let body = body.whole().unwrap_or_default();
            if let Ok(body) = serde_json::from_slice::<Value>(body) {
                collect(&body, &mut found);
                // Elsewhere it is that of a product.
                if let (profile::PATH, Some(name)) = (path, body["data"]["name"].as_str()) {
                    found.push((name.to_owned(), NAME));
                }
            }
        }
        found.retain(|(secret, label)| match *label {
            NAME => secret.len() >= MIN_NAME_BYTES,
            _ => secret.len() >= MIN_SECRET_BYTES,
        });
        found.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        Self(found)
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (secret, label) in &self.0 {
            masked = masked.replace(secret, label);
        }
        masked
    }
}

fn collect(value: &Value, found: &mut Vec<(String, &'static str)>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let label = FIELDS.iter().find(|(field, _)| field == name);
                match (label, value) {
                    (Some((_, label)), Value::String(text)) => found.push((text.clone(), label)),
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        // `data_form: text` has JSON in a text.
        Value::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str(text) {
                collect(&inner, found);
            }
        }
        _ => {}
    }
}
