//! The bar at the top. To those who do not see it: the shop's name, which leads to the menu
//! where that is somewhere else, a button that leads to all orders, and one that changes the
//! language, named in the language it leads to.

use super::{flag, tap};
use crate::browser::package::asset;
use crate::text::{Locale, Menu, shop};
use leptos::prelude::*;

/// Id of the button that changes the language.
pub const LANGUAGE: &str = "language";

/// The shop's sign, the way to all orders and the language switch.
#[component]
pub fn Top(
    /// The language on the screen.
    locale: Locale,
    /// The other one is wanted.
    on_switch: UnsyncCallback<()>,
    /// The menu is wanted; `None` where it cannot be had, or is there.
    on_home: Option<UnsyncCallback<()>>,
    /// All orders are wanted; `None` where nobody is signed in.
    on_orders: Option<UnsyncCallback<()>>,
    /// Whether something is under way that has to be waited for.
    busy: Memo<bool>,
) -> impl IntoView {
    let other = locale.other();
    // What is seen is in the name: who speaks to the phone says what they see.
    let tag = other.tag().to_uppercase();
    let sign = || {
        view! {
            <img src=asset("/assets/logo.svg") alt="" width="36" height="36"/>
            <span>{shop::NAME}</span>
        }
    };
    let brand = match on_home {
        Some(on_home) => view! {
            <button type="button" class="brand" on:click=tap(move || on_home.run(()))>
                {sign()}
            </button>
        }
        .into_any(),
        None => view! { <span class="brand">{sign()}</span> }.into_any(),
    };
    let orders = on_orders.map(|on_orders| {
        view! {
            <button
                type="button"
                class="orders"
                aria-label=locale.menu(&Menu::Orders).into_owned()
                aria-disabled=flag(move || busy.get())
                on:click=tap(move || on_orders.run(()))
            >
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6"/>
                </svg>
            </button>
        }
    });
    view! {
        <header class="top">
            {brand}
            {orders}
            <button
                type="button"
                class="language"
                id=LANGUAGE
                lang=other.tag()
                aria-label=[&tag, ", ", other.name()].concat()
                on:click=tap(move || on_switch.run(()))
            >
                {tag.clone()}
            </button>
        </header>
    }
}
