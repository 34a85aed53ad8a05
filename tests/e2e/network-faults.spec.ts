// Faults of the network and the session, second phones, and impatient buyers.
import type { Route } from "@playwright/test";
import { type Shop, expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { headingsOf } from "./support/headings.ts";
import { answerTogether, holdAnswer, holdRequest, keysOf, loseAnswer, requestsOf, waitForDeferredChunk } from "./support/requests.ts";

/** The merchant's payment requests to GoPay, and the number of their distinct references. */
async function paymentRequests(shop: Shop): Promise<number[]> {
  const requests = await shop.simulator.entries("payment_requested");
  return [requests.length, new Set(requests.map((entry) => entry.external_id)).size];
}

test("F93 an app killed on GoPay's screen resumes the order and its payment", async ({
  context,
  page,
  shop,
}) => {
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  await page.close();

  const again = await shop.open("/", await context.newPage());
  await again.button(/^Pesanan Rp25\.000 menunggu pembayaran/).click();
  await expect(again.heading("Menunggu pembayaran")).toBeVisible();
  await again.button("Lanjutkan pembayaran").click();
  await again.inSheet("Bayar");
  await expect(again.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await paymentRequests(shop)).toEqual([1, 1]);
});

test("F94 a page reloaded while placing an order repeats it under its key", async ({
  page,
  shop,
}) => {
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  const { answered } = await holdAnswer(page, "**/api/orders");
  await app.orderCoffee();
  await answered;
  await page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  expect(orders).toHaveLength(2);
  expect(keysOf(orders).size).toBe(1);
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await paymentRequests(shop)).toEqual([1, 1]);
});

test("F94 a page reloaded while renewing a payment finds that payment", async ({ page, shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Gagalkan");
  await expect(app.heading("Pembayaran belum berhasil")).toBeVisible();
  const { answered } = await holdAnswer(page, "**/api/orders/*/payment");
  await app.button("Bayar lagi").click();
  await answered;
  await page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payments()).map(({ state }) => state)).toEqual(["failed", "paid"]);
});

test("F96 two phones with the same order pay the same payment", async ({ shop }) => {
  const first = await shop.open();
  await first.orderCoffee();
  await expect(first.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  const { partner_reference_no: order } = await shop.simulator.payment();

  const second = await shop.openAs("budi", `/orders/${order}`);
  await expect(second.heading("Menunggu pembayaran")).toBeVisible();
  await second.button("Lanjutkan pembayaran").click();
  await second.inSheet("Bayar");
  await expect(second.heading("Pembayaran diterima")).toBeVisible();
  await expect(first.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await paymentRequests(shop)).toEqual([1, 1]);
});

test("F96 two tabs that renew the payment get the same one", async ({ context, page, shop }) => {
  const first = await shop.open();
  await first.orderCoffee();
  await first.inSheet("Gagalkan");
  await expect(first.heading("Pembayaran belum berhasil")).toBeVisible();
  const second = await shop.open(new URL(page.url()).pathname, await context.newPage());
  await expect(second.heading("Pembayaran belum berhasil")).toBeVisible();

  // Both requests are under way before the first answer.
  const reading: Route[] = [];
  await context.route("**/api/orders/*", (route) => void reading.push(route));
  const asking: Route[] = [];
  await context.route("**/api/orders/*/payment", (route) => void asking.push(route));
  for (const app of [first, second]) await app.button("Bayar lagi").click();
  await expect.poll(() => asking.length).toBe(2);
  await context.unroute("**/api/orders/*");
  // An unanswered request would take fifteen seconds.
  await Promise.all(reading.map((route) => route.continue()));
  for (const [index, app] of [first, second].entries()) {
    await asking[index]?.continue();
    await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  }
  // A tap in a background tab can be lost.
  await page.bringToFront();
  await first.inSheet("Bayar");
  for (const app of [first, second]) await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payments()).map(({ state }) => state)).toEqual(["failed", "paid"]);
});

test("F97 an offline tap is reported, and becomes one order when online", async ({
  context,
  page,
  shop,
}) => {
  shop.expectError(/^net::ERR_INTERNET_DISCONNECTED POST \/api\/orders$/);
  // The analytics calls.
  shop.expectError(/^net::ERR_INTERNET_DISCONNECTED POST \/bridge\/call$/);
  await page.clock.install();
  const chunk = waitForDeferredChunk(page);
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await chunk;
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await context.setOffline(true);
  await app.orderCoffee();
  await expect(app.note("Tidak ada koneksi")).toBeVisible();
  expect(orders).toHaveLength(0);
  // A web view may report offline for ever, so a second tap is tried.
  await app.button("Bayar Rp25.000").click();
  await page.clock.runFor(20_000);
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  expect(await shop.simulator.payments()).toEqual([]);
  // Repeated automatically once online, without opening GoPay: the buyer may have moved on.
  await context.setOffline(false);
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  // Lost requests and one that arrived, all the same.
  const answers = await Promise.all(orders.map((order) => order.response()));
  expect(answers.map((answer) => answer?.status()).filter(Boolean)).toEqual([201]);
  expect(answers.length).toBeGreaterThan(2);
  expect(keysOf(orders).size).toBe(1);
  expect((await shop.simulator.payment()).state).toBe("paid");
});

