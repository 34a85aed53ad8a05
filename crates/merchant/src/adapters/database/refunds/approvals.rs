//! The second person that a large refund needs.
//!
//! Invariant: who asked first and who approved are two, and a row is written once and approved once.

use crate::{
    adapters::database::{
        columns::{from_column, read_id, to_column},
        connection::{Connection, Statement, sql},
        store::Store,
        value::Row,
    },
    domain::{
        refund::{APPROVE_WITHIN, ApprovalRule, RefundApproval, StoredRefund},
        time::Timestamp,
    },
    ports::Error,
};
use contract::{OrderId, Rupiah};

/// What is asked for, as a second person has to ask for it too.
pub(super) struct Proposal<'a> {
    pub(super) order_id: &'a OrderId,
    pub(super) amount: Rupiah,
    /// The name of the request; empty without one.
    pub(super) asked_as: &'a str,
    /// The number of the refund that is tried again; empty where it is a new one.
    pub(super) retry_of: &'a str,
}

/// The open rows about the same, with one more condition.
macro_rules! same {
    ($before:literal, $condition:literal) => {
        concat!(
            $before,
            " from refund_approvals where order_id = $1 and amount = $2 and asked_as = $3
             and retry_of = $4 and asked_at > $5 and approved_by is null and ",
            $condition
        )
    };
}

impl Proposal<'_> {
    fn bind<'a>(
        &'a self,
        text: &'static str,
        actor: &'a str,
        now: Timestamp,
    ) -> Result<Statement<'a>, Error> {
        Ok(sql(text)
            .bind(self.order_id.as_str())
            .bind(to_column(self.amount)?)
            .bind(self.asked_as)
            .bind(self.retry_of)
            .bind(now - APPROVE_WITHIN)
            .bind(actor))
    }

    /// Whether another person has asked for it, and waits for a second one.
    pub(super) async fn is_awaited(
        &self,
        connection: &mut Connection,
        rule: Option<&ApprovalRule>,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let Some(rule) = rule else {
            return Ok(false);
        };
        let count = same!("select count(*)", "asked_by <> $6");
        let count: i64 = self
            .bind(count, &rule.actor, now)?
            .fetch_value(connection)
            .await?;
        Ok(count > 0)
    }

    /// What has to be waited for before it is reserved, if anything. The request of a second person approves
    /// that of the first, which is written down.
    pub(super) async fn approval(
        &self,
        connection: &mut Connection,
        rule: Option<&ApprovalRule>,
        refunds: &[StoredRefund],
        now: Timestamp,
    ) -> Result<Option<RefundApproval>, Error> {
        let Some(rule) = rule.filter(|rule| rule.applies(self.amount, refunds)) else {
            return Ok(None);
        };
        let approve = concat!(
            "update refund_approvals set approved_by = $6 where id = (",
            same!("select min(id)", "asked_by <> $6"),
            ")"
        );
        let approved = self.bind(approve, &rule.actor, now)?;
        if approved.execute(&mut *connection).await? == 1 {
            return Ok(None);
        }
        let own = same!("select *", "asked_by = $6");
        let before = self.bind(own, &rule.actor, now)?;
        if let Some(row) = before.fetch_optional(&mut *connection).await? {
            return read(&row).map(Some);
        }
        let row = sql(
            "insert into refund_approvals (order_id, amount, asked_as, retry_of, asked_by, asked_at)
             values ($1, $2, $3, $4, $5, $6) returning *",
        )
        .bind(self.order_id.as_str())
        .bind(to_column(self.amount)?)
        .bind(self.asked_as)
        .bind(self.retry_of)
        .bind(&*rule.actor)
        .bind(now)
        .fetch_one(connection)
        .await?;
        read(&row).map(Some)
    }
}

fn read(row: &Row) -> Result<RefundApproval, Error> {
    let text = |name| row.get::<String>(name);
    Ok(RefundApproval {
        id: row.get("id")?,
        order_id: read_id(row, "order_id")?,
        amount: from_column(row.get("amount")?)?,
        asked_as: Some(text("asked_as")?).filter(|key| !key.is_empty()),
        retry_of: Some(text("retry_of")?)
            .filter(|number| !number.is_empty())
            .map(Into::into),
        asked_by: text("asked_by")?,
        asked_at: row.get("asked_at")?,
    })
}

impl Store {
    /// What waits for a second person, the oldest first.
    pub async fn refund_approvals(&self, now: Timestamp) -> Result<Vec<RefundApproval>, Error> {
        let rows = sql("select * from refund_approvals
             where approved_by is null and asked_at > $1 order by id")
        .bind(now - APPROVE_WITHIN)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(read).collect()
    }
}
