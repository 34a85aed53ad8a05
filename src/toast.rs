//! A short message that goes away by itself. To those who do not see it: nothing; whoever shows
//! it has said the same in the live region.

use crate::browser::{self, package};
use crate::components::dyn_view;
use crate::context::Context;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long it is shown, in seconds.
const SHOWN_SECONDS: u32 = 3;
/// How long GoPay may take to say that it does not show it, in milliseconds: after that the
/// moment has passed.
const SHOW_WITHIN_MS: u64 = 2_000;

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    words: String,
    /// Tells two with the same words apart.
    at: u64,
}

/// Shows the words: in a package GoPay's own way (Container V1 has one), else over the page.
pub fn show(toast: RwSignal<Option<Toast>>, words: String) {
    let asked_at = browser::monotonic_ms();
    spawn_local(async move {
        let shown =
            package::is_packaged() && gopay_container::toast(&words, SHOWN_SECONDS).await.is_ok();
        let at = browser::monotonic_ms();
        if !shown && at.saturating_sub(asked_at) < SHOW_WITHIN_MS {
            over_page(toast, Toast { words, at }).await;
        }
    });
}

async fn over_page(toast: RwSignal<Option<Toast>>, shown: Toast) {
    toast.set(Some(shown.clone()));
    sleep(Duration::from_secs(SHOWN_SECONDS.into())).await;
    // Gone meanwhile: the page of a test.
    let is_newest = toast.try_with_untracked(|toast| toast.as_ref() == Some(&shown));
    if is_newest == Some(true) {
        toast.set(None);
    }
}

/// The place where it appears.
pub fn view(context: Context) -> AnyView {
    dyn_view(move || match context.toast.get() {
        Some(Toast { words, .. }) => view! {
            <p class="toast" aria-hidden="true">
                {words}
            </p>
        }
        .into_any(),
        None => ().into_any(),
    })
    .into_any()
}
