//! `GP.launchPayment`.

use super::{
    outcome::CallOutcome,
    parameter::text,
    response::{BridgeError, CallResponse, Refusal},
};
use crate::{
    gopay_state::GoPayState, host::Host, mini_apps::MiniAppUser, payments::PaymentState,
    recording::Step,
};
use serde_json::Value;
use url::Url;

/// Opens the sheet of a pending payment of the mini app's merchant; 202 for any other deeplink.
///
/// Unverified: 202 for the payment of another merchant. The documents say only that a payment deeplink is
/// whitelisted for the merchant `[trigger-payment]`.
pub(super) fn launch(
    gopay: &mut GoPayState,
    params: &Value,
    user: &MiniAppUser,
    calls_back: bool,
) -> Result<CallOutcome, Refusal> {
    let reference_no = reference_in(text(params, "deeplink")).ok_or_else(|| {
        let why = "`deeplink` has to be gopay://merchanttransfer?tref=... with the tref of webRedirectUrl";
        BridgeError::WrongValue.because(why)
    })?;
    let payment = gopay.payments.get(&reference_no);
    let payment = payment.filter(|payment| payment.is_bi_snap_on(Host::Production));
    let merchant = gopay.mini_apps.merchant_of(&user.mini_app);
    let why = match payment {
        Some(payment) if payment.merchant != merchant => {
            Some("the payment of `deeplink` is another merchant's than the mini app".to_owned())
        }
        Some(payment) => match payment.state {
            PaymentState::Pending => None,
            state => Some(format!("the payment of `deeplink` is {}", state.name())),
        },
        None => Some("there is no payment with the tref of `deeplink`".to_owned()),
    };
    if let Some(why) = why {
        return Err(BridgeError::WrongValue.because(why));
    }
    let step = Step::opened(&gopay.payments, &reference_no, &user.buyer);
    gopay.recording.steps.push(step);
    gopay.open(&reference_no, &user.buyer);
    let page = format!("/sheet?tref={reference_no}");
    Ok(CallResponse::Show { page, calls_back }.into())
}

/// The one `tref` of a `gopay://merchanttransfer` link.
fn reference_in(deeplink: &str) -> Option<String> {
    let url = Url::parse(deeplink).ok()?;
    if url.scheme() != "gopay" || url.host_str() != Some("merchanttransfer") {
        return None;
    }
    let mut references = url.query_pairs().filter(|(name, _)| name == "tref");
    match (references.next(), references.next()) {
        (Some((_, reference)), None) => Some(reference.into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_payment_deeplink_of_gopay_is_launched() {
        assert_eq!(
            reference_in("gopay://merchanttransfer?tref=A1&x=y").as_deref(),
            Some("A1")
        );
        for wrong in [
            "gopay://merchanttransfer",
            "gopay://merchanttransfer?tref=A1&tref=A2",
            "gopay://home?tref=A1",
            "https://gopay.co.id/app/merchanttransfer?tref=A1",
            "A1",
        ] {
            assert_eq!(reference_in(wrong), None, "{wrong}");
        }
    }
}
