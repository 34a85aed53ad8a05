//! Named faults: what goes wrong until another scenario is chosen.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scenario {
    /// Nothing.
    #[default]
    Default,
    /// The page does not run in GoPay: every call of the SDK answers 1003.
    Outside,
    /// `GP.launchPayment` shows the sheet and never calls back.
    SilentLaunch,
    /// `getAuthCode` is refused.
    RefuseLogin,
    /// Every call of the SDK is refused: the mini app has no permission, code 300.
    Denied,
    /// Every API answers that it timed out, and does nothing.
    GopayDown,
    /// Every API answers 200 with a web page, as a captive portal does.
    Garbage,
    /// Every API does what it was asked and answers three seconds later.
    Slow,
    /// A payment is made and its answer lost on the way: the merchant gets a 504.
    AnswerLost,
}

impl Scenario {
    /// All of them, with what to say about each.
    pub(crate) const ALL: [(Self, &'static str); 9] = [
        (Self::Default, "Nothing goes wrong"),
        (Self::Outside, "Not in GoPay: error 1003"),
        (Self::SilentLaunch, "launchPayment stays silent"),
        (Self::RefuseLogin, "getAuthCode is refused"),
        (Self::Denied, "Every SDK call: code 300"),
        (Self::GopayDown, "APIs answer 5xx, do nothing"),
        (Self::Garbage, "APIs answer a web page"),
        (Self::Slow, "APIs take three seconds"),
        (Self::AnswerLost, "Payment made, answer lost"),
    ];
}
