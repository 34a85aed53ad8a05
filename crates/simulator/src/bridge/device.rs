//! What the phone knows about itself and its surroundings: always the same phone, beside the
//! National Monument in Jakarta.

use super::{
    done::Done,
    parameter::{flag, text},
};
use crate::{
    container::{Container, PhotoShape},
    id,
    world::World,
};
use serde_json::{Value, json};

/// A picture of one grey pixel.
const PHOTO: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==";

/// Unverified: the unit of `time`; here milliseconds since 1970.
pub(super) fn location(world: &World) -> Done {
    let time = world.now().as_millisecond();
    let coords = json!({"longitude": 106.8272, "latitude": -6.1754, "time": time});
    Done::success(world.container, json!({"data": {"coords": coords}}))
}

pub(super) fn bank_account_token(container: Container) -> Done {
    Done::success(container, json!({"data": {"token": id::opaque()}}))
}

pub(super) fn system_info(container: Container) -> Done {
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
    Done::success(container, json!({"data": data}))
}

/// Text, as documented. Unverified: its words.
pub(super) fn rooted(container: Container) -> Done {
    Done::success(container, json!({"data": {"is_rooted": "false"}}))
}

pub(super) fn wifi(container: Container) -> Done {
    let data = json!({"wifi_bssid": "02:00:00:00:00:00", "wifi_ssid": "Simulator"});
    Done::success(container, json!({"data": data}))
}

/// Docs disagree: see [`PhotoShape`].
pub(super) fn photo(container: Container, params: &Value) -> Done {
    let mut photo = json!({"localPath": "/storage/simulator/photo.png"});
    if flag(params, "needBase64") {
        photo["base64Data"] = json!(PHOTO);
    }
    let mut fields = match container.photo_shape {
        PhotoShape::TopLevel => photo,
        PhotoShape::Data => json!({"data": photo}),
        PhotoShape::Envelope => json!({}),
    };
    fields["callbackId"] = json!(id::opaque());
    Done::success(container, fields).noting(json!({"mode": text(params, "mode")}))
}
