//! The bar at the top. To a screen reader: the shop's name, which is a button to the menu on other
//! screens, a button to all orders, and one that changes the language, named in the new language.

use super::{dyn_attr, on_click};
use crate::browser::package::asset;
use crate::locale::Locale;
use crate::text::{Menu, shop};
use leptos::prelude::*;

/// The id of the button that changes the language.
pub const LANGUAGE: &str = "language";

#[component]
pub fn TopBar(
    locale: Locale,
    on_switch: UnsyncCallback<()>,
    /// `None` on the menu, and where no menu can be shown.
    on_home: Option<UnsyncCallback<()>>,
    /// `None` outside GoPay.
    on_orders: Option<UnsyncCallback<()>>,
    /// Whether a request under way blocks leaving the screen.
    busy: Memo<bool>,
) -> impl IntoView {
    let other = locale.other();
    // The visible text is in the name, for voice control.
    let tag = other.tag().to_uppercase();
    let sign = || {
        view! {
            <img src=asset("/assets/logo.svg") alt="" width="36" height="36"/>
            <span>{shop::NAME}</span>
        }
    };
    let brand = match on_home {
        Some(on_home) => view! {
            <button type="button" class="brand" on:click=on_click(move || on_home.run(()))>
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
                aria-disabled=dyn_attr(move || busy.get())
                on:click=on_click(move || on_orders.run(()))
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
                on:click=on_click(move || on_switch.run(()))
            >
                {tag.clone()}
            </button>
        </header>
    }
}
