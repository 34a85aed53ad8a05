//! Screens in a real browser: open one in a given state, see text, tap by visible label.
#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "web/json.rs"]
mod json;

use contract::{
    Customer, Order, OrderLine, OrderStatus, Payment, PaymentWay, Product, Rupiah, Session,
    UnixTime, Wording,
};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::task::tick;
use mini_app::checkout::{Event, Listing, OrderFlow, OrderSnapshot, State};
use mini_app::context::Context;
use mini_app::deferred;
use mini_app::screens::Screens;
use mini_app::session;
use mini_app::user_error::UserError;
use std::cell::{Cell, RefCell};
use std::num::NonZeroU32;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/web/stage.js")]
extern "C" {
    fn merchant(answers: &str);
    fn gopay(answers: &str);
    fn asked() -> String;
    fn clipboard(works: bool);
    fn copied() -> String;
    fn clear();
    fn kept() -> String;
    async fn frame();
}

thread_local! {
    /// The events of the open page.
    static EVENTS: RefCell<Vec<Event>> = const { RefCell::new(Vec::new()) };
}

/// An open page, closed when dropped.
struct Page {
    root: HtmlElement,
    context: Context,
    retries: Rc<Cell<u32>>,
    _mounted: Box<dyn std::any::Any>,
}

impl Drop for Page {
    fn drop(&mut self) {
        self.root.remove();
        EVENTS.take();
        clear();
    }
}

impl Page {
    async fn open(session: session::State, state: State) -> Self {
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        document().body().unwrap().append_child(&root).unwrap();
        let retries = Rc::new(Cell::new(0));
        let opened = Rc::new(RefCell::new(None));
        let mounted: UnmountHandle<_> = mount_to(root.clone(), {
            let opened = Rc::clone(&opened);
            let retries = Rc::clone(&retries);
            move || {
                mini_app::link();
                let context = Context::new(session, state, deferred::load_state(), |_, event| {
                    EVENTS.with_borrow_mut(|events| events.push(event));
                });
                opened.replace(Some(context));
                let retry = UnsyncCallback::new(move |()| retries.set(retries.get() + 1));
                view! { <Screens context retry/> }
            }
        });
        tick().await;
        let context = opened.take().unwrap();
        Self {
            root,
            context,
            retries,
            _mounted: Box::new(mounted),
        }
    }

    fn see(&self, text: &str) {
        let shown = self.root.inner_text();
        assert!(shown.contains(text), "no {text:?} in:\n{shown}");
    }

    async fn until(&self, text: &str) {
        let shown = || self.root.inner_text().contains(text).then_some(());
        eventually(text, shown).await;
    }

    /// What the live region says.
    fn hear(&self) -> String {
        let region = self.root.query_selector("[role=status]").unwrap().unwrap();
        region.text_content().unwrap_or_default()
    }

    async fn toast(&self) -> String {
        let toast = || self.root.query_selector(".toast").unwrap();
        let toast = eventually("a toast", toast).await;
        toast.text_content().unwrap_or_default()
    }

    fn see_no(&self, text: &str) {
        let shown = self.root.inner_text();
        assert!(!shown.contains(text), "{text:?} in:\n{shown}");
    }

    async fn tap(&self, label: &str) {
        let buttons = self.root.query_selector_all("button").unwrap();
        let button = (0..buttons.length())
            .filter_map(|at| buttons.get(at)?.dyn_into::<HtmlElement>().ok())
            .find(|button| {
                let name = button.get_attribute("aria-label");
                name.unwrap_or_else(|| button.inner_text()).trim() == label
            });
        button
            .unwrap_or_else(|| panic!("no button {label:?} in:\n{}", self.root.inner_text()))
            .click();
        tick().await;
    }

    /// Picks a coffee and unfolds the order.
    async fn pick(&self) {
        self.tap("Tambah Kopi Susu").await;
        let summary = self.root.query_selector("details:not([open]) > summary");
        if let Some(summary) = summary.unwrap() {
            summary.dyn_into::<HtmlElement>().unwrap().click();
            tick().await;
        }
    }

    fn result(&self) -> Option<String> {
        let result = self.root.query_selector("[data-testid=result]").unwrap();
        result?.get_attribute("data-status")
    }

