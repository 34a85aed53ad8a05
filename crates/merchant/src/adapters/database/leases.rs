//! What a merchant that died left under leases.

use super::{connection::sql, instance_lock::InstanceLock, store::Store};
use crate::{domain::time::Timestamp, ports};

impl Store {
    /// Ends the leases of the process before, which holds the lock no longer. What they were for is due. Where
    /// another process is there they may be its own, and end by time.
    pub async fn reclaim_leases(
        &self,
        lock: &InstanceLock,
        now: Timestamp,
    ) -> Result<(), ports::Error> {
        if !lock.is_alone() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        // Only what is due has a lease that matters, and an index finds it.
        for update in [
            "update attempts set leased_until = 0, next_inquiry_at = case when next_inquiry_at > $1 then $1 else next_inquiry_at end
             where leased_until > 0 and next_inquiry_at is not null",
            "update fulfilments set leased_until = 0, try_at = case when try_at > $1 then $1 else try_at end
             where leased_until > 0 and state = 'pending'",
            "update refunds set leased_until = 0, try_at = case when try_at > $1 then $1 else try_at end
             where leased_until > 0 and state = 'open'",
            "update mini_app_requests set leased_until = 0, try_at = case when try_at > $1 then $1 else try_at end
             where leased_until > 0 and state = 'pending'",
            "update access_tokens set leased_until = 0 where leased_until > $1",
        ] {
            sql(update).bind(now).execute(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
