//! Whether GoPay's notifications arrive at all.
//!
//! Inquiries find the end of every payment, which hides that no notification comes: a firewall
//! that blocks their sender, a wrong address in the dashboard. So a run of payments that were
//! found by asking, without one notification in between, is an alarm.
//!
//! Not here: the clock. All times are unix milliseconds.

use std::sync::{Mutex, PoisonError};

/// So many payments in a row, at least.
const RUN: u32 = 5;

/// Over so long a time, at least: a notification may be slower than the buyer who comes back.
const SPAN: i64 = 15 * 60_000;

/// What came since the last notification.
#[derive(Debug, Default)]
pub struct Arrivals(Mutex<Silence>);

#[derive(Debug, Default)]
struct Silence {
    /// Payments that were found by asking.
    payments: u32,
    /// When the first of them was.
    since: i64,
}

impl Arrivals {
    /// A genuine notification has come.
    pub fn notified(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Silence::default();
    }

    /// An inquiry has found a payment that no notification had told of. Whether that is an alarm.
    pub fn found_by_inquiry(&self, now: i64) -> bool {
        let mut silence = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if silence.payments == 0 {
            silence.since = now;
        }
        silence.payments = silence.payments.saturating_add(1);
        let is_alarm =
            silence.payments.is_multiple_of(RUN) && now.saturating_sub(silence.since) >= SPAN;
        if is_alarm {
            tracing::error!(
                payments = silence.payments,
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
        let arrivals = Arrivals::default();
        let alarms = |times: &[i64]| -> Vec<bool> {
            times
                .iter()
                .map(|now| arrivals.found_by_inquiry(*now))
                .collect()
        };
        // Five within seconds: the notifications may be under way.
        assert_eq!(alarms(&[0, 1, 2, 3, 4]), [false; 5]);
        let later = alarms(&[SPAN, SPAN, SPAN, SPAN, SPAN]);
        assert_eq!(later, [false, false, false, false, true]);
        arrivals.notified();
        assert_eq!(
            alarms(&[2 * SPAN, 3 * SPAN, 4 * SPAN, 5 * SPAN]),
            [false; 4]
        );
        assert_eq!(alarms(&[6 * SPAN]), [true]);
    }
}
