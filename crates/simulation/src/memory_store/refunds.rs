//! Open refunds and their leases.

use super::{MemoryStore, StoreHooks};
use gopay_protocol::PartnerRefundNo;
use merchant::{
    domain::{
        refund::{
            LEASE, LastResponse, LeasedRefund, MAX_PAUSE, RefundState, RefundSubmission,
            StoredRefund,
        },
        retry,
        time::Timestamp,
    },
    ports::{Error, RefundRepository},
};

impl<H: StoreHooks> RefundRepository for MemoryStore<H> {
    async fn due_refunds(&self, now: Timestamp, limit: u32) -> Result<Vec<PartnerRefundNo>, Error> {
        self.access(|tables, _| {
            let mut due: Vec<_> = (tables.refunds.iter().enumerate())
                .filter(|(_, (refund, leased_until))| {
                    refund.state == RefundState::Open && is_due(refund, *leased_until, now)
                })
                .map(|(index, (refund, _))| (refund.try_at, index, refund.number.clone()))
                .collect();
            due.sort();
            due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            due.into_iter().map(|(.., number)| number).collect()
        })
        .await
    }

    async fn lease_refund(
        &self,
        number: &PartnerRefundNo,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedRefund>, Error> {
        self.access(|tables, _| {
            let (refund, leased_until) =
                (tables.refunds.iter_mut()).find(|(refund, _)| refund.number == *number)?;
            if refund.state != RefundState::Open || !is_due(refund, *leased_until, now) {
                return None;
            }
            *leased_until = until;
            let refund = refund.clone();
            let order = tables.order(&refund.order_id)?.clone();
            Some(LeasedRefund {
                refund,
                order,
                leased_until: until,
            })
        })
        .await
    }

    async fn mark_refund_sent(&self, lease: &LeasedRefund, now: Timestamp) -> Result<bool, Error> {
        self.access(|tables, _| {
            let Some((refund, _)) = tables.leased(lease) else {
                return false;
            };
            refund.progress.sent = Some(RefundSubmission {
                first_at: refund.progress.sent.map_or(now, |sent| sent.first_at),
                last_at: now,
                last_response: LastResponse::Unknown,
            });
            refund.tries += 1;
            true
        })
        .await
    }

    async fn record_refund_response(
        &self,
        lease: &LeasedRefund,
        response: LastResponse,
        answer: &str,
    ) -> Result<(), Error> {
        self.access(|tables, _| {
            if let Some((refund, _)) = tables.leased(lease) {
                if response == LastResponse::NotSent {
                    refund.progress.sent = None;
                } else if let Some(sent) = &mut refund.progress.sent {
                    sent.last_response = response;
                }
                refund.answer = Some(answer.to_owned());
            }
        })
        .await
    }

    async fn release_refund(
        &self,
        lease: &LeasedRefund,
        state: RefundState,
        try_at: Timestamp,
    ) -> Result<(), Error> {
        self.access(|tables, _| {
            if let Some((refund, leased_until)) = tables.leased(lease) {
                refund.state = state;
                refund.try_at = try_at;
                *leased_until = Timestamp::EPOCH;
            }
        })
        .await
    }
}

/// A time beyond the longest delay was written before the clock was set back.
fn is_due(refund: &StoredRefund, leased_until: Timestamp, now: Timestamp) -> bool {
    let has_come =
        |at: Timestamp, longest| at <= now || at > now + longest + retry::CLOCK_TOLERANCE;
    has_come(refund.try_at, MAX_PAUSE) && has_come(leased_until, LEASE)
}
