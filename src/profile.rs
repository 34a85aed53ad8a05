//! The consent to call the buyer by name. PURE.
//!
//! Invariant: ordering and paying never depend on it. Invariant: a buyer who declined is not asked
//! again.

pub mod ask;

/// Where the question for the name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    /// The buyer agreed, and GoPay is being asked.
    Asking,
    /// The name is not available, as the buyer was told.
    Unavailable,
    /// The buyer declined, or the question is answered.
    Settled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Named,
    Nameless,
    Refused,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardView {
    /// The question with its two buttons.
    Question,
    /// The name, and a button to have it forgotten.
    Named,
    /// That the shop goes on without a name.
    Without,
}

impl State {
    /// The state at the start; `declined` comes from storage.
    pub fn begin(declined: bool) -> Self {
        if declined { Self::Settled } else { Self::Open }
    }

    /// The state after an answer. An answer after the buyer has skipped changes nothing.
    pub fn answered(self, answer: Answer) -> Self {
        match (self, answer) {
            (Self::Asking, Answer::Named | Answer::Refused) => Self::Settled,
            (Self::Asking, Answer::Nameless | Answer::Failed) => Self::Unavailable,
            (state, _) => state,
        }
    }

    /// What the card shows, once something is picked.
    pub fn card_view(self, is_named: bool, pieces: u32) -> Option<CardView> {
        match self {
            _ if pieces == 0 => None,
            _ if is_named => Some(CardView::Named),
            Self::Open | Self::Asking => Some(CardView::Question),
            Self::Unavailable => Some(CardView::Without),
            Self::Settled => None,
        }
    }
}

impl Answer {
    /// Whether a question at the next visit would be pointless.
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
    fn the_card_appears_once_a_product_is_picked() {
        assert_eq!(State::Open.card_view(false, 0), None);
        assert_eq!(State::Open.card_view(false, 1), Some(CardView::Question));
        let named = Some(CardView::Named);
        assert_eq!(State::Open.card_view(true, 1), named, "the name is known");
    }

    #[test]
    fn a_buyer_who_declined_is_not_asked_again() {
        assert_eq!(State::begin(true).card_view(false, 1), None);
        assert_eq!(
            State::begin(false).card_view(false, 1),
            Some(CardView::Question)
        );
        let refused = State::Asking.answered(Answer::Refused);
        assert_eq!(refused.card_view(false, 1), None);
        assert!(Answer::Refused.is_final());
    }

    #[test]
    fn a_failure_is_shown_and_not_stored() {
        let failed = State::Asking.answered(Answer::Failed);
        assert_eq!(failed.card_view(false, 1), Some(CardView::Without));
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