    fn events(&self) -> Vec<Event> {
        EVENTS.with_borrow(Clone::clone)
    }
}

/// Polls before each frame; panics after about ten seconds.
async fn eventually<T>(what: &str, poll: impl Fn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = poll() {
            return found;
        }
        frame().await;
    }
    panic!("never came: {what}");
}

fn wording(id: &str, en: &str) -> Wording {
    Wording {
        id: id.to_owned(),
        en: en.to_owned(),
    }
}

fn signed_in() -> session::State {
    signed_in_as(None)
}

fn signed_in_as(name: Option<&str>) -> session::State {
    session::State::In(Box::new(Session {
        customer: Customer {
            id: "buyer".into(),
            name: name.map(str::to_owned),
        },
        catalogue: vec![Product {
            id: "kopi-susu".to_owned(),
            name: wording("Kopi Susu", "Milk Coffee"),
            description: wording("Dengan gula aren", "With palm sugar"),
            price: Rupiah::new(25_000),
            image: String::new(),
            category: None,
            sold_out: false,
        }],
        open_order: None,
    }))
}

fn browsing() -> State {
    State::Browsing { notice: None }
}

fn order(status: OrderStatus) -> State {
    let order = placed(status);
    let received_at = mini_app::browser::monotonic_ms();
    State::Ordered(Box::new(OrderFlow::opened(OrderSnapshot {
        order,
        received_at,
    })))
}

fn placed(status: OrderStatus) -> Order {
    Order {
        id: "0199-order-0abc1234".into(),
        status,
        lines: vec![OrderLine {
            product: "kopi-susu".to_owned(),
            name: wording("Kopi Susu", "Milk Coffee"),
            quantity: NonZeroU32::MIN,
            price: Rupiah::new(25_000),
        }],
        total: Rupiah::new(25_000),
        discount: None,
        table: None,
        created_at: UnixTime(1_795_331_000),
        paid_at: (status == OrderStatus::Paid).then_some(UnixTime(1_795_331_100)),
        refunded: None,
        pickup_code: None,
        payment: (status == OrderStatus::AwaitingPayment).then(|| Payment {
            way: PaymentWay::Deeplink("gopay://merchanttransfer?tref=1".to_owned()),
            valid_until: UnixTime(1_795_332_000),
        }),
        rewards: Vec::new(),
        as_of: UnixTime(1_795_331_100),
    }
}

fn listing(orders: Option<Vec<Order>>, error: Option<UserError>) -> State {
    State::Listing(Listing {
        orders,
        error,
        asking: false,
    })
}

#[wasm_bindgen_test]
async fn the_pay_button_names_the_total() {
    let page = Page::open(signed_in(), browsing()).await;
    page.see("Pilih dulu");
    page.tap("Pilih dulu").await;
    assert_eq!(page.events(), [], "there is nothing to pay");

    page.tap("Tambah Kopi Susu").await;
    page.see("Bayar Rp25.000");
    page.tap("Tambah Kopi Susu").await;
    page.see("Bayar Rp50.000");
    page.tap("Bayar Rp50.000").await;
    let events = page.events();
    let [Event::PayTapped(attempt)] = events.as_slice() else {
        panic!("one tap, one event: {events:?}");
    };
    assert_eq!(attempt.order.expected_total, Rupiah::new(50_000));
    assert_eq!(attempt.customer, "buyer".into());
    assert_eq!(attempt.key.as_str().len(), 36);
}

#[wasm_bindgen_test]
async fn a_stepper_goes_down_to_zero_and_says_so() {
    let page = Page::open(signed_in(), browsing()).await;
    page.tap("Tambah Kopi Susu").await;
    page.tap("Kurangi Kopi Susu").await;
    page.see("Pilih dulu");
    page.until("Kopi Susu dihapus").await;
}

#[wasm_bindgen_test]
async fn a_stepper_ends_at_twenty() {
    let page = Page::open(signed_in(), browsing()).await;
    for _ in 0..25 {
        page.tap("Tambah Kopi Susu").await;
    }
    page.see("Bayar Rp500.000");
}

#[wasm_bindgen_test]
async fn two_attempts_have_two_keys() {
    let keys: Vec<_> = (0..2).map(|_| mini_app::browser::new_key()).collect();
    assert_ne!(keys[0], keys[1]);
}