// The browser cannot lose packets of a TCP connection; to a buyer a lost packet is a delay.
test("F98 on slow 3G the skeleton comes before the app, and a payment works", async ({
  context,
  page,
  shop,
}) => {
  test.slow();
  const network = await context.newCDPSession(page);
  const throughput = (400 * 1024) / 8;
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 400,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  });
  const headings = await headingsOf(page);
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  const app = new App(page);
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  expect(await page.evaluate(() => "wasmBindings" in globalThis)).toBe(false);
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Batalkan");
  await app.button("Pesan lagi").click();
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const shown = await headings();
  for (const error of ["Koneksinya lambat sekali", "Tidak ada koneksi", "Belum ada jawaban", "Kedai belum bisa dimuat"]) {
    expect(shown).not.toContain(error);
  }
});

test("F99 a sign-in whose answer is lost before the app arrives is repeated", async ({
  page,
  shop,
}) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/session$/);
  const { held, release } = await holdRequest(page, "**/*.wasm");
  await loseAnswer(page, "**/api/session");
  const lost = page.waitForEvent("requestfailed");
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  await lost;
  release();
  await expect(new App(page).button("Tambah Kopi Susu Senja")).toBeVisible();
});

test("F99 a sign-in whose answer is lost twice can be retried", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/session$/);
  // The app may be there first.
  await page.route("**/api/session", (route) => route.abort("connectionreset"), { times: 2 });
  const app = await shop.open();
  const menu = app.button("Tambah Kopi Susu Senja");
  const offline = app.heading("Tidak ada koneksi");
  await expect(offline).toBeVisible();
  await page.unroute("**/api/session");
  await app.button("Coba lagi").click();
  await expect(menu).toBeVisible();
});

test("F99 an order whose answer is lost is repeated and is the same", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders$/);
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await loseAnswer(page, "**/api/orders");
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(orders).toHaveLength(2);
  expect(keysOf(orders).size).toBe(1);
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await paymentRequests(shop)).toEqual([1, 1]);
});

test("F99 a renewal whose answer is lost is repeated and is the same", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders\/\w+\/payment$/);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Gagalkan");
  const renewals = requestsOf(page, "POST", /\/payment$/);
  await loseAnswer(page, "**/api/orders/*/payment");
  await app.button("Bayar lagi").click();
  await expect(app.note("Tidak ada koneksi")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(renewals).toHaveLength(2);
  expect(keysOf(renewals).size).toBe(1);
  expect((await shop.simulator.payments()).map(({ state }) => state)).toEqual(["failed", "paid"]);
});

test("F99 a cancellation whose answer is lost has cancelled the order", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders\/\w+\/cancel$/);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await loseAnswer(page, "**/api/orders/*/cancel");
  await app.button("Batalkan pesanan").click();
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("cancelled");
});

test("F101 a session that ends before paying is renewed once, silently", async ({
  context,
  page,
  shop,
}) => {
  shop.expectError(/^401 POST \/api\/orders$/);
  const headings = await headingsOf(page);
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await context.clearCookies();
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(logins).toHaveLength(1);
  expect(orders).toHaveLength(2);
  expect(keysOf(orders).size).toBe(1);
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await headings()).not.toContain("Belum berhasil masuk");
});

test("F101 a session that ends while the order waits is renewed once, unseen, for the same order", async ({
  context,
  page,
  shop,
}) => {
  shop.expectError(/^401 GET \/api\/orders\/\w+$/);
  const headings = await headingsOf(page);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  await context.clearCookies();
  await app.checkAgain();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(logins).toHaveLength(1);
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await headings()).not.toContain("Belum berhasil masuk");
});

test("F101 two requests that find the session ended sign in once", async ({ context, page, shop }) => {
  shop.expectError(/^401 POST \/api\/orders$/);
  shop.expectError(/^401 POST \/api\/profile$/);
  await shop.simulator.setContainer({ prelaunch_consents: true });
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  await context.clearCookies();
  await answerTogether(page, ["**/api/orders", "**/api/profile"]);
  await app.button("Pakai nama GoPay").click();
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  await expect(app.note("Pesanan atas nama Budi"), "the other request was repeated, too").toBeVisible();
  expect(logins).toHaveLength(1);
});
