// All orders of a buyer, on one screen.
import { type Shop, expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";
import { holdRequest, requestsOf, waitForDeferredChunk } from "./support/requests.ts";
import { inWib } from "./support/wib.ts";

const coffee = /^Kopi Susu Senja/;

/** One coffee paid, then coffee and klepon cancelled. */
async function twoPurchases(shop: Shop): Promise<App> {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.button("Tambah Klepon").click();
  await app.button("Bayar Rp37.000").click();
  await app.inSheet("Batalkan");
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
  return app;
}

test("the terms are above the pay button, the contact under every order", async ({ shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.page.getByText("Cek pesanan").click();
  await expect(app.page.getByText("Kami menyimpan pesananmu")).toBeVisible();
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const contact = app.page.getByText("Tanya kasir kami");
  await expect(contact).toBeVisible();
  await app.button("Pesanan saya").click();
  await expect(app.button(coffee)).toHaveCount(1);
  await expect(contact).toBeVisible();
});

test("the list has both purchases, newest first, and each opens", async ({ shop }) => {
  const app = await twoPurchases(shop);
  await app.button("Pesanan").click();
  await expect(app.heading("Pesananmu")).toBeFocused();
  await expect(app.page).toHaveURL(/\/orders$/);
  const rows = app.button(coffee);
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Kopi Susu Senja, +1 lainnya");
  await expect(rows.first()).toContainText("Rp37.000");
  await expect(rows.last()).toContainText("Rp25.000");
  await expect(rows.last()).toContainText("Dibayar");
  await expect(rows.last()).toContainText(/Kode ambil [A-Z]\d+/);
  const [placed] = (await shop.simulator.entries("payment_created")).map(({ at }) => Date.parse(at));
  if (placed) await expect(rows.last()).toContainText(inWib(placed));

  await rows.last().click();
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  await app.page.goBack();
  await expect(app.heading("Pesananmu")).toBeVisible();
  await expect(rows).toHaveCount(2);
  await app.page.goForward();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Pesanan saya").click();
  await expect(rows).toHaveCount(2);
  await app.button("Kedai Senja").click();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
});

test("the list works as a first page, and says when it is empty", async ({ shop }) => {
  const app = await shop.open("/orders");
  await expect(app.heading("Pesananmu")).toBeVisible();
  await expect(app.note("Belum ada pesanan")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Pesanan").click();
  await expect(app.button(coffee)).toHaveCount(1);
  await app.page.reload();
  await expect(app.button(coffee)).toHaveCount(1);
  await expect(app.text("Dibayar")).toBeVisible();
});

test("another buyer sees none of the orders", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const foreign = await shop.openAs("siti", "/orders");
  await expect(foreign.note("Belum ada pesanan")).toBeVisible();
  await expect(foreign.button(coffee)).toHaveCount(0);
});

test("the keyboard leads from the menu to an order and back", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.tabTo(app.button("Pesanan"));
  await app.page.keyboard.press("Enter");
  await app.tabTo(app.button(coffee));
  await app.page.keyboard.press("Enter");
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  await app.page.goBack();
  await expect(app.heading("Pesananmu")).toBeFocused();
});

test("an offline list keeps its time, and recovers with the network", async ({ shop, context }) => {
  shop.expectError(/^net::ERR_INTERNET_DISCONNECTED GET \/api\/orders$/);
  // What is told to GoPay's analytics.
  shop.expectError(/^net::ERR_INTERNET_DISCONNECTED POST \/bridge\/call$/);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Pesanan").click();
  await expect(app.button(coffee)).toHaveCount(1);
  await context.setOffline(true);
  await app.button("Pesanan").click();
  await expect(app.note("Tidak ada koneksi")).toBeVisible();
  await expect(app.text(/^Kabar terakhir pukul \d\d\.\d\d WIB\./)).toBeVisible();
  await expect(app.page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Tidak ada koneksi");
  await expect(app.button(coffee)).toHaveCount(1);
  await context.setOffline(false);
  await expect(app.note("Tidak ada koneksi")).toBeHidden();
  await expect(app.button(coffee)).toHaveCount(1);
});

test("an unanswered list can be requested again", async ({ page, shop }) => {
  shop.expectError(/^429 GET \/api\/orders$/);
  await page.route("**/api/orders", (route) => route.fulfill({ status: 429, headers: { "retry-after": "1" } }), { times: 1 });
  const app = await shop.open("/orders");
  await expect(app.note("Kedai sedang ada gangguan")).toBeVisible();
  await app.button("Coba lagi").click();
  await expect(app.note("Belum ada pesanan")).toBeVisible();
});

test("the app waits as long as Retry-After says", async ({ page, shop }) => {
  shop.expectError(/^429 GET \/api\/orders\/\w+$/);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  const asked: number[] = [];
  page.on("request", (request) => {
    if (/\/api\/orders\/\w+$/.test(request.url())) asked.push(Date.now());
  });
  const busy = { status: 429, headers: { "retry-after": "3" } };
  await page.route(/\/api\/orders\/\w+$/, (route) => route.fulfill(busy), { times: 1 });
  await app.button("Periksa lagi").click();
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(2);
  const [first = 0, second = 0] = asked;
  expect(second - first).toBeGreaterThanOrEqual(2_900);
});

test("in a package the list is in the fragment", async ({ packaged: shop }) => {
  const app = await shop.open("#/orders");
  await expect(app.note("Belum ada pesanan")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Pesanan").click();
  await expect(app.button(coffee)).toHaveCount(1);
  await expect(app.page).toHaveURL(/#\/orders$/);
});

test("an offline phone sends no order and says why until it is online", async ({ page, shop, context }) => {
  // What is told to GoPay's analytics.
  shop.expectError(/^net::ERR_INTERNET_DISCONNECTED POST \/bridge\/call$/);
  const chunk = waitForDeferredChunk(page);
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await chunk;
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await context.setOffline(true);
  await app.button("Bayar Rp25.000").click();
  await expect(app.note("Tidak ada koneksi")).toBeVisible();
  await expect(app.page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Tidak ada koneksi");
  await context.setOffline(false);
  await expect(app.note("Tidak ada koneksi")).toBeHidden();
  expect(orders).toHaveLength(0);
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(orders).toHaveLength(1);
});

test("a page that is still loading when the app starts signs in once", async ({ page, shop }) => {
  await page.addInitScript(() => {
    addEventListener("pageshow", ({ persisted }) => {
      // After every other listener.
      setTimeout(() => (document.documentElement.dataset.shown = String(persisted)));
    });
  });
  const { held, release } = await holdRequest(page, "**/assets/logo.svg");
  const asked = requestsOf(page, "GET", /^\/api\/orders$/);
  await page.goto(`${shop.merchant.origin}/orders`, { waitUntil: "commit" });
  await held;
  await expect(page.getByText("Belum ada pesanan")).toBeVisible();
  release();
  await expect(page.locator("html")).toHaveAttribute("data-shown", "false");
  expect(asked).toHaveLength(1);
});
