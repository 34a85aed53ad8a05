//! A short message inside a screen. To those who do not see it: a group with its title first.

use leptos::prelude::*;

/// A title, a sentence under it and perhaps a way on.
#[component]
pub fn Note(
    /// What happened.
    title: String,
    /// What it means.
    body: AnyView,
    /// What can be done.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="note">
            <h2>{title}</h2>
            <p>{body}</p>
            {children.map(|children| children())}
        </section>
    }
}
