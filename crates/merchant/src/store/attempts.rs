//! Attempts to pay, and the evidence of what became of them.

use super::{
    Error, Store, StoredOrder, fulfilments,
    orders::{from_column, load, status_from_column, to_column},
    refunds,
    unplaced::{self, Unplaced},
};
use crate::books::{AttemptName, Attempts, Due};
use crate::evidence::{Finding, attempt_status, order_status};
use crate::schedule;
use contract::{OrderStatus, Rupiah};
use gopay_protocol::message::{notify::RefundHistory, payment};
use sqlx::{SqliteConnection, SqliteExecutor, prelude::FromRow};

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
    /// What GoPay was told to call the payment; `None` in a request that cannot be read.
    pub fn partner_reference_no(&self) -> Option<String> {
        let request: payment::Request = serde_json::from_str(&self.request).ok()?;
        Some(request.partner_reference_no)
    }

    /// What is known of its money: that it was paid, or at least that some of it went back.
    pub fn known_money(&self) -> Option<Finding> {
        let mut findings = self.evidence.iter().map(|said| said.finding);
        findings.find(|finding| finding.is_money())
    }

    /// Whether its money has been known for so long at `now`; milliseconds.
    pub fn has_been_paid_for(&self, milliseconds: i64, now: i64) -> bool {
        let mut money = self.evidence.iter().filter(|said| said.finding.is_money());
        money.any(|said| now > said.received_at.saturating_add(milliseconds))
    }

    /// Whether its end is known.
    pub fn has_ended(&self) -> bool {
        let mut said = self.evidence.iter();
        said.any(|said| !matches!(said.finding, Finding::Made | Finding::GivenUp))
    }

    /// Whether GoPay was asked for its end in vain, and has not told it since.
    pub fn is_given_up(&self) -> bool {
        let mut said = self.evidence.iter();
        !self.has_ended() && said.any(|said| said.finding == Finding::GivenUp)
    }

    /// When to look at an attempt that has ended, after `evidence` was heard of, which may be
    /// news.
    ///
    /// Only the answer to an inquiry says whether GoPay doubts that it was the buyer: so money
    /// that a notification tells of is asked about at once, and nothing but an answer to an
    /// inquiry makes that needless.
    pub fn plan(&self, total: Rupiah, evidence: &Evidence, news: bool) -> Plan {
        let money = self.status(total).took_money();
        match (evidence.source, evidence.finding) {
            (Source::Notification, Finding::Paid(_)) if money && news => Plan::Look,
            // Money that GoPay told of has not come after all, or this is old.
            (
                Source::Notification | Source::Answer,
                Finding::Cancelled | Finding::Failed | Finding::Expired,
            ) if money && news => Plan::Look,
            (Source::Notification | Source::Answer, _) if money => Plan::AsItWas,
            // An inquiry plans when its lease ends. What a notification has planned in the
            // meantime is newer than the answer.
            (Source::Inquiry, _) => Plan::AsItWas,
            _ => Plan::At(self.next_look(total, evidence.received_at)),
        }
    }

    /// When GoPay is to be asked about it after something was heard of it at `now`, if ever.
    pub fn next_look(&self, total: Rupiah, now: i64) -> Option<i64> {
        let status = self.status(total);
        if status.is_open() || self.is_given_up() {
            schedule::next_look(self.created_at, self.valid_until, now)
        } else if status.took_money() {
            None
        } else {
            schedule::last_look(self.valid_until, now)
        }
    }

    /// Where it stands.
    pub fn status(&self, total: Rupiah) -> OrderStatus {
        let findings: Vec<_> = self.evidence.iter().map(|said| said.finding).collect();
        attempt_status(total, &findings)
    }
}

/// When to look at an attempt that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// At once, whoever is looking.
    Look,
    /// Then, if ever.
    At(Option<i64>),
    /// As it was planned before.
    AsItWas,
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

impl Attempts for Store {
    async fn record_with_refunds(
        &self,
        external_id: &str,
        evidence: Evidence,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        self.write_evidence(external_id, None, evidence, history)
            .await
    }

    async fn record_made(
        &self,
        external_id: &str,
        reference_no: Option<&str>,
        deeplink: &str,
        evidence: Evidence,
    ) -> Result<StoredOrder, Error> {
        let made = Some((reference_no, deeplink));
        self.write_evidence(external_id, made, evidence, RefundHistory::EMPTY)
            .await
    }

    async fn order_with_attempt(
        &self,
        name: AttemptName<'_>,
    ) -> Result<Option<(StoredOrder, String)>, Error> {
        let mut connection = self.pool.acquire().await?;
        let (query, id) = match name {
            AttemptName::ReferenceNo(id) => (
                "select order_id, external_id from attempts where reference_no = ?",
                id,
            ),
            AttemptName::ExternalId(id) => (
                "select order_id, external_id from attempts where external_id = ?",
                id,
            ),
        };
        let found: Option<(String, String)> = sqlx::query_as(query)
            .bind(id)
            .fetch_optional(&mut *connection)
            .await?;
        let Some((order_id, found)) = found else {
            return Ok(None);
        };
        Ok(load(&mut connection, &order_id)
            .await?
            .map(|order| (order, found)))
    }

