//! GoPay's messages as other SNAP back ends write them: the same facts, with ids in other fields
//! and spellings, and values in other forms.
//!
//! From public reports: `midtrans-php` writes amounts with one decimal, DANA swaps two ids and
//! writes `""` for absent ones, PHP writes an empty object as `[]`.

use crate::{harm::Harm, world::World};
use serde_json::{Value, json};

/// An answer of GoPay's. Without an amount only where it is the one that was asked for.
pub(crate) fn answer(world: &World, body: &mut Value, is_as_asked: bool) {
    if world.strikes(Harm::OddIds, 40) {
        ids(world, body);
    }
    if world.strikes(Harm::OddForms, 40) {
        forms(world, body);
    }
    if is_as_asked && body.get("transAmount").is_some() && world.strikes(Harm::NoAmount, 20) {
        body["transAmount"] = pick(world, &[json!(null), json!([]), json!({"value": ""})]);
    }
}

/// A notification, the same.
pub(crate) fn notification(world: &World, body: &mut Value) {
    if world.strikes(Harm::OddIds, 40) {
        ids(world, body);
    }
    if world.strikes(Harm::OddForms, 40) {
        forms(world, body);
    }
}

/// The reference stays what it is; what is beside it may mean anything.
fn ids(world: &World, body: &mut Value) {
    let Some(reference) = body.get("originalReferenceNo").cloned() else {
        return;
    };
    let external = body["originalExternalId"].as_str().unwrap_or_default();
    let spelt = external.to_ascii_uppercase();
    let partner = body["originalPartnerReferenceNo"].clone();
    match world.between(1, 5) {
        1 => body["originalPartnerReferenceNo"] = reference,
        2 => body["originalExternalId"] = partner,
        3 => body["originalExternalId"] = json!(spelt),
        4 => body["originalExternalId"] = json!(""),
        _ => body["originalPartnerReferenceNo"] = json!(""),
    }
}

fn forms(world: &World, body: &mut Value) {
    for pointer in ["/transAmount", "/amount", "/additionalInfo/grossAmount"] {
        let Some(amount) = body.pointer_mut(pointer) else {
            continue;
        };
        let value = amount["value"].as_str().unwrap_or_default();
        let Some(whole) = value
            .split('.')
            .next()
            .and_then(|it| it.parse::<u64>().ok())
        else {
            continue;
        };
        *amount = match world.between(1, 5) {
            1 => json!({"value": format!("{whole}.0"), "currency": "IDR"}),
            2 => json!({"value": whole.to_string(), "currency": "IDR"}),
            3 => json!({"value": whole, "currency": null}),
            4 => json!({"value": format!("{whole}.00")}),
            _ => json!(format!("{whole}.00")),
        };
    }
    if let Some(code) = body["responseCode"]
        .as_str()
        .and_then(|it| it.parse::<u64>().ok())
    {
        body["responseCode"] = json!(code);
        body["responseMessage"] = pick(world, &[json!(null), json!([]), json!("")]);
    }
    // Nothing else is in it but what decorates.
    let is_plain = body["additionalInfo"]["fraudStatus"] == "accept";
    if is_plain || body["additionalInfo"].get("grossAmount").is_some() {
        body["additionalInfo"] = pick(world, &[json!([]), json!(""), json!(null)]);
    }
}

fn pick(world: &World, of: &[Value]) -> Value {
    let last = u64::try_from(of.len()).unwrap_or(1) - 1;
    let index = usize::try_from(world.between(0, last)).unwrap_or(0);
    of.get(index).cloned().unwrap_or_default()
}
