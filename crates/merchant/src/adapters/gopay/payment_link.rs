//! From the `webRedirectUrl` of a payment to the way on which the buyer comes to it.
//!
//! Invariant: the address is of the environment whose BI-SNAP was called. A link of production never
//! opens in the sandbox, nor the other way round, and the app opens no page of anyone else's.

use crate::config::{GoPayAccount, is_loopback};
use contract::PaymentWay;
use gopay_protocol::{Deeplink, DeeplinkError};
use url::{Host, Url};

/// Midtrans' sandbox: these hosts and all below.
///
/// Unverified: which of them a BI-SNAP payment leads to. The page is the "Midtrans sandbox
/// simulator" `[testing-bi-snap-on-sandbox-environment]`, whose address no page gives.
const SANDBOX_DOMAINS: [&str; 2] = ["sandbox.midtrans.com", "sbx.midtrans.com"];

/// The addresses that are opened.
#[derive(Debug, Clone, Copy)]
pub(super) enum PaymentLinks<'a> {
    /// GoPay's, by the container; and those on these hosts.
    Container(&'a [String]),
    /// Pages of Midtrans' sandbox, in a browser; and those on these hosts.
    Sandbox(&'a [String]),
    /// Pages of the simulator's sandbox, which is on this machine at this port.
    SimulatorSandbox(Option<u16>),
}

/// Why an address is not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PaymentLinkError {
    #[error(transparent)]
    Deeplink(#[from] DeeplinkError),
    #[error("webRedirectUrl is not a URL")]
    NotAUrl,
    #[error("webRedirectUrl is not a page of the sandbox, but on host {host}")]
    NotOfSandbox { host: String },
}

impl<'a> PaymentLinks<'a> {
    pub(super) fn of(account: &'a GoPayAccount) -> Self {
        let hosts = account.payment_link_hosts.as_slice();
        match account.environment {
            it if !it.pays_in_browser() => Self::Container(hosts),
            it if it.is_simulator() => {
                Self::SimulatorSandbox(account.bi_snap_url.port_or_known_default())
            }
            _ => Self::Sandbox(hosts),
        }
    }

    pub(super) fn way(self, address: &str) -> Result<PaymentWay, PaymentLinkError> {
        if let Self::Container(hosts) = self {
            let deeplink = Deeplink::from_web_redirect_url(address, hosts)?;
            return Ok(PaymentWay::Deeplink(deeplink.to_string()));
        }
        let url = Url::parse(address).map_err(|_| PaymentLinkError::NotAUrl)?;
        let is_plain = url.username().is_empty() && url.password().is_none();
        if is_plain && self.has_page(&url) {
            return Ok(PaymentWay::WebPage(url.into()));
        }
        Err(PaymentLinkError::NotOfSandbox {
            host: url.host_str().unwrap_or("none").to_owned(),
        })
    }

    fn has_page(self, url: &Url) -> bool {
        match (self, url.host()) {
            (Self::Sandbox(hosts), Some(Host::Domain(host))) => {
                let is_midtrans = SANDBOX_DOMAINS.iter().any(|domain| {
                    host.strip_suffix(domain)
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                });
                let is_known = is_midtrans || hosts.iter().any(|it| it == host);
                is_known && url.scheme() == "https" && url.port().is_none()
            }
            (Self::SimulatorSandbox(port), _) => {
                url.scheme() == "http" && is_loopback(url) && url.port_or_known_default() == port
            }
            _ => false,
        }
    }
}

impl PaymentLinkError {
    /// What the merchant's operator can do.
    pub(super) const fn hint(&self) -> &'static str {
        match self {
            Self::Deeplink(DeeplinkError::Tokenization) => {
                "ask GoPay for one-time payments by deeplink at this point_of_purchase_id"
            }
            Self::Deeplink(DeeplinkError::Query) => {
                "ask GoPay's support: the link names no payment"
            }
            Self::Deeplink(_) => {
                "if GoPay has announced this host, add it to gopay.payment_link_hosts"
            }
            Self::NotAUrl | Self::NotOfSandbox { .. } => {
                "if this is a page of Midtrans' sandbox, add its host to gopay.payment_link_hosts"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_opens_its_own_pages_and_configured_hosts() {
        let hosts = ["pay.gopay.example".to_owned()];
        let links = PaymentLinks::Sandbox(&hosts);
        for page in [
            "https://simulator.sandbox.midtrans.com/gopay/ui/checkout?referenceid=A1",
            "https://merchants-app.sbx.midtrans.com/pay?ref=A1",
            "https://sandbox.midtrans.com/A1",
            "https://pay.gopay.example/A1",
        ] {
            let way = links.way(page);
            assert_eq!(way, Ok(PaymentWay::WebPage(page.to_owned())), "{page}");
        }
        for other in [
            "https://gopay.co.id/app/merchanttransfer?tref=A1",
            "https://app.midtrans.com/snap/v4/redirection/A1",
            "https://merchants.midtrans.com/A1",
            "https://evilsandbox.midtrans.com/A1",
            "https://sandbox.midtrans.com.evil.example/A1",
            "https://sandbox.midtrans.com@evil.example/A1",
            "https://evil@sandbox.midtrans.com/A1",
            "https://sandbox.midtrans.com:444/A1",
            "http://sandbox.midtrans.com/A1",
            "http://localhost:9091/A1",
            "https://127.0.0.1/A1",
            "javascript:alert(1)",
            "gopay://merchanttransfer?tref=A1",
        ] {
            let refused = links.way(other);
            assert!(
                matches!(refused, Err(PaymentLinkError::NotOfSandbox { .. })),
                "{other}: {refused:?}"
            );
        }
        assert_eq!(links.way("/A1"), Err(PaymentLinkError::NotAUrl));
    }

    #[test]
    fn the_simulators_sandbox_opens_its_own_pages_only() {
        let links = PaymentLinks::SimulatorSandbox(Some(9091));
        for page in ["http://127.0.0.1:9091/pay?a=1", "http://localhost:9091/pay"] {
            let way = links.way(page);
            assert_eq!(way, Ok(PaymentWay::WebPage(page.to_owned())));
        }
        for other in [
            "http://127.0.0.1:9090/pay",
            "https://127.0.0.1:9091/pay",
            "http://shop.example:9091/pay",
            "https://simulator.sandbox.midtrans.com/A1",
        ] {
            assert!(links.way(other).is_err(), "{other}");
        }
    }

    #[test]
    fn a_container_opens_no_page_of_the_sandbox() {
        let page = "https://simulator.sandbox.midtrans.com/gopay/ui/checkout?tref=A1";
        let refused = PaymentLinks::Container(&[]).way(page).unwrap_err();
        let named = refused.to_string();
        assert!(named.contains("simulator.sandbox.midtrans.com"), "{named}");
    }
}
