//! The merchant that a request is of, before it has been checked.

use super::headers::header_text;
use crate::{
    caller::{Caller, MerchantNo},
    exchanges::Exchange,
    gopay_state::GoPayState,
    host::Host,
    keys::ExchangedKeys,
};
use axum::http::HeaderMap;
use gopay_protocol::header;

/// By what a request says of its merchant: the first where it says nothing that is known.
fn merchant<'a>(
    gopay: &GoPayState,
    keys: &ExchangedKeys,
    host: Host,
    header: impl Fn(&'static str) -> Option<&'a str>,
) -> MerchantNo {
    let authorization = header(header::AUTHORIZATION);
    let by_token = || {
        let token = authorization?.strip_prefix("Bearer ")?;
        gopay.access_tokens.of(host).merchant(token, gopay.now())
    };
    let by_server_key = || keys.by_server_key(host, authorization?);
    header(header::CLIENT_KEY)
        .and_then(|key| gopay.merchants.by_client_key(key))
        .or_else(by_token)
        .or_else(by_server_key)
        .or_else(|| gopay.merchants.by_partner_id(header(header::PARTNER_ID)?))
        .unwrap_or_default()
}

pub(super) fn of_request(
    gopay: &GoPayState,
    keys: &ExchangedKeys,
    host: Host,
    headers: &HeaderMap,
) -> Caller {
    let merchant = merchant(gopay, keys, host, |name| header_text(headers, name));
    Caller { host, merchant }
}

/// As far as the keys of its time tell.
pub(crate) fn of_exchange(gopay: &GoPayState, exchange: &Exchange) -> MerchantNo {
    let host = exchange.sent.host.unwrap_or(Host::Production);
    merchant(gopay, &exchange.keys, host, |name| {
        exchange.sent.header(name)
    })
}
