//! The kinds of hostile reply.

use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{EnumIter, EnumMessage};

/// What goes wrong. Each comment begins with the id in `docs/FAULTS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SdkFaultKind {
    /// S01: The callback gets undefined
    Undefined,
    /// S02: The callback gets null
    Null,
    /// S03: The callback gets an empty text
    EmptyText,
    /// S04: The callback gets the text success
    BareWord,
    /// S05: The callback gets a number
    Number,
    /// S06: The reply is in a list
    List,
    /// S07: The reply has no fields
    EmptyObject,
    /// S08: The reply is a function with the reply's fields
    Function,
    /// S09: The callback gets a symbol
    Symbol,
    /// S10: The callback gets a promise of the reply
    Promise,
    /// S11: Each field of the reply throws when it is read
    ThrowingGetter,
    /// S12: The reply is a Proxy whose traps throw
    ThrowingProxy,
    /// S13: The reply's data is the reply itself
    Circular,
    /// S14: The reply is frozen and has no prototype
    NoPrototype,
    /// S15: The reply is JSON as text
    JsonText,
    /// S16: The reply's data is null
    NullData,
    /// S17: success is the text true
    SuccessText,
    /// S18: success is the number 1
    SuccessNumber,
    /// S19: success is true beside the error code 300
    SuccessWithCode,
    /// S20: success is false beside the data
    FailureWithData,
    /// S21: The reply has no ret
    NoRet,
    /// S22: ret is GP_EXCEPTION, success is true
    ExceptionRet,
    /// S23: The auth code is missing
    AuthCodeMissing,
    /// S23: The auth code is null
    AuthCodeNull,
    /// S23: The auth code is a number
    AuthCodeNumber,
    /// S23: The auth code is empty
    AuthCodeEmpty,
    /// S23: The auth code is three spaces
    AuthCodeSpaces,
    /// S23: The auth code has 10 KiB
    AuthCodeLong,
    /// S23: The auth code has quotes and a line break
    AuthCodeQuotes,
    /// S23: The auth code is not ASCII
    AuthCodeNotAscii,
    /// S24: The auth code is in auth_code
    AuthCodeSnake,
    /// S24: The auth code is in code
    AuthCodeRenamed,
    /// S25: The data is in data once more
    NestedData,
    /// S26: Refused, with fields in camelCase
    ErrorCamel,
    /// S27: Refused, error_code is the number 300
    ErrorNumber,
    /// S28: Refused, with an empty code and message
    ErrorBlank,
    /// S29: Refused with the unknown code 999
    ErrorUnknown,
    /// S30: Refused, the message has markup, a direction mark and 10 KiB
    ErrorMarkup,
    /// S31: The payment's status is in capitals
    StatusUpperCase,
    /// S32: The payment's status is paid
    StatusPaid,
    /// S33: The payment has no status
    StatusMissing,
    /// S34: The payment's status is in a list
    StatusList,
    /// S35: The success callback is called twice
    CalledTwice,
    /// S36: The failure callback is called, then the success callback
    FailureThenSuccess,
    /// S37: The callback is called 30 seconds late
    Late,
    /// S38: Two calls that meet it get each other's reply; the first waits for the second
    Crossed,
    /// S39: From the next load, callbacks are called before the call returns
    Synchronous,
    /// S40: The callback is called 1,000 times
    CalledThousandTimes,
    /// S41: From the next load, gpContainer.call is no function
    CallNoFunction,
    /// S42: From the next load, gpContainer is a text
    ContainerText,
    /// S43: From the next load, the first call replaces gpContainer; the former one is silent
    ContainerReplaced,
    /// S44: From the next load, gpContainer is an element of the page with that id
    ContainerClobbered,
    /// S45: From the next load, Object.prototype.success is true
    PrototypePolluted,
    /// S46: The consent is given, another one that was not asked for is refused
    ConsentPartial,
    /// S46: The consent is refused
    ConsentDenied,
    /// S46: The consent is of a scope that was not asked for
    ConsentUnknown,
    /// S47: No callback is called, whatever timeout the call has
    NeverCalled,
    /// S48: The locale is xx
    LocaleUnknown,
    /// S48: The locale is empty
    LocaleEmpty,
    /// S48: The locale is null
    LocaleNull,
    /// S49: The data is in a field called __proto__
    ProtoKey,
}

/// The name in the control API.
impl fmt::Display for SdkFaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl SdkFaultKind {
    /// Whether this kind can happen to a reply of this method.
    pub(crate) fn applies_to(self, method: &str) -> bool {
        let methods: &[&str] = match self {
            _ if self.is_of_page() => &[],
            Self::AuthCodeMissing
            | Self::AuthCodeNull
            | Self::AuthCodeNumber
            | Self::AuthCodeEmpty
            | Self::AuthCodeSpaces
            | Self::AuthCodeLong
            | Self::AuthCodeQuotes
            | Self::AuthCodeNotAscii
            | Self::AuthCodeSnake
            | Self::AuthCodeRenamed => &["GPMiniAppAuth.getAuthCode", "GPBase.getAuthCode"],
            Self::StatusUpperCase | Self::StatusPaid | Self::StatusMissing | Self::StatusList => {
                &["GP.launchPayment"]
            }
            Self::ConsentPartial | Self::ConsentDenied | Self::ConsentUnknown => {
                &["GP.authorize", "GPConsent.getUserConsent"]
            }
            Self::LocaleUnknown | Self::LocaleEmpty | Self::LocaleNull => &["GPBase.getLocale"],
            _ => return true,
        };
        methods.contains(&method)
    }

    /// Whether it happens when a page loads the SDK, and not to a reply.
    pub(crate) const fn is_of_page(self) -> bool {
        matches!(
            self,
            Self::Synchronous
                | Self::CallNoFunction
                | Self::ContainerText
                | Self::ContainerReplaced
                | Self::ContainerClobbered
                | Self::PrototypePolluted
        )
    }

    pub(crate) fn id_and_meaning(self) -> (&'static str, &'static str) {
        let documentation = self.get_documentation().unwrap_or_default();
        documentation.split_once(": ").unwrap_or_default()
    }
}
