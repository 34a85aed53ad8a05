//! Ids, codes and tokens: the simulator's only randomness, unless they follow from a seed.

use gopay_protocol::{PaymentId, ReminderId, signature::body_hash};
use jiff::Timestamp;
use std::{cell::RefCell, collections::HashMap};
use uuid::{Builder, Uuid};

/// Part of every code, token and secret, so that tests can search for all of them at once.
pub(crate) const SECRET_MARK: &str = "RahasiaKenari7x";

/// The date in ids with a seed: that of the sample. The clock runs, and would make each run's ids others.
const SEEDED_DATE: &str = "20240930071006";

/// Random, or with a seed the same in each run.
///
/// Invariant: no id is made twice until a reset, whatever the seed is changed to. An id depends on how many of its kind
/// there were, and not on the other kinds: a notification may be sent before or after the next request comes.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    pub(crate) seed: Option<u32>,
    counts: RefCell<HashMap<String, u64>>,
}

impl Ids {
    fn next(&self, kind: &str) -> Uuid {
        let Some(seed) = self.seed else {
            return Uuid::new_v4();
        };
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let hash = body_hash(format!("{seed} {kind} {count}").as_bytes());
        let number = hash
            .get(..32)
            .and_then(|digits| u128::from_str_radix(digits, 16).ok());
        let bytes = number.unwrap_or_default().to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid()
    }

    fn secret(&self, kind: &str) -> String {
        marked([self.next(kind), self.next(kind)])
    }

    /// The "numeric string" of `[payment-notification-api]`.
    fn numeric(&self, kind: &str) -> String {
        const DIGITS: u128 = 1_000_000_000_000_000_000;
        format!("{:018}", self.next(kind).as_u128() % DIGITS)
    }

    fn dated(&self, prefix: &str, kind: &str, now: Timestamp) -> String {
        let date = match self.seed {
            Some(_) => SEEDED_DATE.to_owned(),
            None => now.strftime("%Y%m%d%H%M%S").to_string(),
        };
        let id = self.next(kind).simple().to_string();
        format!("{prefix}{date}{}ID", id.get(..10).unwrap_or(&id))
    }

    pub(crate) fn auth_code(&self) -> String {
        self.secret("auth code")
    }

    pub(crate) fn auth_token(&self) -> String {
        self.secret("auth token")
    }

    pub(crate) fn access_token(&self) -> String {
        self.secret("access token")
    }

    pub(crate) fn bank_account_token(&self) -> String {
        self.secret("bank account token")
    }

    /// The token of a Snap session, in the shape of the sample.
    pub(crate) fn snap_token(&self) -> String {
        self.next("snap token").to_string()
    }

    pub(crate) fn callback_id(&self) -> String {
        self.next("callback").simple().to_string()
    }

    /// GoPay's id of a payment, in the shape of the samples: `A120240930071006pW0gbFMTguID`.
    pub(crate) fn reference_no(&self, now: Timestamp) -> String {
        self.dated("A1", "payment", now)
    }

    /// GoPay's id of a reward, in the shape of the sample: `0120250107121627eTRXfvlCZ6ID`.
    pub(crate) fn payment_id(&self, now: Timestamp) -> PaymentId {
        self.dated("01", "reward", now).into()
    }

    /// Unverified: its shape.
    pub(crate) fn reminder_id(&self) -> ReminderId {
        self.next("reminder").to_string().into()
    }

    pub(crate) fn refund_no(&self) -> String {
        self.numeric("refund")
    }

    /// The `referenceNo` of a refused token request.
    pub(crate) fn token_reference_no(&self) -> String {
        self.numeric("token request")
    }

    /// The id of an error of the Core API, in the shape of the sample.
    pub(crate) fn core_api_error(&self) -> String {
        self.next("core api error").to_string()
    }

    /// The `X-EXTERNAL-ID` of a notification of this payment, as `[payment-notification-api]` has it.
    pub(crate) fn numeric_notification_id(&self, reference_no: &str) -> String {
        self.numeric(&format!("notification {reference_no}"))
    }

    /// The same as other pages advise it.
    pub(crate) fn uuid_notification_id(&self, reference_no: &str) -> String {
        self.next(&format!("notification {reference_no}"))
            .to_string()
    }
}

/// 64 letters and digits, like the samples of auth codes and tokens. Random, whatever the seed: it is for keys.
pub(crate) fn secret() -> String {
    marked([Uuid::new_v4(), Uuid::new_v4()])
}

fn marked(ids: [Uuid; 2]) -> String {
    let ids = ids.map(|id| id.simple().to_string());
    let mut secret = [SECRET_MARK, &ids.concat()].concat();
    secret.truncate(64);
    secret
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn seeded(seed: u32) -> Ids {
        Ids {
            seed: Some(seed),
            ..Ids::default()
        }
    }

    #[test]
    fn ids_follow_from_the_seed_and_differ_without_one() {
        let now = Timestamp::UNIX_EPOCH;
        let all = |ids: &Ids| {
            [
                ids.reference_no(now),
                ids.reference_no(now),
                ids.auth_code(),
                ids.refund_no(),
                ids.uuid_notification_id("A1"),
            ]
        };
        assert_eq!(all(&seeded(7)), all(&seeded(7)));
        assert_eq!(all(&seeded(7)).iter().collect::<HashSet<_>>().len(), 5);
        for (ids, others) in [(seeded(7), seeded(8)), (Ids::default(), Ids::default())] {
            let others = all(&others);
            assert!(all(&ids).iter().all(|id| !others.contains(id)));
        }
    }

    #[test]
    fn an_id_does_not_depend_on_other_kinds_or_on_the_clock() {
        let (alone, among) = (seeded(7), seeded(7));
        among.numeric_notification_id("A1");
        among.access_token();
        let later = Timestamp::from_second(1_000_000_000).unwrap();
        assert_eq!(
            alone.reference_no(Timestamp::UNIX_EPOCH),
            among.reference_no(later)
        );
    }

    #[test]
    fn a_changed_seed_makes_no_id_again() {
        let mut ids = seeded(7);
        let first = ids.refund_no();
        ids.seed = Some(8);
        let second = ids.refund_no();
        ids.seed = Some(7);
        let third = ids.refund_no();
        assert!(first != second && first != third);
    }

    #[test]
    fn ids_have_the_shapes_of_the_samples() {
        for ids in [Ids::default(), seeded(0)] {
            let reference_no = ids.reference_no(Timestamp::UNIX_EPOCH);
            assert_eq!(reference_no.len(), "A120240930071006pW0gbFMTguID".len());
            assert!(ids.auth_code().starts_with(SECRET_MARK));
            assert_eq!(ids.auth_code().len(), 64);
            assert_eq!(ids.numeric_notification_id("A1").len(), 18);
        }
    }
}
