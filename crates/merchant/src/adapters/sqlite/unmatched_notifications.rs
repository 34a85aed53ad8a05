//! Notifications about payments that are not in this database.

use super::store::Store;
use crate::{
    domain::{
        time::Timestamp,
        unmatched_notification::{StoredUnmatchedNotification, UnmatchedNotification},
    },
    ports::Error,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

/// How many are kept, the newest.
const MAX_UNMATCHED: i64 = 1_000;

fn read(row: &SqliteRow) -> Result<StoredUnmatchedNotification, Error> {
    Ok(StoredUnmatchedNotification {
        notification: UnmatchedNotification {
            reference_no: row.try_get("reference_no")?,
            partner_reference_no: row.try_get("partner_reference_no")?,
            external_id: row.try_get("external_id")?,
            status: row.try_get("status")?,
            amount: row.try_get("amount")?,
        },
        first_at: row.try_get("first_at")?,
        last_at: row.try_get("last_at")?,
        times: row.try_get("times")?,
    })
}

impl Store {
    /// All of them, the newest first.
    pub async fn unmatched_notifications(&self) -> Result<Vec<StoredUnmatchedNotification>, Error> {
        let rows =
            sqlx::query("select * from unplaced_notifications order by last_at desc, id desc")
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(read).collect()
    }
}

pub(super) async fn upsert(
    connection: &mut SqliteConnection,
    notification: &UnmatchedNotification,
    now: Timestamp,
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
    .bind(MAX_UNMATCHED)
    .execute(connection)
    .await?;
    Ok(())
}
