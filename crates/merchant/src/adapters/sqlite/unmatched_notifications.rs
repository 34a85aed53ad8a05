//! Notifications about payments that are not in this database.

use super::store::Store;
use crate::{
    domain::{
        time::Timestamp,
        unmatched_notification::{StoredUnmatchedNotification, UnmatchedNotification},
    },
    ports::Error,
};
use sqlx::{SqliteConnection, prelude::FromRow};

/// So many are kept, the newest.
const MAX_UNMATCHED: i64 = 1_000;

#[derive(FromRow)]
struct Row {
    reference_no: String,
    partner_reference_no: String,
    external_id: String,
    status: String,
    amount: String,
    first_at: Timestamp,
    last_at: Timestamp,
    times: i64,
}

impl Row {
    fn read(self) -> StoredUnmatchedNotification {
        StoredUnmatchedNotification {
            notification: UnmatchedNotification {
                reference_no: self.reference_no,
                partner_reference_no: self.partner_reference_no,
                external_id: self.external_id,
                status: self.status,
                amount: self.amount,
            },
            first_at: self.first_at,
            last_at: self.last_at,
            times: self.times,
        }
    }
}

impl Store {
    /// All of them, the newest first.
    pub async fn unmatched_notifications(&self) -> Result<Vec<StoredUnmatchedNotification>, Error> {
        let rows: Vec<Row> =
            sqlx::query_as("select * from unplaced_notifications order by last_at desc, id desc")
                .fetch_all(&self.pool)
                .await?;
        Ok(rows.into_iter().map(Row::read).collect())
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
    .bind(notification.external_id.as_str())
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
