//! Methods that lead out of the mini app: addresses to open, texts to share or copy, analytics
//! events. The page itself stays open.

use super::{
    outcome::CallOutcome,
    parameter::text,
    response::{BridgeError, Effect, Refusal},
};
use crate::{container::Container, gopay_state::GoPayState};
use serde_json::{Value, json};
use url::Url;

/// Unverified: which addresses beside those of web pages `launchUri` opens.
const SCHEMES: [&str; 7] = ["http", "https", "gopay", "tel", "mailto", "sms", "geo"];

/// 202 for a deeplink that is not GoPay's.
pub(super) fn open_deeplink(container: Container, params: &Value) -> Result<CallOutcome, Refusal> {
    let deeplink = Url::parse(text(params, "deeplink"))
        .ok()
        .filter(|url| url.scheme() == "gopay" && url.has_host())
        .ok_or_else(|| {
            BridgeError::WrongValue.because("`deeplink` has to be an address such as gopay://home")
        })?;
    Ok(opened(container, deeplink))
}

/// 202 for a scheme that no phone opens.
pub(super) fn open_uri(container: Container, params: &Value) -> Result<CallOutcome, Refusal> {
    let uri = Url::parse(text(params, "uri"))
        .ok()
        .filter(|url| SCHEMES.contains(&url.scheme()))
        .ok_or_else(|| {
            let why = format!("`uri` has to be an address of {}", SCHEMES.join(", "));
            BridgeError::WrongValue.because(why)
        })?;
    Ok(opened(container, uri))
}

/// The ledger gets the address without what may be personal: query, fragment and user.
fn opened(container: Container, mut url: Url) -> CallOutcome {
    let whole = url.to_string();
    url.set_query(None);
    url.set_fragment(None);
    // Fails for an address that cannot have a user, which has none to remove.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let place = match url.scheme() {
        "tel" | "mailto" | "sms" | "geo" => format!("{}:", url.scheme()),
        _ => url.to_string(),
    };
    CallOutcome::success(container, json!({}))
        .with_toast(
            container,
            &format!("GoPay akan membuka {whole}"),
            &format!("GoPay would open {whole}"),
        )
        .with_log(json!({"opens": place}))
}

/// The ledger gets the length of the text only.
pub(super) fn share(container: Container, params: &Value) -> CallOutcome {
    let characters = text(params, "text").chars().count();
    CallOutcome::success(container, json!({}))
        .with_toast(container, "lembar berbagi terbuka", "the share sheet opens")
        .with_log(json!({"characters": characters}))
}

/// The ledger gets the length of the text only.
pub(super) fn copy(container: Container, params: &Value) -> CallOutcome {
    let copied = text(params, "text");
    CallOutcome::success(container, json!({}))
        .with_effect(Effect::Copy {
            text: copied.to_owned(),
        })
        .with_toast(container, "teks disalin", "text copied")
        .with_log(json!({"characters": copied.chars().count()}))
}

/// The ledger gets the whole event: it is the merchant's, and must not be personal.
pub(super) fn track(gopay: &GoPayState, params: &Value) -> CallOutcome {
    let fields = json!({"callbackId": gopay.ids.callback_id()});
    CallOutcome::success(gopay.container, fields).with_log(json!({
        "event_name": text(params, "eventName"),
        "meta_data": params.get("metaData"),
    }))
}
