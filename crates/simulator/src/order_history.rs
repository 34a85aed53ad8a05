//! GoPay's order history, which opens the merchant's page of an order. Pure.
//!
//! GoPay configures an address for the merchant; without one, an entry opens the mini app's home
//! `[coreflow-v2]`.
//!
//! Unverified: which id of a payment GoPay puts into that address, and how it writes the place of
//! it. So a shape names the id by GoPay's own word for it.

use crate::payments::Payment;
use url::Url;

/// How an address is configured: `/orders/{partner_reference_no}`, below the app's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OrderHistory(Option<String>);

/// A shape that GoPay could not link by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "order_history has to be empty, or an address without scheme and host, which each mini app has of its own, \
     with exactly one of {{partner_reference_no}}, {{reference_no}} and {{external_id}}: \
     /orders/{{partner_reference_no}}"
)]
pub struct ShapeError;

impl OrderHistory {
    /// Empty for none.
    pub(crate) fn parse(shape: &str) -> Result<Self, ShapeError> {
        if shape.is_empty() {
            return Ok(Self(None));
        }
        let places: usize = ids(["", "", ""])
            .iter()
            .map(|(place, _)| shape.matches(place).count())
            .sum();
        // Whatever the app: only a relative address stays on its origin.
        let is_relative = Url::parse("http://app.invalid").is_ok_and(|app| {
            let address = app.join(shape);
            address.is_ok_and(|address| address.origin() == app.origin())
        });
        (places == 1 && is_relative)
            .then(|| Self(Some(shape.to_owned())))
            .ok_or(ShapeError)
    }

    /// What the payment's entry opens.
    pub(crate) fn address(&self, app: &Url, payment: &Payment) -> Url {
        let address = self.0.as_ref().and_then(|shape| {
            let ids = ids([
                &payment.partner_reference_no,
                &payment.reference_no,
                &payment.external_id,
            ]);
            let filled = ids
                .iter()
                .fold(shape.clone(), |shape, (place, id)| shape.replace(place, id));
            let address = app.join(&filled).ok();
            address.filter(|address| address.origin() == app.origin())
        });
        address.unwrap_or_else(|| app.clone())
    }
}

fn ids(values: [&str; 3]) -> [(&'static str, &str); 3] {
    let [partner_reference_no, reference_no, external_id] = values;
    [
        ("{partner_reference_no}", partner_reference_no),
        ("{reference_no}", reference_no),
        ("{external_id}", external_id),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_has_one_id_and_no_host() {
        for shape in [
            "",
            "/orders/{partner_reference_no}",
            "/?ref={reference_no}",
            "#/orders/{external_id}",
        ] {
            assert!(OrderHistory::parse(shape).is_ok(), "{shape}");
        }
        for shape in [
            "/orders",
            "/orders/{order}",
            "/{reference_no}/{external_id}",
            "//other.example/{reference_no}",
            "http://localhost:8080/{reference_no}",
            "javascript:{reference_no}",
        ] {
            assert_eq!(OrderHistory::parse(shape), Err(ShapeError), "{shape}");
        }
    }
}