    async fn lease(
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

    async fn release(
        &self,
        external_id: &str,
        leased_until: i64,
        look_at: Option<i64>,
    ) -> Result<(), Error> {
        // 0: a look at once was asked for meanwhile.
        sqlx::query(
            "update attempts set leased_until = 0,
             look_at = case looked_at when 0 then look_at else ? end
             where external_id = ? and leased_until = ?",
        )
        .bind(look_at)
        .bind(external_id)
        .bind(leased_until)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn look_now(&self, external_id: &str, now: i64) -> Result<(), Error> {
        look_at_once(&self.pool, external_id, now).await
    }

    async fn keep_unplaced(&self, notification: Unplaced, now: i64) -> Result<(), Error> {
        let mut tx = self.write().await?;
        unplaced::keep(&mut tx, &notification, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn next_due(&self) -> Result<Option<Due>, Error> {
        let due: Option<(String, i64)> = sqlx::query_as(
            "select external_id, max(look_at, leased_until) as due from attempts
             where look_at is not null order by due limit 1",
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(due.map(|(external_id, at)| Due { external_id, at }))
    }
}

impl Store {
    async fn write_evidence(
        &self,
        external_id: &str,
        made: Option<(Option<&str>, &str)>,
        evidence: Evidence,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        let mut tx = self.write().await?;
        let Evidence {
            finding,
            source,
            received_at,
        } = evidence;
        let news = keep(&mut tx, external_id, finding, source, received_at).await?;
        refunds::settle(&mut tx, external_id, history, source, received_at).await?;
        if let Some((reference_no, deeplink)) = made {
            sqlx::query(
                "update attempts set reference_no = coalesce(?, reference_no), deeplink = ?
                 where external_id = ?",
            )
            .bind(reference_no)
            .bind(deeplink)
            .bind(external_id)
            .execute(&mut *tx)
            .await?;
        }
        let (order_id, before): (String, String) = sqlx::query_as(
            "select orders.id, status from attempts join orders on orders.id = order_id
             where external_id = ?",
        )
        .bind(external_id)
        .fetch_one(&mut *tx)
        .await?;
        let before = status_from_column(&before)?;
        let mut order = fold(&mut tx, &order_id).await?;
        let wanted = refunds::provide(&mut tx, &order, before, self.paid_late, received_at).await?;
        if wanted {
            fulfilments::owe(&mut tx, &mut order, self.handover, received_at).await?;
        }
        // An end was heard of: nobody needs to ask soon.
        let ended = order.attempts.iter().find(|attempt| {
            attempt.external_id == external_id && !attempt.status(order.total).is_open()
        });
        if let Some(attempt) = ended {
            match attempt.plan(order.total, &evidence, news) {
                Plan::Look => {
                    // Also when somebody is looking: their answer may be older than this.
                    look_at_once(&mut *tx, external_id, received_at).await?;
                }
                Plan::At(look_at) => {
                    sqlx::query("update attempts set look_at = ? where external_id = ?")
                        .bind(look_at)
                        .bind(external_id)
                        .execute(&mut *tx)
                        .await?;
                }
                Plan::AsItWas => {}
            }
        }
        tx.commit().await?;
        Ok(order)
    }

    /// The attempts, with their orders, that may have taken money, whose end is not known, or
    /// that were made since then; the oldest first.
    pub async fn attempts_to_reconcile(&self, since: i64) -> Result<Vec<(String, String)>, Error> {
        Ok(sqlx::query_as(
            "select order_id, external_id from attempts
             where created_at >= ? or not exists (
                 select 1 from evidence where evidence.external_id = attempts.external_id
                 and finding in ('refused', 'never_made', 'cancelled', 'failed', 'expired'))
             or exists (
                 select 1 from evidence where evidence.external_id = attempts.external_id
                 and finding in ('paid', 'paid_in_doubt', 'refunded'))
             order by created_at, number",
        )
        .bind(since)
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

async fn look_at_once(
    executor: impl SqliteExecutor<'_>,
    external_id: &str,
    now: i64,
) -> Result<(), Error> {
    sqlx::query("update attempts set look_at = ?, looked_at = 0 where external_id = ?")
        .bind(now)
        .bind(external_id)
        .execute(executor)
        .await?;
    Ok(())
}

/// Writes down what GoPay said, once. Whether it is news.
pub(super) async fn keep(
    connection: &mut SqliteConnection,
    external_id: &str,
    finding: Finding,
    source: Source,
    received_at: i64,
) -> Result<bool, Error> {
    let (finding, amount) = finding_columns(finding);
    let written = sqlx::query(
        "insert into evidence (external_id, source, finding, amount, received_at)
         values (?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(external_id)
    .bind(source_column(source))
    .bind(finding)
    .bind(to_column(amount)?)
    .bind(received_at)
    .execute(connection)
    .await?;
    Ok(written.rows_affected() == 1)
}

const fn finding_columns(finding: Finding) -> (&'static str, Rupiah) {
    match finding {
        Finding::Made => ("made", Rupiah::ZERO),
        Finding::Refused => ("refused", Rupiah::ZERO),
        Finding::NeverMade => ("never_made", Rupiah::ZERO),
        Finding::Paid(amount) => ("paid", amount),
        Finding::PaidInDoubt(amount) => ("paid_in_doubt", amount),
        Finding::Reversed => ("reversed", Rupiah::ZERO),
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
        "reversed" => Finding::Reversed,
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
