//! The page outside GoPay: what the shop is and how to open it in GoPay.

use crate::browser;
use crate::browser::package::asset;
use crate::components::{Action, Heading, Weight};
use crate::context::Context;
use crate::text::Message;
use leptos::prelude::*;

/// A retry stays possible: on a slow network GoPay's script may only be late.
#[component]
pub fn NotInGopay(
    context: Context,
    busy: Signal<bool>,
    retry: UnsyncCallback<()>,
) -> impl IntoView {
    let words = super::labels::retry(context, busy);
    let deeplink = browser::gopay_deeplink();
    // The merchant draws the QR code of the same link.
    let scan = deeplink.is_some().then(|| {
        view! {
            <figure class="scan">
                <img src="/gopay-qr.svg" alt=context.say(&Message::QrCode) width="240" height="240"/>
                <figcaption>{context.say(&Message::ScanIt)}</figcaption>
            </figure>
        }
    });
    let way_in = match deeplink {
        Some(deeplink) => view! {
            <a class="action" data-weight="main" href=deeplink>
                {context.say(&Message::OpenInGopay)}
            </a>
        }
        .into_any(),
        None => view! { <p>{context.say(&Message::NotInGopayHow)}</p> }.into_any(),
    };
    let for_developers = browser::is_local().then(|| {
        view! {
            <p class="aside">
                {context.say(&Message::ForDevelopers)} " " <code>"cargo xtask preview"</code>
            </p>
        }
    });
    view! {
        <main class="page alone">
            <img src=asset("/assets/outside.svg") alt="" width="240" height="160"/>
            <Heading words=context.say(&Message::NotInGopayTitle) takes_focus=context.takes_focus()/>
            <p>{context.say(&Message::NotInGopayBody)}</p>
            {scan}
            <div class="actions">
                {way_in}
                <Action words weight=Weight::Side busy on_press=retry/>
            </div>
            {for_developers}
        </main>
    }
}
