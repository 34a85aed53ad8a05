//! How the container behaves. Each contradiction between GoPay's pages is a switch; so is each
//! guess where the pages say nothing.

use gopay_protocol::message::authorization::AUTH_CODE_LIFETIME_SECONDS;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::Display;

/// The switches of `PUT /control/container`. A missing one takes its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Container {
    pub(crate) container: Version,
    pub(crate) locale: Locale,
    pub(crate) locale_shape: LocaleShape,
    pub(crate) error_spelling: ErrorSpelling,
    pub(crate) error_code: ErrorCode,
    pub(crate) data_form: DataForm,
    pub(crate) failure_data: FailureData,
    pub(crate) auth_code_class: AuthCodeClass,
    pub(crate) auth_code_lifetime: AuthCodeLifetime,
    pub(crate) payment_statuses: PaymentStatuses,
    pub(crate) consent_call: ConsentCall,
    pub(crate) consent_shape: ConsentShape,
    /// Whether all consents were given before the mini app opened.
    pub(crate) prelaunch_consents: bool,
    pub(crate) photo_shape: PhotoShape,
    pub(crate) height_shape: HeightShape,
    pub(crate) gyro_spelling: GyroSpelling,
    pub(crate) event_place: EventPlace,
    pub(crate) file_save: FileSave,
    pub(crate) profile_name: ProfileName,
    pub(crate) profile_consent: ProfileConsent,
}

/// V1 holds the mini app's files, V2 opens its address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Display, Serialize, Deserialize)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Version {
    V1,
    #[default]
    V2,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Locale {
    #[default]
    #[serde(rename = "id_ID")]
    Indonesian,
    #[serde(rename = "en_ID")]
    English,
}

/// Docs disagree: `app_locale` at the top level `[frontend-v2]`, `data.appLocale` in the field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LocaleShape {
    #[default]
    Documented,
    Field,
}

/// Docs disagree: camelCase `[frontend-v1]`, in the migration note and in the field,
/// snake_case `[frontend-v2]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorSpelling {
    #[default]
    Camel,
    Snake,
}

/// Docs disagree: the samples print codes as text, many of them an empty one beside an empty
/// message; the older client and the field have numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorCode {
    #[default]
    Text,
    Number,
    Blank,
}

/// Unverified: that `data` is ever JSON as text, as related containers have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DataForm {
    #[default]
    Object,
    Text,
}

/// Docs disagree: `data` is null on failure, says `[frontend-v2]`, and its samples have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureData {
    #[default]
    Absent,
    Null,
}

/// Docs disagree: an auth code is valid for six minutes `[seamless-login-v2]`, for five on older pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthCodeLifetime {
    #[default]
    SixMinutes,
    FiveMinutes,
}

impl AuthCodeLifetime {
    pub(crate) fn duration(self) -> SignedDuration {
        match self {
            Self::SixMinutes => SignedDuration::from_secs(AUTH_CODE_LIFETIME_SECONDS),
            Self::FiveMinutes => SignedDuration::from_mins(5),
        }
    }
}

/// Docs disagree: `GPMiniAppAuth` on all pages but `[command-reference]`, which has `GPBase`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthCodeClass {
    #[default]
    #[serde(rename = "GPMiniAppAuth")]
    MiniAppAuth,
    #[serde(rename = "GPBase")]
    Base,
    #[serde(rename = "both")]
    Both,
}

/// Docs disagree: the older page of `triggerPayment` has `failed`, `pending` and `cancelled`
/// in each other's places.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatuses {
    #[default]
    Current,
    Older,
}

/// Docs disagree: `[frontend-v2]` lists `GPConsent.getUserConsent` and specifies
/// `GP.authorize` under that heading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ConsentCall {
    #[default]
    #[serde(rename = "GP.authorize")]
    Authorize,
    #[serde(rename = "GPConsent.getUserConsent")]
    GetUserConsent,
    #[serde(rename = "both")]
    Both,
}

/// Docs disagree: `data.successScope` in the sample answer, `successScope` in the sample code
/// beside it, `data.consent_name` with `data.has_consent` on an older page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentShape {
    #[default]
    Data,
    TopLevel,
    Older,
}

/// Docs disagree: the sample answer of `takePhoto` has no photo, the sample code reads it from
/// the answer itself, all other methods have theirs in `data`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PhotoShape {
    #[default]
    TopLevel,
    Data,
    Envelope,
}

/// Unverified: what `getHeight` answers beside its envelope, which is all there is on
/// `[frontend-v1]`; the related WindVane has numbers at the top level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HeightShape {
    #[default]
    Envelope,
    Windvane,
}

/// Docs disagree: `GYROSCPOPE_STARTED` in the sample, `GYROSCOPE_STARTED` in its comment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GyroSpelling {
    #[default]
    Sample,
    Comment,
}

/// Docs disagree: each event's sample code reads another place. `Documented` is each event's own
/// place, in the chosen container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventPlace {
    #[default]
    Documented,
    Detail,
    Param,
    Event,
}

/// Docs disagree: the method table says that `save` works on iOS only, its comment names
/// Android's folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileSave {
    #[default]
    Works,
    /// It starts, and `saveFailed` follows.
    Fails,
    /// Code 100.
    NotSupported,
}

/// Docs disagree: `username` on `[get-profile-v2]`, `name` on an older copy of that page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProfileName {
    #[default]
    Username,
    Name,
}

/// Unverified: where a refused profile names its consent. `[frontend-v2]` says that it does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProfileConsent {
    /// `error.consent_name`, the older page's name for it.
    #[default]
    Error,
    /// `data.consent_name`, the older page's place for it.
    Data,
    /// At the end of `error.description`.
    Description,
}
