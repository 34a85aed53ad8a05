//! Buyers and their sessions.

use super::{Error, Store};

impl Store {
    /// The id of the buyer with this account: `new_id` if they have not been here before.
    /// Their encrypted auth token replaces an older one.
    pub async fn remember_customer(
        &self,
        account_hash: &[u8],
        auth_token: &[u8],
        new_id: &str,
        now: i64,
    ) -> Result<String, Error> {
        let mut tx = self.write().await?;
        let id = sqlx::query_scalar(
            "insert into customers (id, account_hash, auth_token, created_at)
             values (?, ?, ?, ?)
             on conflict (account_hash) do update set auth_token = excluded.auth_token
             returning id",
        )
        .bind(new_id)
        .bind(account_hash)
        .bind(auth_token)
        .bind(now)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Opens a session and ends the one that was held before, if there was one.
    pub async fn open_session(
        &self,
        customer_id: &str,
        token_hash: &[u8],
        expires_at: i64,
        replaced: Option<&[u8]>,
        now: i64,
    ) -> Result<(), Error> {
        let mut tx = self.write().await?;
        sqlx::query("delete from sessions where expires_at <= ? or token_hash = ?")
            .bind(now)
            .bind(replaced)
            .execute(&mut *tx)
            .await?;
        sqlx::query("insert into sessions (token_hash, customer_id, expires_at) values (?, ?, ?)")
            .bind(token_hash)
            .bind(customer_id)
            .bind(expires_at)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whose session this is, if it is one.
    pub async fn session_customer(
        &self,
        token_hash: &[u8],
        now: i64,
    ) -> Result<Option<String>, Error> {
        Ok(sqlx::query_scalar(
            "select customer_id from sessions where token_hash = ? and expires_at > ?",
        )
        .bind(token_hash)
        .bind(now)
        .fetch_optional(&self.pool)
        .await?)
    }
}
