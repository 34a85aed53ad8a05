//! Bahasa Indonesia, written first: warm, short, `kamu`.

use super::message::{Menu, Message};
use super::shop;
use crate::campaign::Notice;
use crate::checkout::Hint;
use crate::money::rupiah;
use crate::time::wib_clock;
use crate::user_error::UserError;
use contract::{OrderStatus, RewardKind, RewardStatus};
use std::borrow::Cow;

pub(super) fn menu(words: &Menu) -> Cow<'static, str> {
    use Menu as M;
    let text = match words {
        M::Add(name) => return ["Tambah ", name].concat().into(),
        M::Remove(name) => return ["Kurangi ", name].concat().into(),
        M::InCart(name, 0) => return [name, " dihapus"].concat().into(),
        M::InCart(name, quantity) => return [name, ": ", &quantity.to_string()].concat().into(),
        M::Pieces(pieces) => return [&pieces.to_string(), " item"].concat().into(),
        M::Title => shop::TITLE_ID,
        M::Tagline => shop::TAGLINE_ID,
        M::WaitingOrder => "Pesanan ",
        M::Waits => " menunggu pembayaran",
        M::Pay => "Bayar ",
        M::PickFirst => "Pilih dulu",
        M::Summary => "Cek pesanan",
        M::Preparing => "Menyiapkan pembayaran",
        M::OneMoment => "Sebentar",
        M::Continue => "Lanjutkan",
        M::TryAgain => "Coba lagi",
        M::SoldOut => "Habis",
        M::Orders => "Pesanan",
    };
    text.into()
}

pub(super) fn say(message: &Message) -> Cow<'static, str> {
    use Message as M;
    let text = match message {
        M::Menu(words) => return menu(words),
        M::LastKnown(moment) => {
            return [
                "Kabar terakhir pukul ",
                &wib_clock(*moment),
                ". Begitu tersambung lagi, layar ini berganti sendiri.",
            ]
            .concat()
            .into();
        }
        M::AndMore(name, more) => {
            return [name, ", +", &more.to_string(), " lainnya"].concat().into();
        }
        M::TimeLeft(clock) => return ["Sisa waktu bayar ", clock].concat().into(),
        M::MinutesLeft(minutes) => {
            return ["Sisa waktu bayar ", &minutes.to_string(), " menit"]
                .concat()
                .into();
        }
        M::SecondsLeft(seconds) => {
            return ["Sisa waktu bayar ", &seconds.to_string(), " detik"]
                .concat()
                .into();
        }
        M::NotInGopayTitle => return [shop::NAME, " ada di dalam GoPay"].concat().into(),
        M::QrCode => {
            return ["Kode QR yang membuka ", shop::NAME, " di GoPay"]
                .concat()
                .into();
        }
        M::NotInGopayHow => {
            return ["Buka aplikasi GoPay, lalu cari ", shop::NAME, "."]
                .concat()
                .into();
        }
        M::OnBehalf(name) => return ["Pesanan atas nama ", name].concat().into(),
        M::WillCall(name) => {
            return ["Kami panggil ", name, " saat pesanan siap"]
                .concat()
                .into();
        }
        M::AskName => "Atas nama siapa?",
        M::AskNameWhy => "Biar kami panggil namamu saat pesanan siap.",
        M::UseGopayName => "Pakai nama GoPay",
        M::Skip => "Lewati",
        M::DropName => "Jangan pakai nama saya",
        M::WithoutName => "Lanjut tanpa nama",
        M::WithoutNameBody => {
            "Namamu belum bisa kami dapatkan dari GoPay. Kamu tetap bisa pesan dan bayar \
             seperti biasa."
        }
        M::FromLink(name) => return ["Dari tautan: ", name].concat().into(),
        M::LinkNoticeTitle(notice) => return notice_title(notice),
        M::LinkNoticeBody(notice) => return notice_body(notice),
        M::Promo(code) => return ["Promo ", code].concat().into(),
        M::PromoFrom(code, least) => {
            return ["Promo ", code, " mulai ", &rupiah(*least)].concat().into();
        }
        M::Table => "Meja",
        M::AtTable(table) => return ["Untuk meja ", table].concat().into(),
        M::Understood => "Oke",
        M::Terms => shop::TERMS_ID,
        M::Contact => shop::CONTACT_ID,
        M::Total => "Total",
        M::NoAnswer => "Belum ada jawaban",
        M::NoAnswerBody => {
            "Kami belum tahu pesananmu sudah masuk atau belum. Belum ada yang dibayar. \
             Aman untuk dicoba lagi: pesanan tidak akan jadi dobel."
        }
        M::ChangeOrder => "Ubah pesanan",
        M::ErrorTitle(error) => error_title(*error),
        M::ErrorAdvice(error) => error_advice(*error),
        M::OpeningGopay => "Membuka GoPay",
        M::OpeningBody => "Selesaikan pembayaranmu di GoPay, lalu kembali ke sini.",
        M::VerifyingTitle => "Memeriksa pembayaran",
        M::VerifyingBody => "Sebentar ya, kami pastikan dulu. Layar ini berganti sendiri.",
        M::TimeUpTitle => "Kami pastikan dulu ke GoPay",
        M::TimeUpBody => {
            "Kami menunggu kepastian dari GoPay. Kalau kamu sudah membayar, layar ini berganti \
             sendiri. Jangan bayar lagi dulu."
        }
        M::Headline(status, hint) => headline(*status, *hint),
        M::Consequence(status, hint) => consequence(*status, *hint),
        M::ContinuePayment => "Lanjutkan pembayaran",
        M::PayAgain => "Bayar lagi",
        M::CheckAgain => "Periksa lagi",
        M::CancelOrder => "Batalkan pesanan",
        M::BackToShop => "Kembali ke menu",
        M::OrderAgain => "Pesan lagi",
        M::ShowAtCounter => "Tunjukkan layar ini di kasir",
        M::PickupCode => "Kode ambil",
        M::OrderNumber => "Pesanan",
        M::CopyNumber => "Salin nomor pesanan",
        M::Copied => "Disalin",
        M::NotCopied => "Belum bisa disalin. Catat nomornya, ya.",
        M::RefundedAmount => "Dikembalikan ke GoPay",
        M::Reward(kind, status) => reward(*kind, *status),
        M::PaidAt => "Dibayar",
        M::OrderedAt => "Dipesan",
        M::MyOrders => "Pesanan saya",
        M::OrdersTitle => "Pesananmu",
        M::NoOrders => "Belum ada pesanan",
        M::NoOrdersBody => "Pesananmu nanti muncul di sini.",
        M::Standing(status) => standing(*status),
        M::Share => "Bagikan",
        M::NoPageTitle => "Halaman tidak ditemukan",
        M::NoPageBody => "Alamat ini tidak mengarah ke mana pun. Menu kami tetap buka.",
        M::NotFoundTitle => "Pesanan tidak ditemukan",
        M::NotFoundBody => "Alamat ini tidak mengarah ke pesananmu. Menu kami tetap buka.",
        M::LoadingOrder => "Membuka pesanan",
        M::NotInGopayBody => "Di sana kamu bisa langsung pesan dan bayar, tanpa daftar lagi.",
        M::OpenInGopay => "Buka di aplikasi GoPay",
        M::ScanIt => "Sedang di komputer? Pindai dengan kamera HP.",
        M::ForDevelopers => "Untuk pengembang: jalankan simulator GoPay dengan",
    };
    text.into()
}

