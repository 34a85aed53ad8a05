//! From the `webRedirectUrl` of a payment to the deeplink that `GP.launchPayment` opens.
//!
//! Invariant: what comes out is `gopay://merchanttransfer?` with a query that names one
//! transfer, and nothing that a browser or GoPay could read as another destination.

use std::fmt;
use url::{Host, Url};

/// The link forms GoPay documents `[faq-redirection-to-gojek-gopay-app]`: scheme, host, path.
const LINKS: [(&str, &str, &str); 3] = [
    ("https", "gopay.co.id", "/app/merchanttransfer"),
    ("https", "gojek.link", "/gopay/merchanttransfer"),
    ("gojek", "gopay", "/merchanttransfer"),
];

/// Pages of GoPay Tokenization in a browser, of production and sandbox
/// `[faq-redirection-to-gopay-web-page]`.
const TOKENIZATION_HOSTS: [&str; 4] = [
    "merchants-gws-app.gopayapi.com",
    "pin-web-client.gopayapi.com",
    "sandbox-gws-app.gopayapi.com",
    "pin-web-client-sandbox.gopayapi.com",
];

/// Subdomains of this host of GoPay's are GoPay's too.
const GOPAY_HOST: &str = ".gopay.co.id";

/// The end of the path of every payment page.
const PAYMENT_PATH: &str = "/merchanttransfer";

/// Longest query passed on; `webRedirectUrl` is a String(2048).
const MAX_QUERY_LEN: usize = 2048;

/// A deeplink that opens GoPay's payment page, and only that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deeplink(String);

impl Deeplink {
    /// Makes the deeplink of a payment's `webRedirectUrl` `[seamless-payment-v2]`: its query stays
    /// whole and unchanged. The address must be one of GoPay's own, or a payment page on one of
    /// `further_hosts`.
    ///
    /// Unverified: the exact query of a mini-app payment. It must have one `tref`; other parameters
    /// are passed on as long as they are plain query text.
    ///
    /// ```
    /// use gopay_protocol::Deeplink;
    ///
    /// let url = "https://gopay.co.id/app/merchanttransfer?tref=A1";
    /// let deeplink = Deeplink::from_web_redirect_url(url, &[])?;
    /// assert_eq!(deeplink.to_string(), "gopay://merchanttransfer?tref=A1");
    /// # Ok::<(), gopay_protocol::DeeplinkError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DeeplinkError`] where the address is not one of these, or names no transfer.
    pub fn from_web_redirect_url(
        url: &str,
        further_hosts: &[String],
    ) -> Result<Self, DeeplinkError> {
        let url = Url::parse(url).map_err(|_| DeeplinkError::NotAUrl)?;
        let refused = || DeeplinkError::Address {
            host: url.host_str().unwrap_or("none").to_owned(),
        };
        let Some(Host::Domain(host)) = url.host() else {
            return Err(refused());
        };
        // The parser keeps the case of the host where it does not know the scheme.
        let host = host.to_ascii_lowercase();
        let is_gopays =
            |known: &str| host == known || known == &GOPAY_HOST[1..] && host.ends_with(GOPAY_HOST);
        let documented = LINKS.iter().any(|(scheme, known, path)| {
            url.scheme() == *scheme && url.path() == *path && is_gopays(known)
        });
        let further = url.scheme() == "https"
            && url.path().ends_with(PAYMENT_PATH)
            && further_hosts.contains(&host);
        let plain = url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        // Two of the links `[faq-redirection-to-gojek-gopay-app]`: `/app/tokenization/payment` and
        // `/gopay/tokenization/linking`.
        let is_tokenization = TOKENIZATION_HOSTS.contains(&host.as_str())
            || LINKS.iter().any(|(_, known, _)| is_gopays(known))
                && url.path().split('/').any(|part| part == "tokenization");
        if !further && is_tokenization {
            return Err(DeeplinkError::Tokenization);
        }
        if !(documented || further) || !plain {
            return Err(refused());
        }
        let query = url.query().unwrap_or_default();
        let mut transfers = url.query_pairs().filter(|(name, _)| name == "tref");
        let (Some((_, transfer)), None) = (transfers.next(), transfers.next()) else {
            return Err(DeeplinkError::Query);
        };
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let named = !transfer.is_empty() && transfer.bytes().all(safe);
        let printable = url
            .query_pairs()
            .all(|(name, value)| !name.chars().chain(value.chars()).any(char::is_control));
        if !named || !printable || query.len() > MAX_QUERY_LEN {
            return Err(DeeplinkError::Query);
        }
        Ok(Self(format!("gopay://merchanttransfer?{query}")))
    }
}

