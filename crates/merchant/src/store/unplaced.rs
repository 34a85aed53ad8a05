//! Notifications about payments that are not in this database.

use super::{Error, Store};
use sqlx::{SqliteConnection, prelude::FromRow};

/// So many are kept, the newest.
const MAX_UNPLACED: i64 = 1_000;

/// What GoPay said about a payment that is not known here. An absent part is empty.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Unplaced {
    /// `originalReferenceNo`.
    pub reference_no: String,
    /// `originalPartnerReferenceNo`.
    pub partner_reference_no: String,
    /// `originalExternalId`.
    pub external_id: String,
    /// `latestTransactionStatus`.
    pub status: String,
    /// As GoPay wrote it, with its currency.
    pub amount: String,
}

/// One of them, with when it came.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct StoredUnplaced {
    /// What it says.
    #[sqlx(flatten)]
    pub notification: Unplaced,
    /// The first time; unix milliseconds.
    pub first_at: i64,
    /// The last time; unix milliseconds.
    pub last_at: i64,
    /// How often.
    pub times: i64,
}

impl Store {
    /// All of them, the newest first.
    pub async fn unplaced(&self) -> Result<Vec<StoredUnplaced>, Error> {
        Ok(
            sqlx::query_as("select * from unplaced_notifications order by last_at desc, id desc")
                .fetch_all(&self.pool)
                .await?,
        )
    }
}

pub(super) async fn keep(
    connection: &mut SqliteConnection,
    notification: &Unplaced,
    now: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into unplaced_notifications
         (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
         on conflict do update set last_at = ?6, times = times + 1",
    )
    .bind(&notification.reference_no)
    .bind(&notification.partner_reference_no)
    .bind(&notification.external_id)
    .bind(&notification.status)
    .bind(&notification.amount)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "delete from unplaced_notifications where id not in
         (select id from unplaced_notifications order by last_at desc, id desc limit ?)",
    )
    .bind(MAX_UNPLACED)
    .execute(connection)
    .await?;
    Ok(())
}
