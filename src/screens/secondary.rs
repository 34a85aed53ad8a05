//! Every screen but the menu: the part of the screens that is in the deferred chunk.

use super::screen::Screen;
use super::{error_page, loading, not_found, not_in_gopay, order, orders};
use crate::checkout::Event;
use crate::context::Context;
use crate::session;
use leptos::prelude::*;

/// The screen below the top bar.
pub fn show(context: Context, screen: Screen, retry: UnsyncCallback<()>) -> AnyView {
    let retrying = Signal::derive(move || {
        (context.session).with(|s| matches!(s, session::State::Retrying(_)))
    });
    match screen {
        // The skeleton is in `index.html`, the menu in the first chunk.
        Screen::Boot | Screen::Shop => ().into_any(),
        Screen::NotInGopay => {
            view! { <not_in_gopay::NotInGopay context busy=retrying retry/> }.into_any()
        }
        Screen::SignInFailed(error) => {
            view! { <error_page::ErrorPage context error busy=retrying retry/> }.into_any()
        }
        Screen::Loading => view! { <loading::Loading context/> }.into_any(),
        Screen::LoadFailed(error) => {
            let busy = Signal::stored(false);
            let retry = UnsyncCallback::new(move |()| context.send(Event::RetryTapped));
            view! { <error_page::ErrorPage context error busy retry/> }.into_any()
        }
        Screen::Order(_) => view! { <order::OrderScreen context/> }.into_any(),
        Screen::Orders => view! { <orders::Orders context/> }.into_any(),
        Screen::NotFound => view! { <not_found::NotFound context/> }.into_any(),
    }
}