impl fmt::Display for Deeplink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an address is not one of GoPay's payment pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeeplinkError {
    /// It does not parse.
    #[error("webRedirectUrl is not a URL")]
    NotAUrl,
    /// Another scheme, host or path, or something beside them.
    #[error("webRedirectUrl is not one of GoPay's payment pages, but on host {host}")]
    Address {
        /// Of the address.
        host: String,
    },
    /// A page on which a buyer links an account, or pays from a linked one.
    #[error(
        "webRedirectUrl is a link of GoPay Tokenization: linked accounts and recurring payments are not supported, only one-time payments"
    )]
    Tokenization,
    /// No transfer, more than one, or forbidden characters.
    #[error("the query of webRedirectUrl does not name one transfer")]
    Query,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeplink(url: &str) -> Result<String, DeeplinkError> {
        Deeplink::from_web_redirect_url(url, &["pay.gopay.example".to_owned()])
            .map(|link| link.to_string())
    }

    #[test]
    fn documented_forms_and_configured_hosts_keep_their_query() {
        for url in [
            "https://gopay.co.id/app/merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR",
            "https://app.gopay.co.id/app/merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR",
            "https://gojek.link/gopay/merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR",
            "gojek://gopay/merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR",
            "https://pay.gopay.example/v2/merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR",
        ] {
            assert_eq!(
                deeplink(url).as_deref(),
                Ok("gopay://merchanttransfer?tref=A1_b-2&amount=1&activity=GP%3ARR"),
                "{url}"
            );
        }
    }

    #[test]
    fn no_other_address_becomes_a_deeplink() {
        for url in [
            "http://gopay.co.id/app/merchanttransfer?tref=A1",
            "https://gopay.co.id.evil.id/app/merchanttransfer?tref=A1",
            "https://evilgopay.co.id/app/merchanttransfer?tref=A1",
            "https://gojek.link/app/merchanttransfer?tref=A1",
            "https://evil.gojek.link/gopay/merchanttransfer?tref=A1",
            "https://app.gopay.co.id/merchanttransfer?tref=A1",
            "https://pay.gopay.example/login?tref=A1",
            "http://pay.gopay.example/v2/merchanttransfer?tref=A1",
            "https://evil.pay.gopay.example/v2/merchanttransfer?tref=A1",
            "gojek://evil/merchanttransfer?tref=A1",
            "https://evil.id/app/tokenization/linking?tref=A1",
            "https://gopay.co.id:444/app/merchanttransfer?tref=A1",
            "https://user:pw@gopay.co.id/app/merchanttransfer?tref=A1",
            "https://gopay.co.id/app/merchanttransfer?tref=A1#x",
            "https://gоpay.co.id/app/merchanttransfer?tref=A1",
            "https://127.0.0.1/app/merchanttransfer?tref=A1",
            "gopay://merchanttransfer?tref=A1",
            "data:text/html,tref=A1",
            "javascript:alert(1)",
        ] {
            let refused = deeplink(url);
            assert!(
                matches!(refused, Err(DeeplinkError::Address { .. })),
                "{url}: {refused:?}"
            );
        }
        let named = deeplink("https://app.gopay.co.id/merchanttransfer?tref=A1").unwrap_err();
        assert!(named.to_string().contains("app.gopay.co.id"), "{named}");
        assert_eq!(deeplink(""), Err(DeeplinkError::NotAUrl));
        assert_eq!(
            deeplink("/app/merchanttransfer"),
            Err(DeeplinkError::NotAUrl)
        );
    }

    #[test]
    fn a_link_of_gopay_tokenization_is_refused_by_its_name() {
        for url in [
            "https://gopay.co.id/app/tokenization/linking?reference_id=A1",
            "https://gopay.co.id/app/tokenization/payment?tref=A1",
            "https://app.gopay.co.id/app/tokenization/payment?reference_id=A1",
            "https://gojek.link/gopay/tokenization/linking?reference_id=A1",
            "https://gojek.link/gopay/tokenization/payment?reference_id=A1",
            "gojek://gopay/tokenization?tref=A1",
            "https://merchants-gws-app.gopayapi.com/app/authorize?reference=A1",
            "https://pin-web-client.gopayapi.com/auth/pin/verify?challenge=A1",
        ] {
            let refused = deeplink(url).unwrap_err();
            assert_eq!(refused, DeeplinkError::Tokenization, "{url}");
            assert!(refused.to_string().contains("not supported"), "{refused}");
        }
    }

    #[test]
    fn the_query_names_exactly_one_transfer() {
        for query in [
            "",
            "?",
            "?tref=",
            "?ref=A1",
            "?tref=A1&tref=A2",
            "?tref=A1%0a",
            "?tref=A1%26x",
            "?tref=%3Cscript%3E",
            "?tref=A1&x=%00",
        ] {
            let url = format!("https://gopay.co.id/app/merchanttransfer{query}");
            assert_eq!(deeplink(&url), Err(DeeplinkError::Query), "{query:?}");
        }
    }
}
