//! Fields of a body; an invalid one is refused by its name.

use super::error::ApiError;
use crate::{
    host::Host,
    payments::{Payment, Payments},
};
use gopay_protocol::{Amount, ServiceCode};
use serde_json::Value;

/// A JSON object of a request, and the service of the request.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub(crate) service: ServiceCode,
    pub(crate) object: &'a Value,
}

impl<'a> Fields<'a> {
    /// A mandatory text, which may be empty.
    pub(crate) fn text(self, name: &str) -> Result<&'a str, ApiError> {
        self.optional_text(name)?
            .ok_or_else(|| ApiError::field(self.service, name))
    }

    /// A text that may be missing or null.
    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::field(self.service, name)),
        }
    }

    /// An amount in the documented form: IDR with two decimals, 1.00 to 99999999999.00
    /// `[direct-debit-api-gopay]`.
    ///
    /// Unverified: that a fraction other than `.00` is declined.
    pub(crate) fn amount(self, name: &str) -> Result<Amount, ApiError> {
        let amount: Option<Amount> = self
            .object
            .get(name)
            .and_then(|value| serde_json::from_value(value.clone()).ok());
        amount
            .filter(|amount| amount.value.ends_with(".00"))
            .filter(|amount| amount.rupiah().is_ok_and(|rupiah| rupiah > 0))
            .ok_or_else(|| ApiError::field(self.service, name))
    }

    /// The payment's id: at least one of the two fields that name it.
    pub(crate) fn original(self) -> Result<Original<'a>, ApiError> {
        let reference_no = self.optional_text("originalReferenceNo")?;
        let external_id = self.optional_text("originalExternalId")?;
        if reference_no.or(external_id).is_none_or(str::is_empty) {
            let either = "originalReferenceNo or originalExternalId";
            return Err(ApiError::field(self.service, either));
        }
        Ok(Original {
            reference_no,
            external_id,
        })
    }
}

/// The id of a payment in a request; the reference number takes precedence.
#[derive(Clone, Copy)]
pub(crate) struct Original<'a> {
    pub(crate) reference_no: Option<&'a str>,
    pub(crate) external_id: Option<&'a str>,
}

impl Original<'_> {
    /// The payment that was made by BI-SNAP on this host.
    pub(crate) fn find(self, payments: &Payments, host: Host) -> Option<&Payment> {
        let payment = match self.reference_no {
            Some(reference_no) => payments.get(reference_no),
            None => payments.by_external_id(host, self.external_id?),
        };
        payment.filter(|payment| payment.is_bi_snap_on(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_has_two_decimals_and_is_rupiah() {
        let amount = |value: &str, currency: &str| {
            let object = json!({"amount": {"value": value, "currency": currency}});
            let fields = Fields {
                service: ServiceCode::Payment,
                object: &object,
            };
            fields.amount("amount").is_ok()
        };
        assert!(amount("1.00", "IDR"));
        assert!(amount("99999999999.00", "IDR"));
        for wrong in ["0.00", "1", "1.0", "1.50", "100000000000.00", "-1.00", ""] {
            assert!(!amount(wrong, "IDR"), "{wrong}");
        }
        assert!(!amount("1.00", "USD"));
    }
}
