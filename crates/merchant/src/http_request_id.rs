//! The id of the HTTP request that is being answered: in its log events, in its answer, and in what GoPay is
//! asked meanwhile.
//!
//! Not here: GoPay's `Request-Id`, which makes a request one that may be repeated.

use std::{fmt, future::Future, sync::Arc};
use tracing::{Instrument, Span};
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: HttpRequestId;
}

/// The longest that a proxy's id may be.
const MAX_LEN: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpRequestId(Arc<str>);

impl HttpRequestId {
    pub(crate) fn new() -> Self {
        Self(Uuid::new_v4().simple().to_string().into())
    }

    /// A proxy's id, where it is made of letters, digits, `-`, `_` and `.`, as ids are.
    pub(crate) fn of_proxy(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let is_id = (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(is_plain);
        is_id.then(|| Self(text.into()))
    }

    /// That of the request that this task answers.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Answers a request under this id.
    pub(crate) async fn scope<F: Future>(self, answer: F) -> F::Output {
        CURRENT.scope(self, answer).await
    }
}

impl fmt::Display for HttpRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Work of the current request that goes on in a task of its own, under the same id.
pub(crate) fn of_current_request<F>(work: F) -> impl Future<Output = F::Output> + Send
where
    F: Future + Send,
{
    let id = HttpRequestId::current();
    let work = work.instrument(Span::current());
    async move {
        match id {
            Some(id) => id.scope(work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_proxy_is_plain() {
        let longest = "a".repeat(MAX_LEN);
        for (text, is_id) in [
            ("7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1", true),
            ("1.2_b", true),
            (&longest, true),
            (&format!("{longest}a"), false),
            ("", false),
            ("a b", false),
            ("a\nb", false),
            ("\u{202e}", false),
            ("budi@example.com", false),
        ] {
            assert_eq!(HttpRequestId::of_proxy(text).is_some(), is_id, "{text:?}");
        }
    }

    #[tokio::test]
    async fn work_in_a_task_of_its_own_has_the_id_of_its_request() {
        let id = HttpRequestId::new();
        let work = async || HttpRequestId::current();
        let request = async || tokio::spawn(of_current_request(work())).await.unwrap();
        assert_eq!(id.clone().scope(request()).await, Some(id));
        assert_eq!(request().await, None);
    }
}
