//! What reaches the app: the container's answers, and addresses that anybody may have written. `success` or
//! `failure` in the first line for an answer; `path`, `query` or `cart` for the others.

use crate::split_line;
use gopay_container::{
    contract::{judge, payment_hint, shape},
    payment::PaymentHint,
};
use mini_app::{campaign, cart::Cart, locale::Locale, route::Route};
use serde_json::Value;

/// Marks what must not be in a report of an answer.
const PERSONAL: &str = "Budi Santoso";

pub(crate) fn run(input: &[u8]) {
    let Some((kind, rest)) = split_line(input) else {
        return;
    };
    match (kind, std::str::from_utf8(rest)) {
        ("success" | "failure", _) => check_answer(kind, serde_json::from_slice(rest).ok()),
        ("path", Ok(text)) => check_route(text),
        ("query", Ok(text)) => check_query(text),
        ("cart", Ok(text)) => check_cart(text),
        _ => {}
    }
}

/// One "no" outweighs every "yes", and a report shows no value of an answer.
fn check_answer(callback: &str, answer: Option<Value>) {
    let envelope = match &answer {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(answer) => answer.clone(),
        None => Value::Null,
    };
    if let Ok(hint) = payment_hint(callback, answer.clone()) {
        assert_eq!(callback, "success");
        let success = &envelope["success"];
        assert!(
            *success == true || *success == "true" || success.is_null(),
            "{hint:?}"
        );
        let ret = &envelope["ret"];
        let ret = ret.as_str().or_else(|| ret[0].as_str()).unwrap_or_default();
        assert!(
            ret == "GP_SUCCESS" || (ret.is_empty() && !success.is_null()),
            "{ret}"
        );
        if let PaymentHint::Other(word) = hint {
            assert!(word.chars().count() <= 200 && !word.chars().any(char::is_control));
        }
    }
    let _ = judge("GP.launchPayment", callback, answer.as_ref());
    let personal = replace_texts(&answer.unwrap_or_default());
    assert!(!shape(&personal).to_string().contains(PERSONAL));
}

/// The same answer with a name in the place of each text that is no JSON.
fn replace_texts(value: &Value) -> Value {
    match value {
        Value::String(_) => PERSONAL.into(),
        Value::Array(items) => items.iter().map(replace_texts).collect(),
        Value::Object(fields) => (fields.iter())
            .map(|(name, it)| (name.clone(), replace_texts(it)))
            .collect(),
        other => other.clone(),
    }
}

/// An order's id is one segment of a path to the merchant, and each route's address is read as that route.
fn check_route(text: &str) {
    for route in [Route::parse(text), Route::parse_fragment(text)] {
        if let Route::Order(id) = &route {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            assert!((1..=64).contains(&id.as_str().len()) && id.as_str().bytes().all(is_plain));
        }
        if route != Route::NotFound {
            assert_eq!(Route::parse(&route.path()), route);
            assert_eq!(Route::parse_fragment(&route.fragment()), route);
        }
    }
}

/// What analytics and the merchant get of a campaign's address is plain, and it is written as it was read.
fn check_query(text: &str) {
    let link = campaign::Link::parse(text);
    assert_eq!(campaign::Link::parse(&link.to_query()), link);
    let is_plain =
        |text: &str| (text.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    assert!(
        link.name()
            .is_none_or(|name| name.len() <= 32 && is_plain(name))
    );
    if let Some(Ok(code)) = link.promo() {
        assert!(code.len() <= 20 && is_plain(&code));
    }
    let nothing = link.checked(&[], &[]);
    assert!(nothing.product.is_none() && nothing.category.is_none() && nothing.table.is_none());
    let _ = Locale::from_query(text);
}

/// A quantity is one that can be ordered, and a cart is written as it was read.
fn check_cart(text: &str) {
    let mut cart = Cart::parse(text);
    check_pieces(&cart);
    cart.add_from_query(text);
    check_pieces(&cart);
    if let Some(stored) = Cart::from_stored(text, 0) {
        check_pieces(&stored);
    }
}

fn check_pieces(cart: &Cart) {
    let text = cart.to_text();
    let entries = text.split(',').filter(|entry| !entry.is_empty());
    let mut pieces = 0;
    for entry in entries {
        let quantity: u32 = entry.rsplit_once(':').unwrap().1.parse().unwrap();
        assert!((1..=contract::MAX_QUANTITY).contains(&quantity), "{text}");
        pieces += quantity;
    }
    assert_eq!(pieces, cart.pieces());
    assert_eq!(
        Cart::from_stored(&cart.to_stored(7), 7)
            .as_ref()
            .map(Cart::pieces),
        Some(pieces)
    );
}
