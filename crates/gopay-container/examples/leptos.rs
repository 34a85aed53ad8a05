//! With Leptos: an error is `Clone + PartialEq`, so it may live in a signal.

use gopay_container::{
    Error,
    locale::{Locale, get_locale},
};
use leptos::prelude::*;

fn main() {
    leptos::mount::mount_to_body(Greeting);
}

#[component]
fn Greeting() -> impl IntoView {
    let locale: RwSignal<Option<Result<Locale, Error>>> = RwSignal::new(None);
    leptos::task::spawn_local(async move { locale.set(Some(get_locale().await)) });
    move || match locale.get() {
        Some(Ok(Locale::English)) => "Hello",
        _ => "Halo",
    }
}
