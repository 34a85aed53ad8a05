//! What leaves the mini app: places that are opened, texts that are shared or copied, events
//! for GoPay's analytics. The page itself never goes anywhere.

use super::{
    done::Done,
    parameter::text,
    reply::{BridgeError, Effect},
};
use crate::{container::Container, id};
use serde_json::{Value, json};
use url::Url;

/// Unverified: which addresses beside those of web pages `launchUri` opens.
const SCHEMES: [&str; 7] = ["http", "https", "gopay", "tel", "mailto", "sms", "geo"];

/// 202 for what is not GoPay's.
pub(super) fn open_deeplink(container: Container, params: &Value) -> Result<Done, BridgeError> {
    let deeplink = Url::parse(text(params, "deeplink"))
        .ok()
        .filter(|url| url.scheme() == "gopay" && url.has_host())
        .ok_or(BridgeError::WrongValue)?;
    Ok(opened(container, deeplink))
}

/// 202 for what no phone can open.
pub(super) fn open_uri(container: Container, params: &Value) -> Result<Done, BridgeError> {
    let uri = Url::parse(text(params, "uri"))
        .ok()
        .filter(|url| SCHEMES.contains(&url.scheme()))
        .ok_or(BridgeError::WrongValue)?;
    Ok(opened(container, uri))
}

/// The ledger gets the place without what may be personal: query, fragment, who signs in.
fn opened(container: Container, mut url: Url) -> Done {
    let whole = url.to_string();
    url.set_query(None);
    url.set_fragment(None);
    // An address that cannot have a name or password has none to take away.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let place = match url.scheme() {
        "tel" | "mailto" | "sms" | "geo" => format!("{}:", url.scheme()),
        _ => url.to_string(),
    };
    Done::success(container, json!({}))
        .telling(
            container,
            &format!("GoPay akan membuka {whole}"),
            &format!("GoPay would open {whole}"),
        )
        .noting(json!({"opens": place}))
}

/// The ledger knows how long a text was, not what it said.
pub(super) fn share(container: Container, params: &Value) -> Done {
    let characters = text(params, "text").chars().count();
    Done::success(container, json!({}))
        .telling(container, "lembar berbagi terbuka", "the share sheet opens")
        .noting(json!({"characters": characters}))
}

/// The same.
pub(super) fn copy(container: Container, params: &Value) -> Done {
    let copied = text(params, "text");
    Done::success(container, json!({}))
        .with(Effect::Copy {
            text: copied.to_owned(),
        })
        .telling(container, "teks disalin", "text copied")
        .noting(json!({"characters": copied.chars().count()}))
}

/// Recorded whole: it is the merchant's own, and must not be personal to begin with.
pub(super) fn track(container: Container, params: &Value) -> Done {
    Done::success(container, json!({"callbackId": id::opaque()})).noting(json!({
        "event_name": text(params, "eventName"),
        "meta_data": params.get("metaData"),
    }))
}
