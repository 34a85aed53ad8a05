//! Why a request is refused: the rule that it breaks, and the page that has it. An extension of the response, for the
//! inspector; GoPay does not say it.

use gopay_protocol::ServiceCode;
use serde::Serialize;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Rule {
    says: String,
    page: String,
}

impl Rule {
    /// `page` is the name of a page, as in `[access-token-api]`.
    pub(super) fn new(says: impl Into<String>, page: &str) -> Self {
        Self {
            says: says.into(),
            page: address(page),
        }
    }

    pub(super) fn on_page(self, page: &str) -> Self {
        Self {
            page: address(page),
            ..self
        }
    }
}

fn address(page: &str) -> String {
    format!("https://docs.midtrans.com/reference/{page}")
}

/// For the terminal.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.says, self.page)
    }
}

/// The page of a call of BI-SNAP's.
pub(super) fn page_of(service: ServiceCode) -> &'static str {
    match service {
        ServiceCode::AccessToken => "access-token-api",
        ServiceCode::Payment => "direct-debit-api-gopay",
        ServiceCode::Status => "get-transaction-status-api",
        ServiceCode::Cancel => "cancel-api",
        ServiceCode::Refund => "refund-api",
        ServiceCode::Notify | ServiceCode::LinkingNotify | ServiceCode::Other(_) => {
            "core-api-snap-open-api-overview"
        }
    }
}
