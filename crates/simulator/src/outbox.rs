//! Notifications that have not been answered with 200 yet. Pure: who sends them, and how, is
//! the [notifier](crate::notifier)'s.
//!
//! Invariant: a notification is tried at most six times: at once, then 2, 10, 30, 90 and 210
//! minutes after the first try `[payment-notification-api]`.

use gopay_protocol::{LatestTransactionStatus, message::notify::RETRY_MINUTES};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What happens to notifications that are due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// They are sent.
    #[default]
    Send,
    /// They are dropped, as if the network had lost them for good.
    Withhold,
    /// They wait until they are released, or the mode is `send` again.
    Delay,
}

/// One notification on its way.
#[derive(Debug, Clone)]
struct Notice {
    number: u64,
    reference_no: String,
    status: LatestTransactionStatus,
    tries: Tries,
    released: bool,
}

#[derive(Debug, Clone, Copy)]
enum Tries {
    Due {
        at: Timestamp,
        /// When the first was made.
        first: Option<Timestamp>,
        count: usize,
    },
    Flying {
        first: Timestamp,
        count: usize,
    },
}

/// One try, to be made now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) reference_no: String,
    pub(crate) status: LatestTransactionStatus,
    /// 1 to 6.
    pub(crate) attempt: usize,
}

/// What to do now.
#[derive(Debug, Default)]
pub(crate) struct Due {
    pub(crate) send: Vec<Delivery>,
    pub(crate) withheld: Vec<Delivery>,
}

/// The notifications on their way.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    next_number: u64,
    notices: Vec<Notice>,
}

impl Outbox {
    pub(crate) fn add(
        &mut self,
        reference_no: String,
        status: LatestTransactionStatus,
        now: Timestamp,
    ) {
        self.next_number += 1;
        self.notices.push(Notice {
            number: self.next_number,
            reference_no,
            status,
            tries: Tries::Due {
                at: now,
                first: None,
                count: 0,
            },
            released: false,
        });
    }

    /// Empty, and deaf to the answers that are still to come.
    pub(crate) fn reset(&mut self) {
        self.notices.clear();
    }

    /// How many are on their way.
    pub(crate) fn len(&self) -> usize {
        self.notices.len()
    }

    /// Those that are waiting now are sent whatever the mode.
    pub(crate) fn release(&mut self) {
        for notice in &mut self.notices {
            notice.released = true;
        }
    }

    /// Takes what is due; each try has to be [answered](Self::answered).
    pub(crate) fn take_due(&mut self, now: Timestamp, mode: Mode) -> Due {
        let mut due = Due::default();
        self.notices.retain_mut(|notice| {
            let Tries::Due { at, first, count } = notice.tries else {
                return true;
            };
            if at > now || !notice.leaves(mode) {
                return true;
            }
            let delivery = Delivery {
                number: notice.number,
                reference_no: notice.reference_no.clone(),
                status: notice.status.clone(),
                attempt: count + 1,
            };
            if mode == Mode::Withhold && !notice.released {
                due.withheld.push(delivery);
                return false;
            }
            due.send.push(delivery);
            notice.released = false;
            notice.tries = Tries::Flying {
                first: first.unwrap_or(now),
                count: count + 1,
            };
            true
        });
        due
    }

    /// The merchant's answer: 200 ends it, anything else calls for the next try.
    pub(crate) fn answered(&mut self, number: u64, accepted: bool) {
        self.notices.retain_mut(|notice| {
            if notice.number != number {
                return true;
            }
            let Tries::Flying { first, count } = notice.tries else {
                return true;
            };
            let Some(minutes) = RETRY_MINUTES.get(count - 1).filter(|_| !accepted) else {
                return false;
            };
            notice.tries = Tries::Due {
                at: first + SignedDuration::from_mins((*minutes).into()),
                first: Some(first),
                count,
            };
            true
        });
    }

    /// When the next try is due.
    pub(crate) fn next_due(&self, mode: Mode) -> Option<Timestamp> {
        let due = |notice: &Notice| match notice.tries {
            Tries::Due { at, .. } if notice.leaves(mode) => Some(at),
            _ => None,
        };
        self.notices.iter().filter_map(due).min()
    }

    /// Whether a try is due or under way.
    pub(crate) fn busy(&self, now: Timestamp, mode: Mode) -> bool {
        let flying = |notice: &Notice| matches!(notice.tries, Tries::Flying { .. });
        self.notices.iter().any(flying) || self.next_due(mode).is_some_and(|at| at <= now)
    }
}

impl Notice {
    fn leaves(&self, mode: Mode) -> bool {
        mode != Mode::Delay || self.released
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn outbox() -> Outbox {
        let mut outbox = Outbox::default();
        outbox.add("A1".to_owned(), LatestTransactionStatus::Success, at(0));
        outbox
    }

    fn attempts(due: &Due) -> Vec<usize> {
        due.send.iter().map(|delivery| delivery.attempt).collect()
    }

    #[test]
    fn six_tries_at_the_documented_minutes() {
        let mut outbox = outbox();
        let mut tried_at = Vec::new();
        for minute in 0..1_000 {
            for delivery in outbox.take_due(at(minute), Mode::Send).send {
                tried_at.push(minute);
                outbox.answered(delivery.number, false);
            }
        }
        assert_eq!(tried_at, [0, 2, 10, 30, 90, 210]);
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn one_try_at_a_time_and_200_ends_it() {
        let mut outbox = outbox();
        let first = outbox.take_due(at(0), Mode::Send);
        assert_eq!(attempts(&first), [1]);
        assert!(outbox.busy(at(0), Mode::Send));
        assert!(attempts(&outbox.take_due(at(500), Mode::Send)).is_empty());
        outbox.answered(1, true);
        assert_eq!(outbox.len(), 0);
        assert!(!outbox.busy(at(500), Mode::Send));
    }

    #[test]
    fn what_is_delayed_waits_for_its_release() {
        let mut outbox = outbox();
        assert!(attempts(&outbox.take_due(at(60), Mode::Delay)).is_empty());
        assert!(!outbox.busy(at(60), Mode::Delay));
        assert_eq!(outbox.next_due(Mode::Delay), None);
        outbox.release();
        assert_eq!(attempts(&outbox.take_due(at(60), Mode::Delay)), [1]);
        outbox.answered(1, false);
        assert_eq!(outbox.next_due(Mode::Send), Some(at(62)));
        assert_eq!(outbox.next_due(Mode::Delay), None);
    }

    #[test]
    fn what_is_withheld_is_gone() {
        let mut outbox = outbox();
        let due = outbox.take_due(at(0), Mode::Withhold);
        assert_eq!((due.send.len(), due.withheld.len()), (0, 1));
        assert!(attempts(&outbox.take_due(at(500), Mode::Send)).is_empty());
    }

    #[test]
    fn an_answer_from_before_a_reset_changes_nothing() {
        let mut outbox = outbox();
        outbox.take_due(at(0), Mode::Send);
        outbox.reset();
        outbox.add("A2".to_owned(), LatestTransactionStatus::Success, at(0));
        outbox.answered(1, true);
        assert_eq!(outbox.len(), 1);
    }
}
