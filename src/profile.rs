//! Calling the buyer by name, where they like that. PURE.
//!
//! Invariant: nothing of this stands in the way of ordering or paying. Invariant: whoever said
//! no is not asked again.

pub mod ask;

/// Whether the buyer has been asked what to call them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// They may be asked.
    Open,
    /// They agreed, and GoPay is being asked.
    Asking,
    /// It could not be had; they know.
    Unavailable,
    /// They said no, or there is nothing more to ask.
    Settled,
}

/// What came of asking GoPay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It told.
    Named,
    /// It knows no name.
    Nameless,
    /// The buyer refused their consent.
    Refused,
    /// Something went wrong, or took too long.
    Failed,
}

/// What the shop shows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The question with its two buttons.
    Question,
    /// Whose order it is, and a button to take the name back.
    Named,
    /// That it goes on without a name.
    Without,
}

impl State {
    /// As the app starts; `declined` is what an earlier visit remembered.
    pub fn begin(declined: bool) -> Self {
        if declined { Self::Settled } else { Self::Open }
    }

    /// The state after an answer; one that comes when the buyer has gone on changes nothing.
    pub fn answered(self, answer: Answer) -> Self {
        match (self, answer) {
            (Self::Asking, Answer::Named | Answer::Refused) => Self::Settled,
            (Self::Asking, Answer::Nameless | Answer::Failed) => Self::Unavailable,
            (state, _) => state,
        }
    }

    /// What to show, once something is picked: before that there is no order to be called for.
    pub fn face(self, is_named: bool, pieces: u32) -> Option<Face> {
        match self {
            _ if pieces == 0 => None,
            _ if is_named => Some(Face::Named),
            Self::Open | Self::Asking => Some(Face::Question),
            Self::Unavailable => Some(Face::Without),
            Self::Settled => None,
        }
    }
}

impl Answer {
    /// Whether asking at the next visit could bring anything else.
    pub fn is_final(self) -> bool {
        match self {
            Self::Nameless | Self::Refused => true,
            // A name comes with the session from now on, until the buyer takes it back.
            Self::Named | Self::Failed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_question_waits_for_something_to_call_out() {
        assert_eq!(State::Open.face(false, 0), None);
        assert_eq!(State::Open.face(false, 1), Some(Face::Question));
        let named = Some(Face::Named);
        assert_eq!(State::Open.face(true, 1), named, "the name is known");
    }

    #[test]
    fn whoever_said_no_is_not_asked_again() {
        assert_eq!(State::begin(true).face(false, 1), None);
        assert_eq!(State::begin(false).face(false, 1), Some(Face::Question));
        let refused = State::Asking.answered(Answer::Refused);
        assert_eq!(refused.face(false, 1), None);
        assert!(Answer::Refused.is_final());
    }

    #[test]
    fn a_fault_is_said_and_forgotten() {
        let failed = State::Asking.answered(Answer::Failed);
        assert_eq!(failed.face(false, 1), Some(Face::Without));
        assert!(!Answer::Failed.is_final());
    }

    #[test]
    fn an_answer_after_the_buyer_skipped_changes_nothing() {
        for answer in [
            Answer::Named,
            Answer::Nameless,
            Answer::Refused,
            Answer::Failed,
        ] {
            assert_eq!(State::Settled.answered(answer), State::Settled);
        }
    }
}