fn error_title(error: UserError) -> &'static str {
    match error {
        UserError::NotInGopay => "GoPay tidak ditemukan di sini",
        UserError::GopayTooOld => "GoPay perlu diperbarui",
        UserError::GopayDenied => "GoPay belum memberi izin",
        UserError::GopayFailed => "GoPay belum bisa dibuka",
        UserError::Offline => "Tidak ada koneksi",
        UserError::TimedOut => "Koneksinya lambat sekali",
        UserError::ShopDown => "Kedai sedang ada gangguan",
        UserError::GopayDown => "GoPay sedang sulit dihubungi",
        UserError::SignInRefused => "Belum berhasil masuk",
        UserError::PricesChanged => "Harga baru saja berubah",
        UserError::PromoRefused => "Kode promonya tidak berlaku",
        UserError::PromoExpired => "Kode promonya sudah berakhir",
        UserError::NoTable => "Nomor meja ini tidak ada",
        UserError::SoldOut => "Ada yang baru saja habis",
        UserError::OrderClosed => "Pesanan ini sudah ditutup",
        UserError::PaymentRefused => "GoPay menolak pembayaran ini",
        UserError::UnderWay => "Masih kami proses",
        UserError::AnotherBuyer => "Akun GoPay berganti",
        UserError::NotFound => "Pesanan tidak ditemukan",
        UserError::Rejected => "Pesanan belum bisa diterima",
    }
}

