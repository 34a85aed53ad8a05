//! Named scenarios: what goes wrong until another scenario is chosen.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, EnumMessage};

/// What goes wrong. The panel shows these comments.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, EnumIter, EnumMessage, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scenario {
    /// Nothing goes wrong
    #[default]
    Default,
    /// Not in GoPay: error 1003
    Outside,
    /// launchPayment stays silent
    SilentLaunch,
    /// getAuthCode is refused
    RefuseLogin,
    /// Every SDK call: code 300
    Denied,
    /// APIs answer 5xx, do nothing
    GopayDown,
    /// APIs answer a web page
    Garbage,
    /// APIs take three seconds
    Slow,
    /// Payment made, answer lost
    AnswerLost,
}
