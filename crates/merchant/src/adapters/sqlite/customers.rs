//! Buyers and their sessions.

use super::{orders, store::Store};
use crate::{
    domain::{mini_app_id::MiniAppId, order::StoredOrder, time::Timestamp},
    ports::{CustomerRepository, Error, SealedAccount, StoredCustomer},
};
use contract::CustomerId;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use std::time::Duration;

/// A session that is in use is written so often, at most.
const USE_NOTED_EVERY: Duration = Duration::from_mins(5);

impl CustomerRepository for Store {
    async fn remember_customer(
        &self,
        mini_app: &MiniAppId,
        account: SealedAccount<'_>,
        new_id: &CustomerId,
        now: Timestamp,
    ) -> Result<(CustomerId, Option<Vec<u8>>), Error> {
        let mut tx = self.write().await?;
        let (id, name): (String, _) = sqlx::query_as(
            "insert into customers
             (id, mini_app, account_hash, gopay_account_id, auth_token, created_at)
             values (?, ?, ?, ?, ?, ?)
             on conflict (mini_app, account_hash) do update
             set gopay_account_id = excluded.gopay_account_id, auth_token = excluded.auth_token,
             auth_token_version = auth_token_version + 1, auth_token_inactive = 0
             returning id, name",
        )
        .bind(new_id.as_str())
        .bind(mini_app.as_str())
        .bind(account.hash)
        .bind(account.gopay_account_id)
        .bind(account.auth_token)
        .bind(now)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok((id.into(), name))
    }

    async fn customer(&self, id: &CustomerId) -> Result<StoredCustomer, Error> {
        let row = sqlx::query(concat!(
            "select ",
            stored_customer!(),
            " from customers c where id = ?"
        ))
        .bind(id.as_str())
        .fetch_one(&self.readers)
        .await?;
        read_customer(&row)
    }

    async fn customer_by_hash(
        &self,
        mini_app: &MiniAppId,
        account_hashes: &[Vec<u8>],
    ) -> Result<Option<StoredCustomer>, Error> {
        for hash in account_hashes {
            let row = sqlx::query(concat!(
                "select ",
                stored_customer!(),
                " from customers c where mini_app = ? and account_hash = ?"
            ))
            .bind(mini_app.as_str())
            .bind(hash)
            .fetch_optional(&self.readers)
            .await?;
            if let Some(row) = row {
                return read_customer(&row).map(Some);
            }
        }
        Ok(None)
    }

    async fn replace_sealed(
        &self,
        before: &StoredCustomer,
        after: &StoredCustomer,
    ) -> Result<bool, Error> {
        let mut tx = self.write().await?;
        let is_replaced = replace_sealed(&mut tx, before, after).await?;
        tx.commit().await?;
        Ok(is_replaced)
    }

