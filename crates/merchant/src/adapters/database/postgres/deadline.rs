//! How long PostgreSQL may take.

use std::{future::Future, io, time::Duration};
use tokio::time::timeout;

/// How long a statement may take. The server ends it before that, unless the network is cut.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(12);

pub(crate) async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let Some(limit) = limit else {
        return work.await;
    };
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())))
}
