//! Buyers and their sessions.

use super::connection::{Connection, sql};
use super::value::Row;
use super::{
    columns::read_id,
    erased::{check_not_erased, is_erased},
    locks::lock_customer,
    orders::{self, select_orders},
    retries::with_retries,
    store::Store,
};
use crate::{
    domain::{mini_app_id::MiniAppId, order::StoredOrder, time::Timestamp},
    ports::{CustomerRepository, Error, SealedAccount, StoredCustomer},
};
use contract::{CustomerId, OrderId};

use std::time::Duration;

/// A session that is in use is written so often, at most.
const USE_NOTED_EVERY: Duration = Duration::from_mins(5);

/// The session of this token that is open now and was used after that, of whichever mini app.
macro_rules! is_open_session {
    ($token_hash:literal, $now:literal, $used_since:literal) => {
        concat!(
            "token_hash = ",
            $token_hash,
            " and expires_at > ",
            $now,
            " and last_used_at > ",
            $used_since
        )
    };
}

impl CustomerRepository for Store {
    async fn remember_customer(
        &self,
        mini_app: &MiniAppId,
        account: SealedAccount<'_>,
        new_id: &CustomerId,
        now: Timestamp,
    ) -> Result<(CustomerId, Option<Vec<u8>>), Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let row = sql("insert into customers
             (id, mini_app, account_hash, gopay_account_id, auth_token, created_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (mini_app, account_hash) do update
             set gopay_account_id = excluded.gopay_account_id, auth_token = excluded.auth_token,
             auth_token_version = customers.auth_token_version + 1, auth_token_inactive = 0
             returning id, name")
            .bind(new_id.as_str())
            .bind(mini_app.as_str())
            .bind(account.hash)
            .bind(account.gopay_account_id)
            .bind(account.auth_token)
            .bind(now)
            .fetch_one(&mut tx)
            .await?;
            tx.commit().await?;
            Ok((read_id(&row, "id")?, row.get("name")?))
        })
        .await
    }

    async fn customer(&self, id: &CustomerId) -> Result<StoredCustomer, Error> {
        let row = sql(concat!(
            "select ",
            stored_customer!(),
            " from customers c where id = $1"
        ))
        .bind(id.as_str())
        .fetch_one(&mut *self.reader().await?)
        .await?;
        read_customer(&row)
    }

    async fn customer_by_hash(
        &self,
        mini_app: &MiniAppId,
        account_hashes: &[Vec<u8>],
    ) -> Result<Option<StoredCustomer>, Error> {
        for hash in account_hashes {
            let row = sql(concat!(
                "select ",
                stored_customer!(),
                " from customers c where mini_app = $1 and account_hash = $2"
            ))
            .bind(mini_app.as_str())
            .bind(hash)
            .fetch_optional(&mut *self.reader().await?)
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
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let is_replaced = replace_sealed(&mut tx, before, after).await?;
            tx.commit().await?;
            Ok(is_replaced)
        })
        .await
    }

    async fn deactivate_token(&self, customer: &StoredCustomer) -> Result<(), Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            deactivate_token(&mut tx, customer).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn keep_name(
        &self,
        customer: &StoredCustomer,
        name: Option<&[u8]>,
    ) -> Result<bool, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            // Not of a buyer who has been erased meanwhile.
            let kept = sql("update customers set name = $1
                 where id = $2 and account_hash = $3 and erased = 0")
            .bind(name)
            .bind(customer.id.as_str())
            .bind(&customer.account_hash)
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
            Ok(kept == 1)
        })
        .await
    }

    async fn forget_name(&self, id: &CustomerId) -> Result<(), Error> {
        let forget = "update customers set name = null where id = $1 and name is not null";
        self.execute(sql(forget).bind(id.as_str())).await?;
        Ok(())
    }

    async fn remember_auth_code(
        &self,
        hash: &[u8],
        former_hashes: &[Vec<u8>],
        forgotten: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            sql("delete from auth_codes where hash in (
                 select hash from auth_codes where seen_at < $1 order by seen_at limit 100)")
            .bind(forgotten)
            .execute(&mut tx)
            .await?;
            for hash in former_hashes {
                let is_known = sql("select exists (select 1 from auth_codes where hash = $1)")
                    .bind(hash)
                    .fetch_value(&mut tx)
                    .await?;
                if is_known {
                    return Ok(false);
                }
            }
            let written = sql(
                "insert into auth_codes (hash, seen_at) values ($1, $2) on conflict do nothing",
            )
            .bind(hash)
            .bind(now)
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
            Ok(written == 1)
        })
        .await
    }

    async fn forget_auth_code(&self, hash: &[u8]) -> Result<(), Error> {
        self.execute(sql("delete from auth_codes where hash = $1").bind(hash))
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
        with_retries(move || async move {
            let mut tx = self.write().await?;
            lock_customer(&mut tx, customer_id).await?;
            check_not_erased(&mut tx, customer_id).await?;
            // Each sign-in removes more than it adds.
            sql("delete from sessions where token_hash in (
                 select token_hash from sessions where expires_at <= $1 order by expires_at limit 100)")
                .bind(now)
                .execute(&mut tx)
                .await?;
            sql("delete from sessions where token_hash = $1 and (
                 select mini_app from customers where id = customer_id
             ) = (select mini_app from customers where id = $2)")
            .bind(replaced)
            .bind(customer_id.as_str())
            .execute(&mut tx)
            .await?;
            sql(
                "insert into sessions (token_hash, customer_id, expires_at, last_used_at)
             values ($1, $2, $3, $4)",
            )
            .bind(token_hash)
            .bind(customer_id.as_str())
            .bind(expires_at)
            .bind(now)
            .execute(&mut tx)
            .await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn session_customer(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
        used_since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<CustomerId>, Error> {
        let session = sql(concat!(
            "select customer_id, last_used_at from sessions join customers on customers.id = customer_id
             where mini_app = $4 and ",
            is_open_session!("$1", "$2", "$3")
        ))
        .bind(token_hash)
        .bind(now)
        .bind(used_since)
        .bind(mini_app.as_str())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let Some(session) = session else {
            return Ok(None);
        };
        if session.get::<Timestamp>("last_used_at")? <= now - USE_NOTED_EVERY {
            self.execute(
                sql("update sessions set last_used_at = $1 where token_hash = $2")
                    .bind(now)
                    .bind(token_hash),
            )
            .await?;
        }
        Ok(Some(read_id(&session, "customer_id")?))
    }

    async fn order_in_session(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
        now: Timestamp,
        id: &OrderId,
    ) -> Result<Option<StoredOrder>, Error> {
        let in_session = select_orders!(
            concat!(
                "where id = $1 and customer_id = (select customer_id from sessions where ",
                is_open_session!("$2", "$3", "$4"),
                ")"
            ),
            "and c.mini_app = $5"
        )
        .bind(id.as_str())
        .bind(token_hash)
        .bind(now)
        .bind(now - USE_NOTED_EVERY)
        .bind(mini_app.as_str());
        orders::one(&mut *self.reader().await?, in_session).await
    }

    async fn end_session(&self, mini_app: &MiniAppId, token_hash: &[u8]) -> Result<(), Error> {
        self.execute(
            sql("delete from sessions where token_hash = $1
             and customer_id in (select id from customers where mini_app = $2)")
            .bind(token_hash)
            .bind(mini_app.as_str()),
        )
        .await?;
        Ok(())
    }

    async fn open_order_of(&self, customer_id: &CustomerId) -> Result<Option<StoredOrder>, Error> {
        orders::open_of(&mut *self.reader().await?, customer_id).await
    }

    async fn orders_of(
        &self,
        customer_id: &CustomerId,
        limit: u32,
    ) -> Result<Vec<StoredOrder>, Error> {
        orders::newest_of(&mut *self.reader().await?, customer_id, limit).await
    }
}

impl Store {
    /// Ends all sessions, or those of one buyer; how many there were.
    pub async fn end_sessions(&self, customer: Option<&CustomerId>) -> Result<u64, Error> {
        let ended = self
            .execute(
                sql("delete from sessions where $1 is null or customer_id = $1")
                    .bind(customer.map(CustomerId::as_str)),
            )
            .await?;
        Ok(ended)
    }
}

/// What came of erasing a buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    Done {
        orders: u64,
    },
    /// An order waits for its payment or its confirmation: the buyer has to find it again.
    OrderOpen,
    /// A request has to be sent with the buyer's token.
    RequestPending,
    /// The buyer signed in meanwhile, or was sealed under another key.
    Changed,
}

impl Store {
    /// The buyers with one of these hashes, one at most in each mini app.
    pub async fn customers_of_account(
        &self,
        account_hashes: &[Vec<u8>],
    ) -> Result<Vec<StoredCustomer>, Error> {
        let mut found: Vec<StoredCustomer> = Vec::new();
        for hash in account_hashes {
            let rows = sql(concat!(
                "select ",
                stored_customer!(),
                " from customers c where account_hash = $1 order by id"
            ))
            .bind(hash)
            .fetch_all(&mut *self.reader().await?)
            .await?;
            for row in &rows {
                let customer = read_customer(row)?;
                if !found.iter().any(|it| it.id == customer.id) {
                    found.push(customer);
                }
            }
        }
        // Each run locks them in this order.
        found.sort_by(|one, other| one.id.as_str().cmp(other.id.as_str()));
        Ok(found)
    }

    /// Puts the second of each pair in the place of the first, and ends the sessions. Tokens of erased buyers are
    /// not used; requests that waited for a sign-in end.
    pub async fn erase_customers(
        &self,
        customers: &[(StoredCustomer, StoredCustomer)],
        now: Timestamp,
    ) -> Result<Erasure, Error> {
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let mut orders = 0;
            for (before, erased) in customers {
                match erase(&mut tx, before, erased, now).await? {
                    Erasure::Done { orders: more } => orders += more,
                    refused => return Ok(refused),
                }
            }
            tx.commit().await?;
            Ok(Erasure::Done { orders })
        })
        .await
    }

    pub async fn is_erased(&self, id: &CustomerId) -> Result<bool, Error> {
        is_erased(&mut *self.reader().await?, id).await
    }
}

