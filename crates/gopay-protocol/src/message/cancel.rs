//! `POST /v1.0/debit/cancel`, service 57: cancels a payment that is not paid yet `[cancel-api]`.

use super::lenient;
use crate::{ExternalId, PartnerReferenceNo, ReferenceNo, ResponseCode};
use serde::{Deserialize, Serialize};

/// Path of the API; part of the string to sign.
pub const PATH: &str = "/v1.0/debit/cancel";

/// Names the payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// GoPay's `referenceNo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_reference_no: Option<ReferenceNo>,
    /// The payment's `X-EXTERNAL-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_external_id: Option<ExternalId>,
    /// The order id. The table has it mandatory, the libraries leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_partner_reference_no: Option<PartnerReferenceNo>,
}

/// GoPay's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// `2005700` for success; `4035715` where it can no longer be cancelled.
    pub response_code: ResponseCode,
    /// GoPay's id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_reference_no: Option<ReferenceNo>,
    /// Not in the table; other SNAP back ends have it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_partner_reference_no: Option<PartnerReferenceNo>,
    /// Not in the table; other SNAP back ends have it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_external_id: Option<ExternalId>,
}