/// Money first, in words that hold on every screen, then what to do.
fn error_advice(error: UserError) -> &'static str {
    match error {
        UserError::NotInGopay => "Uangmu aman. Buka halaman ini dari aplikasi GoPay.",
        UserError::GopayTooOld => "Uangmu aman. Perbarui aplikasi GoPay, lalu buka kedai ini lagi.",
        UserError::GopayDenied => "Uangmu aman. Buka kedai ini dari menu GoPay, lalu coba lagi.",
        UserError::GopayFailed => "Uangmu aman. Coba lagi sebentar lagi.",
        UserError::Offline => "Uangmu aman. Periksa internetmu, lalu coba lagi.",
        UserError::TimedOut => "Uangmu aman. Cari sinyal yang lebih baik, lalu coba lagi.",
        UserError::ShopDown => {
            "Ini dari sisi kami, bukan kamu. Uangmu aman. Coba lagi sebentar lagi."
        }
        UserError::GopayDown => "Uangmu aman. Tunggu sebentar, lalu coba lagi.",
        UserError::SignInRefused => "Uangmu aman. Coba masuk sekali lagi.",
        UserError::PricesChanged => {
            "Belum ada yang dibayar. Lihat totalnya dulu, lalu bayar kalau cocok."
        }
        UserError::PromoRefused | UserError::PromoExpired => {
            "Belum ada yang dibayar. Lihat totalnya tanpa promo, lalu bayar kalau cocok."
        }
        UserError::NoTable => {
            "Belum ada yang dibayar. Bayar untuk ambil di kasir, atau pindai lagi kode di mejamu."
        }
        UserError::SoldOut => {
            "Yang habis tidak ikut dipesan. Belum ada yang dibayar. Lihat lagi pilihanmu, \
             lalu bayar kalau cocok."
        }
        UserError::OrderClosed => "Tidak ada yang dibayar lagi. Kami ambil kabar terbarunya.",
        UserError::PaymentRefused => {
            "Uangmu aman. Coba lagi nanti, atau tunjukkan nomor pesanan ini di kasir."
        }
        UserError::UnderWay => "Uangmu aman. Tunggu sebentar, lalu coba lagi.",
        UserError::AnotherBuyer => {
            "Pesanan akun sebelumnya tetap tercatat. Periksa pilihanmu, lalu bayar dari akun ini."
        }
        UserError::NotFound => "Yang sudah dibayar tetap tercatat. Kembali ke menu untuk memesan.",
        UserError::Rejected => {
            "Belum ada yang dibayar. Periksa pilihan dan pesananmu, lalu coba lagi."
        }
    }
}

/// Empty for what a newer merchant gives.
fn reward(kind: RewardKind, status: RewardStatus) -> &'static str {
    use RewardKind as K;
    use RewardStatus as S;
    match (kind, status) {
        (K::Coins, S::Pending) => "GoPay Coins, segera masuk",
        (K::Coins, S::Given) => "GoPay Coins, sudah masuk",
        (K::Coins, S::Refused) => {
            "GoPay belum memberi Coins untuk akunmu. Tanyakan ke Bantuan GoPay."
        }
        (K::Emoney, S::Pending) => "Saldo GoPay, segera masuk",
        (K::Emoney, S::Given) => "Saldo GoPay, sudah masuk",
        (K::Emoney, S::Refused) => {
            "GoPay belum memberi bonus saldo untuk akunmu. Tanyakan ke Bantuan GoPay."
        }
        (K::Gems, S::Pending) => "Gems, segera masuk",
        (K::Gems, S::Given) => "Gems, sudah masuk",
        (K::Gems, S::Refused) => {
            "GoPay belum memberi Gems untuk akunmu. Tanyakan ke Bantuan GoPay."
        }
        (K::Other, _) | (_, S::Other) => "",
    }
}

fn notice_title(notice: &Notice) -> Cow<'static, str> {
    let text = match notice {
        Notice::PromoRefused(code) => return ["Kode ", code, " tidak berlaku"].concat().into(),
        Notice::PromoExpired(code) => return ["Kode ", code, " sudah berakhir"].concat().into(),
        Notice::PromoUnchecked(code) => {
            return ["Kode ", code, " belum bisa dicek"].concat().into();
        }
        Notice::PromoUnreadable => "Kode promonya tidak terbaca",
        Notice::ProductGone => "Produk ini tidak ada lagi",
        Notice::NoTable => "Nomor meja ini tidak ada",
        Notice::CategoryGone => "Bagian menu ini tidak ada lagi",
    };
    text.into()
}

fn notice_body(notice: &Notice) -> Cow<'static, str> {
    let text = match notice {
        Notice::PromoRefused(_) | Notice::PromoExpired(_) | Notice::PromoUnreadable => {
            "Kamu tetap bisa pesan dan bayar dengan harga biasa."
        }
        Notice::PromoUnchecked(_) => {
            "Kamu bisa bayar dengan harga biasa, atau muat ulang kedai ini nanti."
        }
        Notice::ProductGone => {
            "Yang ada di tautan tadi sudah tidak kami jual. Pilih yang lain, ya."
        }
        Notice::NoTable => {
            "Pesananmu tetap bisa diambil di kasir. Atau pindai lagi kode di mejamu."
        }
        Notice::CategoryGone => "Semua yang kami jual sekarang ada di menu ini.",
    };
    text.into()
}

