//! Header names `[signature-generation]` `[payment-notification-api]`.

/// `Bearer <accessToken>`, or on the token exchange of the mini-app API `Basic <credentials>`.
pub const AUTHORIZATION: &str = "authorization";
/// ISO 8601; signed.
pub const TIMESTAMP: &str = "x-timestamp";
/// Base64, standard alphabet, padded.
pub const SIGNATURE: &str = "x-signature";
/// The merchant, in a token request.
pub const CLIENT_KEY: &str = "x-client-key";
/// The merchant, in a transaction.
pub const PARTNER_ID: &str = "x-partner-id";
/// Names one request for 24 hours: repeated, it has one effect. A UUID.
pub const EXTERNAL_ID: &str = "x-external-id";
/// Five digits, of the merchant's choice.
pub const CHANNEL_ID: &str = "channel-id";
/// Docs disagree: mandatory on `[signature-generation]`, absent on the payment page. Send it: a
/// header without use does no harm.
pub const DEVICE_ID: &str = "x-device-id";
/// Idempotency key of the mini-app API `[backend-v2]`: mandatory but for the token exchange and
/// reminders. Send it always.
pub const REQUEST_ID: &str = "request-id";

/// Of the mini-app API: an id of the caller's choice, for whoever looks for the request in GoPay's logs
/// `[backend-v2]`.
pub const DEBUG_ID: &str = "debug-id";
