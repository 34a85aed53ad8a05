//! Asks GoPay to give money back.
//!
//! Not here: what an answer means for the refund.

use super::{GoPay, throttle::Api, transaction::snap_order_id};
use crate::domain::{attempt::Attempt, gopay_result::Error};
use gopay_protocol::{
    Amount, ExternalId, RefundNo, Secret, is_same_id,
    message::refund::{PATH, Request, Response},
};

impl GoPay {
    /// Asks for a refund of the payment of `attempt`; lawful to repeat, with the same `request` under the same
    /// `external_id`. A success is one only if it is about this refund.
    pub async fn refund(
        &self,
        attempt: &Attempt,
        external_id: &ExternalId,
        request: &str,
    ) -> Result<Response, Error> {
        let asked: Request = serde_json::from_str(request).map_err(|_| Error::NotSent)?;
        if let Some(order_id) = snap_order_id(attempt) {
            return self.refund_snap(&order_id, &asked).await;
        }
        let response: Response = self
            .transact(Api::Refund, PATH, external_id, |_| {
                Some(Secret::new(request))
            })
            .await?;
        validate(&asked, response)
    }
}

fn validate(asked: &Request, response: Response) -> Result<Response, Error> {
    let (theirs, ours) = (
        &response.original_reference_no,
        &asked.original_reference_no,
    );
    if theirs.is_some() && ours.is_some() && theirs != ours {
        return Err(Error::Unknown("an answer about another payment"));
    }
    // GoPay's id of the refund, where the merchant's number belongs, says nothing.
    let theirs = response.refund_no.as_ref().map(RefundNo::as_str);
    let is_another = response.partner_refund_no.as_ref().is_some_and(|number| {
        !is_same_id(number.as_str(), asked.partner_refund_no.as_str())
            && Some(number.as_str()) != theirs
    });
    if is_another {
        return Err(Error::Unknown("an answer about another refund"));
    }
    let amount = response.refund_amount.as_ref().map(Amount::rupiah);
    if amount.is_some_and(|amount| amount != asked.refund_amount.rupiah()) {
        return Err(Error::Unknown("an answer about another amount"));
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::{ResponseCode, ServiceCode};

    fn believed(change: impl FnOnce(&mut Response)) -> Result<Response, Error> {
        let asked = Request {
            original_reference_no: Some("A1".into()),
            original_external_id: None,
            original_partner_reference_no: "order".into(),
            partner_refund_no: "R-1".into(),
            refund_amount: Amount::idr(10_000),
            reason: String::new(),
        };
        let mut response = Response {
            response_code: ResponseCode::new(200, ServiceCode::Refund, 0),
            original_reference_no: Some("A1".into()),
            refund_no: Some("1".into()),
            partner_refund_no: Some("R-1".into()),
            refund_amount: Some(Amount::idr(10_000)),
        };
        change(&mut response);
        validate(&asked, response)
    }

    #[test]
    fn a_success_must_be_about_this_refund() {
        assert!(believed(|_| ()).is_ok());
        assert!(believed(|it| it.partner_refund_no = None).is_ok());
        assert!(believed(|it| it.refund_amount = None).is_ok());
        assert!(believed(|it| it.partner_refund_no = Some("r1".into())).is_ok());
        assert!(believed(|it| it.partner_refund_no = Some("1".into())).is_ok());
        for wrong in [
            believed(|it| it.partner_refund_no = Some("R-2".into())),
            believed(|it| it.original_reference_no = Some("A2".into())),
            believed(|it| it.refund_amount = Some(Amount::idr(1))),
        ] {
            assert!(matches!(wrong, Err(Error::Unknown(_))));
        }
    }
}
