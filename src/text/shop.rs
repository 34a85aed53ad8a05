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

/// Stands in the unfolded order, above the pay button: what buyers agree to.
pub(super) const TERMS_ID: &str = "Pesanan yang dibayar langsung disiapkan. Kami menyimpan pesananmu, namamu kalau kamu izinkan, dan tanda masuk GoPay-mu, terenkripsi.";

/// The same in English.
pub(super) const TERMS_EN: &str = "We prepare paid orders at once. We keep your orders, your name if you allow it, and, encrypted, your sign-in from GoPay.";

/// Stands under every order: where buyers turn to.
pub(super) const CONTACT_ID: &str = "Ada masalah? Tanya kasir kami, setiap hari pukul 07.00–21.00 WIB.";

/// The same in English.
pub(super) const CONTACT_EN: &str = "Something wrong? Ask at our counter, every day from 07:00 to 21:00 WIB.";
