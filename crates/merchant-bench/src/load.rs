//! Requests at a fixed rate, and how long each took from the moment it was due.
//!
//! Invariant: the rate does not follow the answers. A request that begins late, because all connections wait,
//! counts from the moment it was due (open loop, latency-corrected).

use crate::{Error, http::Connection};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// How a request ended, if not as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Failure {
    Status(u16),
    /// No answer, or one that says something else.
    Broken,
}

impl From<Error> for Failure {
    fn from(_: Error) -> Self {
        Self::Broken
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) seconds: u32,
    /// Before them: requests whose time is not counted.
    pub(crate) warm_up_seconds: u32,
    pub(crate) connections: u32,
}

impl Rate {
    /// All requests, those that warm up included.
    pub(crate) const fn total(self) -> u64 {
        self.per_second as u64 * (self.seconds + self.warm_up_seconds) as u64
    }
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Figures {
    /// In the order of their size.
    latencies: Vec<Duration>,
    pub(crate) failures: BTreeMap<Failure, u64>,
    /// From the first end of a request to the last one.
    pub(crate) took: Duration,
}

impl Figures {
    pub(crate) fn of(mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self {
            latencies,
            ..Self::default()
        }
    }

    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index far below 2^52"
        )]
        let index = (last as f64 * share).ceil() as usize;
        self.latencies.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn succeeded(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    pub(crate) fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let count = self.latencies.len().saturating_sub(1) as f64;
        count / self.took.as_secs_f64().max(0.001)
    }
}

/// Sends request 0, 1, 2 ... each when it is due, on the first connection that is free. The connections go to
/// the addresses in turn.
pub(crate) async fn at_rate<F>(to: &[SocketAddr], rate: Rate, send: F) -> Figures
where
    F: AsyncFn(&mut Connection, u64) -> Result<(), Failure> + 'static,
{
    let interval = Duration::from_secs(1) / rate.per_second;
    let warm = u64::from(rate.per_second) * u64::from(rate.warm_up_seconds);
    let began = Instant::now() + Duration::from_millis(20);
    let due = move |index: u64| began + interval * u32::try_from(index).unwrap_or(u32::MAX);
    let due: Due = Rc::new(due);
    drive(to, rate.connections, rate.total(), warm, Some(due), send).await
}

/// Sends `total` requests as fast as the connections allow.
pub(crate) async fn at_once<F>(to: &[SocketAddr], connections: u32, total: u64, send: F) -> Figures
where
    F: AsyncFn(&mut Connection, u64) -> Result<(), Failure> + 'static,
{
    drive(to, connections, total, 0, None, send).await
}

type Due = Rc<dyn Fn(u64) -> Instant>;

async fn drive<F>(
    to: &[SocketAddr],
    connections: u32,
    total: u64,
    warm: u64,
    due: Option<Due>,
    send: F,
) -> Figures
where
    F: AsyncFn(&mut Connection, u64) -> Result<(), Failure> + 'static,
{
    let ends = Rc::new(Cell::new(None::<(Instant, Instant)>));
    let next = Rc::new(Cell::new(0));
    let figures = Rc::new(RefCell::new(Figures::default()));
    let send = Rc::new(send);
    let mut tasks = JoinSet::new();
    let addresses = to.iter().copied().cycle();
    for (to, _) in addresses.zip(0..connections) {
        let (next, figures) = (Rc::clone(&next), Rc::clone(&figures));
        let ends = Rc::clone(&ends);
        let (send, due) = (Rc::clone(&send), due.clone());
        tasks.spawn_local(async move {
            let mut connection = Connection::new(to);
            loop {
                let index = next.get();
                if index >= total {
                    return;
                }
                next.set(index + 1);
                let due = match &due {
                    Some(due) => due(index),
                    None => Instant::now(),
                };
                sleep_until(due).await;
                let result = send(&mut connection, index).await;
                let mut figures = figures.borrow_mut();
                match result {
                    Err(failure) => *figures.failures.entry(failure).or_default() += 1,
                    Ok(()) if index < warm => {}
                    Ok(()) => {
                        let now = Instant::now();
                        ends.set(Some((ends.get().map_or(now, |(first, _)| first), now)));
                        figures.latencies.push(now - due);
                    }
                }
            }
        });
    }
    while tasks.join_next().await.is_some() {}
    let mut figures = figures.take();
    figures.took = ends
        .get()
        .map_or(Duration::ZERO, |(first, last)| last - first);
    figures.latencies.sort_unstable();
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_never_below_its_share() {
        let figures = Figures::of((1..=100).rev().map(Duration::from_millis).collect());
        for (share, ms) in [(0.0, 1), (0.5, 51), (0.99, 100), (1.0, 100)] {
            assert_eq!(
                figures.quantile(share),
                Duration::from_millis(ms),
                "{share}"
            );
        }
        assert_eq!(Figures::default().quantile(0.99), Duration::ZERO);
    }

    #[test]
    fn a_rate_is_that_of_the_ends() {
        let figures = Figures {
            took: Duration::from_secs(2),
            ..Figures::of(vec![Duration::ZERO; 201])
        };
        assert!((figures.per_second() - 100.0).abs() < 0.001);
    }
}
