//! `error.code` of the mini-app API: the tables of `[get-profile-v2]`, `[reward-coins-emoney-v2]`,
//! `[reward-gems-v2]`, `[reminder-v2]` and `[push-notification-v2]`.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal $word:literal;)*) => {
        /// Why the mini-app API refuses a request.
        ///
        /// No code says whether to repeat the request: GoPay asks for that after an HTTP status 5xx
        /// only `[backend-v2]`, and then under the same `Request-Id`.
        ///
        /// ```
        /// use gopay_protocol::MiniAppErrorCode;
        ///
        /// let code = MiniAppErrorCode::from_code("4060");
        /// assert_eq!(code, MiniAppErrorCode::FraudValidationError);
        /// assert!(code.is_about_buyer() && !code.is_about_token());
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum MiniAppErrorCode {
            $($(#[$doc])* $name,)*
            /// A code that no page lists. Conclude nothing from it.
            Other(String),
        }

        impl MiniAppErrorCode {
            /// The code of this number.
            pub fn from_code(code: &str) -> Self {
                match code {
                    $($code => Self::$name,)*
                    _ => Self::Other(code.to_owned()),
                }
            }

            /// The number, as it is sent.
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$name => $code,)*
                    Self::Other(code) => code,
                }
            }

            /// GoPay's name of it, where a page gives one.
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($word),)*
                    Self::Other(_) => None,
                }
            }
        }
    };
}

codes! {
    /// 105: GoPay has no such user, or no profile of theirs.
    UserNotFound = "105" "USER_NOT_FOUND";
    /// 110: the token is invalid or inactive, or lacks the scope.
    Unauthorized = "110" "UNAUTHORIZED";
    /// 159: in the sample of a gems balance; in no table.
    PaymentOptionNotFound = "159" "Payment option not found";
    /// 303: the `Authorization` header is missing.
    ///
    /// Docs disagree: "Malformed Authorization" in the shorter tables of `[get-profile-v2]` and
    /// `[reward-gems-v2]`.
    FieldCannotBeBlank = "303" "FIELD_CANNOT_BE_BLANK";
    /// 305: the body does not fit GoPay's schema.
    IllegalLengthForField = "305" "ILLEGAL_LENGTH_FOR_FIELD";
    /// 310: the `Authorization` header or the reward type is malformed.
    MalformedData = "310" "MALFORMED_DATA";
    /// 900: anything else went wrong at GoPay.
    GenericServiceError = "900" "GENERIC_SERVICE_ERROR";
    /// 902: the body is not JSON.
    MalformedJson = "902" "MALFORMED_JSON";
    /// 2903: the push cannot be read.
    InvalidRequestError = "2903" "INVALID_REQUEST_ERROR";
    /// 4060: GoPay gives this buyer no cashback for now. Tell them, and point to GoPay's Help.
    FraudValidationError = "4060" "Fraud validation error";
    /// 5003: GoPay's authorization service rejects the token.
    InvalidAuthorisation = "5003" "INVALID_AUTHORISATION";
    /// 19007: gems are not configured for the merchant.
    DatasourceNotFound = "19007" "DATASOURCE_NOT_FOUND";
    /// 40001: GoPay finds no mini app of this merchant.
    MiniAppNotFound = "40001" "MINI_APP_NOT_FOUND";
    /// 40003: the template of a reminder or push is not registered.
    MiniAppReminderTemplateNotFound = "40003" "MINI_APP_REMINDER_TEMPLATE_NOT_FOUND";
    /// 40006: rewards are not configured for the mini app.
    MiniAppRewardConfigNotFound = "40006" "MINI_APP_REWARD_CONFIG_NOT_FOUND";
    /// 43001: more gems than the configured limit.
    RequestValueExceedsMaxLimit = "43001" "REQUEST_VALUE_EXCEEDS_MAX_LIMIT";
    /// 400001: the mini app's consents are not configured.
    ConsentProfileNotFound = "400001" "CONSENT_PROFILE_NOT_FOUND";
    /// 400002: the mini app's consents are configured wrongly.
    InvalidConsentCatalogId = "400002" "INVALID_CONSENT_CATALOG_ID";
    /// 400004: the buyer has given no consent.
    UserConsentDoesNotExist = "400004" "USER_CONSENT_DOES_NOT_EXIST";
}

impl MiniAppErrorCode {
    /// Whether a new `auth_token` may help: sign the buyer in again.
    pub fn is_about_token(&self) -> bool {
        matches!(self, Self::Unauthorized | Self::InvalidAuthorisation)
    }

