//! The icon above a headline. Hidden from screen readers: the headline says the same.

use contract::OrderStatus;
use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Moving,
    /// Waits for the buyer or for the merchant.
    Waiting,
    Over,
    Back,
    /// The merchant's staff reviews it.
    Care,
}

impl Tone {
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

    /// The name in the style sheet.
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

#[component]
pub fn StatusIcon(tone: Tone) -> impl IntoView {
    view! {
        <svg class="mark" data-tone=tone.name() viewBox="0 0 48 48" aria-hidden="true">
            <circle cx="24" cy="24" r="22"/>
            <path d=tone.path()/>
        </svg>
    }
}
