//! Data of the device: always the same made-up phone, beside the National Monument in Jakarta.

use super::{
    outcome::CallOutcome,
    parameter::{flag, text},
};
use crate::{
    container::{Container, PhotoShape},
    gopay_state::GoPayState,
};
use serde_json::{Value, json};

/// A PNG of one grey pixel.
const PHOTO: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// Unverified: the unit of `time`; here milliseconds since 1970.
pub(super) fn location(gopay: &GoPayState) -> CallOutcome {
    let time = gopay.now().as_millisecond();
    let coords = json!({"longitude": 106.8272, "latitude": -6.1754, "time": time});
    CallOutcome::success(gopay.container, json!({"data": {"coords": coords}}))
}

pub(super) fn bank_account_token(gopay: &GoPayState) -> CallOutcome {
    let token = gopay.ids.bank_account_token();
    CallOutcome::success(gopay.container, json!({"data": {"token": token}}))
}

pub(super) fn system_info(container: Container) -> CallOutcome {
    let data = json!({
        "platform": "android",
        "is_emulator": true,
        "brand": "Simulator",
        "model": "Phone",
        "product": "phone",
        "uuid": "00000000-0000-4000-8000-000000000000",
        "idfa": "",
        "idfv": "",
    });
    CallOutcome::success(container, json!({"data": data}))
}

/// A text, as documented. Unverified: its words.
pub(super) fn rooted(container: Container) -> CallOutcome {
    CallOutcome::success(container, json!({"data": {"is_rooted": "false"}}))
}

pub(super) fn wifi(container: Container) -> CallOutcome {
    let data = json!({"wifi_bssid": "02:00:00:00:00:00", "wifi_ssid": "Simulator"});
    CallOutcome::success(container, json!({"data": data}))
}

/// Docs disagree: see [`PhotoShape`].
pub(super) fn photo(gopay: &GoPayState, params: &Value) -> CallOutcome {
    let mut photo = json!({"localPath": "/storage/simulator/photo.png"});
    if flag(params, "needBase64") {
        photo["base64Data"] = json!(PHOTO);
    }
    let mut fields = match gopay.container.photo_shape {
        PhotoShape::TopLevel => photo,
        PhotoShape::Data => json!({"data": photo}),
        PhotoShape::Envelope => json!({}),
    };
    fields["callbackId"] = json!(gopay.ids.callback_id());
    CallOutcome::success(gopay.container, fields).with_log(json!({"mode": text(params, "mode")}))
}
