//! The table of attacks: what is sent, what is right, and why.
//!
//! Not here: what only GoPay decides, and no page says. A base64url signature is one such case, a paid notification
//! that an inquiry contradicts another.

use super::notifications::Build;
use crate::notifier::{self, MerchantAnswer};
use LatestTransactionStatus::{Canceled, Expired, Failed, Pending, Success};
use gopay_protocol::LatestTransactionStatus;
use serde_json::{Value, json};
use strum::Display;

#[derive(Debug)]
pub(super) struct Attack {
    pub(super) id: &'static str,
    /// What is sent.
    pub(super) sent: &'static str,
    pub(super) why: &'static str,
    pub(super) procedure: Procedure,
    pub(super) answer: AnswerRule,
    pub(super) state: StateRule,
}

#[derive(Debug)]
pub(super) enum Procedure {
    /// Each notification after the answer to the one before.
    Send(Order, Build),
    SendTogether(Order, Build),
    /// The buyer pays while another sender's notification stops in the middle.
    BesideSlowBody,
    /// The buyer pays, and GoPay notifies, before it has answered the payment request.
    BeforePaymentAnswer,
    LostPaymentAnswer,
}

/// The order that an attack is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// Not paid; one for all attacks that leave it so.
    Pending,
    NewPending,
    /// Paid, and GoPay has notified; one for all attacks that leave it so.
    Paid,
    /// Paid at GoPay a moment ago, which the attack tells.
    PaidUnnotified,
    /// As `PaidUnnotified`, of the order of `Pending`.
    PendingThenPaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Display)]
pub(super) enum AnswerRule {
    /// GoPay repeats what is answered otherwise `[payment-notification-api]`.
    #[strum(serialize = "answered 200")]
    Accepted,
    #[strum(serialize = "answered 4xx")]
    Refused,
    #[strum(serialize = "answered, and not with 5xx")]
    NoServerError,
    /// A server may close the connection instead of reading everything.
    #[strum(serialize = "answered, and not with 5xx, or the connection closed")]
    NoServerErrorOrClosed,
    #[strum(serialize = "one payment at most")]
    OnePayment,
}

impl AnswerRule {
    /// What is wrong with an answer.
    pub(super) fn mistake(self, answer: &MerchantAnswer) -> Option<String> {
        let status = match answer {
            MerchantAnswer::Answered { http_status, .. } => *http_status,
            MerchantAnswer::None(why)
                if self == Self::NoServerErrorOrClosed && why == notifier::CONNECTION_BROKE =>
            {
                return None;
            }
            MerchantAnswer::None(why) => return Some(why.clone()),
        };
        let is_right = match self {
            Self::Accepted => status == 200,
            Self::Refused => (400..500).contains(&status),
            Self::NoServerError | Self::NoServerErrorOrClosed | Self::OnePayment => status < 500,
        };
        (!is_right).then(|| format!("answered {status}"))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Display)]
pub(super) enum StateRule {
    #[strum(serialize = "the order is not paid")]
    NotPaid,
    #[strum(serialize = "the order stays paid")]
    StaysPaid,
    #[strum(serialize = "the order becomes paid, or is refunded")]
    BecomesPaid,
    #[strum(serialize = "any state")]
    Any,
}

impl Attack {
    /// What is right.
    pub(super) fn right(&self) -> String {
        match self.state {
            StateRule::Any => self.answer.to_string(),
            state => format!("{}, and {state}", self.answer),
        }
    }
}

