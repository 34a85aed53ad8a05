// A paid order: its number is copied, the receipt is shared, and analytics counts it.
import { expect, test } from "./fixtures.ts";
import type { Simulator } from "./support/simulator.ts";

/** The analytics events, oldest first. */
async function analyticsEvents(simulator: Simulator): Promise<unknown[]> {
  const calls = await simulator.entries("container_called");
  return calls.filter((call) => call.method === "GPAnalytics.trackEvent").map((call) => call.noted);
}

const SHOP_VIEWED = { event_name: "shop_viewed", meta_data: { user_action: "viewed", page_name: "shop" } };
const PAY_CLICKED = {
  event_name: "pay_clicked",
  meta_data: { user_action: "clicked", page_name: "shop", component_id: "pay" },
};
const PAYMENT_COMPLETED = {
  event_name: "payment_completed",
  meta_data: { completed_action: "payment", page_name: "order" },
};

test("the order's number is copied as it is shown", async ({ shop, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const copy = app.button("Salin nomor pesanan");
  const { width, height } = (await copy.boundingBox()) ?? { width: 0, height: 0 };
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  await copy.click();
  await expect(app.page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Disalin");
  await expect(app.page.locator(".toast")).toHaveText("Disalin");
  const number = await app.value("Pesanan").textContent();
  expect(number).toMatch(/^[0-9A-Z]{8}$/);
  await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toBe(number);
  const calls = await shop.simulator.entries("container_called");
  expect(calls.filter((call) => call.method === "GPBase.copyToClipboard")).toMatchObject([
    { outcome: "done", noted: { characters: 8 } },
  ]);
});

test("the browser copies where GoPay does not", async ({ shop, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await shop.simulator.setScenario("denied");
  await app.button("Salin nomor pesanan").click();
  await expect(app.page.locator(".toast")).toHaveText("Disalin");
  const number = await app.value("Pesanan").textContent();
  expect(await app.page.evaluate(() => navigator.clipboard.readText())).toBe(number);
});

test("a paid order is shared through GoPay's share sheet", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.button("Bagikan")).toHaveCount(0);
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const share = app.button("Bagikan");
  const { x, width, height } = (await share.boundingBox()) ?? { x: 0, width: 0, height: 0 };
  expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  const copy = await app.button("Salin nomor pesanan").boundingBox();
  expect(x).toBeGreaterThanOrEqual((copy?.x ?? x) + (copy?.width ?? 0));
  await share.click();
  const shared = async () =>
    (await shop.simulator.entries("container_called")).filter((call) => call.method === "GPShare.share");
  const number = await app.value("Pesanan").innerText();
  // Not the pick-up code.
  const text = `Kedai Senja\nPesanan: ${number.trim()}\nTotal: Rp25.000`;
  await expect.poll(shared).toMatchObject([{ outcome: "done", noted: { characters: text.length } }]);
});

test("without a share sheet the receipt is on the clipboard", async ({ shop, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const app = await shop.open();
  await app.page.evaluate(() => Object.defineProperty(Navigator.prototype, "share", { value: undefined }));
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await shop.simulator.setScenario("denied");
  await app.button("Bagikan").click();
  await expect(app.page.locator(".toast")).toHaveText("Disalin");
  const copied = await app.page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^Kedai Senja\nPesanan: \w{8}\nTotal: Rp25\.000$/);
});

test("analytics counts a purchase once, without the buyer's data", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect.poll(() => analyticsEvents(shop.simulator)).toEqual([SHOP_VIEWED, PAY_CLICKED, PAYMENT_COMPLETED]);

  await app.page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  // The receipt's events precede the shop's.
  await expect
    .poll(() => analyticsEvents(shop.simulator))
    .toEqual([SHOP_VIEWED, PAY_CLICKED, PAYMENT_COMPLETED, SHOP_VIEWED]);
});

test("a payment while the app was closed is counted when it opens", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.sheet.getByRole("button", { name: "Bayar", exact: true }).waitFor();
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await app.page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const completed = async () => (await analyticsEvents(shop.simulator)).filter((it) => (it as { event_name: string }).event_name === "payment_completed");
  await expect.poll(completed).toEqual([PAYMENT_COMPLETED]);
});

test("a payment that does not come is counted with its reason", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Gagalkan");
  await expect(app.heading("Pembayaran belum berhasil")).toBeVisible();
  await expect
    .poll(async () => (await analyticsEvents(shop.simulator)).at(-1))
    .toEqual({ event_name: "payment_not_completed", meta_data: { page_name: "order", error_code: "failed" } });
});

test("an error that the buyer sees is counted by its name", async ({ shop }) => {
  shop.expectError(/^(503|409) POST \/api\/orders$/);
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await shop.simulator.setScenario("gopay-down");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await expect
    .poll(async () => (await analyticsEvents(shop.simulator)).at(-1))
    .toEqual({ event_name: "error_shown", meta_data: { error_code: "gopay_down" } });
});

test("an analytics call without an answer changes nothing", async ({ shop }) => {
  const app = await shop.open();
  await app.page.route("**/bridge/call", async (route) => {
    const counts = route.request().postData()?.includes("GPAnalytics");
    // The answer to it never comes.
    if (!counts) await route.continue();
  });
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("in a package GoPay's own toast says that it was copied", async ({ packaged: shop }) => {
  const app = await shop.open("");
  await app.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Salin nomor pesanan").click();
  await expect(app.page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Disalin");
  const toasts = async () =>
    (await shop.simulator.entries("container_called")).filter((call) => call.method === "GPUIToast.toast");
  await expect.poll(toasts).toMatchObject([{ outcome: "done", noted: { characters: "Disalin".length } }]);
  await expect(app.page.locator(".toast")).toHaveCount(0);
  const number = await app.value("Pesanan").textContent();
  expect(await app.page.evaluate(() => navigator.clipboard.readText())).toBe(number);
});
