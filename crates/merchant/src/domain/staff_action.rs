//! What staff did by command, and why.

use super::time::Timestamp;

/// The longest name of an actor, in bytes.
const MAX_ACTOR: usize = 100;

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

/// Who acts, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub actor: String,
    /// Empty where none has to be given.
    pub reason: String,
}

impl Author {
    /// A name, as it is written into a line.
    pub fn parse_actor(text: &str) -> Result<String, String> {
        line(text, MAX_ACTOR).ok_or_else(|| format!("write a name of 1 to {MAX_ACTOR} bytes"))
    }

    /// A reason, as it is written into a line.
    pub fn parse_reason(text: &str) -> Result<String, String> {
        line(text, MAX_REASON)
            .ok_or_else(|| format!("say why in one line of 1 to {MAX_REASON} bytes"))
    }
}

fn line(text: &str, longest: usize) -> Option<String> {
    let text = text.trim();
    let is_line = (1..=longest).contains(&text.len()) && !text.chars().any(char::is_control);
    is_line.then(|| text.to_owned())
}

/// What is about to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAction {
    pub author: Author,
    /// The command, as it is written.
    pub command: &'static str,
    /// The id of what it is about; empty where it is about all.
    pub subject: String,
}

/// What was done, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStaffAction {
    pub at: Timestamp,
    pub author: Author,
    pub command: String,
    pub subject: String,
    /// `None` where the command broke off.
    pub result: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_and_a_reason_are_one_line_each() {
        assert_eq!(Author::parse_actor(" ani "), Ok("ani".to_owned()));
        for wrong in ["", " ", "a\nb", "a\u{1b}[2J", &"a".repeat(MAX_ACTOR + 1)] {
            assert!(Author::parse_actor(wrong).is_err(), "{wrong:?}");
        }
        let reason = "a".repeat(MAX_REASON);
        assert_eq!(Author::parse_reason(&reason), Ok(reason.clone()));
        assert!(Author::parse_reason(&format!("{reason}a")).is_err());
    }
}
