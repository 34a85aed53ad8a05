//! A short message inside a screen. To a screen reader: a group that begins with its title.

use leptos::prelude::*;

#[component]
pub fn Note(
    title: String,
    body: AnyView,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="note">
            <h2>{title}</h2>
            <p>{body}</p>
            {children.map(|children| children())}
        </section>
    }
}
