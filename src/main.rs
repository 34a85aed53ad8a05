//! Puts the app onto the page.

fn main() {
    mini_app::show_crashes();
    leptos::mount::mount_to_body(mini_app::App);
}
