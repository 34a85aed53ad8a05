//! Fields of a body; an invalid one is refused by its name.

use super::error::ApiError;
use crate::{
    caller::Caller,
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
            .ok_or_else(|| self.invalid(name, format!("{name} is mandatory")))
    }

    /// A text that may be missing or null.
    pub(crate) fn optional_text(self, name: &str) -> Result<Option<&'a str>, ApiError> {
        match self.object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.invalid(name, format!("{name} is a text"))),
        }
    }

    /// An amount in IDR, 1.00 to 99999999999.00 `[direct-debit-api-gopay]`, with two decimals.
    ///
    /// Docs disagree: two decimals on that page; `1500` and `10000.0` in the examples of GoPay's
    /// libraries, forms that `[notification]` calls valid.
    ///
    /// Unverified: that a fraction other than zero is declined.
    pub(crate) fn amount(self, name: &str) -> Result<Amount, ApiError> {
        let amount: Option<Amount> = self
            .object
            .get(name)
            .filter(|amount| amount["value"].is_string())
            .and_then(|value| serde_json::from_value(value.clone()).ok());
        amount
            .and_then(|amount| amount.rupiah().ok())
            .filter(|rupiah| *rupiah > 0)
            .map(Amount::idr)
            .ok_or_else(|| {
                let says = format!(
                    r#"{name} is {{"value": "10000.00", "currency": "IDR"}}: whole rupiah, 1.00 to 99999999999.00"#
                );
                self.invalid(name, says)
            })
    }

    fn invalid(self, name: &str, says: String) -> ApiError {
        ApiError::field(self.service, name, says)
    }

    /// The payment's id: at least one of the two fields that name it.
    pub(crate) fn original(self) -> Result<Original<'a>, ApiError> {
        let reference_no = self.optional_text("originalReferenceNo")?;
        let external_id = self.optional_text("originalExternalId")?;
        if reference_no.or(external_id).is_none_or(str::is_empty) {
            let name = "originalReferenceNo or originalExternalId";
            return Err(self.invalid(name, format!("{name} is mandatory")));
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
    /// The caller's payment that was made by BI-SNAP.
    pub(crate) fn find(self, payments: &Payments, caller: Caller) -> Option<&Payment> {
        let payment = match self.reference_no {
            Some(reference_no) => payments.get(reference_no),
            None => payments.by_external_id(caller, self.external_id?),
        };
        payment.filter(|payment| payment.is_bi_snap_of(caller))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_text_in_whole_rupiah() {
        let amount = |value: &str, currency: &str| {
            let object = json!({"amount": {"value": value, "currency": currency}});
            let fields = Fields {
                service: ServiceCode::Payment,
                object: &object,
            };
            fields.amount("amount").ok().map(|amount| amount.value)
        };
        for written in ["1.00", "1.0", "1"] {
            assert_eq!(amount(written, "IDR").as_deref(), Some("1.00"), "{written}");
        }
        assert!(amount("99999999999.00", "IDR").is_some());
        for wrong in ["0.00", "1.50", "1.000", "100000000000.00", "-1.00", ""] {
            assert_eq!(amount(wrong, "IDR"), None, "{wrong}");
        }
        assert_eq!(amount("1.00", "USD"), None);
    }
}
