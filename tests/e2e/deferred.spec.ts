// The deferred chunk: late, lost and early.
import type { Page } from "@playwright/test";
import { type Shop, expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";
import { holdRequest, requestsOf } from "./support/requests.ts";

const CHUNK = "**/later-*.wasm";
const LOST = /^net::ERR_FAILED GET \/later-[0-9a-f]{16}\.wasm$/;
const NOT_LOADED = "Kedai belum bisa dimuat";

test("a tap on pay waits for the deferred chunk, and makes one order", async ({ page, shop }) => {
  const { held, release } = await holdRequest(page, CHUNK);
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await held;
  await app.button("Bayar Rp25.000").click();
  const waiting = app.button("Sebentar");
  await expect(waiting).toHaveAttribute("aria-disabled", "true");
  // Further taps have no effect while the first one waits.
  await waiting.click({ force: true });
  await app.button("Tambah Kopi Susu Senja").click({ force: true });
  expect(orders).toHaveLength(0);
  release();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.text("Rp25.000").first()).toBeVisible();
  expect(orders).toHaveLength(1);
});

for (const [how, errors, answer] of [
  ["is lost", [LOST], undefined],
  ["is gone from the server", [/^404 GET \/later-[0-9a-f]{16}\.wasm$/], { status: 404, body: "" }],
  ["is a web page of the network's", [], { contentType: "text/html", body: "<h1>Wi-Fi</h1>" }],
] as const) {
  test(`F103 the deferred chunk ${how}: no payment starts, and a reload helps`, async ({ page, shop }) => {
    for (const error of errors) shop.expectError(error);
    await page.route(CHUNK, (it) => (answer ? it.fulfill(answer) : it.abort()));
    const orders = requestsOf(page, "POST", /^\/api\/orders$/);
    const app = await shop.open();
    await app.button("Tambah Kopi Susu Senja").click();
    await expect(app.heading(NOT_LOADED)).toBeHidden();
    await app.button("Bayar Rp25.000").click();
    await expect(app.heading(NOT_LOADED)).toBeVisible();
    expect(orders).toHaveLength(0);
    await page.unroute(CHUNK);
    // The tap has no effect any more, even if the chunk arrives after all.
    const arrived = page.waitForResponse(CHUNK);
    await page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")));
    await (await arrived).finished();
    await app.link("Muat ulang").click();
    await expect(app.heading(NOT_LOADED)).toBeHidden();
    expect(orders).toHaveLength(0);
    // The cart is kept.
    await app.button("Bayar Rp25.000").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    expect(orders).toHaveLength(1);
  });
}

/** Opens the shop, and loses the first request for the deferred chunk. */
async function openAndLose(page: Page, shop: Shop): Promise<App> {
  shop.expectError(LOST);
  const lost = page.waitForEvent("requestfailed", (request) => request.url().includes("/later-"));
  await page.route(CHUNK, (it) => it.abort(), { times: 1 });
  const app = await shop.open();
  await lost;
  return app;
}

test("a lost deferred chunk is requested again when the order is opened", async ({ page, shop }) => {
  const app = await openAndLose(page, shop);
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  await expect(app.text("1×")).toBeVisible();
});

test("a lost deferred chunk is requested again when it is needed", async ({ page, shop }) => {
  const app = await openAndLose(page, shop);
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("an order's address loads the deferred chunk beside the app", async ({ page, shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  const requests = requestsOf(page, "GET", /^\/later-/);
  const { held, release } = await holdRequest(page, "**/mini-app-*_bg.wasm");
  await page.reload({ waitUntil: "commit" });
  await held;
  await expect.poll(() => requests.length).toBe(1);
  release();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  expect(requests, "and once").toHaveLength(1);
});

test("the menu works without the deferred chunk, and requests it", async ({ page, shop }) => {
  const response = page.waitForResponse(CHUNK);
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect((await response).status()).toBe(200);
});
