//! `POST /v1.0/debit/payment-host-to-host`, service 54 `[seamless-payment-v2]`
//! `[direct-debit-api-gopay]`.

use super::{
    error::ApiError,
    field::Fields,
    freshness::lifetime,
    headers::header_text,
    signed_request::{SignedRequest, verify},
};
use crate::{
    app_state::AppState,
    caller::MerchantNo,
    checkout::{
        CheckoutSettings, GrossAmount, OrderRepeated, ReturnAddress, SandboxPointOfPurchase,
    },
    faults::Endpoint,
    gopay_state::GoPayState,
    host::Host,
    idempotency::Lookup,
    ledger::Event,
    mini_apps::{MiniAppId, MiniApps},
    payments::{PayOption, Payment, PaymentState, PaymentWay, ReturnAddresses},
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    Amount, ResponseCode, ServiceCode, header,
    message::payment::MAX_ITEM_NAME_LEN,
    timestamp::{format_wib, parse},
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

const SERVICE: ServiceCode = ServiceCode::Payment;

/// The lifetime of a payment without `validUpTo` `[direct-debit-api-gopay]`.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Characters of `urlParam.url` `[direct-debit-api-gopay]`.
const MAX_URL_LEN: usize = 512;

/// Characters of an item's id.
const UUID_LEN: usize = 36;

struct Order {
    mini_app: Option<MiniAppId>,
    partner_reference_no: String,
    amount: Amount,
    lifetime: SignedDuration,
    /// The merchant's text.
    valid_up_to: Option<String>,
    return_to: ReturnAddresses,
}

pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    state.write(|gopay| {
        let result = verify(&state, gopay, host, SERVICE, &uri, &headers, &body)
            .and_then(|request| process(&state, gopay, &request));
        gopay.record(event(&headers, &body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

/// Returns the response body, and whether it is a repetition.
///
/// Unverified: 4095400. SNAP calls one id with two bodies a conflict; GoPay's pages do not mention
/// it.
fn process(
    state: &AppState,
    gopay: &mut GoPayState,
    request: &SignedRequest<'_>,
) -> Result<(Value, bool), ApiError> {
    let now = gopay.now();
    let checkout = gopay.checkout;
    let caller = request.caller;
    let order = order(request, gopay, checkout)?;
    match gopay.idempotency.of(caller).lookup(
        Endpoint::Payment,
        request.external_id,
        &request.body,
        now,
    ) {
        Lookup::Hit(answer) => return Ok((answer, true)),
        Lookup::Conflict => return Err(ApiError::conflict(SERVICE)),
        Lookup::Miss => {}
    }
    if checkout.order_repeated == OrderRepeated::Refused
        && gopay.payments.all().iter().any(|payment| {
            payment.is_bi_snap_of(caller)
                && payment.partner_reference_no == order.partner_reference_no
        })
    {
        let says = "a partnerReferenceNo is of one payment, by the switch order_repeated only";
        return Err(ApiError::new(409, SERVICE, 1, "Duplicate partnerReferenceNo").because(says));
    }
    let valid_until = now + order.lifetime;
    let payment = Payment {
        host: caller.host,
        way: PaymentWay::BiSnap,
        merchant: caller.merchant,
        merchant_id: (gopay.merchants.of(caller.merchant).account.merchant_id).clone(),
        mini_app: order.mini_app,
        buyer: None,
        reference_no: gopay.ids.reference_no(now),
        partner_reference_no: order.partner_reference_no,
        external_id: request.external_id.to_owned(),
        amount: order.amount,
        created_at: now,
        valid_until,
        valid_up_to: order.valid_up_to.unwrap_or_else(|| format_wib(valid_until)),
        state: PaymentState::Pending,
        leaves: 0,
        refunds: Vec::new(),
        return_to: order.return_to,
        paid_with: PayOption::default(),
        promo: 0,
        paid_by: None,
        notify_after: SignedDuration::ZERO,
        last_answer: None,
    };
    let answer = answer(state, checkout, &payment);
    gopay.add_payment(payment);
    gopay.idempotency.of(caller).insert(
        Endpoint::Payment,
        request.external_id,
        &request.body,
        &answer,
        now,
    );
    Ok((answer, false))
}

/// Unverified: the query of `webRedirectUrl`. One of its documented forms has a `tref`; a merchant
/// must not rely on the guess that it is the reference number.
///
/// Unverified: the path of the sandbox's page. It is the "Midtrans sandbox simulator"
/// `[testing-bi-snap-on-sandbox-environment]`, which has this path for the Core API's deeplinks.
///
/// Docs disagree: see [`RedirectUrl`](crate::checkout::RedirectUrl) and [`GrossAmount`].
fn answer(state: &AppState, checkout: CheckoutSettings, payment: &Payment) -> Value {
    let reference_no = &payment.reference_no;
    let address = match payment.host {
        Host::Production => {
            format!("{}?tref={reference_no}", checkout.redirect_url.base())
        }
        Host::Sandbox => {
            let page = format!("gopay/ui/checkout?referenceid={reference_no}");
            state.page_url(Host::Sandbox, &page)
        }
    };
    let gross_amount = match checkout.gross_amount {
        GrossAmount::Camel => "grossAmount",
        GrossAmount::Snake => "gross_amount",
    };
    json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Successful",
        "referenceNo": payment.reference_no,
        "partnerReferenceNo": payment.partner_reference_no,
        "webRedirectUrl": address,
        "appRedirectUrl": "",
        "additionalInfo": {
            "paymentType": "GOPAY",
            gross_amount: payment.amount,
            "transactionTime": format_wib(payment.created_at),
            "validUpTo": payment.valid_up_to,
        },
    })
}

fn order(
    request: &SignedRequest<'_>,
    gopay: &GoPayState,
    checkout: CheckoutSettings,
) -> Result<Order, ApiError> {
    let invalid = |name: &str, says: &str| ApiError::field(SERVICE, name, says);
    let fields = |object| Fields {
        service: SERVICE,
        object,
    };
    let body = fields(&request.body);

    let partner_reference_no = body.text("partnerReferenceNo")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    if !(1..=64).contains(&partner_reference_no.len()) || !partner_reference_no.bytes().all(allowed)
    {
        let says = "partnerReferenceNo is 1 to 64 letters, digits and -_~.";
        return Err(invalid("partnerReferenceNo", says));
    }
    // Docs disagree: String(40) though a token has up to 2048 characters and "the same as the
    // Authorization token", and the libraries' examples send it empty.
    let charge_token = body.text("chargeToken")?;
    if !charge_token.is_empty() && charge_token != request.access_token {
        let says = "chargeToken is the access token of Authorization";
        return Err(invalid("chargeToken", says));
    }
    if let Some(merchant_id) = body.optional_text("merchantId")?
        && merchant_id
            != gopay
                .merchants
                .of(request.caller.merchant)
                .account
                .merchant_id
    {
        return Err(invalid("merchantId", "merchantId is the account's MID"));
    }
    // Docs disagree: at most 180 days on the page; years in the examples of GoPay's Node and Java
    // libraries. The page.
    let valid_up_to = body.optional_text("validUpTo")?;
    let lifetime = match valid_up_to {
        None => DEFAULT_LIFETIME,
        Some(text) => parse(text)
            .ok()
            .and_then(|valid_up_to| lifetime(request.timestamp, valid_up_to))
            .ok_or_else(|| {
                let says = "validUpTo is ISO 8601, 20 seconds to 180 days after X-TIMESTAMP";
                invalid("validUpTo", says)
            })?,
    };
    // Unverified: that more than one way to pay is declined.
    let options = request
        .body
        .get("payOptionDetails")
        .and_then(Value::as_array);
    let [option] = options.map(Vec::as_slice).unwrap_or_default() else {
        return Err(invalid(
            "payOptionDetails",
            "payOptionDetails is an array of one way to pay",
        ));
    };
    let option = fields(option);
    if !option.text("payMethod")?.eq_ignore_ascii_case("GOPAY") {
        return Err(invalid("payMethod", "payMethod is GOPAY"));
    }
    // Docs disagree: `gopay`, `GOPAY` and `GOPAY_WALLET`, by page.
    let pay_option = option.text("payOption")?.to_ascii_uppercase();
    if pay_option != "GOPAY" && pay_option != "GOPAY_WALLET" {
        return Err(invalid(
            "payOption",
            "payOption is GOPAY, gopay or GOPAY_WALLET",
        ));
    }
    let amount = option.amount("transAmount")?;
    let additional_info = request.body.get("additionalInfo").unwrap_or(&Value::Null);
    let mini_app = match request.caller.host {
        Host::Production => Some(point_of_purchase(
            fields(additional_info),
            &gopay.mini_apps,
            request.caller.merchant,
        )?),
        Host::Sandbox => {
            no_point_of_purchase(fields(additional_info), checkout.sandbox_point_of_purchase)?;
            None
        }
    };
    match additional_info.get("items") {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) => items.iter().try_for_each(|it| item(fields(it)))?,
        Some(_) => return Err(invalid("items", "items is an array")),
    }
    match additional_info.get("metadata") {
        None | Some(Value::Null) => {}
        // An empty object, as PHP writes it: in the example of GoPay's PHP library.
        Some(Value::Array(empty)) if empty.is_empty() => {}
        Some(metadata) => gopay_later(metadata)?,
    }
    Ok(Order {
        mini_app,
        partner_reference_no: partner_reference_no.to_owned(),
        amount,
        lifetime,
        valid_up_to: valid_up_to.map(str::to_owned),
        return_to: return_addresses(&request.body, checkout.return_address)?,
    })
}

/// The form of the table `[direct-debit-api-gopay]`; that GoPay declines another is not documented.
///
/// Docs disagree: 32 characters of an id in the table, a UUID in the examples of GoPay's libraries.
fn item(item: Fields<'_>) -> Result<(), ApiError> {
    item.amount("price")?;
    // Docs disagree: a text in the table, a number in the libraries.
    let quantity = match &item.object["quantity"] {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    };
    let is_within = |name: &str, most: usize| {
        let text = item.optional_text(name)?.unwrap_or_default();
        match text.chars().count() <= most {
            true => Ok(()),
            false => {
                let says = format!("{name} has at most {most} characters");
                Err(ApiError::field(SERVICE, name, says))
            }
        }
    };
    is_within("id", UUID_LEN)?;
    is_within("name", MAX_ITEM_NAME_LEN)?;
    match quantity {
        Some(1..) => Ok(()),
        _ => {
            let says = "quantity is a whole number from 1";
            Err(ApiError::field(SERVICE, "quantity", says))
        }
    }
}

/// The mandatory fields of GoPay Later `[enable-gopaylater-for-miniapp]`. `shipping_info` is not
/// asked for: only a merchant knows whether its goods are sent.
///
/// Unverified: that GoPay declines a payment without them, and does not only leave GoPay Later out.
fn gopay_later(metadata: &Value) -> Result<(), ApiError> {
    let invalid = |name: &str, says: &str| {
        ApiError::field(SERVICE, name, format!("{name} of GoPay Later is {says}"))
            .on_page("enable-gopaylater-for-miniapp")
    };
    let texts = |object: &Value, names: &[&str]| {
        let missing = names
            .iter()
            .find(|name| object[**name].as_str().is_none_or(str::is_empty));
        missing.map_or(Ok(()), |name| Err(invalid(name, "a mandatory text")))
    };
    // Docs disagree: an object in the table, an array in the sample.
    let sub_orders = match &metadata["order_info"]["sub_orders"] {
        Value::Array(sub_orders) if !sub_orders.is_empty() => sub_orders.as_slice(),
        sub_order @ Value::Object(_) => std::slice::from_ref(sub_order),
        _ => return Err(invalid("sub_orders", "an object or an array of them")),
    };
    for sub_order in sub_orders {
        let mandatory = [
            "merchant_id",
            "category_id",
            "category_one_name",
            "sku_id",
            "sku_name",
            "quantity",
            "amount",
            "user_id",
        ];
        texts(sub_order, &mandatory)?;
    }
    texts(&metadata["user_info"], &["id", "registration_date"])
}

/// The mini app of the point of purchase.
///
/// Unverified: the code of a PoP id that is none of the account's.
fn point_of_purchase(
    additional_info: Fields<'_>,
    mini_apps: &MiniApps,
    merchant: MerchantNo,
) -> Result<MiniAppId, ApiError> {
    let id = additional_info
        .optional_text("pointOfPurchaseId")?
        .filter(|id| !id.is_empty())
        .ok_or_else(|| {
            let says = "additionalInfo.pointOfPurchaseId is mandatory for a mini app";
            ApiError::field(SERVICE, "pointOfPurchaseId", says).on_page("seamless-payment-v2")
        })?;
    let mini_app = mini_apps.by_point_of_purchase(merchant, id);
    mini_app.map(|mini_app| mini_app.id.clone()).ok_or_else(|| {
        let message = "Transaction Not Permitted. pointOfPurchaseId";
        ApiError::new(403, SERVICE, 15, message)
            .because("pointOfPurchaseId is that of one of the merchant's mini apps")
            .on_page("seamless-payment-v2")
    })
}

/// Unverified: that the sandbox declines one; see [`SandboxPointOfPurchase`].
fn no_point_of_purchase(
    additional_info: Fields<'_>,
    sandbox: SandboxPointOfPurchase,
) -> Result<(), ApiError> {
    let id = additional_info.optional_text("pointOfPurchaseId")?;
    if id.is_none() || sandbox == SandboxPointOfPurchase::Ignored {
        return Ok(());
    }
    let message = "Transaction Not Permitted. pointOfPurchaseId is of production: leave it out in \
                   the sandbox";
    let error = ApiError::new(403, SERVICE, 15, message);
    Err(error
        .because("the sandbox has no point of purchase")
        .on_page("testing-bi-snap-on-sandbox-environment"))
}

/// Docs disagree: `urlParam` on the mini-app page and in the libraries, `urlParams` on the general
/// page; a list of objects, or one object. All are read.
///
/// Unverified: that an address with another scheme than http has to be a deeplink.
///
/// Docs disagree: see [`ReturnAddress`]. The dashboard of the simulator has no return address.
fn return_addresses(body: &Value, rule: ReturnAddress) -> Result<ReturnAddresses, ApiError> {
    let invalid = || {
        let says = "urlParam is a list of url (an address of at most 512 characters), type (PAY_RETURN) and \
                    isDeeplink (Y or N; Y for another scheme than http and https)";
        ApiError::field(SERVICE, "urlParam", says)
    };
    let given = |name| body.get(name).filter(|param| !param.is_null());
    let params = match given("urlParam").or_else(|| given("urlParams")) {
        None if rule == ReturnAddress::Optional => return Ok(ReturnAddresses::default()),
        None => {
            let says = "without urlParam the dashboard has a return address (return_address)";
            return Err(ApiError::field(SERVICE, "urlParam", says));
        }
        Some(Value::Array(params)) => params.as_slice(),
        Some(param @ Value::Object(_)) => std::slice::from_ref(param),
        Some(_) => return Err(invalid()),
    };
    let mut finish = None;
    for param in params {
        let text = |name: &str| param[name].as_str().ok_or_else(invalid);
        let (address, is_deeplink) = (text("url")?, text("isDeeplink")?);
        let url = Url::parse(address).map_err(|_| invalid())?;
        let is_web = matches!(url.scheme(), "http" | "https");
        let is_script = matches!(url.scheme(), "javascript" | "data" | "vbscript" | "blob");
        if is_script || address.len() > MAX_URL_LEN || !(is_web || is_deeplink == "Y") {
            return Err(invalid());
        }
        if text("type")? == "PAY_RETURN" {
            finish = Some(address.to_owned());
        }
    }
    Ok(ReturnAddresses {
        finish,
        error: None,
    })
}

fn event(headers: &HeaderMap, body: &[u8], result: &Result<(Value, bool), ApiError>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Successful".to_owned()),
        Err(error) => (error.code, error.message.clone()),
    };
    Event::PaymentRequested {
        external_id: header_text(headers, header::EXTERNAL_ID)
            .unwrap_or_default()
            .to_owned(),
        partner_reference_no: text_of(&body, "partnerReferenceNo").unwrap_or_default(),
        reference_no: result
            .as_ref()
            .ok()
            .and_then(|(answer, _)| text_of(answer, "referenceNo")),
        outcome,
        message,
        repeated: matches!(result, Ok((_, true))),
    }
}
