//! The sign above a headline. To those who do not see it: nothing; the headline says it all.

use contract::OrderStatus;
use leptos::prelude::*;

/// What a sign says at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It is done.
    Good,
    /// It is under way.
    Moving,
    /// It waits for the buyer, or for somebody.
    Waiting,
    /// It is over, without harm.
    Over,
    /// The money went back.
    Back,
    /// A person has to look at it.
    Care,
}

impl Tone {
    /// What a status is at a glance.
    pub fn of(status: OrderStatus) -> Self {
        match status {
            OrderStatus::AwaitingPayment | OrderStatus::Checking | OrderStatus::Other => {
                Self::Waiting
            }
            OrderStatus::Paid => Self::Good,
            OrderStatus::Cancelled | OrderStatus::Failed | OrderStatus::Expired => Self::Over,
            OrderStatus::PartiallyRefunded | OrderStatus::Refunded => Self::Back,
            OrderStatus::Review => Self::Care,
        }
    }

    /// Its name in the style sheet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Moving => "moving",
            Self::Waiting => "waiting",
            Self::Over => "over",
            Self::Back => "back",
            Self::Care => "care",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Good => "m15 25 6.500 6.500L34 18",
            Self::Moving => "M24 10a14 14 0 0 1 14 14",
            Self::Waiting => "M24 15v10l6 4",
            Self::Over => "M17 24h14",
            Self::Back => "m21 17-6 6 6 6m-6-6h12a6 6 0 0 1 6 6",
            Self::Care => "M24 15v11m0 6.500v.1",
        }
    }
}

/// A round sign in the colour of its tone.
#[component]
pub fn Mark(
    /// What it says.
    tone: Tone,
) -> impl IntoView {
    view! {
        <svg class="mark" data-tone=tone.name() viewBox="0 0 48 48" aria-hidden="true">
            <circle cx="24" cy="24" r="22"/>
            <path d=tone.path()/>
        </svg>
    }
}
