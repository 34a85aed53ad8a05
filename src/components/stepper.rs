//! The quantity of a product. To a screen reader: a button to remove one, if any, the number, and a
//! button to add one, both named after the product.

use super::{dyn_attr, on_click};
use contract::MAX_QUANTITY;
use leptos::prelude::*;

/// The plus button never moves, so that it can be tapped quickly. At zero the style sheet hides the
/// rest.
#[component]
pub fn Stepper(
    quantity: impl Fn() -> u32 + Copy + Send + Sync + 'static,
    /// Whether the quantity cannot be changed now.
    locked: Memo<bool>,
    /// The id of the plus button.
    id: String,
    /// The name of the minus button.
    remove: String,
    /// The name of the plus button.
    add: String,
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
        <div class="stepper" data-picked=dyn_attr(move || quantity() > 0)>
            <button
                type="button"
                class="step"
                aria-label=remove
                aria-disabled=dyn_attr(move || locked.get())
                on:click=on_click(move || step(false))
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
                aria-disabled=dyn_attr(move || locked.get() || quantity() >= MAX_QUANTITY)
                on:click=on_click(move || step(true))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 12h12M12 6v12"/>
                </svg>
            </button>
        </div>
    }
}
