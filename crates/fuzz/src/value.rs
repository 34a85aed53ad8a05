//! Single values of GoPay's messages: an amount, a timestamp, a code or an id, as JSON.

use gopay_protocol::{
    Amount, AmountError, LatestTransactionStatus, MiniAppErrorCode, ResponseCode, is_same_id,
    message::core_api::StatusCode, normalize_id, timestamp,
};
use serde_json::Value;

/// The largest amount of a payment.
const MAX_AMOUNT: u64 = 99_999_999_999;

pub(crate) fn run(input: &[u8]) {
    if let Ok(amount) = serde_json::from_slice::<Amount>(input) {
        check_amount(&amount);
    }
    if let Ok(code) = serde_json::from_slice::<ResponseCode>(input) {
        assert_eq!(code.to_string().parse(), Ok(code));
        assert!(!code.is_success() || code.http == 200);
    }
    if let Ok(code) = serde_json::from_slice::<StatusCode>(input) {
        assert_eq!(code.to_string().parse(), Ok(code));
    }
    let Ok(Value::String(text)) = serde_json::from_slice(input) else {
        return;
    };
    check_text(&text);
}

/// Whole rupiah are written as they were read, and no other amount is read as whole rupiah.
fn check_amount(amount: &Amount) {
    match amount.rupiah() {
        Ok(rupiah) => {
            assert!(rupiah <= MAX_AMOUNT);
            assert_eq!(Amount::idr(rupiah).rupiah(), Ok(rupiah));
            let whole = amount.value.split('.').next().unwrap();
            assert_eq!(whole, rupiah.to_string(), "{amount:?}");
            assert!(amount.currency.eq_ignore_ascii_case("IDR"));
        }
        Err(AmountError::Currency) => assert!(!amount.currency.eq_ignore_ascii_case("IDR")),
        Err(_) => {}
    }
    let written = serde_json::to_vec(amount).unwrap();
    let again: Amount = serde_json::from_slice(&written).unwrap();
    assert_eq!(again.rupiah(), amount.rupiah(), "{amount:?}");
}

fn check_text(text: &str) {
    if let Ok(at) = timestamp::parse(text) {
        let whole = jiff::Timestamp::from_second(at.as_second()).unwrap();
        let written = timestamp::format_wib(at);
        assert_eq!(
            timestamp::parse(&written).unwrap(),
            whole,
            "{text:?} as {written:?}"
        );
    }
    if let Ok(at) = timestamp::parse_midtrans(text) {
        let whole = jiff::Timestamp::from_second(at.as_second()).unwrap();
        for written in [
            timestamp::format_midtrans(at),
            timestamp::format_midtrans_with_zone(at),
        ] {
            assert_eq!(
                timestamp::parse_midtrans(&written).unwrap(),
                whole,
                "{written:?}"
            );
        }
    }
    let status = LatestTransactionStatus::from(text.to_owned());
    assert_eq!(status.code(), text);
    assert_eq!(status == LatestTransactionStatus::Success, text == "00");
    assert_eq!(MiniAppErrorCode::from_code(text).code(), text);
    let plain = normalize_id(text);
    assert_eq!(normalize_id(&plain), plain);
    assert!(is_same_id(text, &plain));
}
