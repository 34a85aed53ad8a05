//! How GoPay is set up for a test: all settings of the control API in one small file, which a start and each reset
//! restore. What is missing takes its default, and the seed stays.

use crate::{
    buyer::Buyer,
    checkout::CheckoutSettings,
    clock::TooFarAway,
    container::Container,
    faults::{FaultError, FaultPlan},
    mini_app_api::MiniAppSettings,
    outbox::NotificationMode,
    outcomes::Outcome,
    refunds::RefundBehaviour,
    scenario::Scenario,
    sdk_faults::{SdkFaultError, SdkFaultPlan},
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Setup {
    /// What ids, codes and tokens follow from.
    pub(crate) seed: SeedChoice,
    pub(crate) scenario: Scenario,
    pub(crate) container: Container,
    pub(crate) checkout: CheckoutSettings,
    pub(crate) refunds: RefundBehaviour,
    pub(crate) mini_app: MiniAppSettings,
    pub(crate) notifications: NotificationMode,
    pub(crate) clock_ahead_seconds: i64,
    pub(crate) faults: FaultPlan,
    pub(crate) sdk_faults: SdkFaultPlan,
    pub(crate) outcomes: Vec<Outcome>,
    #[serde(rename = "buyer")]
    pub(crate) buyers: Vec<Buyer>,
}

/// A number, or `null` for random ones. Left out, it stays as it is: a seed is of a whole run, and a test that changes the
/// other settings does not give it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Option<u32>", into = "Option<u32>")]
pub(crate) enum SeedChoice {
    #[default]
    Unchanged,
    Set(Option<u32>),
}

impl From<Option<u32>> for SeedChoice {
    fn from(seed: Option<u32>) -> Self {
        Self::Set(seed)
    }
}

impl From<SeedChoice> for Option<u32> {
    fn from(choice: SeedChoice) -> Self {
        match choice {
            SeedChoice::Unchanged => None,
            SeedChoice::Set(seed) => seed,
        }
    }
}

/// A setup that GoPay cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SetupError(String);

impl From<FaultError> for SetupError {
    fn from(error: FaultError) -> Self {
        Self(error.to_string())
    }
}

impl From<SdkFaultError> for SetupError {
    fn from(error: SdkFaultError) -> Self {
        Self(error.to_string())
    }
}

impl From<TooFarAway> for SetupError {
    fn from(error: TooFarAway) -> Self {
        Self(error.to_string())
    }
}

impl Setup {
    pub(crate) fn parse(text: &str) -> Result<Self, SetupError> {
        toml::from_str(text).map_err(|error| SetupError(error.to_string()))
    }

    /// `check_method` says why the container has no method of a name.
    pub(crate) fn validate(
        &self,
        check_method: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), SetupError> {
        self.faults.validate()?;
        Ok(self.sdk_faults.validate(check_method)?)
    }
}
