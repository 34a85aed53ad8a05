//! The buyer calls an order off.

use super::{ATTEMPT_LEASE, OrderService};
use crate::{
    domain::{
        attempt::Attempt,
        gopay_result::{CancelOutcome, Error},
        order::StoredOrder,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
    },
    ports::{self, Repository},
};
use contract::{CustomerId, OrderId, OrderStatus};
use gopay_protocol::ExternalId;
use std::sync::Arc;

/// Why an order was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is no such order of this buyer.
    #[error("there is no such order")]
    NotFound,
    /// It ended in another way.
    #[error("the order can no longer be cancelled")]
    Closed,
    /// GoPay cannot be asked, or gives no clear answer; trying again is safe.
    #[error("GoPay gives no clear answer")]
    GoPay,
    #[error(transparent)]
    Store(#[from] ports::Error),
}

impl<R: Repository> OrderService<R> {
    /// Takes the payment back at GoPay. Only GoPay's word cancels an order: a link that the
    /// buyer holds could be paid otherwise. A payment that GoPay does not know is cancelled as
    /// well where the buyer has no link: its request is not sent again, and one that is still on
    /// its way makes a payment that nothing leads to, and that ends by itself.
    pub async fn cancel(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        order_id: &OrderId,
    ) -> Result<StoredOrder, CancelError> {
        let mut was_checking = false;
        let mut order = self
            .store()
            .order_of(customer_id, order_id)
            .await?
            .ok_or(CancelError::NotFound)?;
        if order.status == OrderStatus::Checking {
            was_checking = true;
            self.payments
                .inquire(&order.attempt()?.external_id, self.now())
                .await?;
            order = self.reload(&order).await?;
        }
        match order.status {
            OrderStatus::AwaitingPayment | OrderStatus::Checking => {}
            OrderStatus::Cancelled => return Ok(order),
            // It has just come to its end, and that is what the buyer wanted.
            OrderStatus::Failed | OrderStatus::Expired if was_checking => return Ok(order),
            _ => return Err(CancelError::Closed),
        }
        let attempt = order.attempt()?;
        if attempt.way.is_none() {
            return self.cancel_unlinked(&order, attempt).await;
        }
        match self.cancel_at_gopay(&order, attempt).await? {
            Some(cancelled) => Ok(cancelled),
            None => self.end_of(&order).await,
        }
    }

    /// Takes back a payment that the buyer has no link to. With the right to talk to GoPay about
    /// it: nothing else may send its request meanwhile, or go on to do so from what it has read.
    async fn cancel_unlinked(
        self: &Arc<Self>,
        order: &StoredOrder,
        attempt: &Attempt,
    ) -> Result<StoredOrder, CancelError> {
        let (external_id, now) = (&attempt.external_id, self.now());
        let until = now + ATTEMPT_LEASE;
        if !self.store().lease(external_id, now, now, until).await? {
            return Err(CancelError::GoPay);
        }
        let ended = self.cancel_leased(order, external_id).await;
        let known = match &ended {
            Ok(Some(after)) => after,
            _ => order,
        };
        let next_inquiry_at = known.attempt()?.next_inquiry_at(order.total, self.now());
        self.store()
            .release(external_id, until, next_inquiry_at)
            .await?;
        self.payments.wake.notify_one();
        match ended? {
            Some(ended) => Ok(ended),
            None => self.end_of(order).await,
        }
    }

    async fn cancel_leased(
        &self,
        order: &StoredOrder,
        external_id: &ExternalId,
    ) -> Result<Option<StoredOrder>, CancelError> {
        // Before the lease an inquiry may have brought the link.
        let order = self.reload(order).await?;
        let attempt = order
            .find_attempt(external_id)
            .ok_or(CancelError::NotFound)?;
        self.cancel_at_gopay(&order, attempt).await
    }

    /// The order where GoPay took the payment back, or knows none and the buyer has no link to one.
    async fn cancel_at_gopay(
        &self,
        order: &StoredOrder,
        attempt: &Attempt,
    ) -> Result<Option<StoredOrder>, CancelError> {
        let answer = self.payments.gopay.cancel(attempt).await;
        note_failed_cancellation(&order.id, &answer);
        match answer {
            Ok(CancelOutcome::Cancelled) => self.record_cancelled(attempt).await.map(Some),
            Ok(CancelOutcome::NotFound) if attempt.way.is_none() => {
                self.record_cancelled(attempt).await.map(Some)
            }
            Ok(CancelOutcome::NotAllowed(_) | CancelOutcome::NotFound) | Err(_) => Ok(None),
        }
    }

    async fn record_cancelled(&self, attempt: &Attempt) -> Result<StoredOrder, CancelError> {
        let external_id = &attempt.external_id;
        let received = ReceivedEvent {
            event: PaymentEvent::Cancelled,
            source: EventSource::Answer,
            received_at: self.now(),
        };
        let order = self.store().record(external_id, received).await?;
        // It may have been paid meanwhile: an inquiry is due.
        self.payments.wake.notify_one();
        Ok(order)
    }

    /// Asks what became of the payment; its end, whatever it is, is the answer.
    async fn end_of(self: &Arc<Self>, order: &StoredOrder) -> Result<StoredOrder, CancelError> {
        self.payments
            .inquire(&order.attempt()?.external_id, self.now())
            .await?;
        match self.reload(order).await? {
            order if !order.status.is_open() => Ok(order),
            _ => Err(CancelError::GoPay),
        }
    }

    async fn reload(&self, order: &StoredOrder) -> Result<StoredOrder, CancelError> {
        let order = self.store().order(&order.id).await?;
        order.ok_or(CancelError::NotFound)
    }
}

/// Logs a cancellation that GoPay did not carry out, unless GoPay does not know the payment.
pub(super) fn note_failed_cancellation(order_id: &OrderId, answer: &Result<CancelOutcome, Error>) {
    let error = match answer {
        Ok(CancelOutcome::Cancelled | CancelOutcome::NotFound) => return,
        Ok(CancelOutcome::NotAllowed(code)) => Error::Refused(*code),
        Err(error) => *error,
    };
    let code = error.code().map(tracing::field::display);
    tracing::warn!(event = "payment.cancel_failed", order = order_id.as_str(), code, %error, hint = error.hint(), "a payment was not taken back");
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::{ResponseCode, ServiceCode};
    use test_kit::Log;

    fn logged(answer: &Result<CancelOutcome, Error>) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            note_failed_cancellation(&"order-1".into(), answer);
        });
        String::from_utf8(log.bytes()).unwrap()
    }

    #[test]
    fn a_refused_cancellation_is_logged_with_its_code_and_what_to_do() {
        let code = ResponseCode::new(403, ServiceCode::Cancel, 15);
        let log = logged(&Ok(CancelOutcome::NotAllowed(code)));
        for field in [
            r#"event="payment.cancel_failed""#,
            r#"order="order-1""#,
            "code=4035715",
            r#"hint="GoPay does not cancel it"#,
        ] {
            assert!(log.contains(field), "{field}: {log}");
        }
        let log = logged(&Err(Error::Unknown("no answer")));
        assert!(log.contains("payment.cancel_failed"), "{log}");
        assert!(!log.contains("code=") && !log.contains("hint="), "{log}");
        assert_eq!(logged(&Ok(CancelOutcome::Cancelled)), "");
        assert_eq!(logged(&Ok(CancelOutcome::NotFound)), "");
    }
}
