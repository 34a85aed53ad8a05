//! Notifications about payments that are not in this database.

use super::connection::{Connection, sql};
use super::store::Store;
use super::value::Row;
use crate::{
    domain::{
        time::Timestamp,
        unmatched_notification::{StoredUnmatchedNotification, UnmatchedNotification},
    },
    ports::Error,
};

/// How many are kept, the newest.
const MAX_UNMATCHED: i64 = 1_000;

fn read(row: &Row) -> Result<StoredUnmatchedNotification, Error> {
    Ok(StoredUnmatchedNotification {
        id: row.get("id")?,
        notification: UnmatchedNotification {
            reference_no: row.get("reference_no")?,
            partner_reference_no: row.get("partner_reference_no")?,
            external_id: row.get("external_id")?,
            status: row.get("status")?,
            amount: row.get("amount")?,
        },
        first_at: row.get("first_at")?,
        last_at: row.get("last_at")?,
        times: row.get("times")?,
    })
}

impl Store {
    /// All of them, the newest first.
    pub async fn unmatched_notifications(&self) -> Result<Vec<StoredUnmatchedNotification>, Error> {
        let rows = sql("select * from unplaced_notifications order by last_at desc, id desc")
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(read).collect()
    }
}

pub(super) async fn upsert(
    connection: &mut Connection,
    notification: &UnmatchedNotification,
    now: Timestamp,
) -> Result<(), Error> {
    sql("insert into unplaced_notifications
         (reference_no, partner_reference_no, external_id, status, amount, first_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $6)
         on conflict (reference_no, partner_reference_no, external_id, status, amount)
         do update set last_at = $6, times = unplaced_notifications.times + 1")
    .bind(&notification.reference_no)
    .bind(&notification.partner_reference_no)
    .bind(&notification.external_id)
    .bind(&notification.status)
    .bind(&notification.amount)
    .bind(now)
    .execute(&mut *connection)
    .await?;
    sql("delete from unplaced_notifications where id not in
         (select id from unplaced_notifications order by last_at desc, id desc limit $1)")
    .bind(MAX_UNMATCHED)
    .execute(connection)
    .await?;
    Ok(())
}