/// In the order in which they are run.
pub(super) const ATTACKS: &[Attack] = &[
    Attack {
        id: "genuine",
        sent: "GoPay's notification of a payment",
        why: "GoPay repeats it until it is answered 200, five times at most [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| Ok(vec![it.genuine(&Success)?])),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "unsigned",
        sent: "\"paid\" without X-SIGNATURE",
        why: "anybody can send it: X-SIGNATURE is mandatory [payment-notification-api]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.with_signature(&Success, |_| None)?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "empty-signature",
        sent: "\"paid\" with an empty X-SIGNATURE",
        why: "a header that is there proves nothing [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.with_signature(&Success, |_| Some(String::new()))?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "garbage-signature",
        sent: "\"paid\" with an X-SIGNATURE that is no base64",
        why: "what cannot be decoded is not GoPay's, and not an error of the server [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.with_signature(&Success, |_| {
                Some("{not base64!}".to_owned())
            })?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "foreign-key",
        sent: "\"paid\", signed with a key that is not GoPay's",
        why: "only GoPay's public key tells who has signed [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.signed_by_another(&Success)?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "body-changed",
        sent: "GoPay's \"pending\", changed to \"paid\" after it was signed",
        why: "the signature covers the hash of the body [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.changed(&Pending, &Success)?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-path",
        sent: "\"paid\", signed by GoPay for another path",
        why: "the signature covers the path, so what GoPay signed for one endpoint is no notification [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| {
            Ok(vec![it.signed_for_another_path(&Success)?])
        }),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-time",
        sent: "\"paid\", signed by GoPay with another time than X-TIMESTAMP",
        why: "the signature covers X-TIMESTAMP, else an old notification could be made young [signature-generation]",
        procedure: Procedure::Send(Order::Pending, |it| Ok(vec![it.redated(&Success)?])),
        answer: AnswerRule::Refused,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "genuine-after-forged",
        sent: "GoPay's notification of a payment that forged ones came before",
        why: "a forged notification must not take the place of the genuine one",
        procedure: Procedure::Send(Order::PendingThenPaid, |it| Ok(vec![it.genuine(&Success)?])),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "unknown-order",
        sent: "GoPay's notification of a payment that the merchant does not know",
        why: "GoPay's dashboard sends a test notification, and a 5xx is repeated [payment-notification-api]",
        procedure: Procedure::Send(Order::Pending, |it| {
            let ids = [
                "originalReferenceNo",
                "originalPartnerReferenceNo",
                "originalExternalId",
            ];
            Ok(vec![it.with_fields(
                &Success,
                &ids.map(|name| (name, json!("unknown"))),
            )?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-merchant",
        sent: "\"paid\", signed by GoPay, with another merchantId",
        why: "GoPay's key may sign for other merchants, too, whose payments can have your order's number: merchantId tells them apart [payment-notification-api]",
        procedure: Procedure::Send(Order::NewPending, |it| {
            Ok(vec![it.with_fields(
                &Success,
                &[("merchantId", json!("G000000666"))],
            )?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-reference",
        sent: "\"paid\", signed by GoPay, of another payment with the order's number",
        why: "merchantId is optional, and GoPay does not check that partnerReferenceNo is unique: originalReferenceNo is the payment [payment-notification-api]",
        procedure: Procedure::Send(Order::NewPending, |it| {
            Ok(vec![it.with_fields(
                &Success,
                &[
                    ("originalReferenceNo", json!("A1209901010000anotherpayID")),
                    ("originalExternalId", json!("another")),
                ],
            )?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-amount",
        sent: "\"paid\", signed by GoPay, of one rupiah",
        why: "an order is paid once its whole amount is [payment-notification-api]",
        procedure: Procedure::Send(Order::NewPending, |it| {
            Ok(vec![it.with_fields(
                &Success,
                &[("amount", json!({"value": "1.00", "currency": "IDR"}))],
            )?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    },
    Attack {
        id: "other-currency",
        sent: "\"paid\", signed by GoPay, in another currency",
        why: "an amount is a number and its currency [payment-notification-api]",
        procedure: Procedure::Send(Order::NewPending, |it| {
            let mut amount = json!(it.payment.amount);
            amount["currency"] = json!("VND");
            Ok(vec![it.with_fields(&Success, &[("amount", amount)])?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    },
    later(
        "pending-after-paid",
        "GoPay's \"pending\" (03) after \"paid\"",
        |it| Ok(vec![it.genuine(&Pending)?]),
    ),
    later(
        "cancelled-after-paid",
        "GoPay's \"cancelled\" (05) after \"paid\"",
        |it| Ok(vec![it.genuine(&Canceled)?]),
    ),
    later(
        "failed-after-paid",
        "GoPay's \"failed\" (06) after \"paid\"",
        |it| Ok(vec![it.genuine(&Failed)?]),
    ),
    later(
        "expired-after-paid",
        "GoPay's \"expired\" (08) after \"paid\"",
        |it| Ok(vec![it.genuine(&Expired)?]),
    ),
    Attack {
        id: "repeated",
        sent: "the same notification, ten times",
        why: "GoPay sends duplicates: each is answered 200 and has one effect [best-practices-to-handle-notification]",
        procedure: Procedure::Send(Order::Paid, |it| Ok(vec![it.genuine(&Success)?; 10])),
        answer: AnswerRule::Accepted,
        state: StateRule::StaysPaid,
    },
    Attack {
        id: "two-at-once",
        sent: "the same notification, twice at the same time",
        why: "a repetition can overtake the notification that it repeats [best-practices-to-handle-notification]",
        procedure: Procedure::SendTogether(Order::PaidUnnotified, |it| {
            Ok(vec![it.genuine(&Success)?; 2])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "paid-after-cancelled",
        sent: "\"cancelled\" (05), then \"paid\" (00)",
        why: "money has moved, whatever came before: the order is paid, or refunded [best-practices-to-handle-notification]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            Ok(vec![it.genuine(&Canceled)?, it.genuine(&Success)?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "paid-after-expired",
        sent: "\"expired\" (08), then \"paid\" (00)",
        why: "money has moved, whatever came before: the order is paid, or refunded [best-practices-to-handle-notification]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            Ok(vec![it.genuine(&Expired)?, it.genuine(&Success)?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "old",
        sent: "GoPay's notification with an X-TIMESTAMP of 210 minutes ago",
        why: "the fifth repetition comes after 210 minutes, and no page says that it is signed anew [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| Ok(vec![it.old(&Success)?])),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "before-payment-answer",
        sent: "GoPay's notification before its answer to the payment request; repeated once after the answer unless it is answered 200",
        why: "GoPay can be faster with its notification than the network with its answer",
        procedure: Procedure::BeforePaymentAnswer,
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "lost-payment-answer",
        sent: "no answer to a payment request that GoPay has carried out",
        why: "the request is repeated with the same X-EXTERNAL-ID, else one order has two payments [signature-generation]",
        procedure: Procedure::LostPaymentAnswer,
        answer: AnswerRule::OnePayment,
        state: StateRule::Any,
    },
    Attack {
        id: "unknown-fields",
        sent: "GoPay's notification with fields that no page has",
        why: "new fields may appear at any time [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            let more = json!({"loyalty": {"points": [1, 2]}, "note": "terima kasih"});
            Ok(vec![it.with_fields(
                &Success,
                &[("newField", more), ("another", json!(null))],
            )?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "null-fields",
        sent: "GoPay's notification with null in optional fields",
        why: "these fields are optional [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            let optional = [
                "createdTime",
                "finishedTime",
                "originalExternalId",
                "merchantId",
            ];
            Ok(vec![it.with_fields(
                &Success,
                &optional.map(|name| (name, Value::Null)),
            )?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "no-amount",
        sent: "GoPay's notification without the amount",
        why: "amount is optional: an inquiry has it [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            Ok(vec![it.without(&Success, "amount")?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "charset",
        sent: "GoPay's notification as application/json; charset=utf-8",
        why: "the same media type has two spellings",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            Ok(vec![it.with_charset(&Success)?])
        }),
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
    Attack {
        id: "number-amount",
        sent: "GoPay's notification with a number for the amount's text",
        why: "the text is documented; another form is read or refused, and no error of the server [payment-notification-api]",
        procedure: Procedure::Send(Order::PaidUnnotified, |it| {
            let mut amount = json!(it.payment.amount);
            amount["value"] = json!(it.payment.amount.rupiah().unwrap_or_default());
            Ok(vec![it.with_fields(&Success, &[("amount", amount)])?])
        }),
        answer: AnswerRule::NoServerError,
        state: StateRule::Any,
    },
    malformed("not-json", "a signed body that is no JSON", |it| {
        Ok(vec![it.signed("{\"latestTransactionStatus\":".to_owned())?])
    }),
    malformed("not-an-object", "signed null, [], \"\" and 1", |it| {
        let bodies = ["null", "[]", "\"\"", "1"];
        let bodies = bodies.into_iter().map(|body| it.signed(body.to_owned()));
        bodies.collect()
    }),
    malformed(
        "duplicate-key",
        "a signed body with latestTransactionStatus twice",
        |it| Ok(vec![it.with_duplicate_status(&Pending)?]),
    ),
    malformed(
        "deep-json",
        "a signed body with 100000 nested arrays",
        |it| Ok(vec![it.deep(100_000)?]),
    ),
    Attack {
        answer: AnswerRule::NoServerErrorOrClosed,
        ..malformed("huge-body", "a signed body of 1 MiB", |it| {
            let text = json!("x".repeat(1 << 20));
            Ok(vec![it.with_fields(&Pending, &[("note", text)])?])
        })
    },
    Attack {
        id: "beside-slow-body",
        sent: "GoPay's notification while another sender's stops in the middle",
        why: "who sends slowly must not keep GoPay out, which waits for 15 seconds [best-practices-to-handle-notification]",
        procedure: Procedure::BesideSlowBody,
        answer: AnswerRule::Accepted,
        state: StateRule::BecomesPaid,
    },
];

/// A genuine notification that comes after the payment.
const fn later(id: &'static str, sent: &'static str, build: Build) -> Attack {
    Attack {
        id,
        sent,
        why: "notifications come out of order, and 03, 05 or 08 never overwrite a payment [best-practices-to-handle-notification]",
        procedure: Procedure::Send(Order::Paid, build),
        answer: AnswerRule::Accepted,
        state: StateRule::StaysPaid,
    }
}

/// What is signed and cannot be a notification.
const fn malformed(id: &'static str, sent: &'static str, build: Build) -> Attack {
    Attack {
        id,
        sent,
        why: "what cannot be read is refused; a 5xx is an error that somebody can cause at will",
        procedure: Procedure::Send(Order::Pending, build),
        answer: AnswerRule::NoServerError,
        state: StateRule::NotPaid,
    }
}
