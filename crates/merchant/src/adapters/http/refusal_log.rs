//! Why requests are refused: a line a second for each reason, which counts. Without it a shop whose address is
//! configured wrongly would refuse all of its buyers in silence.
//!
//! Invariant: nothing of the request is logged.

use super::counted_log::CountedLog;
use crate::domain::mini_app_id::MiniAppId;
use axum::{extract::Request, extract::State, middleware::Next, response::Response};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// On the answer to a request that is refused, for the reason with this code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) String);

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
    if let Some(Refusal(code)) = response.extensions().get()
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
