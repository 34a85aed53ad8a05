//! Why requests are refused: a line a second for each reason, which counts. Without it a shop whose address is
//! configured wrongly would refuse all of its buyers in silence.
//!
//! Invariant: nothing of the request is logged.

use super::counted_log::CountedLog;
use crate::domain::mini_app_id::MiniAppId;
use axum::{extract::Request, extract::State, middleware::Next, response::Response};
use contract::ProblemCode;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// On the answer to a notification that is refused, for the reason with this code. An answer of the API has its
/// [`ProblemCode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

/// Why the request was refused. The merchant's own failures are logged with their cause, and are none.
pub(super) fn reason(response: &Response) -> Option<&str> {
    let refusal = response.extensions().get::<Refusal>();
    let problem = response.extensions().get::<ProblemCode>();
    let problem = problem.filter(|code| **code != ProblemCode::Internal);
    refusal
        .map(|Refusal(code)| code.as_str())
        .or_else(|| problem.map(|code| code.name()))
}

/// One counter for each code that an answer had.
#[derive(Debug, Default)]
pub(super) struct RefusalLogs {
    /// `None` for what belongs to no mini app.
    mini_app: Option<MiniAppId>,
    logs: Mutex<BTreeMap<String, CountedLog>>,
}

impl RefusalLogs {
    pub(super) fn of(mini_app: &MiniAppId) -> Self {
        Self {
            mini_app: Some(mini_app.clone()),
            ..Self::default()
        }
    }

    fn count(&self, code: &str) -> Option<u64> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if !logs.contains_key(code) {
            logs.insert(code.to_owned(), CountedLog::default());
        }
        logs.get(code)?.count()
    }
}

pub(super) async fn log(
    State(logs): State<Arc<RefusalLogs>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    if let Some(code) = reason(&response)
        && let Some(count) = logs.count(code)
    {
        tracing::info!(
            event = "request.refused",
            mini_app = logs.mini_app.as_ref().map(MiniAppId::as_str),
            code,
            count,
            "requests are refused"
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::http::api_error::ApiError;
    use axum::response::IntoResponse;

    #[test]
    fn a_failure_of_the_merchants_own_is_no_refusal() {
        let refusal = |error: ApiError| reason(&error.into_response()).map(str::to_owned);
        assert_eq!(refusal(ApiError::internal()), None);
        assert_eq!(refusal(ApiError::not_found()).as_deref(), Some("not_found"));
    }
}