fn standing(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::AwaitingPayment => "Menunggu pembayaran",
        OrderStatus::Checking => "Sedang dipastikan",
        OrderStatus::Paid => "Dibayar",
        OrderStatus::Cancelled => "Dibatalkan",
        OrderStatus::Failed => "Belum berhasil",
        OrderStatus::Expired => "Waktu habis",
        OrderStatus::PartiallyRefunded => "Sebagian dikembalikan",
        OrderStatus::Refunded => "Dikembalikan",
        OrderStatus::Review => "Sedang kami cek",
        OrderStatus::Other => "Ada kabar baru",
    }
}

fn headline(status: OrderStatus, hint: Option<Hint>) -> &'static str {
    match (status, hint) {
        (OrderStatus::AwaitingPayment, Some(Hint::Underway)) => "Menunggu konfirmasi",
        (OrderStatus::AwaitingPayment, Some(Hint::Unpaid)) => "Belum dibayar",
        (OrderStatus::AwaitingPayment, Some(Hint::Opened) | None) => "Menunggu pembayaran",
        (OrderStatus::Checking, _) => "Sedang kami pastikan",
        (OrderStatus::Paid, _) => "Pembayaran diterima",
        (OrderStatus::Cancelled, _) => "Pesanan dibatalkan",
        (OrderStatus::Failed, _) => "Pembayaran belum berhasil",
        (OrderStatus::Expired, _) => "Waktu bayar habis",
        (OrderStatus::PartiallyRefunded, _) => "Sebagian uang dikembalikan",
        (OrderStatus::Refunded, _) => "Uang dikembalikan",
        (OrderStatus::Review, _) => "Pesanan perlu kami cek",
        (OrderStatus::Other, _) => "Ada kabar baru tentang pesananmu",
    }
}

fn consequence(status: OrderStatus, hint: Option<Hint>) -> &'static str {
    match (status, hint) {
        (OrderStatus::AwaitingPayment, Some(Hint::Underway)) => {
            "Kabar dari GoPay belum sampai ke kami. Kalau kamu sudah membayar, \
             layar ini berganti sendiri. Aman kalau mau ditutup."
        }
        (OrderStatus::AwaitingPayment, Some(Hint::Unpaid)) => {
            "Pembayaranmu belum kami terima. Pesanannya masih kami simpan."
        }
        (OrderStatus::AwaitingPayment, Some(Hint::Opened)) => {
            "Kalau kamu sudah membayar, layar ini berganti sendiri. Kalau belum, lanjutkan kalau \
             sudah siap."
        }
        (OrderStatus::AwaitingPayment, None) => {
            "Pembayaranmu belum kami terima. Lanjutkan kalau sudah siap."
        }
        (OrderStatus::Other, _) => {
            "Kabar terbarunya belum bisa tampil di sini. Uangmu aman dan pesananmu tercatat. Tunjukkan \
             nomor pesanan ini di kasir, atau buka kedai ini lagi nanti."
        }
        (OrderStatus::Checking, _) => {
            "Kami masih menunggu jawaban GoPay. Uangmu aman dan pesananmu tersimpan, \
             jadi halaman ini boleh ditutup."
        }
        (OrderStatus::Paid, _) => "Terima kasih. Pesananmu langsung kami siapkan.",
        (OrderStatus::Cancelled, _) => "Tidak ada yang dibayar. Pilihanmu masih bisa dipesan lagi.",
        (OrderStatus::Failed, _) => {
            "Tidak ada uang yang kami terima. Kamu bisa mencoba membayar lagi."
        }
        (OrderStatus::Expired, _) => {
            "Tidak ada uang yang kami terima. Kalau masih mau, buat pembayaran baru."
        }
        (OrderStatus::PartiallyRefunded, _) => {
            "Sebagian uangmu sudah kembali ke GoPay. Rinciannya ada di riwayat GoPay."
        }
        (OrderStatus::Refunded, _) => {
            "Uangmu sudah kembali ke GoPay. Rinciannya ada di riwayat GoPay."
        }
        (OrderStatus::Review, _) => {
            "Ada yang tidak cocok, dan petugas kami memeriksanya. Uangmu tidak hilang. \
             Jangan bayar lagi: tunjukkan nomor pesanan ini di kasir."
        }
    }
}
