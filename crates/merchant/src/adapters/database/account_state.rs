//! What the processes of the merchant share of its account at GoPay.
//!
//! Invariant: one process at a time asks for the token that follows a version.

use super::{connection::sql, retries::with_retries, store::Store, value::Row};
use crate::{
    domain::{retry, time::Timestamp},
    ports::{AccountState, Error, Pending, SharedToken},
};
use std::time::Duration;

/// How long after its end a token is removed, with its key.
const REMOVED_AFTER: Duration = Duration::from_hours(24);

impl AccountState for Store {
    fn access_token<'a>(&'a self, key: &'a [u8]) -> Pending<'a, SharedToken> {
        Box::pin(async move {
            let row = sql("select sealed, valid_until, version from access_tokens where key = $1")
                .bind(key)
                .fetch_optional(&mut *self.reader().await?)
                .await?;
            row.map_or_else(
                || Ok(SharedToken::default()),
                |row| {
                    Ok(SharedToken {
                        sealed: row.get("sealed")?,
                        valid_until: row.get("valid_until")?,
                        version: row.get("version")?,
                    })
                },
            )
        })
    }

    fn lease_access_token<'a>(
        &'a self,
        key: &'a [u8],
        version: i64,
        now: Timestamp,
        until: Timestamp,
    ) -> Pending<'a, bool> {
        Box::pin(async move {
            // A lease farther in the future was written before the clock was set back.
            let lease = sql(
                "insert into access_tokens (key, version, valid_until, leased_until)
                 values ($1, 0, 0, $2)
                 on conflict (key) do update set leased_until = excluded.leased_until
                 where access_tokens.version = $3
                 and (access_tokens.leased_until <= $4 or access_tokens.leased_until > $5)",
            )
            .bind(key)
            .bind(until)
            .bind(version)
            .bind(now)
            .bind(until + retry::CLOCK_TOLERANCE);
            Ok(self.execute(lease).await? == 1)
        })
    }

    fn store_access_token<'a>(
        &'a self,
        key: &'a [u8],
        lease: Timestamp,
        sealed: &'a [u8],
        valid_until: Timestamp,
    ) -> Pending<'a, ()> {
        Box::pin(with_retries(move || async move {
            let mut tx = self.write().await?;
            sql("update access_tokens
                 set sealed = $2, valid_until = $3, version = version + 1, leased_until = 0
                 where key = $1 and leased_until = $4")
            .bind(key)
            .bind(sealed)
            .bind(valid_until)
            .bind(lease)
            .execute(&mut tx)
            .await?;
            sql("delete from access_tokens where valid_until < $1 and leased_until < $1")
                .bind(valid_until - REMOVED_AFTER)
                .execute(&mut tx)
                .await?;
            tx.commit().await
        }))
    }

    fn release_access_token<'a>(
        &'a self,
        key: &'a [u8],
        lease: Timestamp,
        until: Timestamp,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let release = sql("update access_tokens set leased_until = $2
                 where key = $1 and leased_until = $3");
            let release = release.bind(key).bind(until).bind(lease);
            self.execute(release).await?;
            Ok(())
        })
    }

    fn pauses<'a>(
        &'a self,
        account: &'a [u8],
        now: Timestamp,
    ) -> Pending<'a, Vec<(String, Timestamp)>> {
        Box::pin(async move {
            let rows = sql("select api, paused_until from gopay_pauses
                 where account = $1 and paused_until > $2")
            .bind(account)
            .bind(now)
            .fetch_all(&mut *self.reader().await?)
            .await?;
            let read =
                |row: &Row| -> Result<_, Error> { Ok((row.get("api")?, row.get("paused_until")?)) };
            rows.iter().map(read).collect()
        })
    }

    fn store_pause<'a>(
        &'a self,
        account: &'a [u8],
        api: &'static str,
        until: Timestamp,
        latest: Timestamp,
    ) -> Pending<'a, ()> {
        Box::pin(async move {
            let store = sql(
                "insert into gopay_pauses (account, api, paused_until) values ($1, $2, $3)
                 on conflict (account, api) do update set paused_until = excluded.paused_until
                 where gopay_pauses.paused_until < excluded.paused_until
                 or gopay_pauses.paused_until > $4",
            );
            let store = store.bind(account).bind(api).bind(until).bind(latest);
            self.execute(store).await?;
            Ok(())
        })
    }
}
