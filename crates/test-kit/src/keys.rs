//! One key pair for each side in a test program: making one takes longer than most tests.

use gopay_protocol::{Secret, SigningKey};
use std::sync::OnceLock;

/// Of the form that Standard Webhooks asks for.
pub const WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The merchant's.
pub fn merchant_key() -> SigningKey {
    static PEM: OnceLock<Secret> = OnceLock::new();
    key(&PEM)
}

/// GoPay's.
pub fn gopay_key() -> SigningKey {
    static PEM: OnceLock<Secret> = OnceLock::new();
    key(&PEM)
}

fn key(pem: &OnceLock<Secret>) -> SigningKey {
    let pem = pem.get_or_init(|| SigningKey::generate().unwrap().to_pem().unwrap());
    SigningKey::from_pem(pem.expose()).unwrap()
}
