//! `GP.launchPayment`.

use super::{
    done::Done,
    parameter::text,
    reply::{BridgeError, Verdict},
};
use crate::{ledger::Event, payments::State as PaymentState, world::World};
use serde_json::Value;
use url::Url;

/// Opens the sheet of a payment that waits; 202 for any other deeplink.
pub(super) fn launch(
    world: &mut World,
    params: &Value,
    calls_back: bool,
) -> Result<Done, BridgeError> {
    let reference_no = transfer(text(params, "deeplink"))
        .filter(|reference_no| {
            let payment = world.payments.get(reference_no);
            payment.is_some_and(|payment| payment.state == PaymentState::Pending)
        })
        .ok_or(BridgeError::WrongValue)?;
    let page = format!("/sheet?tref={reference_no}");
    world.record(Event::SheetOpened { reference_no });
    Ok(Verdict::Show { page, calls_back }.into())
}

/// The one `tref` of a `gopay://merchanttransfer` link.
fn transfer(deeplink: &str) -> Option<String> {
    let url = Url::parse(deeplink).ok()?;
    if url.scheme() != "gopay" || url.host_str() != Some("merchanttransfer") {
        return None;
    }
    let mut transfers = url.query_pairs().filter(|(name, _)| name == "tref");
    match (transfers.next(), transfers.next()) {
        (Some((_, transfer)), None) => Some(transfer.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_transfer_of_gopay_is_launched() {
        assert_eq!(
            transfer("gopay://merchanttransfer?tref=A1&x=y").as_deref(),
            Some("A1")
        );
        for wrong in [
            "gopay://merchanttransfer",
            "gopay://merchanttransfer?tref=A1&tref=A2",
            "gopay://home?tref=A1",
            "https://gopay.co.id/app/merchanttransfer?tref=A1",
            "A1",
        ] {
            assert_eq!(transfer(wrong), None, "{wrong}");
        }
    }
}
