//! The bar at the top. To those who do not see it: the shop's name, which leads to the
//! menu where that is somewhere else, and a button that changes the language, named in
//! the language it leads to.

use crate::browser::package::asset;
use crate::text::{Locale, shop};
use leptos::prelude::*;

/// The shop's sign and the language switch.
#[component]
pub fn Top(
    /// The language on the screen.
    locale: Locale,
    /// The other one is wanted.
    on_switch: UnsyncCallback<Locale>,
    /// The menu is wanted; `None` where it cannot be had, or is there.
    on_home: Option<UnsyncCallback<()>>,
) -> impl IntoView {
    let other = locale.other();
    let sign = || {
        view! {
            <img src=asset("/assets/logo.svg") alt="" width="36" height="36"/>
            <span>{shop::NAME}</span>
        }
    };
    let brand = match on_home {
        Some(on_home) => view! {
            <button type="button" class="brand" on:click=move |_| on_home.run(())>
                {sign()}
            </button>
        }
        .into_any(),
        None => view! { <span class="brand">{sign()}</span> }.into_any(),
    };
    view! {
        <header class="top">
            {brand}
            <button
                type="button"
                class="language"
                lang=other.tag()
                aria-label=other.name()
                on:click=move |_| on_switch.run(other)
            >
                {other.tag().to_uppercase()}
            </button>
        </header>
    }
}
