//! Attempts to pay, and the evidence of what became of them.

use super::{
    Error, Store, StoredOrder, fulfilments,
    orders::{from_column, load, to_column},
};
use crate::evidence::{Finding, attempt_status, order_status};
use contract::{OrderStatus, Rupiah};
use sqlx::{SqliteConnection, prelude::FromRow};

/// One request to GoPay for a payment.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// `X-EXTERNAL-ID`: the same for every time it is sent.
    pub external_id: String,
    /// 1, 2, ... within its order.
    pub number: i64,
    /// The app's request that began it.
    pub idempotency_key: String,
    /// The body for GoPay, but for `chargeToken`.
    pub request: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub valid_until: i64,
    /// GoPay's id, once it answered.
    pub reference_no: Option<String>,
    /// How to pay it, once GoPay answered.
    pub deeplink: Option<String>,
    /// What GoPay said about it, in the order it was heard.
    pub evidence: Vec<Evidence>,
}

impl Attempt {
    /// Where it stands.
    pub fn status(&self, total: Rupiah) -> OrderStatus {
        let findings: Vec<_> = self.evidence.iter().map(|said| said.finding).collect();
        attempt_status(total, &findings)
    }
}

/// Something GoPay said, and how the merchant heard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// What it was.
    pub finding: Finding,
    /// How it was heard.
    pub source: Source,
    /// Unix milliseconds.
    pub received_at: i64,
}

/// How the merchant heard of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The answer to the request itself.
    Answer,
    /// A verified notification.
    Notification,
    /// The merchant's own inquiry, or the lack of an answer to it.
    Inquiry,
}

impl Store {
    /// Keeps what GoPay said and brings the order's status up to date; in the same transaction,
    /// an order that this pays is entered into the outbox.
    pub async fn record(
        &self,
        external_id: &str,
        evidence: Evidence,
    ) -> Result<StoredOrder, Error> {
        self.write_evidence(external_id, None, evidence).await
    }

    /// Keeps GoPay's answer to a payment request: the payment can be made.
    pub async fn record_made(
        &self,
        external_id: &str,
        reference_no: &str,
        deeplink: &str,
        evidence: Evidence,
    ) -> Result<StoredOrder, Error> {
        self.write_evidence(external_id, Some((reference_no, deeplink)), evidence)
            .await
    }

