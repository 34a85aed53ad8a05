//! Random ids, codes and tokens: the simulator's only randomness.

use gopay_protocol::{PaymentId, ReminderId};
use jiff::Timestamp;
use uuid::Uuid;

/// Part of every code, token and secret, so that tests can search for all of them at once.
pub(crate) const SECRET_MARK: &str = "RahasiaKenari7x";

/// 64 letters and digits, like the samples of auth codes and tokens.
pub(crate) fn secret() -> String {
    let random = [Uuid::new_v4(), Uuid::new_v4()].map(|id| id.simple().to_string());
    let mut secret = [SECRET_MARK, &random.concat()].concat();
    secret.truncate(64);
    secret
}

/// An id that says nothing.
pub(crate) fn opaque() -> String {
    Uuid::new_v4().simple().to_string()
}

/// GoPay's id of a payment, in the shape of the samples: `A120240930071006pW0gbFMTguID`.
pub(crate) fn reference_no(now: Timestamp) -> String {
    dated("A1", now)
}

/// GoPay's id of a reward, in the shape of the sample: `0120250107121627eTRXfvlCZ6ID`.
pub(crate) fn payment_id(now: Timestamp) -> PaymentId {
    dated("01", now).into()
}

/// Unverified: its shape.
pub(crate) fn reminder_id() -> ReminderId {
    Uuid::new_v4().to_string().into()
}

fn dated(prefix: &str, now: Timestamp) -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!(
        "{prefix}{}{}ID",
        now.strftime("%Y%m%d%H%M%S"),
        random.get(..10).unwrap_or(&random)
    )
}

/// The token of a Snap session, in the shape of the sample.
pub(crate) fn snap_token() -> String {
    Uuid::new_v4().to_string()
}

/// A notification's `X-EXTERNAL-ID` as other pages advise it.
pub(crate) fn uuid() -> String {
    Uuid::new_v4().to_string()
}

/// The id of an error of the Core API, in the shape of the sample.
pub(crate) fn core_api_error() -> String {
    Uuid::new_v4().to_string()
}

/// The "numeric string" of a notification's `X-EXTERNAL-ID` `[payment-notification-api]`.
pub(crate) fn numeric() -> String {
    const DIGITS: u128 = 1_000_000_000_000_000_000;
    format!("{:018}", Uuid::new_v4().as_u128() % DIGITS)
}
