//! How payments, their notifications, Snap and the sandbox behave where Midtrans' pages contradict each other or say
//! nothing.

use gopay_protocol::{ResponseCode, ServiceCode};
use serde::{Deserialize, Serialize};

/// The switches of `PUT /control/checkout`. A missing one takes its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CheckoutSettings {
    pub(crate) requests: Requests,
    pub(crate) status_method: StatusMethod,
    pub(crate) status_external_id: StatusExternalId,
    pub(crate) invalid_token: InvalidToken,
    pub(crate) order_repeated: OrderRepeated,
    pub(crate) return_address: ReturnAddress,
    pub(crate) redirect_url: RedirectUrl,
    pub(crate) gross_amount: GrossAmount,
    pub(crate) response_codes: ResponseCodes,
    pub(crate) notification_fields: NotificationFields,
    pub(crate) notification_id: NotificationId,
    pub(crate) notification_time: NotificationTime,
    pub(crate) notification_body: NotificationBody,
    pub(crate) snap_notification: SnapNotification,
    pub(crate) snap_refund_repeated: RefundRepeated,
    pub(crate) snap_left: SnapLeft,
    pub(crate) sandbox_point_of_purchase: SandboxPointOfPurchase,
    pub(crate) pin: Pin,
}

/// Whether the payment sheet of the phone asks for the PIN. GoPay does; a test is shorter without.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Pin {
    #[default]
    NotAsked,
    Asked,
}

/// Docs disagree: the tables of the pages have forms that their own samples, and GoPay's libraries, do not keep to. See
/// `api/literal.rs`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Requests {
    /// Each form that a page or a library of GoPay's has.
    #[default]
    EachForm,
    /// The form of the tables only.
    Literal,
}

/// Docs disagree: an inquiry is a `POST` `[get-transaction-status-api]`, or a `GET` `[bi-snap-security-architecture]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusMethod {
    #[default]
    Post,
    Get,
}

impl StatusMethod {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
        }
    }
}

/// Docs disagree: `originalExternalId` has 36 characters in an inquiry, and 32 in the response to it
/// `[get-transaction-status-api]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StatusExternalId {
    #[default]
    #[serde(rename = "36_characters")]
    Whole,
    #[serde(rename = "32_characters")]
    Short,
}

impl StatusExternalId {
    /// Unverified: which characters are left out: the hyphens of a UUID, and of anything else the end.
    pub(crate) fn write(self, external_id: &str) -> String {
        match self {
            Self::Whole => external_id.to_owned(),
            Self::Short if external_id.chars().count() <= 32 => external_id.to_owned(),
            Self::Short => external_id.replace('-', "").chars().take(32).collect(),
        }
    }
}

/// Docs disagree: 401 case 01 is "Invalid Token (B2B)" and case 00 "Unauthorized" in the tables.
///
/// Unverified: which of them an expired access token gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum InvalidToken {
    #[default]
    #[serde(rename = "case_01")]
    Case01,
    #[serde(rename = "case_00")]
    Case00,
}

/// Unverified: whether a `partnerReferenceNo` may be used again, once its payment has ended or before. The page asks for
/// no uniqueness `[direct-debit-api-gopay]`; merchants report that a second one is declined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderRepeated {
    #[default]
    Accepted,
    /// 409 case 01.
    Refused,
}

/// Docs disagree: a payment without `urlParam`, and without an address in the dashboard, is an error
/// `[direct-debit-api-gopay]`; mini apps have no return address `[seamless-payment-v2]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReturnAddress {
    #[default]
    Optional,
    Mandatory,
}

/// Docs disagree: three forms of `webRedirectUrl` on `[faq-redirection-to-gojek-gopay-app]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RedirectUrl {
    /// `https://gopay.co.id/app/merchanttransfer`
    #[default]
    Gopay,
    /// `https://gojek.link/gopay/merchanttransfer`
    GojekLink,
    /// `gojek://gopay/merchanttransfer`
    GojekScheme,
}

impl RedirectUrl {
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::Gopay => "https://gopay.co.id/app/merchanttransfer",
            Self::GojekLink => "https://gojek.link/gopay/merchanttransfer",
            Self::GojekScheme => "gojek://gopay/merchanttransfer",
        }
    }
}

/// Docs disagree: `grossAmount` in the sample of a payment's response, `gross_amount` in its table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GrossAmount {
    #[default]
    #[serde(rename = "grossAmount")]
    Camel,
    #[serde(rename = "gross_amount")]
    Snake,
}

/// Docs disagree: a success has seven digits in the tables. Samples have eight for cancel and refund, and the token
/// request's has another service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResponseCodes {
    #[default]
    Table,
    Sample,
}

impl ResponseCodes {
    pub(crate) fn success(self, service: ServiceCode) -> String {
        match (self, service) {
            (Self::Sample, ServiceCode::AccessToken) => "2007400".to_owned(),
            (Self::Sample, ServiceCode::Cancel) => "20057000".to_owned(),
            (Self::Sample, ServiceCode::Refund) => "20058000".to_owned(),
            _ => ResponseCode::new(200, service, 0).to_string(),
        }
    }
}

/// Docs disagree: the table of `[payment-notification-api]` against its sample, which has the order's id for
/// `originalExternalId`, no amount, and an empty `X-PARTNER-ID`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationFields {
    #[default]
    Table,
    Sample,
}

/// Docs disagree: a "numeric string" is the `X-EXTERNAL-ID` of `[payment-notification-api]`; elsewhere the header has
/// letters too, best a UUID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationId {
    #[default]
    Numeric,
    Uuid,
}

/// Docs disagree: `X-TIMESTAMP` is Jakarta's time in whole seconds `[bi-snap-security-architecture]`, UTC with a
/// fraction in Midtrans' signature demo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationTime {
    #[default]
    Jakarta,
    Utc,
    /// Milliseconds since 1970, from public reports about SNAP back ends.
    Epoch,
}

/// Docs disagree: the signature is over the minified body `[signature-generation]`. Midtrans' demo signs a
/// pretty-printed one, and its libraries sign what they have parsed and written again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationBody {
    #[default]
    Compact,
    /// With line breaks.
    Pretty,
    /// With needless escapes, which the signed form does not have.
    Escaped,
    /// The JSON is the text of a JSON string, from public reports.
    Text,
}

/// Docs disagree: `[miniapp-x-snap-checkout-payment]` has BI-SNAP's notification for a Snap
/// transaction, `[handle-notifications]` and all other pages of Snap have Midtrans' own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapNotification {
    #[default]
    BiSnap,
    /// The HTTP notification with its `signature_key`.
    Classic,
}

/// Docs disagree: a refund that is asked for again under its key is a "Duplicate refund ID"
/// `[direct-refund-transaction]`, or has to be asked for under the same key `[refund-transaction]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundRepeated {
    /// 406.
    #[default]
    Refused,
    /// As the first time.
    Answered,
}

/// Unverified: which callback of `snap.pay` a buyer causes who comes back from GoPay undecided:
/// "closed the payment popup prematurely", or "payment pending" `[snap-js]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SnapLeft {
    #[default]
    Close,
    Pending,
}

/// Unverified: what the sandbox does with a point of purchase. GoPay's FAQ has it in production only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SandboxPointOfPurchase {
    #[default]
    Refused,
    Ignored,
}