    async fn write_evidence(
        &self,
        external_id: &str,
        made: Option<(&str, &str)>,
        evidence: Evidence,
    ) -> Result<StoredOrder, Error> {
        let mut tx = self.write().await?;
        let (finding, amount) = finding_columns(evidence.finding);
        sqlx::query(
            "insert into evidence (external_id, source, finding, amount, received_at)
             values (?, ?, ?, ?, ?) on conflict do nothing",
        )
        .bind(external_id)
        .bind(source_column(evidence.source))
        .bind(finding)
        .bind(to_column(amount)?)
        .bind(evidence.received_at)
        .execute(&mut *tx)
        .await?;
        if let Some((reference_no, deeplink)) = made {
            sqlx::query("update attempts set reference_no = ?, deeplink = ? where external_id = ?")
                .bind(reference_no)
                .bind(deeplink)
                .bind(external_id)
                .execute(&mut *tx)
                .await?;
        }
        let order_id: String =
            sqlx::query_scalar("select order_id from attempts where external_id = ?")
                .bind(external_id)
                .fetch_one(&mut *tx)
                .await?;
        let mut order = fold(&mut tx, &order_id).await?;
        fulfilments::owe(&mut tx, &mut order, self.handover, evidence.received_at).await?;
        // GoPay has said its last word: nobody needs to ask.
        let settled = order.attempts.iter().any(|attempt| {
            attempt.external_id == external_id && !attempt.status(order.total).is_open()
        });
        if settled {
            sqlx::query("update attempts set look_at = null where external_id = ?")
                .bind(external_id)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(order)
    }

    /// The order with this attempt, found by what GoPay calls it, by what we call it, or both.
    pub async fn order_with_attempt(
        &self,
        reference_no: Option<&str>,
        external_id: Option<&str>,
    ) -> Result<Option<(StoredOrder, String)>, Error> {
        let mut connection = self.pool.acquire().await?;
        let found: Option<(String, String)> = sqlx::query_as(
            "select order_id, external_id from attempts
             where reference_no = ?1 or (external_id = ?2 and (reference_no is null or ?1 is null))
             order by reference_no is null",
        )
        .bind(reference_no)
        .bind(external_id)
        .fetch_optional(&mut *connection)
        .await?;
        let Some((order_id, found)) = found else {
            return Ok(None);
        };
        // Both names were given, and they are not the same attempt's.
        if external_id.is_some_and(|named| named != found) {
            return Ok(None);
        }
        Ok(load(&mut connection, &order_id)
            .await?
            .map(|order| (order, found)))
    }

    /// Takes the right to talk to GoPay about an attempt, unless somebody has it, the last
    /// talk was after `looked_before`, or GoPay has said its last word. What is said to lie in
    /// the future was written before the clock was set back, and keeps nobody away.
    pub async fn lease(
        &self,
        external_id: &str,
        looked_before: i64,
        now: i64,
        until: i64,
    ) -> Result<bool, Error> {
        let taken = sqlx::query(
            "update attempts set leased_until = ?1, looked_at = ?2
             where external_id = ?3 and (leased_until <= ?2 or leased_until > ?1)
             and (looked_at <= ?4 or looked_at > ?2) and look_at is not null",
        )
        .bind(until)
        .bind(now)
        .bind(external_id)
        .bind(looked_before)
        .execute(&self.pool)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Gives the lease until `leased_until` back and says when to look again, if ever.
    /// Changes nothing when somebody else has taken over meanwhile.
    pub async fn release(
        &self,
        external_id: &str,
        leased_until: i64,
        look_at: Option<i64>,
    ) -> Result<(), Error> {
        sqlx::query(
            "update attempts set leased_until = 0, look_at = ?
             where external_id = ? and leased_until = ?",
        )
        .bind(look_at)
        .bind(external_id)
        .bind(leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Asks for a look at once, whatever was planned and whoever is looking; also at an
    /// attempt that was settled.
    pub async fn look_now(&self, external_id: &str, now: i64) -> Result<(), Error> {
        sqlx::query(
            "update attempts set look_at = ?, looked_at = 0, leased_until = 0
             where external_id = ?",
        )
        .bind(now)
        .bind(external_id)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The attempts whose time to be looked at has come, the longest overdue first.
    pub async fn overdue(&self, now: i64, limit: u32) -> Result<Vec<String>, Error> {
        Ok(sqlx::query_scalar(
            "select external_id from attempts
             where look_at <= ? and leased_until <= ? order by look_at limit ?",
        )
        .bind(now)
        .bind(now)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?)
    }
}

#[derive(FromRow)]
struct AttemptRow {
    external_id: String,
    number: i64,
    idempotency_key: String,
    request: String,
    created_at: i64,
    valid_until: i64,
    reference_no: Option<String>,
    deeplink: Option<String>,
}

#[derive(FromRow)]
struct EvidenceRow {
    source: String,
    finding: String,
    amount: i64,
    received_at: i64,
}

/// The order's attempts with their evidence, oldest first.
pub(super) async fn of_order(
    connection: &mut SqliteConnection,
    order_id: &str,
) -> Result<Vec<Attempt>, Error> {
    let rows: Vec<AttemptRow> =
        sqlx::query_as("select * from attempts where order_id = ? order by number")
            .bind(order_id)
            .fetch_all(&mut *connection)
            .await?;
    let mut attempts = Vec::with_capacity(rows.len());
    for row in rows {
        let said: Vec<EvidenceRow> =
            sqlx::query_as("select * from evidence where external_id = ? order by id")
                .bind(&row.external_id)
                .fetch_all(&mut *connection)
                .await?;
        attempts.push(Attempt {
            external_id: row.external_id,
            number: row.number,
            idempotency_key: row.idempotency_key,
            request: row.request,
            created_at: row.created_at,
            valid_until: row.valid_until,
            reference_no: row.reference_no,
            deeplink: row.deeplink,
            evidence: said
                .into_iter()
                .map(|said| {
                    Ok(Evidence {
                        finding: finding_from_columns(&said.finding, from_column(said.amount)?)?,
                        source: source_from_column(&said.source)?,
                        received_at: said.received_at,
                    })
                })
                .collect::<Result<_, Error>>()?,
        });
    }
    Ok(attempts)
}

/// Computes the order's status from its evidence and writes it down.
pub(super) async fn fold(
    connection: &mut SqliteConnection,
    order_id: &str,
) -> Result<StoredOrder, Error> {
    let mut order = load(connection, order_id)
        .await?
        .ok_or(Error::Content("evidence without an order"))?;
    let attempts: Vec<_> = order
        .attempts
        .iter()
        .map(|attempt| attempt.status(order.total))
        .collect();
    order.status = order_status(&attempts);
    sqlx::query("update orders set status = ? where id = ?")
        .bind(order.status.name())
        .bind(order_id)
        .execute(connection)
        .await?;
    Ok(order)
}

const fn finding_columns(finding: Finding) -> (&'static str, Rupiah) {
    match finding {
        Finding::Made => ("made", Rupiah::ZERO),
        Finding::Refused => ("refused", Rupiah::ZERO),
        Finding::NeverMade => ("never_made", Rupiah::ZERO),
        Finding::Paid(amount) => ("paid", amount),
        Finding::PaidInDoubt(amount) => ("paid_in_doubt", amount),
        Finding::Refunded(amount) => ("refunded", amount),
        Finding::Cancelled => ("cancelled", Rupiah::ZERO),
        Finding::Failed => ("failed", Rupiah::ZERO),
        Finding::Expired => ("expired", Rupiah::ZERO),
        Finding::GivenUp => ("given_up", Rupiah::ZERO),
    }
}

pub(super) fn finding_from_columns(finding: &str, amount: Rupiah) -> Result<Finding, Error> {
    Ok(match finding {
        "made" => Finding::Made,
        "refused" => Finding::Refused,
        "never_made" => Finding::NeverMade,
        "paid" => Finding::Paid(amount),
        "paid_in_doubt" => Finding::PaidInDoubt(amount),
        "refunded" => Finding::Refunded(amount),
        "cancelled" => Finding::Cancelled,
        "failed" => Finding::Failed,
        "expired" => Finding::Expired,
        "given_up" => Finding::GivenUp,
        _ => return Err(Error::Content("evidence")),
    })
}

const fn source_column(source: Source) -> &'static str {
    match source {
        Source::Answer => "answer",
        Source::Notification => "notification",
        Source::Inquiry => "inquiry",
    }
}

fn source_from_column(source: &str) -> Result<Source, Error> {
    Ok(match source {
        "answer" => Source::Answer,
        "notification" => Source::Notification,
        "inquiry" => Source::Inquiry,
        _ => return Err(Error::Content("evidence")),
    })
}
