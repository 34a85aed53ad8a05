//! How GoPay is set up for a test: all settings of the control API in one small file, which a start and each reset
//! restore. What is missing takes its default.

use crate::{
    bridge,
    buyer::Buyer,
    checkout::CheckoutSettings,
    clock::TooFarAway,
    container::Container,
    faults::{FaultError, FaultPlan},
    gopay_state::GoPayState,
    mini_app_api::MiniAppSettings,
    outbox::NotificationMode,
    outcomes::Outcome,
    refunds::RefundBehaviour,
    scenario::Scenario,
    sdk_faults::{SdkFaultError, SdkFaultPlan},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Setup {
    scenario: Scenario,
    container: Container,
    checkout: CheckoutSettings,
    refunds: RefundBehaviour,
    mini_app: MiniAppSettings,
    notifications: NotificationMode,
    clock_ahead_seconds: i64,
    faults: FaultPlan,
    sdk_faults: SdkFaultPlan,
    outcomes: Vec<Outcome>,
    #[serde(rename = "buyer")]
    buyers: Vec<Buyer>,
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

    /// What is set now.
    pub(crate) fn of(gopay: &GoPayState) -> Self {
        Self {
            scenario: gopay.scenario,
            container: gopay.container,
            checkout: gopay.checkout,
            refunds: gopay.refund_behaviour,
            mini_app: gopay.mini_app_api.settings.clone(),
            notifications: gopay.notification_mode,
            clock_ahead_seconds: gopay.clock.ahead().as_secs(),
            faults: gopay.faults.clone(),
            sdk_faults: gopay.sdk_faults.clone(),
            outcomes: gopay.outcomes.plan.clone(),
            buyers: gopay.buyers.all().to_vec(),
        }
    }

    /// Nothing is changed where it is refused.
    pub(crate) fn apply(self, gopay: &mut GoPayState) -> Result<(), SetupError> {
        self.faults.validate()?;
        self.sdk_faults.validate(bridge::check_method)?;
        let ahead = SignedDuration::from_secs(self.clock_ahead_seconds);
        gopay.clock.set(ahead)?;
        gopay.scenario = self.scenario;
        gopay.container = self.container;
        gopay.checkout = self.checkout;
        gopay.refund_behaviour = self.refunds;
        gopay.mini_app_api.settings = self.mini_app;
        gopay.notification_mode = self.notifications;
        gopay.faults = self.faults;
        gopay.sdk_faults = self.sdk_faults;
        gopay.outcomes.plan = self.outcomes;
        gopay.buyers = self.buyers.into();
        Ok(())
    }
}
