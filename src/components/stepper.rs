//! How many pieces. To those who do not see it: a button to take one out, while there is
//! one, the number, and a button to add one, both named after the product.

use super::live;
use contract::MAX_QUANTITY;
use leptos::html::Button;
use leptos::prelude::*;

/// The plus button never moves, so that it can be tapped quickly.
#[component]
pub fn Stepper(
    /// Pieces now.
    #[prop(into)]
    quantity: Signal<u32>,
    /// Whether the number stands.
    #[prop(into)]
    locked: Signal<bool>,
    /// Name of the minus button.
    remove: String,
    /// Name of the plus button.
    add: String,
    /// So many are wanted.
    on_change: UnsyncCallback<u32>,
) -> impl IntoView {
    let plus = NodeRef::<Button>::new();
    let step = move |more: bool| {
        let before = quantity.get_untracked();
        let after = if more {
            (before + 1).min(MAX_QUANTITY)
        } else {
            before.saturating_sub(1)
        };
        if locked.get_untracked() || after == before {
            return;
        }
        // The minus button goes with the last piece; the focus must not go with it.
        if after == 0
            && let Some(plus) = plus.get_untracked()
        {
            let _ = plus.focus();
        }
        on_change.run(after);
    };
    let picked = Memo::new(move |_| quantity.get() > 0);
    let flag = |on: bool| on.then_some("true");
    let stands = Signal::derive(move || flag(locked.get()));
    let full = Signal::derive(move || flag(locked.get() || quantity.get() >= MAX_QUANTITY));
    view! {
        <div class="stepper" data-picked=Signal::derive(move || flag(picked.get()))>
            {live(move || {
                if !picked.get() {
                    return ().into_any();
                }
                        view! {
                            <button
                                type="button"
                                class="step"
                                aria-label=remove.clone()
                                aria-disabled=stands
                                on:click=move |_| step(false)
                            >
                                <svg viewBox="0 0 24 24" aria-hidden="true">
                                    <path d="M6 12h12"/>
                                </svg>
                            </button>
                            <span class="count">{quantity}</span>
                        }
                        .into_any()
            })}
            <button
                type="button"
                class="step"
                data-testid="plus"
                node_ref=plus
                aria-label=add
                aria-disabled=full
                on:click=move |_| step(true)
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 12h12M12 6v12"/>
                </svg>
            </button>
        </div>
    }
}
