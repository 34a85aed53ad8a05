//! Puts the app onto the page.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    mini_app::show_crashes();
    leptos::mount::mount_to_body(mini_app::App);
}