async fn erase(
    connection: &mut Connection,
    before: &StoredCustomer,
    erased: &StoredCustomer,
    now: Timestamp,
) -> Result<Erasure, Error> {
    let id = before.id.as_str();
    lock_customer(connection, &before.id).await?;
    let is_open = sql("select exists (select 1 from orders where customer_id = $1
         and (status in ('awaiting_payment', 'checking') or confirmation = 'awaited'))");
    if is_open.bind(id).fetch_value(&mut *connection).await? {
        return Ok(Erasure::OrderOpen);
    }
    // They wait for a sign-in that will not come. One that was sent may have been carried out: staff decide.
    sql("update mini_app_requests set try_at = $2,
             state = case when first_sent_at is null then 'not_needed' else 'dead_letter' end
         where state = 'pending' and leased_until <= $2
         and order_id in (select o.id from orders o join customers c on c.id = o.customer_id
                          where c.id = $1 and c.auth_token_inactive = 1)")
    .bind(id)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    let is_pending = sql("select exists (select 1 from mini_app_requests r
         join orders o on o.id = r.order_id where o.customer_id = $1 and r.state = 'pending')");
    if is_pending.bind(id).fetch_value(&mut *connection).await? {
        return Ok(Erasure::RequestPending);
    }
    if !replace_sealed(connection, before, erased).await? {
        return Ok(Erasure::Changed);
    }
    // What has been read of them before is not written any more.
    sql("update customers set erased = 1, auth_token_inactive = 1,
         auth_token_version = auth_token_version + 1 where id = $1")
    .bind(id)
    .execute(&mut *connection)
    .await?;
    sql("delete from sessions where customer_id = $1")
        .bind(id)
        .execute(&mut *connection)
        .await?;
    let orders: i64 = sql("select count(*) from orders where customer_id = $1")
        .bind(id)
        .fetch_value(connection)
        .await?;
    Ok(Erasure::Done {
        orders: orders.unsigned_abs(),
    })
}

/// The columns of a [`StoredCustomer`], of `customers c`.
macro_rules! stored_customer {
    () => {
        "c.id as buyer, c.account_hash, c.gopay_account_id, c.auth_token, c.auth_token_version, c.name"
    };
}
pub(super) use stored_customer;

pub(super) fn read_customer(row: &Row) -> Result<StoredCustomer, Error> {
    Ok(StoredCustomer {
        id: row.get::<String>("buyer")?.into(),
        account_hash: row.get("account_hash")?,
        gopay_account_id: row.get("gopay_account_id")?,
        auth_token: row.get("auth_token")?,
        auth_token_version: row.get("auth_token_version")?,
        name: row.get("name")?,
    })
}

/// See [`CustomerRepository::replace_sealed`].
pub(super) async fn replace_sealed(
    connection: &mut Connection,
    before: &StoredCustomer,
    after: &StoredCustomer,
) -> Result<bool, Error> {
    let replaced = sql("update customers
         set account_hash = $1, gopay_account_id = $2, auth_token = $3, name = $4
         where id = $5 and account_hash = $6 and auth_token = $7
         and name is not distinct from $8 and not exists (
             select 1 from customers other where other.mini_app = customers.mini_app
             and other.account_hash = $1 and other.id <> $5)")
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
    Ok(replaced == 1)
}

/// See [`CustomerRepository::deactivate_token`].
pub(super) async fn deactivate_token(
    connection: &mut Connection,
    customer: &StoredCustomer,
) -> Result<(), Error> {
    let customer: Option<String> = sql(
        "update customers set auth_token_inactive = 1 where id = $1 and auth_token_version = $2
         returning id",
    )
    .bind(customer.id.as_str())
    .bind(customer.auth_token_version)
    .fetch_optional_value(&mut *connection)
    .await?;
    sql("delete from sessions where customer_id = $1")
        .bind(customer.as_deref())
        .execute(connection)
        .await?;
    Ok(())
}
