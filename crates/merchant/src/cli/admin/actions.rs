//! What staff did by command, and why.

use super::{Admin, Error};
use crate::{
    domain::staff_action::{StaffAction, StoredStaffAction},
    ports::Clock,
};
use gopay_protocol::timestamp::format_wib;
use jiff::Timestamp;
use std::fmt::Write;

impl Admin {
    /// Does what `act` does, and keeps before it that it was begun, and after it what came of it.
    pub async fn recorded(
        &self,
        action: StaffAction,
        act: impl Future<Output = Result<String, Error>>,
    ) -> Result<String, Error> {
        let now = || Clock::system().now();
        let id = self.store.begin_staff_action(&action, now()).await?;
        let outcome = act.await;
        let result = match &outcome {
            // The lines of what was done come before the one that says so.
            Ok(said) => said.lines().next().unwrap_or("done").to_owned(),
            Err(error) => format!("refused: {error}"),
        };
        self.store.end_staff_action(id, &result, now()).await?;
        outcome
    }

    /// A line for each action, the newest first, and a last one that counts.
    pub async fn actions(&self, limit: u32) -> Result<String, Error> {
        let actions = self.store.staff_actions(limit).await?;
        let mut list = String::new();
        for StoredStaffAction {
            at,
            author,
            command,
            subject,
            result,
        } in &actions
        {
            let at = Timestamp::try_from(*at).unwrap_or_default();
            let _ = writeln!(
                list,
                "{}  {}  {command}  {}  reason: {}  {}",
                format_wib(at),
                author.actor,
                or(subject, "all"),
                or(&author.reason, "none"),
                result
                    .as_deref()
                    .unwrap_or("broke off: what came of it is not known"),
            );
        }
        let _ = write!(list, "actions: {}", actions.len());
        Ok(list)
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    match text {
        "" => otherwise,
        text => text,
    }
}
