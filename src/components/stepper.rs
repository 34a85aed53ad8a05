//! How many pieces. To those who do not see it: a button to take one out, while there is
//! one, the number, and a button to add one, both named after the product.

use super::{flag, tap};
use contract::MAX_QUANTITY;
use leptos::prelude::*;

/// The plus button never moves, so that it can be tapped quickly. With nothing picked the style sheet
/// leaves out what is before it.
#[component]
pub fn Stepper(
    /// Pieces now.
    quantity: impl Fn() -> u32 + Copy + Send + Sync + 'static,
    /// Whether the number stands.
    locked: Memo<bool>,
    /// Id of the plus button.
    id: String,
    /// Name of the minus button.
    remove: String,
    /// Name of the plus button.
    add: String,
    /// So many are wanted.
    on_change: impl Fn(u32) + Copy + Send + 'static,
) -> impl IntoView {
    let step = move |more: bool| {
        let before = untrack(quantity);
        let after = if more {
            (before + 1).min(MAX_QUANTITY)
        } else {
            before.saturating_sub(1)
        };
        if !locked.get_untracked() && after != before {
            on_change(after);
        }
    };
    view! {
        <div class="stepper" data-picked=flag(move || quantity() > 0)>
            <button
                type="button"
                class="step"
                aria-label=remove
                aria-disabled=flag(move || locked.get())
                on:click=tap(move || step(false))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 12h12"/>
                </svg>
            </button>
            <span class="count">{quantity}</span>
            <button
                type="button"
                class="step"
                id=id
                data-testid="plus"
                aria-label=add
                aria-disabled=flag(move || locked.get() || quantity() >= MAX_QUANTITY)
                on:click=tap(move || step(true))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 12h12M12 6v12"/>
                </svg>
            </button>
        </div>
    }
}
