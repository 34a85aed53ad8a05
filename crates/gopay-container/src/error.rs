//! Why a call to the container gave nothing.

/// Why a call to the container gave nothing.
///
/// Holds no part of a successful answer, so no auth code. Words that came from the
/// container ([`Error::Threw`], [`Error::Refused`]) are cut to 200 characters and
/// carry no control or direction-changing characters; they are for developers and may
/// be shown as text only.
///
/// After [`launch_payment`](crate::launch_payment), *no* variant means "not paid".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The SDK is loaded, but no GoPay is behind it: the page is open in an ordinary
    /// browser (bridge code 1003).
    #[error("the page is not open inside GoPay")]
    NotInGoPay,
    /// `window.gpContainer.call` did not appear in time: the SDK's script is blocked,
    /// failed, or is not in the page.
    #[error("GoPay's container SDK is not loaded: window.gpContainer.call did not appear")]
    NotLoaded,
    /// `gpContainer.call` itself threw, with this message.
    #[error("gpContainer.call threw")]
    Threw {
        /// The exception's message; empty where it had none.
        message: String,
    },
    /// This GoPay does not know the method (bridge code 100).
    #[error("this version of GoPay does not support the method")]
    Unsupported,
    /// GoPay has not granted this mini app the method (bridge code 300).
    #[error("GoPay has not granted this mini app the method")]
    Permission,
    /// The method needs the buyer's consent, and they refused it or were not asked yet
    /// (bridge code 300 of a method that needs one): see
    /// [`get_consent`](crate::get_consent).
    #[error("the buyer has not agreed to the method")]
    NoConsent,
    /// GoPay reports slow or no internet (bridge code 401).
    #[error("GoPay has no network")]
    Offline,
    /// No answer in time; it may still take effect, and its late answer is ignored.
    #[error("the container did not answer in time")]
    TimedOut,
    /// An answer came that cannot be understood.
    #[error("the container's answer is unreadable: {what}")]
    Unreadable {
        /// What was wrong with it; never a piece of it.
        what: &'static str,
    },
    /// A refusal for any other reason.
    #[error("the container refused (code {})", code.as_deref().unwrap_or("none"))]
    Refused {
        /// The bridge's code, `None` where it was left empty, as the documentation's
        /// own samples do.
        code: Option<String>,
        /// The bridge's category, documented only as `JS_BRIDGE_ERROR`.
        kind: Option<String>,
        /// The bridge's words for developers; often empty.
        message: String,
    },
}
