//! Notifications that the merchant has not answered with 200 yet. Pure: the
//! [notifier](crate::notifier) sends them.
//!
//! Invariant: a notification is sent at most six times: at once, then 2, 10, 30, 90 and 210
//! minutes after the first delivery `[payment-notification-api]`.

use gopay_protocol::{LatestTransactionStatus, message::notify::RETRY_MINUTES};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotificationMode {
    #[default]
    Send,
    /// Dropped, as if the network had lost them.
    Withhold,
    /// Kept until they are released, or the mode is `send` again.
    Delay,
}

#[derive(Debug, Clone)]
struct PendingNotification {
    number: u64,
    reference_no: String,
    status: LatestTransactionStatus,
    progress: Progress,
    released: bool,
}

#[derive(Debug, Clone, Copy)]
enum Progress {
    Due {
        at: Timestamp,
        /// The time of the first delivery.
        first: Option<Timestamp>,
        count: usize,
    },
    InFlight {
        first: Timestamp,
        count: usize,
    },
}

/// One delivery of a notification, to be made now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Delivery {
    pub(crate) number: u64,
    pub(crate) reference_no: String,
    pub(crate) status: LatestTransactionStatus,
    /// 1 to 6.
    pub(crate) attempt: usize,
}

#[derive(Debug, Default)]
pub(crate) struct DueDeliveries {
    pub(crate) send: Vec<Delivery>,
    pub(crate) withheld: Vec<Delivery>,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    next_number: u64,
    pending: Vec<PendingNotification>,
}

impl Outbox {
    pub(crate) fn add(
        &mut self,
        reference_no: String,
        status: LatestTransactionStatus,
        now: Timestamp,
    ) {
        self.next_number += 1;
        self.pending.push(PendingNotification {
            number: self.next_number,
            reference_no,
            status,
            progress: Progress::Due {
                at: now,
                first: None,
                count: 0,
            },
            released: false,
        });
    }

    /// Empties the outbox; answers to what is in flight are ignored.
    pub(crate) fn reset(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.pending.len()
    }

    /// Releases all pending notifications, whatever the mode.
    pub(crate) fn release(&mut self) {
        for notification in &mut self.pending {
            notification.released = true;
        }
    }

    /// Takes the due deliveries; each answer has to be [recorded](Self::record_answer).
    pub(crate) fn take_due(&mut self, now: Timestamp, mode: NotificationMode) -> DueDeliveries {
        let mut due = DueDeliveries::default();
        self.pending.retain_mut(|notification| {
            let Progress::Due { at, first, count } = notification.progress else {
                return true;
            };
            if at > now || !notification.is_released(mode) {
                return true;
            }
            let delivery = Delivery {
                number: notification.number,
                reference_no: notification.reference_no.clone(),
                status: notification.status.clone(),
                attempt: count + 1,
            };
            if mode == NotificationMode::Withhold && !notification.released {
                due.withheld.push(delivery);
                return false;
            }
            due.send.push(delivery);
            notification.released = false;
            notification.progress = Progress::InFlight {
                first: first.unwrap_or(now),
                count: count + 1,
            };
            true
        });
        due
    }

    /// Ends the notification where the merchant accepted it, else schedules the next delivery.
    pub(crate) fn record_answer(&mut self, number: u64, accepted: bool) {
        self.pending.retain_mut(|notification| {
            if notification.number != number {
                return true;
            }
            let Progress::InFlight { first, count } = notification.progress else {
                return true;
            };
            let Some(minutes) = RETRY_MINUTES.get(count - 1).filter(|_| !accepted) else {
                return false;
            };
            notification.progress = Progress::Due {
                at: first + SignedDuration::from_mins((*minutes).into()),
                first: Some(first),
                count,
            };
            true
        });
    }

    /// The time of the next delivery.
    pub(crate) fn next_due(&self, mode: NotificationMode) -> Option<Timestamp> {
        let due = |notification: &PendingNotification| match notification.progress {
            Progress::Due { at, .. } if notification.is_released(mode) => Some(at),
            _ => None,
        };
        self.pending.iter().filter_map(due).min()
    }

    /// Whether a delivery is due or in flight.
    pub(crate) fn has_work(&self, now: Timestamp, mode: NotificationMode) -> bool {
        let mut pending = self.pending.iter();
        pending.any(|it| matches!(it.progress, Progress::InFlight { .. }))
            || self.next_due(mode).is_some_and(|at| at <= now)
    }
}

impl PendingNotification {
    fn is_released(&self, mode: NotificationMode) -> bool {
        mode != NotificationMode::Delay || self.released
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

    fn attempts(due: &DueDeliveries) -> Vec<usize> {
        due.send.iter().map(|delivery| delivery.attempt).collect()
    }

    #[test]
    fn a_notification_is_sent_six_times_at_the_documented_minutes() {
        let mut outbox = outbox();
        let mut sent_at = Vec::new();
        for minute in 0..1_000 {
            for delivery in outbox.take_due(at(minute), NotificationMode::Send).send {
                sent_at.push(minute);
                outbox.record_answer(delivery.number, false);
            }
        }
        assert_eq!(sent_at, [0, 2, 10, 30, 90, 210]);
        assert_eq!(outbox.len(), 0);
    }

    #[test]
    fn one_delivery_is_in_flight_at_a_time_and_200_ends_it() {
        let mut outbox = outbox();
        let first = outbox.take_due(at(0), NotificationMode::Send);
        assert_eq!(attempts(&first), [1]);
        assert!(outbox.has_work(at(0), NotificationMode::Send));
        assert!(attempts(&outbox.take_due(at(500), NotificationMode::Send)).is_empty());
        outbox.record_answer(1, true);
        assert_eq!(outbox.len(), 0);
        assert!(!outbox.has_work(at(500), NotificationMode::Send));
    }

    #[test]
    fn a_delayed_notification_waits_for_its_release() {
        let mut outbox = outbox();
        assert!(attempts(&outbox.take_due(at(60), NotificationMode::Delay)).is_empty());
        assert!(!outbox.has_work(at(60), NotificationMode::Delay));
        assert_eq!(outbox.next_due(NotificationMode::Delay), None);
        outbox.release();
        assert_eq!(
            attempts(&outbox.take_due(at(60), NotificationMode::Delay)),
            [1]
        );
        outbox.record_answer(1, false);
        assert_eq!(outbox.next_due(NotificationMode::Send), Some(at(62)));
        assert_eq!(outbox.next_due(NotificationMode::Delay), None);
    }

    #[test]
    fn a_withheld_notification_is_dropped() {
        let mut outbox = outbox();
        let due = outbox.take_due(at(0), NotificationMode::Withhold);
        assert_eq!((due.send.len(), due.withheld.len()), (0, 1));
        assert!(attempts(&outbox.take_due(at(500), NotificationMode::Send)).is_empty());
    }

    #[test]
    fn an_answer_from_before_a_reset_changes_nothing() {
        let mut outbox = outbox();
        outbox.take_due(at(0), NotificationMode::Send);
        outbox.reset();
        outbox.add("A2".to_owned(), LatestTransactionStatus::Success, at(0));
        outbox.record_answer(1, true);
        assert_eq!(outbox.len(), 1);
    }
}
