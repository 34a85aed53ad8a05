//! `POST /v1/mini-apps/rewards` of the mini-app API: gives the buyer coins or e-money
//! `[reward-coins-emoney-v2]`, or gems `[reward-gems-v2]`, from the merchant's wallet.
//!
//! Sent with `Authorization: Bearer <auth_token>`, which names the buyer, and a `Request-Id`. That
//! id is mandatory and the idempotency key: a repetition under the same id gives nothing more.
//! Unverified: for how long, and what the same id with another body does.

use super::{envelope::Envelope, lenient};
use crate::PaymentId;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, num::NonZeroU64};

/// Path of the API, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/rewards";

/// Characters of a [`Description`].
pub const MAX_DESCRIPTION_CHARS: usize = 256;

/// What is given to the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// How much.
    pub amount: RewardAmount,
    /// What for.
    pub description: Description,
    /// Of what.
    pub reward_type: RewardType,
    /// The merchant's own, such as `reference_id`; gems have mandatory keys, see [`Request::gems`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// Of what a reward is.
///
/// Docs disagree: GoPay's FAQ has coins only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RewardType {
    /// `EMONEY`: GoPay balance.
    Emoney,
    /// `GOPAY_COINS`
    GopayCoins,
    /// `GOPAY_GEMS`: gems, also called Ruby.
    GopayGems,
}

/// A positive amount, as an integer: `{"currency": "IDR", "value": 10000}`. BI-SNAP writes
/// [another form](crate::Amount).
///
/// Unverified: "the smallest currency unit" is a whole rupiah, as in the sample; of gems, one gem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RewardAmount {
    currency: Currency,
    value: NonZeroU64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Currency {
    #[serde(rename = "IDR")]
    Idr,
}

impl RewardAmount {
    /// An amount of rupiah, or a number of gems.
    pub fn new(value: NonZeroU64) -> Self {
        Self {
            currency: Currency::Idr,
            value,
        }
    }

    /// The number of rupiah, or of gems.
    pub fn value(self) -> u64 {
        self.value.get()
    }
}

/// What a reward or a collection of gems is for: 1 to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Description(String);

/// A description is empty or has more than 256 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a description has 1 to {MAX_DESCRIPTION_CHARS} characters")]
pub struct DescriptionError;

impl Description {
    /// # Errors
    ///
    /// [`DescriptionError`] for no text, and for more than 256 characters.
    pub fn new(text: impl Into<String>) -> Result<Self, DescriptionError> {
        let text = text.into();
        match text.chars().count() {
            1..=MAX_DESCRIPTION_CHARS => Ok(Self(text)),
            _ => Err(DescriptionError),
        }
    }
}

impl TryFrom<String> for Description {
    type Error = DescriptionError;

    fn try_from(text: String) -> Result<Self, DescriptionError> {
        Self::new(text)
    }
}

impl From<Description> for String {
    fn from(description: Description) -> Self {
        description.0
    }
}

/// GoPay's answer, here and to a collection of gems.
pub type Response = Envelope<Reward>;

/// What GoPay has given or collected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Reward {
    /// GoPay's id of it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub payment_id: Option<PaymentId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MiniAppErrorCode;
    use serde_json::{Value, json};

    fn json(fixture: &str) -> Value {
        serde_json::from_str(fixture).unwrap()
    }

    fn amount(value: u64) -> RewardAmount {
        RewardAmount::new(NonZeroU64::new(value).unwrap())
    }

    fn coins() -> Request {
        Request {
            amount: amount(10_000),
            description: Description::new("Cashback for daily check-in").unwrap(),
            reward_type: RewardType::GopayCoins,
            metadata: BTreeMap::from([("reference_id".to_owned(), "123".to_owned())]),
        }
    }

    #[test]
    fn a_request_is_the_sample_of_the_page() {
        let sample = json(include_str!("../../tests/fixtures/reward-request.json"));
        assert_eq!(serde_json::to_value(coins()).unwrap(), sample);
        assert_eq!(serde_json::from_value::<Request>(sample).unwrap(), coins());
    }

    /// The sample lacks a key of the table.
    #[test]
    fn a_request_for_gems_is_the_sample_with_its_mandatory_key() {
        let mut sample = json(include_str!("../../tests/fixtures/gems-request.json"));
        sample["metadata"]["activity_name"] = json!("check-in");
        let gems = Request::gems(
            amount(10_000),
            Description::new("Cashback for daily check-in").unwrap(),
            crate::message::gems::Metadata::new("GoPay Pet", "check-in"),
        );
        assert_eq!(serde_json::to_value(gems).unwrap(), sample);
    }

    #[test]
    fn the_answers_of_the_page_are_read() {
        let read = |text| serde_json::from_str::<Response>(text).unwrap();
        let given = read(include_str!("../../tests/fixtures/reward.json"));
        let payment_id = given.data.unwrap().payment_id.unwrap();
        assert_eq!(payment_id.as_str(), "0120250107121627eTRXfvlCZ6ID");
        let refused = read(include_str!("../../tests/fixtures/reward-refused.json"));
        assert!(!refused.success && refused.data.is_none());
        let error = refused.error.unwrap();
        assert_eq!(error.code, Some(MiniAppErrorCode::FraudValidationError));
        assert_eq!(error.description.as_deref(), Some("Fraud validation error"));
    }

    #[test]
    fn a_reward_type_has_the_names_of_the_pages() {
        for (reward_type, name) in [
            (RewardType::Emoney, "EMONEY"),
            (RewardType::GopayCoins, "GOPAY_COINS"),
            (RewardType::GopayGems, "GOPAY_GEMS"),
        ] {
            assert_eq!(serde_json::to_value(reward_type).unwrap(), name);
        }
    }

    #[test]
    fn an_amount_is_a_positive_integer_in_rupiah() {
        let read = |value, currency| {
            serde_json::from_value::<RewardAmount>(json!({"value": value, "currency": currency}))
        };
        assert_eq!(read(json!(1), "IDR").unwrap().value(), 1);
        for value in [json!(0), json!(-1), json!(1.5), json!("1"), Value::Null] {
            assert!(read(value.clone(), "IDR").is_err(), "{value}");
        }
        assert!(read(json!(1), "USD").is_err());
    }

    #[test]
    fn a_description_has_256_characters_at_most() {
        let text = |chars| "é".repeat(chars);
        assert!(Description::new(text(256)).is_ok());
        assert_eq!(Description::new(text(257)), Err(DescriptionError));
        assert_eq!(Description::new(""), Err(DescriptionError));
        let mut request = serde_json::to_value(coins()).unwrap();
        request["description"] = json!(text(257));
        assert!(serde_json::from_value::<Request>(request).is_err());
    }
}
