//! Gems, also called Ruby, of the mini-app API `[reward-gems-v2]`: `GET
//! /v1/mini-apps/gems/balance` reads the buyer's balance, `POST /v1/mini-apps/gems/collect`
//! collects gems. [`rewards`] gives them.
//!
//! Sent with `Authorization: Bearer <auth_token>`, which names the buyer, and a `Request-Id`. That
//! id is mandatory for both and the idempotency key: a repetition under the same id collects
//! nothing more.

use super::{
    envelope::Envelope,
    lenient,
    rewards::{self, Description, RewardAmount, RewardType},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Path of the balance, on the mini-app host.
///
/// Docs disagree: `/v1/mini-apps/users/gems/balance` on an older page.
pub const BALANCE_PATH: &str = "/v1/mini-apps/gems/balance";

/// Path of the collection, on the mini-app host.
pub const COLLECT_PATH: &str = "/v1/mini-apps/gems/collect";

/// GoPay's answer about a balance.
pub type BalanceResponse = Envelope<Balance>;

/// The buyer's gems.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Balance {
    /// How many there are.
    #[serde(default, deserialize_with = "lenient::number")]
    pub balance: Option<u64>,
}

/// What is collected from the buyer.
///
/// Unverified: that collecting takes gems away; the page does not say what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectRequest {
    /// How many gems.
    pub amount: RewardAmount,
    /// What for.
    pub description: Description,
    /// Where.
    pub metadata: Metadata,
}

/// GoPay's answer to a collection.
pub type CollectResponse = rewards::Response;

/// Where gems are given or collected.
///
/// Docs disagree: both names are mandatory in the table, and the samples have no `activity_name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<String, String>")]
pub struct Metadata {
    /// The mini app's name.
    pub mini_app_name: String,
    /// What the buyer did.
    pub activity_name: String,
    /// The merchant's own; one of the names above stands for nothing.
    #[serde(flatten)]
    pub other: BTreeMap<String, String>,
}

impl Metadata {
    /// The mandatory names only.
    pub fn new(mini_app_name: impl Into<String>, activity_name: impl Into<String>) -> Self {
        Self {
            mini_app_name: mini_app_name.into(),
            activity_name: activity_name.into(),
            other: BTreeMap::new(),
        }
    }
}

impl rewards::Request {
    /// A reward of gems, with its mandatory metadata.
    pub fn gems(amount: RewardAmount, description: Description, metadata: Metadata) -> Self {
        Self {
            amount,
            description,
            reward_type: RewardType::GopayGems,
            metadata: metadata.into(),
        }
    }
}

impl From<Metadata> for BTreeMap<String, String> {
    fn from(metadata: Metadata) -> Self {
        let mut all = metadata.other;
        all.insert("mini_app_name".to_owned(), metadata.mini_app_name);
        all.insert("activity_name".to_owned(), metadata.activity_name);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MiniAppErrorCode;
    use serde_json::{Value, json};
    use std::num::NonZeroU64;

    fn balance(text: &str) -> BalanceResponse {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_name_of_the_metadata_is_written_once() {
        let mut metadata = Metadata::new("Kedai", "order");
        for name in ["mini_app_name", "table"] {
            metadata.other.insert(name.to_owned(), "7".to_owned());
        }
        assert_eq!(
            serde_json::to_string(&metadata).unwrap(),
            r#"{"activity_name":"order","mini_app_name":"Kedai","table":"7"}"#
        );
    }

    #[test]
    fn the_balances_of_the_page_are_read() {
        let read = balance(include_str!("../../tests/fixtures/gems-balance.json"));
        assert_eq!(read.data.unwrap().balance, Some(1_000_000));
        let refused = balance(include_str!(
            "../../tests/fixtures/gems-balance-refused.json"
        ));
        assert_eq!(refused.data, None);
        let code = refused.error.unwrap().code;
        assert_eq!(code, Some(MiniAppErrorCode::PaymentOptionNotFound));
    }

    #[test]
    fn a_balance_is_a_whole_number_or_none() {
        for (written, read) in [
            ("0", Some(0)),
            (r#""12""#, Some(12)),
            ("-1", None),
            ("1.5", None),
            ("null", None),
            (r#""many""#, None),
        ] {
            let text = format!(r#"{{"success":true,"data":{{"balance":{written}}}}}"#);
            assert_eq!(balance(&text).data.unwrap().balance, read, "{written}");
        }
    }

    /// The sample lacks a key of the table.
    #[test]
    fn a_collection_is_the_sample_with_its_mandatory_key() {
        let sample = include_str!("../../tests/fixtures/gems-collect-request.json");
        let mut sample: Value = serde_json::from_str(sample).unwrap();
        assert!(serde_json::from_value::<CollectRequest>(sample.clone()).is_err());
        sample["metadata"]["activity_name"] = json!("race");
        let request = CollectRequest {
            amount: RewardAmount::new(NonZeroU64::new(1000).unwrap()),
            description: Description::new("Gopay gems collect tesing").unwrap(),
            metadata: Metadata::new("GoPay Pet", "race"),
        };
        assert_eq!(serde_json::to_value(&request).unwrap(), sample);
        assert_eq!(
            serde_json::from_value::<CollectRequest>(sample).unwrap(),
            request
        );
    }

    #[test]
    fn the_answer_to_a_collection_is_read() {
        let read = include_str!("../../tests/fixtures/gems-collected.json");
        let read: CollectResponse = serde_json::from_str(read).unwrap();
        let payment_id = read.data.unwrap().payment_id.unwrap();
        assert_eq!(payment_id.as_str(), "order-id");
    }

    #[test]
    fn metadata_keeps_the_merchants_own_keys() {
        let mut metadata = Metadata::new("Kedai", "order");
        metadata.other.insert("order".to_owned(), "1".to_owned());
        let names = ["activity_name", "mini_app_name", "order"];
        let all = BTreeMap::from(metadata);
        assert_eq!(all.keys().collect::<Vec<_>>(), names);
        assert_eq!(all["activity_name"], "order");
    }
}
