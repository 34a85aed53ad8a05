//! Alternative spellings of GoPay's messages: the same facts, with ids in other fields and values
//! in other forms.
//!
//! From public reports: `midtrans-php` writes amounts with one decimal, DANA swaps two ids and
//! writes `""` for absent ones, PHP writes an empty object as `[]`.

use crate::{fault::Fault, simulation::Simulation};
use serde_json::{Value, json};

/// Mutates a response. The amount is removed only where it is the requested one.
pub(crate) fn response(sim: &Simulation, body: &mut Value, has_requested_amount: bool) {
    notification(sim, body);
    if has_requested_amount
        && body.get("transAmount").is_some()
        && sim.should_inject(Fault::NoAmount, 20)
    {
        body["transAmount"] = pick(sim, &[json!(null), json!([]), json!({"value": ""})]);
    }
}

pub(crate) fn notification(sim: &Simulation, body: &mut Value) {
    if sim.should_inject(Fault::OddIds, 40) {
        mutate_ids(sim, body);
    }
    if sim.should_inject(Fault::OddForms, 40) {
        mutate_values(sim, body);
    }
}

/// The reference number stays; the other ids may be wrong.
fn mutate_ids(sim: &Simulation, body: &mut Value) {
    let Some(reference) = body.get("originalReferenceNo").cloned() else {
        return;
    };
    let external = body["originalExternalId"].as_str().unwrap_or_default();
    let capitals = external.to_ascii_uppercase();
    let partner = body["originalPartnerReferenceNo"].clone();
    match sim.between(1, 5) {
        1 => body["originalPartnerReferenceNo"] = reference,
        2 => body["originalExternalId"] = partner,
        3 => body["originalExternalId"] = json!(capitals),
        4 => body["originalExternalId"] = json!(""),
        _ => body["originalPartnerReferenceNo"] = json!(""),
    }
}

fn mutate_values(sim: &Simulation, body: &mut Value) {
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
        *amount = match sim.between(1, 5) {
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
        body["responseMessage"] = pick(sim, &[json!(null), json!([]), json!("")]);
    }
    // Nothing in it matters to the merchant.
    let is_irrelevant = body["additionalInfo"]["fraudStatus"] == "accept";
    if is_irrelevant || body["additionalInfo"].get("grossAmount").is_some() {
        body["additionalInfo"] = pick(sim, &[json!([]), json!(""), json!(null)]);
    }
}

fn pick(sim: &Simulation, of: &[Value]) -> Value {
    let last = u64::try_from(of.len()).unwrap_or(1) - 1;
    let index = usize::try_from(sim.between(0, last)).unwrap_or(0);
    of.get(index).cloned().unwrap_or_default()
}
