//! Whose shop it is. Written by `cargo xtask shop`: change `shop.toml`.

/// What it is called, in every language.
pub const NAME: &str = "Kedai Senja";

/// Heads the menu.
pub(super) const TITLE_ID: &str = "Mau pesan apa?";

/// The same in English.
pub(super) const TITLE_EN: &str = "What would you like?";

/// Stands under it.
pub(super) const TAGLINE_ID: &str = "Kopi dan camilan hangat, ambil di kasir";

/// The same in English.
pub(super) const TAGLINE_EN: &str = "Coffee and warm snacks, to pick up";