    /// Whether the buyer's consent may help: the container asks for it.
    ///
    /// Docs disagree: the longer table of `[get-profile-v2]` has 400004, its shorter one not. 110
    /// covers "missing scope" as well as an inactive token, so it is about both; after a sign-in
    /// the token is fresh, and the scope is likelier.
    pub fn is_about_consent(&self) -> bool {
        matches!(self, Self::Unauthorized | Self::UserConsentDoesNotExist)
    }

    /// Whether the merchant has to arrange something with GoPay: the mini app, its consents, a
    /// template, rewards or gems.
    pub fn is_about_configuration(&self) -> bool {
        matches!(
            self,
            Self::DatasourceNotFound
                | Self::MiniAppNotFound
                | Self::MiniAppReminderTemplateNotFound
                | Self::MiniAppRewardConfigNotFound
                | Self::ConsentProfileNotFound
                | Self::InvalidConsentCatalogId
        )
    }

    /// Whether GoPay refuses this buyer, and would not refuse another.
    ///
    /// Unverified: that 159 is about the buyer.
    pub fn is_about_buyer(&self) -> bool {
        matches!(
            self,
            Self::UserNotFound | Self::PaymentOptionNotFound | Self::FraudValidationError
        )
    }

    /// Whether the request itself is wrong: its headers, its body or its amount.
    pub fn is_about_request(&self) -> bool {
        matches!(
            self,
            Self::FieldCannotBeBlank
                | Self::IllegalLengthForField
                | Self::MalformedData
                | Self::MalformedJson
                | Self::InvalidRequestError
                | Self::RequestValueExceedsMaxLimit
        )
    }
}

/// The number.
impl fmt::Display for MiniAppErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every code of the pages, and what it is about.
    const CODES: [(&str, &str, &[&str]); 19] = [
        ("105", "USER_NOT_FOUND", &["buyer"]),
        ("110", "UNAUTHORIZED", &["token", "consent"]),
        ("159", "Payment option not found", &["buyer"]),
        ("303", "FIELD_CANNOT_BE_BLANK", &["request"]),
        ("305", "ILLEGAL_LENGTH_FOR_FIELD", &["request"]),
        ("310", "MALFORMED_DATA", &["request"]),
        ("900", "GENERIC_SERVICE_ERROR", &[]),
        ("902", "MALFORMED_JSON", &["request"]),
        ("2903", "INVALID_REQUEST_ERROR", &["request"]),
        ("4060", "Fraud validation error", &["buyer"]),
        ("5003", "INVALID_AUTHORISATION", &["token"]),
        ("19007", "DATASOURCE_NOT_FOUND", &["configuration"]),
        ("40001", "MINI_APP_NOT_FOUND", &["configuration"]),
        (
            "40003",
            "MINI_APP_REMINDER_TEMPLATE_NOT_FOUND",
            &["configuration"],
        ),
        (
            "40006",
            "MINI_APP_REWARD_CONFIG_NOT_FOUND",
            &["configuration"],
        ),
        ("43001", "REQUEST_VALUE_EXCEEDS_MAX_LIMIT", &["request"]),
        ("400001", "CONSENT_PROFILE_NOT_FOUND", &["configuration"]),
        ("400002", "INVALID_CONSENT_CATALOG_ID", &["configuration"]),
        ("400004", "USER_CONSENT_DOES_NOT_EXIST", &["consent"]),
    ];

    fn subjects(code: &MiniAppErrorCode) -> Vec<&'static str> {
        [
            ("token", code.is_about_token()),
            ("consent", code.is_about_consent()),
            ("configuration", code.is_about_configuration()),
            ("buyer", code.is_about_buyer()),
            ("request", code.is_about_request()),
        ]
        .into_iter()
        .filter_map(|(subject, is_about_it)| is_about_it.then_some(subject))
        .collect()
    }

    #[test]
    fn every_code_of_the_pages_says_what_it_is_about() {
        for (number, name, about) in CODES {
            let code = MiniAppErrorCode::from_code(number);
            assert_eq!(code.code(), number);
            assert_eq!(code.name(), Some(name), "{number}");
            assert_eq!(subjects(&code), about, "{number}");
        }
    }

    #[test]
    fn an_unknown_code_is_kept_and_is_about_nothing() {
        for number in ["", "0110", "110 ", "4061", "GOPAY-1"] {
            let code = MiniAppErrorCode::from_code(number);
            assert_eq!(code, MiniAppErrorCode::Other(number.to_owned()));
            assert_eq!(code.to_string(), number);
            assert_eq!((code.name(), subjects(&code)), (None, Vec::new()));
        }
    }
}