    async fn deactivate_token(&self, customer: &StoredCustomer) -> Result<(), Error> {
        let mut tx = self.write().await?;
        deactivate_token(&mut tx, customer).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn keep_name(
        &self,
        customer: &StoredCustomer,
        name: Option<&[u8]>,
    ) -> Result<bool, Error> {
        let mut tx = self.write().await?;
        let kept = sqlx::query("update customers set name = ? where id = ? and account_hash = ?")
            .bind(name)
            .bind(customer.id.as_str())
            .bind(&customer.account_hash)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(kept.rows_affected() == 1)
    }

    async fn forget_name(&self, id: &CustomerId) -> Result<(), Error> {
        let forget = "update customers set name = null where id = ? and name is not null";
        self.execute(sqlx::query(forget).bind(id.as_str())).await?;
        Ok(())
    }

    async fn remember_auth_code(
        &self,
        hash: &[u8],
        former_hashes: &[Vec<u8>],
        forgotten: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let mut tx = self.write().await?;
        sqlx::query("delete from auth_codes where seen_at < ?")
            .bind(forgotten)
            .execute(&mut *tx)
            .await?;
        for hash in former_hashes {
            let is_known =
                sqlx::query_scalar("select exists (select 1 from auth_codes where hash = ?)")
                    .bind(hash)
                    .fetch_one(&mut *tx)
                    .await?;
            if is_known {
                return Ok(false);
            }
        }
        let written = sqlx::query(
            "insert into auth_codes (hash, seen_at) values (?, ?) on conflict do nothing",
        )
        .bind(hash)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(written.rows_affected() == 1)
    }

    async fn forget_auth_code(&self, hash: &[u8]) -> Result<(), Error> {
        self.execute(sqlx::query("delete from auth_codes where hash = ?").bind(hash))
            .await?;
        Ok(())
    }

    async fn open_session(
        &self,
        customer_id: &CustomerId,
        token_hash: &[u8],
        expires_at: Timestamp,
        replaced: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut tx = self.write().await?;
        sqlx::query(
            "delete from sessions where expires_at <= ?1 or token_hash = ?2 and (
                 select mini_app from customers where id = customer_id
             ) = (select mini_app from customers where id = ?3)",
        )
        .bind(now)
        .bind(replaced)
        .bind(customer_id.as_str())
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into sessions (token_hash, customer_id, expires_at, last_used_at)
             values (?, ?, ?, ?)",
        )
        .bind(token_hash)
        .bind(customer_id.as_str())
        .bind(expires_at)
        .bind(now)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn session_customer(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
        used_since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<CustomerId>, Error> {
        let session: Option<(String, Timestamp)> = sqlx::query_as(
            "select customer_id, last_used_at
             from sessions join customers on customers.id = customer_id
             where token_hash = ? and expires_at > ? and last_used_at > ? and mini_app = ?",
        )
        .bind(token_hash)
        .bind(now)
        .bind(used_since)
        .bind(mini_app.as_str())
        .fetch_optional(&self.readers)
        .await?;
        let Some((customer, last_used_at)) = session else {
            return Ok(None);
        };
        if last_used_at + USE_NOTED_EVERY < now {
            self.execute(
                sqlx::query("update sessions set last_used_at = ? where token_hash = ?")
                    .bind(now)
                    .bind(token_hash),
            )
            .await?;
        }
        Ok(Some(customer.into()))
    }

    async fn end_session(&self, mini_app: &MiniAppId, token_hash: &[u8]) -> Result<(), Error> {
        self.execute(
            sqlx::query(
                "delete from sessions where token_hash = ?
             and customer_id in (select id from customers where mini_app = ?)",
            )
            .bind(token_hash)
            .bind(mini_app.as_str()),
        )
        .await?;
        Ok(())
    }

    async fn open_order_of(&self, customer_id: &CustomerId) -> Result<Option<StoredOrder>, Error> {
        orders::open_of(&mut *self.readers.acquire().await?, customer_id).await
    }

    async fn orders_of(
        &self,
        customer_id: &CustomerId,
        limit: u32,
    ) -> Result<Vec<StoredOrder>, Error> {
        orders::newest_of(&mut *self.readers.acquire().await?, customer_id, limit).await
    }
}

impl Store {
    /// Ends all sessions, or those of one buyer; how many there were.
    pub async fn end_sessions(&self, customer: Option<&CustomerId>) -> Result<u64, Error> {
        let ended = self
            .execute(
                sqlx::query("delete from sessions where ?1 is null or customer_id = ?1")
                    .bind(customer.map(CustomerId::as_str)),
            )
            .await?;
        Ok(ended)
    }
}

/// The columns of a [`StoredCustomer`], of `customers c`.
macro_rules! stored_customer {
    () => {
        "c.id as buyer, c.account_hash, c.gopay_account_id, c.auth_token, c.auth_token_version, c.name"
    };
}
pub(super) use stored_customer;

pub(super) fn read_customer(row: &SqliteRow) -> Result<StoredCustomer, Error> {
    Ok(StoredCustomer {
        id: row.try_get::<String, _>("buyer")?.into(),
        account_hash: row.try_get("account_hash")?,
        gopay_account_id: row.try_get("gopay_account_id")?,
        auth_token: row.try_get("auth_token")?,
        auth_token_version: row.try_get("auth_token_version")?,
        name: row.try_get("name")?,
    })
}

/// See [`CustomerRepository::replace_sealed`].
pub(super) async fn replace_sealed(
    connection: &mut SqliteConnection,
    before: &StoredCustomer,
    after: &StoredCustomer,
) -> Result<bool, Error> {
    let replaced = sqlx::query(
        "update or ignore customers
         set account_hash = ?, gopay_account_id = ?, auth_token = ?, name = ?
         where id = ? and account_hash = ? and auth_token = ? and name is ?",
    )
    .bind(&after.account_hash)
    .bind(&after.gopay_account_id)
    .bind(&after.auth_token)
    .bind(&after.name)
    .bind(before.id.as_str())
    .bind(&before.account_hash)
    .bind(&before.auth_token)
    .bind(&before.name)
    .execute(connection)
    .await?;
    Ok(replaced.rows_affected() == 1)
}

/// See [`CustomerRepository::deactivate_token`].
pub(super) async fn deactivate_token(
    connection: &mut SqliteConnection,
    customer: &StoredCustomer,
) -> Result<(), Error> {
    let customer: Option<String> = sqlx::query_scalar(
        "update customers set auth_token_inactive = 1 where id = ? and auth_token_version = ?
         returning id",
    )
    .bind(customer.id.as_str())
    .bind(customer.auth_token_version)
    .fetch_optional(&mut *connection)
    .await?;
    sqlx::query("delete from sessions where customer_id = ?")
        .bind(customer)
        .execute(connection)
        .await?;
    Ok(())
}
