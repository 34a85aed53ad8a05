//! Where Midtrans' APIs are `[bi-snap-security-architecture]` `[miniapp-x-snap-checkout-payment]`
//! `[testing-bi-snap-on-sandbox-environment]`.

/// The hosts of one environment. Keys and payments of one are unknown to the other; the merchant's
/// id is the same in both.
///
/// ```
/// use gopay_protocol::Hosts;
///
/// assert_eq!(Hosts::PRODUCTION.bi_snap, "https://merchants.midtrans.com");
/// assert!(Hosts::SANDBOX.contain("app.sandbox.midtrans.com"));
/// assert!(!Hosts::PRODUCTION.contain("app.sandbox.midtrans.com"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hosts {
    /// BI-SNAP: access token, payment, inquiry, cancel, refund.
    pub bi_snap: &'static str,
    /// Snap: transactions, `snap.js` and the payment page.
    pub snap: &'static str,
    /// The Core API: status, cancel, expire and refund of a Snap transaction.
    pub core_api: &'static str,
}

impl Hosts {
    /// Real money. A payment needs a point of purchase and, in a mini app, GoPay's container.
    pub const PRODUCTION: Self = Self {
        bi_snap: "https://merchants.midtrans.com",
        snap: "https://app.midtrans.com",
        core_api: "https://api.midtrans.com",
    };

    /// No money. There is no container and no point of purchase: the buyer pays on a web page, with
    /// the PIN 123456 `[testing-bi-snap-on-sandbox-environment]`.
    pub const SANDBOX: Self = Self {
        bi_snap: "https://merchants.sbx.midtrans.com",
        snap: "https://app.sandbox.midtrans.com",
        core_api: "https://api.sandbox.midtrans.com",
    };

    /// Whether a host name is one of these.
    pub fn contain(&self, host: &str) -> bool {
        [self.bi_snap, self.snap, self.core_api]
            .iter()
            .filter_map(|address| address.strip_prefix("https://"))
            .any(|name| name.eq_ignore_ascii_case(host))
    }
}
