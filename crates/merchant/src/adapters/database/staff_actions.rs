//! What staff did by command.
//!
//! Invariant: a row is written before its command acts, and none ever changes.

use super::{connection::sql, store::Store, value::Row};
use crate::{
    domain::{
        staff_action::{Author, StaffAction, StoredStaffAction},
        time::Timestamp,
    },
    ports::Error,
};

/// An action that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaffActionId(i64);

impl Store {
    /// Writes what is about to be done.
    pub async fn begin_staff_action(
        &self,
        action: &StaffAction,
        now: Timestamp,
    ) -> Result<StaffActionId, Error> {
        let mut tx = self.write().await?;
        let id: i64 = sql(
            "insert into staff_actions (at, actor, command, subject, reason)
             values ($1, $2, $3, $4, $5) returning id",
        )
        .bind(now)
        .bind(&action.author.actor)
        .bind(action.command)
        .bind(&action.subject)
        .bind(&action.author.reason)
        .fetch_value(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(StaffActionId(id))
    }

    /// Writes what came of it.
    pub async fn end_staff_action(
        &self,
        StaffActionId(id): StaffActionId,
        result: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.execute(
            sql("insert into staff_actions
                 (at, actor, command, subject, reason, result_of, result)
                 select $2, actor, command, subject, reason, id, $3
                 from staff_actions where id = $1")
            .bind(id)
            .bind(now)
            .bind(result),
        )
        .await?;
        Ok(())
    }

    /// The newest, newest first.
    pub async fn staff_actions(&self, limit: u32) -> Result<Vec<StoredStaffAction>, Error> {
        let rows = sql(
            "select a.at, a.actor, a.command, a.subject, a.reason, r.result
             from staff_actions a left join staff_actions r on r.result_of = a.id
             where a.result_of is null order by a.id desc limit $1",
        )
        .bind(limit)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let read = |row: &Row| -> Result<_, Error> {
            Ok(StoredStaffAction {
                at: row.get("at")?,
                author: Author {
                    actor: row.get("actor")?,
                    reason: row.get("reason")?,
                },
                command: row.get("command")?,
                subject: row.get("subject")?,
                result: row.get("result")?,
            })
        };
        rows.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator_policy::FulfilmentMode;
    use test_kit::TempDir;

    #[tokio::test]
    async fn what_staff_did_is_kept_and_never_changes() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        let action = |subject: &str| StaffAction {
            author: Author {
                actor: "ani".to_owned(),
                reason: "spilt".to_owned(),
            },
            command: "refund",
            subject: subject.to_owned(),
        };
        let at = Timestamp::from_millis;
        let id = store.begin_staff_action(&action("a"), at(1)).await.unwrap();
        store.end_staff_action(id, "done", at(2)).await.unwrap();
        store.begin_staff_action(&action("b"), at(3)).await.unwrap();
        let listed = store.staff_actions(10).await.unwrap();
        let results: Vec<_> = listed
            .iter()
            .map(|it| (&*it.subject, it.at, it.result.as_deref()))
            .collect();
        assert_eq!(results, [("b", at(3), None), ("a", at(1), Some("done"))]);
        assert_eq!(store.staff_actions(1).await.unwrap().len(), 1);
        // One result each, and no change of either.
        assert!(store.end_staff_action(id, "done", at(4)).await.is_err());
        for change in [
            "update staff_actions set actor = 'budi'",
            "delete from staff_actions",
        ] {
            let changed = store.execute(sql(change)).await;
            let error = format!("{:?}", changed.unwrap_err());
            assert!(error.contains("append-only"), "{change}: {error}");
        }
    }
}
