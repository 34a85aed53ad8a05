//! Whether the API's answers are those of its document: in debug builds, and so in each test, a request whose
//! answer is not in the document panics.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::Response,
};
use contract::ProblemCode;
use serde_json::Value;
use std::sync::Arc;
use utoipa::openapi::OpenApi;

/// Below this the document has its paths.
const SERVER: &str = "/api";

#[derive(Debug, Clone)]
pub(super) struct Document(Arc<Value>);

impl Document {
    pub(super) fn new(document: &OpenApi) -> Self {
        Self(Arc::new(serde_json::to_value(document).unwrap_or_default()))
    }
}

pub(super) async fn check(
    State(Document(document)): State<Document>,
    route: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let answer = Answer {
        method: &method,
        path: route.as_str().strip_prefix(SERVER).unwrap_or_default(),
        status: response.status(),
        content_type: content_type.and_then(|it| it.to_str().ok()),
        code: response.extensions().get().copied(),
    };
    let is_known = answer.is_in(&document);
    debug_assert!(is_known, "not in the API's document: {answer:?}");
    response
}

#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    method: &'a Method,
    /// As the document has it.
    path: &'a str,
    status: StatusCode,
    content_type: Option<&'a str>,
    code: Option<ProblemCode>,
}

impl Answer<'_> {
    fn is_in(self, document: &Value) -> bool {
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            return true;
        }
        let method = match *self.method {
            Method::HEAD => Method::GET,
            ref method => method.clone(),
        };
        let operation = &document["paths"][self.path][method.as_str().to_ascii_lowercase()];
        if operation.is_null() {
            // Another site is refused before the method is.
            return self.code == Some(ProblemCode::ForeignOrigin);
        }
        let response = &operation["responses"][self.status.as_str()];
        let content = &response["content"];
        let is_documented = match self.content_type {
            None => content.is_null(),
            Some(content_type) => !content[content_type].is_null(),
        };
        let Some(code) = self.code else {
            return response.is_object() && is_documented;
        };
        let schema = &content["application/problem+json"]["schema"];
        let codes = schema["allOf"][1]["properties"]["code"]["enum"].as_array();
        is_documented && codes.is_some_and(|codes| codes.iter().any(|it| it == code.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_is_in_the_document_by_status_type_and_code() {
        let problem = json!({"allOf": [{}, {"properties": {"code": {"enum": ["not_found"]}}}]});
        let document = json!({"paths": {"/orders/{id}": {"get": {"responses": {
            "200": {"content": {"application/json": {}}},
            "204": {},
            "404": {"content": {"application/problem+json": {"schema": problem}}},
        }}}}});
        let good = Answer {
            method: &Method::GET,
            path: "/orders/{id}",
            status: StatusCode::OK,
            content_type: Some("application/json"),
            code: None,
        };
        let refused = Answer {
            status: StatusCode::NOT_FOUND,
            content_type: Some("application/problem+json"),
            code: Some(ProblemCode::NotFound),
            ..good
        };
        let head = Answer {
            method: &Method::HEAD,
            ..good
        };
        let empty = Answer {
            status: StatusCode::NO_CONTENT,
            content_type: None,
            ..good
        };
        let foreign = Answer {
            method: &Method::OPTIONS,
            status: StatusCode::FORBIDDEN,
            code: Some(ProblemCode::ForeignOrigin),
            ..refused
        };
        for answer in [good, refused, head, empty, foreign] {
            assert!(answer.is_in(&document), "{answer:?}");
        }
        for answer in [
            Answer {
                method: &Method::POST,
                ..good
            },
            Answer {
                path: "/orders",
                ..good
            },
            Answer {
                status: StatusCode::CREATED,
                ..good
            },
            Answer {
                content_type: Some("text/plain"),
                ..good
            },
            Answer {
                content_type: None,
                ..good
            },
            Answer {
                code: Some(ProblemCode::Internal),
                ..refused
            },
            Answer {
                method: &Method::GET,
                ..foreign
            },
            Answer {
                content_type: Some("application/json"),
                ..refused
            },
            Answer {
                content_type: Some("application/json"),
                ..empty
            },
        ] {
            assert!(!answer.is_in(&document), "{answer:?}");
        }
    }
}
