//! `GPFile.save`: nothing is fetched and nothing written; the phone says that it was.

use super::{
    done::Done,
    motion::place,
    parameter::text,
    reply::{Effect, Place},
};
use crate::container::{Container, FileSave};
use serde_json::{Value, json};

/// Docs disagree: see [`FileSave`].
pub(super) fn save(container: Container, params: &Value) -> Done {
    let destination = text(params, "destination");
    let saved = container.file_save == FileSave::Works;
    let (event, msg, indonesian, english) = if saved {
        let english = "the file is in";
        let indonesian = "berkas disimpan di";
        (
            "GPFile.Event.saveSuccess",
            "SAVE_SUCCESS",
            indonesian,
            english,
        )
    } else {
        let english = "the file was not saved in";
        let indonesian = "berkas gagal disimpan di";
        (
            "GPFile.Event.saveFailed",
            "SAVE_FAILED",
            indonesian,
            english,
        )
    };
    Done::success(container, json!({"msg": "SAVE_STARTED"}))
        .telling(
            container,
            &format!("{indonesian} {destination}"),
            &format!("{english} {destination}"),
        )
        .with(Effect::Event {
            event,
            place: place(container, Place::Detail),
            carries: json!({"msg": msg}),
        })
        .noting(json!({"destination": destination, "saved": saved}))
}
