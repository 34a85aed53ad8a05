//! Whose shop it is. Written by `cargo xtask shop`: change `shop.toml`.

pub const NAME: &str = "Kedai Senja";
pub(super) const TITLE_ID: &str = "Mau pesan apa?";
pub(super) const TITLE_EN: &str = "What would you like?";
pub(super) const TAGLINE_ID: &str = "Kopi dan camilan hangat, ambil di kasir";
pub(super) const TAGLINE_EN: &str = "Coffee and warm snacks, to pick up";
pub(super) const TERMS_ID: &str = "Pesanan yang dibayar langsung disiapkan. Kami menyimpan pesananmu, namamu kalau kamu izinkan, dan tanda masuk GoPay‑mu, terenkripsi.";
pub(super) const TERMS_EN: &str = "We prepare paid orders at once. We keep your orders, your name if you allow it, and, encrypted, your sign-in from GoPay.";
pub(super) const CONTACT_ID: &str = "Ada masalah? Tanya kasir kami, setiap hari pukul 07.00–21.00 WIB.";
pub(super) const CONTACT_EN: &str = "Something wrong? Ask at our counter, every day from 07:00 to 21:00 WIB.";
pub const TABLES: &[&str] = &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
