//! Who runs a command, and why.

use crate::domain::staff_action::Author;
use clap::Args;

/// Of a command that moves money.
#[derive(Debug, Args)]
pub(super) struct WithReason {
    /// Who does it; the system's user, if it is not said.
    #[arg(long, value_name = "NAME", value_parser = Author::parse_actor)]
    actor: Option<String>,
    /// Why; `merchant actions` shows it.
    #[arg(long, value_name = "WHY", value_parser = Author::parse_reason)]
    reason: String,
}

/// Of any other command that changes something.
#[derive(Debug, Args)]
pub(super) struct WithOptionalReason {
    /// Who does it; the system's user, if it is not said.
    #[arg(long, value_name = "NAME", value_parser = Author::parse_actor)]
    actor: Option<String>,
    /// Why; `merchant actions` shows it.
    #[arg(long, value_name = "WHY", value_parser = Author::parse_reason)]
    reason: Option<String>,
}

impl From<WithReason> for Author {
    fn from(given: WithReason) -> Self {
        Self {
            actor: given.actor.unwrap_or_else(system_user),
            reason: given.reason,
        }
    }
}

impl From<&WithOptionalReason> for Author {
    fn from(given: &WithOptionalReason) -> Self {
        Self {
            actor: given.actor.clone().unwrap_or_else(system_user),
            reason: given.reason.clone().unwrap_or_default(),
        }
    }
}

/// Also behind `sudo`, which says who they were before.
fn system_user() -> String {
    let before = std::env::var("SUDO_USER").ok();
    let named = before.and_then(|name| Author::parse_actor(&name).ok());
    named.unwrap_or_else(process_user)
}

#[cfg(unix)]
fn process_user() -> String {
    use nix::unistd::{User, getuid};
    let id = getuid();
    let user = User::from_uid(id).ok().flatten();
    user.and_then(|user| Author::parse_actor(&user.name).ok())
        .unwrap_or_else(|| format!("uid {id}"))
}

#[cfg(not(unix))]
fn process_user() -> String {
    "unknown".to_owned()
}
