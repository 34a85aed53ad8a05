//! What GoPay was asked for in one attempt: the stored body, in the form of either way to pay.

use contract::Rupiah;
use gopay_protocol::{
    PartnerReferenceNo,
    message::{payment, snap},
};
use serde::Deserialize;

/// Through which API payments are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checkout {
    /// BI-SNAP's Core API, which GoPay recommends.
    #[default]
    BiSnap,
    /// Snap Checkout.
    Snap,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentRequest {
    BiSnap(payment::Request),
    Snap(snap::Request),
}

impl PaymentRequest {
    /// `None` where the body is in neither form.
    pub fn parse(body: &str) -> Option<Self> {
        let bi_snap = || serde_json::from_str(body).ok().map(Self::BiSnap);
        let snap = || serde_json::from_str(body).ok().map(Self::Snap);
        bi_snap().or_else(snap)
    }

    pub const fn checkout(&self) -> Checkout {
        match self {
            Self::BiSnap(_) => Checkout::BiSnap,
            Self::Snap(_) => Checkout::Snap,
        }
    }

    pub fn partner_reference_no(&self) -> &PartnerReferenceNo {
        match self {
            Self::BiSnap(request) => &request.partner_reference_no,
            Self::Snap(request) => &request.transaction_details.order_id,
        }
    }

    /// `None` where it cannot be read.
    pub fn amount(&self) -> Option<Rupiah> {
        match self {
            Self::BiSnap(request) => {
                let amounts = (request.pay_option_details.iter())
                    .map(|option| option.trans_amount.rupiah().ok().map(Rupiah::new));
                Rupiah::sum(amounts.collect::<Option<Vec<_>>>()?)
            }
            Self::Snap(request) => Some(Rupiah::new(request.transaction_details.gross_amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_in_the_form_of_its_way_to_pay() {
        let bi_snap = r#"{"partnerReferenceNo":"a-2","payOptionDetails":[{"payMethod":"GOPAY",
            "payOption":"GOPAY","transAmount":{"value":"25000.00","currency":"IDR"}}],
            "additionalInfo":{}}"#;
        let snap = r#"{"transaction_details":{"order_id":"a-2","gross_amount":25000}}"#;
        for (body, checkout) in [(bi_snap, Checkout::BiSnap), (snap, Checkout::Snap)] {
            let request = PaymentRequest::parse(body).unwrap();
            assert_eq!(request.checkout(), checkout);
            assert_eq!(request.partner_reference_no().as_str(), "a-2");
            assert_eq!(request.amount(), Some(Rupiah::new(25_000)));
        }
        assert_eq!(PaymentRequest::parse("{}"), None);
    }
}
