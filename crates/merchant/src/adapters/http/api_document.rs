//! The OpenAPI document of the app's API, made from its routes, and served beside them.
//!
//! Invariant: a route is in the document because the router is made of the same list. Which problems a
//! route has is written once, in [`problems`]; their status is that of the answers.

use super::{api_error, extract::cookie_name};
use axum::{Extension, body::Bytes, http::header, response::IntoResponse};
use contract::{Problem, ProblemCode};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses, OpenApi,
    openapi::{
        self, AllOfBuilder, ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr,
        ResponseBuilder, Server, Type,
        response::Response,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "The merchant's API for the mini app",
        description = "JSON in snake_case. Amounts are whole rupiah, times seconds since 1970. An answer that is no \
            success is a problem (RFC 9457) with a stable code. A request with an `Idempotency-Key` has one effect \
            however often it is sent. A path or a method that is not listed is answered with 404 or 405.",
        license(name = "MIT OR Apache-2.0"),
    ),
    components(schemas(Problem))
)]
struct Document;

/// Without routes.
pub(super) fn empty(is_secure: bool) -> openapi::OpenApi {
    let mut document = Document::openapi();
    document.servers = Some(vec![Server::new("/api")]);
    let components = document.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description(
        cookie_name(is_secure),
        "The session of the app on the merchant's own site: HttpOnly, from `POST /session`.",
    );
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The session of an app in a package, and of one whose web view has lost the cookie: the header \
             `Session-Token` of `POST /session`. Not together with the cookie.",
        ));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    document
}

/// The document as it is served.
#[derive(Debug, Clone)]
pub(super) struct Served(Bytes);

impl Served {
    pub(super) fn new(document: &openapi::OpenApi) -> Self {
        let mut document = serde_json::to_value(document).unwrap_or_default();
        without_links(&mut document);
        Self(document.to_string().into())
    }
}

/// `GET /api/openapi.json`: this document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    summary = "This document",
    responses((status = 200, body = Value, content_type = "application/json"), ShowProblems),
)]
pub(super) async fn show(Extension(Served(document)): Extension<Served>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document)
}

/// Descriptions are those of Rust's documentation, whose links lead nowhere here.
fn without_links(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "description" || name == "summary" => {
                        *text = plain(text);
                    }
                    field => without_links(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_links),
        _ => {}
    }
}

/// ``[`Order::id`](crate::Order::id)`` as `` `Order::id` ``.
fn plain(text: &str) -> String {
    let mut parts = text.split("[`");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("`]").unwrap_or((part, ""));
        let target = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        let rest = target.map_or(rest, |(_, rest)| rest);
        plain.extend(["`", name, "`", rest]);
    }
    plain
}

/// The problems of a route, by status.
fn responses(codes: &[ProblemCode]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, Vec<ProblemCode>>::new();
    for code in codes {
        let status = api_error::status(*code).as_u16();
        by_status.entry(status).or_default().push(*code);
    }
    (by_status.into_iter())
        .map(|(status, codes)| (status.to_string(), response(status, &codes).into()))
        .collect()
}

fn response(status: u16, codes: &[ProblemCode]) -> Response {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(codes.iter().map(|code| code.name())));
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some([status]));
    let request_id = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "By which the merchant's log names the request, as X-Request-Id does.",
        ));
    let problem = AllOfBuilder::new()
        .item(Ref::from_schema_name("Problem"))
        .item(
            ObjectBuilder::new()
                .property("code", code)
                .property("status", number)
                .property("request_id", request_id),
        );
    let titles =
        (codes.iter()).map(|code| format!("`{}`: {}", code.name(), api_error::title(*code)));
    let response = ResponseBuilder::new()
        .description(titles.collect::<Vec<_>>().join("; "))
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(problem)).build(),
        );
    if !matches!(status, 429 | 503) {
        return response.build();
    }
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1));
    let retry_after = HeaderBuilder::new()
        .schema(Some(seconds))
        .description(Some("The same request may follow after so many seconds."));
    response.header("Retry-After", retry_after.build()).build()
}

macro_rules! problems {
    ($($name:ident: $($code:ident)+;)+) => {$(
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses(&[$(ProblemCode::$code),+])
            }
        }
    )+};
}

problems! {
    ShowProblems: TooLarge Internal;
    SignInProblems: InvalidRequest AuthCodeRefused ForeignOrigin TooLarge UnsupportedMediaType RateLimited GopayUnavailable
        Internal;
    SignOutProblems: InvalidRequest ForeignOrigin TooLarge Internal;
    ReadProblems: InvalidRequest SessionRequired TooLarge RateLimited Internal;
    PromoProblems: InvalidRequest SessionRequired PromoExpired TooLarge PromoRefused RateLimited Internal;
    PlaceProblems: InvalidRequest IdempotencyKeyRequired SessionRequired ForeignOrigin SoldOut PromoExpired PriceChanged
        UnderWay TooLarge UnsupportedMediaType UnknownProduct PromoRefused UnknownTable InvalidQuantity IdempotencyKeyReused
        RateLimited TooManyOrders GopayUnavailable Internal;
    OrderProblems: InvalidRequest SessionRequired NotFound TooLarge RateLimited Internal;
    PayProblems: InvalidRequest IdempotencyKeyRequired SessionRequired ForeignOrigin NotFound OrderClosed UnderWay TooLarge
        IdempotencyKeyReused RateLimited TooManyOrders GopayUnavailable Internal;
    CancelProblems: InvalidRequest SessionRequired ForeignOrigin NotFound OrderClosed TooLarge RateLimited GopayUnavailable
        Internal;
    ProfileProblems: InvalidRequest SessionRequired ForeignOrigin ConsentRequired TooLarge RateLimited GopayUnavailable
        Internal;
    ForgetProblems: InvalidRequest SessionRequired ForeignOrigin TooLarge RateLimited Internal;
    ReportProblems: InvalidRequest TooLarge RateLimited Internal;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_no_link_of_rusts() {
        for (text, described) in [
            (
                "[`Order::id`](crate::Order::id), or [`Line`].",
                "`Order::id`, or `Line`.",
            ),
            ("No link (at all).", "No link (at all)."),
            ("[`open", "`open`"),
        ] {
            assert_eq!(plain(text), described);
        }
    }

    #[test]
    fn problems_of_one_status_are_one_response() {
        let responses = PlaceProblems::responses();
        let RefOr::T(conflict) = &responses["409"] else {
            panic!("a reference");
        };
        let conflict = serde_json::to_string(conflict).unwrap();
        assert!(
            conflict.contains(r#"["sold_out","promo_expired","price_changed","under_way"]"#),
            "{conflict}"
        );
        let RefOr::T(busy) = &responses["503"] else {
            panic!("a reference");
        };
        assert!(busy.headers.contains_key("Retry-After"));
    }
}
