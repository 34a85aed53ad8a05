//! The two environments of Midtrans that the simulator plays, each on its own address.
//!
//! Invariant: what belongs to one host is unknown to the other: payments, access tokens, server
//! keys and repeated requests.

use serde::Serialize;
use strum::{Display, IntoStaticStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Display, IntoStaticStr, Serialize)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Host {
    /// With the container, the mini-app API and the phone.
    Production,
    /// With web pages only `[testing-bi-snap-on-sandbox-environment]`.
    Sandbox,
}

/// A value for each host.
#[derive(Debug, Clone, Default)]
pub(crate) struct PerHost<T> {
    production: T,
    sandbox: T,
}

impl<T> PerHost<T> {
    pub(crate) const fn new(production: T, sandbox: T) -> Self {
        Self {
            production,
            sandbox,
        }
    }

    pub(crate) const fn of(&self, host: Host) -> &T {
        match host {
            Host::Production => &self.production,
            Host::Sandbox => &self.sandbox,
        }
    }

    pub(crate) const fn of_mut(&mut self, host: Host) -> &mut T {
        match host {
            Host::Production => &mut self.production,
            Host::Sandbox => &mut self.sandbox,
        }
    }
}
