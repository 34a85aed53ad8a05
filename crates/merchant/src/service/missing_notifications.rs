//! Whether GoPay's notifications arrive at all.
//!
//! Inquiries find the end of every payment, which hides that no notification comes: a firewall
//! that blocks their sender, a wrong address in the dashboard. So a run of payments that were
//! found by asking, without one notification in between, is an alarm.
//!
//! Not here: the clock.

use crate::domain::time::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// An alarm follows this many payments in a row, where they took [`ALARM_SPAN`].
const ALARM_PAYMENTS: u32 = 5;

/// A notification may be slower than the buyer who comes back: minutes go by before an alarm.
const ALARM_SPAN: Duration = Duration::from_mins(15);

/// An alarm follows this many payments in a row however fast they came.
const ALARM_BURST: u32 = 20;

/// What came since the last notification.
#[derive(Debug, Default)]
pub struct MissingNotifications(Mutex<Unnotified>);

#[derive(Debug, Default)]
struct Unnotified {
    /// Payments that were found by asking.
    payments: u32,
    /// When the first of them was.
    since: Timestamp,
}

impl MissingNotifications {
    /// A genuine notification has come.
    pub fn notified(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Unnotified::default();
    }

    /// An inquiry has found a payment before any notification of it. Whether that is an alarm.
    pub fn found_by_inquiry(&self, now: Timestamp) -> bool {
        let mut unnotified = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unnotified.payments == 0 {
            unnotified.since = now;
        }
        unnotified.payments = unnotified.payments.saturating_add(1);
        let is_long = now.since(unnotified.since) >= ALARM_SPAN;
        let is_alarm = unnotified.payments.is_multiple_of(ALARM_PAYMENTS) && is_long
            || unnotified.payments.is_multiple_of(ALARM_BURST);
        if is_alarm {
            tracing::error!(
                event = "notification.missing",
                payments = unnotified.payments,
                "the last payments were found by asking only, no notification of GoPay's came: run `merchant check`, and compare the notification URL in GoPay's dashboard"
            );
        }
        is_alarm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_payments_without_a_notification_is_an_alarm() {
        let monitor = MissingNotifications::default();
        let alarms = |times: &[Duration]| -> Vec<bool> {
            times
                .iter()
                .map(|passed| monitor.found_by_inquiry(Timestamp::EPOCH + *passed))
                .collect()
        };
        // Five within seconds: the notifications may be under way.
        assert_eq!(
            alarms(&[0, 1, 2, 3, 4].map(Duration::from_millis)),
            [false; 5]
        );
        let later = alarms(&[ALARM_SPAN, ALARM_SPAN, ALARM_SPAN, ALARM_SPAN, ALARM_SPAN]);
        assert_eq!(later, [false, false, false, false, true]);
        monitor.notified();
        assert_eq!(
            alarms(&[
                2 * ALARM_SPAN,
                3 * ALARM_SPAN,
                4 * ALARM_SPAN,
                5 * ALARM_SPAN
            ]),
            [false; 4]
        );
        assert_eq!(alarms(&[6 * ALARM_SPAN]), [true]);
        monitor.notified();
        let burst = alarms(&[Duration::ZERO; 20]);
        assert_eq!(burst.iter().position(|is_alarm| *is_alarm), Some(19));
    }
}