#[wasm_bindgen_test]
async fn the_language_can_be_changed() {
    let page = Page::open(signed_in(), browsing()).await;
    page.see("Mau pesan apa?");
    page.tap("EN, English").await;
    page.see("What would you like?");
    page.see("Milk Coffee");
    let root = document().document_element().unwrap();
    assert_eq!(root.get_attribute("lang").as_deref(), Some("en"));
    page.tap("ID, Bahasa Indonesia").await;
    page.see("Mau pesan apa?");
}

#[wasm_bindgen_test]
async fn each_status_says_what_happened_and_what_is_next() {
    for (status, name, headline, next) in [
        (
            OrderStatus::AwaitingPayment,
            "awaiting_payment",
            "Menunggu pembayaran",
            "Lanjutkan pembayaran",
        ),
        (
            OrderStatus::Checking,
            "checking",
            "Sedang kami pastikan",
            "Periksa lagi",
        ),
        (
            OrderStatus::Paid,
            "paid",
            "Pembayaran diterima",
            "Kembali ke menu",
        ),
        (
            OrderStatus::Cancelled,
            "cancelled",
            "Pesanan dibatalkan",
            "Pesan lagi",
        ),
        (
            OrderStatus::Failed,
            "failed",
            "Pembayaran belum berhasil",
            "Bayar lagi",
        ),
        (
            OrderStatus::Expired,
            "expired",
            "Waktu bayar habis",
            "Bayar lagi",
        ),
        (
            OrderStatus::PartiallyRefunded,
            "partially_refunded",
            "Sebagian uang dikembalikan",
            "Kembali ke menu",
        ),
        (
            OrderStatus::Refunded,
            "refunded",
            "Uang dikembalikan",
            "Kembali ke menu",
        ),
        (
            OrderStatus::Review,
            "review",
            "Pesanan perlu kami cek",
            "Kembali ke menu",
        ),
    ] {
        let page = Page::open(signed_in(), order(status)).await;
        assert_eq!(page.result().as_deref(), Some(name));
        page.see(headline);
        page.see("0ABC1234");
        page.see("Rp25.000");
        page.tap(next).await;
        assert_eq!(page.events().len(), 1, "{name}");
    }
}

#[wasm_bindgen_test]
async fn the_receipt_has_number_time_and_the_way_to_collect() {
    let page = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    page.see("22 Nov 2026 14.05 WIB");
    page.see("Tunjukkan layar ini di kasir");
}

#[wasm_bindgen_test]
async fn what_the_container_says_is_not_shown_as_a_result() {
    let page = Page::open(signed_in(), order(OrderStatus::AwaitingPayment)).await;
    page.context.checkout.update(|state| {
        if let State::Ordered(flow) = state {
            flow.confirmed = false;
        }
    });
    tick().await;
    page.see("Memeriksa pembayaran");
    assert_eq!(page.result(), None);
    page.see_no("diterima.");
}

#[wasm_bindgen_test]
async fn a_new_screen_takes_the_focus_to_its_heading() {
    let page = Page::open(signed_in(), browsing()).await;
    page.context.checkout.set(order(OrderStatus::Paid));
    tick().await;
    let focused = document().active_element().unwrap();
    assert_eq!(
        focused.text_content().as_deref(),
        Some("Pembayaran diterima")
    );
}

#[wasm_bindgen_test]
async fn outside_gopay_a_page_replaces_the_error() {
    let outside = session::State::Failed(UserError::NotInGopay);
    let page = Page::open(outside, State::Starting).await;
    page.see("Kedai Senja ada di dalam GoPay");
    page.see("Buka aplikasi GoPay, lalu cari Kedai Senja.");
    page.see("cargo xtask preview");
}

#[wasm_bindgen_test]
async fn a_failed_sign_in_can_be_retried() {
    let failed = session::State::Failed(UserError::Offline);
    let page = Page::open(failed, State::Starting).await;
    page.see("Tidak ada koneksi");
    page.tap("Coba lagi").await;
    assert_eq!(page.retries.get(), 1);
}

