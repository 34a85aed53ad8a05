//! `GPFile.save`: fetches and writes no file, and reports that it did.

use super::{
    motion::place,
    outcome::CallOutcome,
    parameter::text,
    response::{Effect, Place},
};
use crate::container::{Container, FileSave};
use serde_json::{Value, json};

/// Docs disagree: see [`FileSave`].
pub(super) fn save(container: Container, params: &Value) -> CallOutcome {
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
    CallOutcome::success(container, json!({"msg": "SAVE_STARTED"}))
        .with_toast(
            container,
            &format!("{indonesian} {destination}"),
            &format!("{english} {destination}"),
        )
        .with_effect(Effect::Event {
            event,
            place: place(container, Place::Detail),
            carries: json!({"msg": msg}),
        })
        .with_log(json!({"destination": destination, "saved": saved}))
}
