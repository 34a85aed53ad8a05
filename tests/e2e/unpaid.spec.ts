// Orders that are not paid, or not at once.
import type { Page } from "@playwright/test";
import { type Shop, expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";

test("a payment cancelled in the sheet cancels the order, keeping the cart", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Batalkan");
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
  await expect(app.text("Tidak ada yang dibayar.")).toBeVisible();
  await app.button("Pesan lagi").click();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("cancelled");
});

test("after a failed payment the same order can be paid", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Gagalkan");
  await expect(app.heading("Pembayaran belum berhasil")).toBeVisible();
  await app.button("Bayar lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();

  const [failed, paid, ...more] = await shop.simulator.payments();
  expect([failed?.state, paid?.state, more]).toEqual(["failed", "paid", []]);
  expect(paid?.partner_reference_no).toBe(`${failed?.partner_reference_no}-2`);
  expect(paid?.external_id).not.toBe(failed?.external_id);
});

test("after the time to pay has run out the same order can be paid", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  await shop.simulator.act(await shop.simulator.payment(), "expire");
  await expect(app.heading("Waktu bayar habis")).toBeVisible();
  await expect(app.text("Tidak ada uang yang kami terima.")).toBeVisible();
  await app.button("Bayar lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payments()).map(({ state }) => state)).toEqual(["expired", "paid"]);
});

/** Leaves an order unpaid on a phone that loses its network, then sleeps: a sleep advances its wall clock only. */
async function leaveUnpaidAndSleep(page: Page, shop: Shop, milliseconds: number): Promise<App> {
  await page.clock.install();
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.text(/^Sisa waktu bayar 1[45]:\d\d$/)).toBeVisible();
  await page.route("**/api/orders/*", () => {});
  await page.clock.setSystemTime((await page.evaluate(() => Date.now())) + milliseconds);
  return app;
}

test("the time to pay goes on while the phone sleeps and is offline", async ({ page, shop }) => {
  const app = await leaveUnpaidAndSleep(page, shop, 10 * 60_000);
  await expect(app.text(/^Sisa waktu bayar [45]:\d\d$/)).toBeVisible();
});

test("a sleep of hours ends the countdown", async ({ page, shop }) => {
  const app = await leaveUnpaidAndSleep(page, shop, 8 * 3600_000);
  await expect(app.text(/^Sisa waktu bayar/)).toBeHidden();
});

test("a payment that expires at GoPay expires the order", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await shop.simulator.advance(16 * 60);
  await expect(app.heading("Waktu bayar habis")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("expired");
});

test("a buyer who leaves the sheet continues the same payment", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await expect(app.text(/^Sisa waktu bayar 1[45]:\d\d$/)).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("a buyer who leaves the sheet can cancel the order", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await app.button("Batalkan pesanan").click();
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("cancelled");
  expect(await shop.simulator.entries("payment_settled")).toMatchObject([{ by: "merchant" }]);
});

test("a payment made while the order is being cancelled wins", async ({ shop }) => {
  await shop.simulator.notifications("withhold");
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  // The buyer pays on another phone; this page does not know of it when it cancels.
  await app.page.route("**/api/orders/*/cancel", async (route) => {
    await shop.simulator.act(await shop.simulator.payment(), "pay");
    await route.continue();
  });
  await app.button("Batalkan pesanan").click();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("F93 a buyer who reopens the shop finds the open order", async ({ shop }) => {
  const app = await shop.openPhone();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await app.page.reload();
  await app.button(/^Pesanan Rp25\.000 menunggu pembayaran/).click();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});