#[wasm_bindgen_test]
async fn an_unconfirmed_order_can_be_sent_again_or_changed() {
    let page = Page::open(signed_in(), browsing()).await;
    page.tap("Tambah Kopi Susu").await;
    page.tap("Bayar Rp25.000").await;
    let Some(Event::PayTapped(attempt)) = page.events().pop() else {
        panic!("paying was asked for");
    };
    page.context.checkout.set(State::Unconfirmed {
        attempt,
        error: UserError::TimedOut,
    });
    tick().await;
    page.see("Belum ada jawaban");
    page.tap("Coba lagi").await;
    page.tap("Ubah pesanan").await;
    assert_eq!(
        page.events()[1..],
        [Event::RetryTapped, Event::ChangeTapped]
    );
}

/// The merchant's answer before the buyer has consented.
const CONSENT_REQUIRED: &str =
    r#"[403, {"status": 403, "code": "consent_required", "title": "", "consent": "profile"}]"#;

fn allowed(answer: bool) -> String {
    format!(r#"{{"GP.authorize": {{"data": {{"successScope": {{"profile": {answer}}}}}}}}}"#)
}

#[wasm_bindgen_test]
async fn the_name_card_appears_once_a_product_is_picked() {
    let page = Page::open(signed_in(), browsing()).await;
    page.see_no("Atas nama siapa?");
    page.pick().await;
    page.see("Atas nama siapa?");
    page.see("Biar kami panggil namamu saat pesanan siap.");
    page.tap("Kurangi Kopi Susu").await;
    page.see_no("Atas nama siapa?");
}

#[wasm_bindgen_test]
async fn skipping_the_name_focuses_the_pay_button_and_lasts() {
    let page = Page::open(signed_in(), browsing()).await;
    page.pick().await;
    page.tap("Lewati").await;
    page.see_no("Atas nama siapa?");
    let focused = document().active_element().unwrap();
    assert_eq!(focused.text_content().as_deref(), Some("Bayar Rp25.000"));
    page.tap("Bayar Rp25.000").await;
    assert_eq!(page.events().len(), 1);

    let again = Page::open(signed_in(), browsing()).await;
    again.pick().await;
    again.see_no("Atas nama siapa?");
}

/// A page whose buyer has agreed to be called by name, with these answers of merchant and GoPay.
async fn agreeing(merchant_says: &str, gopay_says: &str) -> Page {
    let page = Page::open(signed_in(), browsing()).await;
    merchant(merchant_says);
    gopay(gopay_says);
    page.pick().await;
    page.tap("Pakai nama GoPay").await;
    page
}

#[wasm_bindgen_test]
async fn a_buyer_who_agrees_is_called_by_the_name_in_gopay() {
    let page = agreeing(
        &format!(r#"[{CONSENT_REQUIRED}, [200, {{"name": "Budi"}}]]"#),
        &allowed(true),
    )
    .await;
    page.until("Pesanan atas nama Budi").await;
    page.see_no("Atas nama siapa?");
    assert_eq!(asked(), r#"[["GP.authorize",{"scope":"profile"}]]"#);
    assert_eq!(page.hear(), "Pesanan atas nama Budi");
    assert_eq!(page.toast().await, "Pesanan atas nama Budi");
    assert!(!kept().contains("Budi"), "a name is kept in {}", kept());
}

#[wasm_bindgen_test]
async fn an_earlier_consent_is_not_requested_again() {
    let page = agreeing(r#"[[200, {"name": "Budi"}]]"#, "{}").await;
    page.until("Pesanan atas nama Budi").await;
    assert_eq!(asked(), "[]");
}

#[wasm_bindgen_test]
async fn a_refused_consent_is_final() {
    let page = agreeing(&format!("[{CONSENT_REQUIRED}]"), &allowed(false)).await;
    page.until("Lanjut tanpa nama").await;
    assert_eq!(page.hear(), "Lanjut tanpa nama");
    page.see_no("Atas nama siapa?");
    page.tap("Bayar Rp25.000").await;
    assert_eq!(page.events().len(), 1);

    let again = Page::open(signed_in(), browsing()).await;
    again.pick().await;
    again.see_no("Atas nama siapa?");
}

#[wasm_bindgen_test]
async fn a_gopay_without_consent_does_not_block_ordering() {
    let page = agreeing(&format!("[{CONSENT_REQUIRED}]"), "{}").await;
    page.until("Kamu tetap bisa pesan dan bayar").await;
    page.tap("Bayar Rp25.000").await;
    assert_eq!(page.events().len(), 1);

    let again = Page::open(signed_in(), browsing()).await;
    again.pick().await;
    again.see("Atas nama siapa?");
}

#[wasm_bindgen_test]
async fn an_unanswered_profile_request_blocks_neither_paying_nor_skipping() {
    let page = Page::open(signed_in(), browsing()).await;
    merchant("[]");
    page.pick().await;
    page.tap("Pakai nama GoPay").await;
    page.see("Sebentar");
    page.tap("Bayar Rp25.000").await;
    assert_eq!(page.events().len(), 1);
    page.tap("Lewati").await;
    page.see_no("Atas nama siapa?");
}

#[wasm_bindgen_test]
async fn a_receipt_names_the_buyer_who_is_called() {
    let named = signed_in_as(Some("Budi"));
    let page = Page::open(named.clone(), order(OrderStatus::Paid)).await;
    page.see("Kami panggil Budi saat pesanan siap");
    let unpaid = Page::open(named, order(OrderStatus::AwaitingPayment)).await;
    unpaid.see_no("Budi");
    let nameless = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    nameless.see_no("Kami panggil");
}

#[wasm_bindgen_test]
async fn the_order_number_is_copied_as_it_is_shown() {
    let page = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    gopay(r#"{"GPBase.copyToClipboard": {}}"#);
    page.tap("Salin nomor pesanan").await;
    page.until("Disalin").await;
    assert_eq!(page.hear(), "Disalin");
    assert_eq!(page.toast().await, "Disalin");
    assert_eq!(
        asked(),
        r#"[["GPBase.copyToClipboard",{"text":"0ABC1234"}]]"#
    );
}

#[wasm_bindgen_test]
async fn the_browser_copies_where_gopay_cannot() {
    let page = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    gopay("{}");
    clipboard(true);
    page.tap("Salin nomor pesanan").await;
    page.until("Disalin").await;
    assert_eq!(copied(), "0ABC1234");
}

#[wasm_bindgen_test]
async fn a_failed_copy_is_announced() {
    let page = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    gopay("{}");
    clipboard(false);
    page.tap("Salin nomor pesanan").await;
    page.until("Belum bisa disalin. Catat nomornya, ya.").await;
}

#[wasm_bindgen_test]
async fn the_receipt_is_shared_through_gopay_without_the_buyers_name() {
    let named = signed_in_as(Some("Budi"));
    let paid = State::Ordered(Box::new(OrderFlow::opened(OrderSnapshot {
        order: Order {
            pickup_code: Some("A47".to_owned()),
            ..placed(OrderStatus::Paid)
        },
        received_at: 0,
    })));
    let page = Page::open(named, paid).await;
    gopay(r#"{"GPShare.share": {}}"#);
    page.tap("Bagikan").await;
    let text = "Kedai Senja\\nPesanan: 0ABC1234\\nTotal: Rp25.000";
    assert_eq!(
        asked(),
        format!(r#"[["GPShare.share",{{"text":"{text}"}}]]"#)
    );
}

#[wasm_bindgen_test]
async fn without_a_share_sheet_the_receipt_is_copied() {
    let page = Page::open(signed_in(), order(OrderStatus::Paid)).await;
    gopay(r#"{"GPBase.copyToClipboard": {}}"#);
    page.tap("Bagikan").await;
    page.until("Disalin").await;
}

#[wasm_bindgen_test]
async fn an_unpaid_order_has_no_share_button() {
    let page = Page::open(signed_in(), order(OrderStatus::Failed)).await;
    let share = page.root.query_selector("[aria-label=Bagikan]").unwrap();
    assert!(share.is_none());
}

#[wasm_bindgen_test]
async fn a_sold_out_product_is_shown_and_cannot_be_picked() {
    let session::State::In(mut session) = signed_in() else {
        panic!("nobody is signed in");
    };
    session.catalogue[0].sold_out = true;
    let page = Page::open(session::State::In(session.clone()), browsing()).await;
    page.see("Kopi Susu");
    page.see("Rp25.000");
    page.see("Habis");
    let steps = page.root.query_selector(".step").unwrap();
    assert!(steps.is_none());
    page.context.cart.update(|cart| {
        cart.set("kopi-susu", 1);
        cart.retain_available(&session.catalogue);
    });
    tick().await;
    page.see("Ada yang baru saja habis");
    page.see("Pilih dulu");
}

#[wasm_bindgen_test]
async fn the_pay_bar_shows_the_unconfirmed_order() {
    let page = Page::open(signed_in(), browsing()).await;
    page.pick().await;
    page.tap("Bayar Rp25.000").await;
    let Some(Event::PayTapped(attempt)) = page.events().pop() else {
        panic!("paying was asked for");
    };
    let error = UserError::TimedOut;
    page.context
        .checkout
        .set(State::Unconfirmed { attempt, error });
    page.context.cart.update(|cart| cart.set("kopi-susu", 0));
    tick().await;
    page.see("1 item");
    page.tap("Pesanan").await;
    page.tap("Coba lagi").await;
    page.see_no("Pilih dulu");
}

#[wasm_bindgen_test]
async fn each_order_in_the_list_describes_itself_and_opens() {
    let mut paid = placed(OrderStatus::Paid);
    paid.pickup_code = Some("A47".to_owned());
    let more = OrderLine {
        product: "klepon".to_owned(),
        ..paid.lines[0].clone()
    };
    paid.lines.extend([more.clone(), more]);
    let cancelled = placed(OrderStatus::Cancelled);
    let page = Page::open(signed_in(), listing(Some(vec![paid, cancelled]), None)).await;
    for text in [
        "Pesananmu",
        "Kopi Susu, +2 lainnya",
        "Dibayar",
        "Dibatalkan",
        "Rp25.000",
        "22 Nov 2026 14.03 WIB",
        "A47",
    ] {
        page.see(text);
    }
    let first = page.root.query_selector("button.past").unwrap().unwrap();
    first.unchecked_into::<HtmlElement>().click();
    let id = "0199-order-0abc1234".to_owned();
    assert_eq!(page.events(), [Event::OrderTapped(id.into())]);
}

#[wasm_bindgen_test]
async fn an_unchanged_list_does_not_rebuild_its_rows() {
    let orders = vec![placed(OrderStatus::Paid)];
    let page = Page::open(signed_in(), listing(Some(orders), None)).await;
    let row = page.root.query_selector("button.past").unwrap().unwrap();
    let mut newer = placed(OrderStatus::Paid);
    newer.as_of = UnixTime(1_795_331_120);
    page.context.checkout.set(listing(Some(vec![newer]), None));
    tick().await;
    assert!(row.is_connected());
}

#[wasm_bindgen_test]
async fn an_unanswered_list_keeps_the_last_answer_with_its_time() {
    let orders = Some(vec![placed(OrderStatus::Paid)]);
    let page = Page::open(
        signed_in(),
        listing(orders.clone(), Some(UserError::Offline)),
    )
    .await;
    page.see("Tidak ada koneksi");
    page.see("Kabar terakhir pukul 14.05 WIB.");
    page.see("Dibayar");
    page.tap("Coba lagi").await;
    assert_eq!(page.events(), [Event::RetryTapped]);
    page.context.checkout.set(listing(orders, None));
    tick().await;
    page.see_no("Tidak ada koneksi");

    let nothing = Page::open(signed_in(), listing(None, Some(UserError::ShopDown))).await;
    nothing.see("Ini dari sisi kami, bukan kamu.");
    nothing.see_no("Kabar terakhir");
}

#[wasm_bindgen_test]
async fn an_empty_list_leads_to_the_menu() {
    let page = Page::open(signed_in(), listing(Some(Vec::new()), None)).await;
    page.see("Belum ada pesanan");
    page.tap("Kembali ke menu").await;
    page.tap("Pesanan").await;
    assert_eq!(page.events(), [Event::ShopTapped, Event::OrdersTapped]);
}

#[wasm_bindgen_test]
async fn an_order_shows_the_time_of_its_last_answer() {
    let page = Page::open(signed_in(), order(OrderStatus::AwaitingPayment)).await;
    page.context.checkout.update(|state| {
        if let State::Ordered(flow) = state {
            flow.read_error = Some(UserError::Offline);
        }
    });
    tick().await;
    page.see("Tidak ada koneksi");
    page.see("Kabar terakhir pukul 14.05 WIB.");
    page.see("Menunggu pembayaran");
}
