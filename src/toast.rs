//! A short message that disappears by itself. Hidden from screen readers: the live region says the
//! same.

use crate::browser::{self, package};
use crate::components::dyn_view;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

const SHOWN_SECONDS: u32 = 3;
/// A refusal of GoPay that comes later shows no toast: the moment has passed.
const SHOW_WITHIN_MS: u64 = 2_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    words: String,
    /// Distinguishes toasts with the same words.
    at: u64,
}

/// Shows the words: in a package GoPay's own way (Container V1 has one), else over the page.
pub fn show(toast: RwSignal<Option<Toast>>, words: String) {
    let asked_at = browser::monotonic_ms();
    spawn_local(async move {
        let shown = package::is_packaged()
            && gopay_container::toast::toast(&words, SHOWN_SECONDS)
                .await
                .is_ok();
        let at = browser::monotonic_ms();
        if !shown && at.saturating_sub(asked_at) < SHOW_WITHIN_MS {
            over_page(toast, Toast { words, at }).await;
        }
    });
}

async fn over_page(toast: RwSignal<Option<Toast>>, shown: Toast) {
    toast.set(Some(shown.clone()));
    sleep(Duration::from_secs(SHOWN_SECONDS.into())).await;
    // The signal may be disposed, in a test.
    let is_newest = toast.try_with_untracked(|toast| toast.as_ref() == Some(&shown));
    if is_newest == Some(true) {
        toast.set(None);
    }
}

pub fn view(toast: RwSignal<Option<Toast>>) -> AnyView {
    dyn_view(move || match toast.get() {
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
