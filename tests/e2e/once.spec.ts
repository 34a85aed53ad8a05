// An order that is requested several times is one order.
import type { Request } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";
import { keysOf, requestsOf } from "./support/requests.ts";

/** The requests for an order that the page sends from now on. */
function ordersOf(app: App): Request[] {
  return requestsOf(app.page, "POST", /^\/api\/orders$/);
}

const taps: [string, (app: App) => Promise<void>][] = [
  [
    "two taps in the same moment make",
    (app) =>
      app.button("Bayar Rp25.000").evaluate((button: HTMLButtonElement) => {
        button.click();
        button.click();
      }),
  ],
  [
    "fifty taps within a second make",
    (app) =>
      app.button("Bayar Rp25.000").evaluate(async (button: HTMLButtonElement) => {
        for (let taps = 0; taps < 50; taps += 1) {
          button.click();
          await new Promise(requestAnimationFrame);
        }
      }),
  ],
  ["a double tap makes", (app) => app.button("Bayar Rp25.000").dblclick()],
  [
    "the Enter key held down makes",
    async (app) => {
      await app.button("Bayar Rp25.000").focus();
      await app.page.keyboard.down("Enter");
      await app.page.keyboard.down("Enter");
      await app.page.keyboard.down("Enter");
      await app.page.keyboard.up("Enter");
    },
  ],
];

for (const [name, tap] of taps) {
  test(`F95 ${name} one order`, async ({ shop }) => {
    const app = await shop.open();
    const orders = ordersOf(app);
    await app.button("Tambah Kopi Susu Senja").click();
    await tap(app);
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    expect(orders).toHaveLength(1);
    expect((await shop.simulator.payment()).state).toBe("paid");
    expect(await shop.simulator.entries("sheet_opened")).toHaveLength(1);
  });
}

test("an order whose answer was lost is repeated and is still one", async ({ shop }) => {
  shop.expectError(/^(503|409) POST \/api\/orders$/);
  const app = await shop.open();
  const orders = ordersOf(app);
  await shop.simulator.setScenario("answer-lost");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await shop.simulator.setScenario("default");
  await app.button("Coba lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();

  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(orders.length).toBeGreaterThan(1);
  expect(keysOf(orders).size).toBe(1);
  const asked = await shop.simulator.entries("payment_requested");
  expect(new Set(asked.map((entry) => entry.external_id)).size).toBe(1);
});

test("a reopened app finds the order whose answer was lost", async ({ shop }) => {
  shop.expectError(/^(503|409) POST \/api\/orders$/);
  const app = await shop.open();
  await shop.simulator.setScenario("answer-lost");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await shop.simulator.setScenario("default");
  await app.page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("an unreachable GoPay is reported, and a retry makes one order", async ({ shop }) => {
  shop.expectError(/^(503|409) POST \/api\/orders$/);
  const app = await shop.open();
  // Signed in; the heading is in the boot skeleton too.
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await shop.simulator.setScenario("gopay-down");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await expect(app.text("Belum ada yang dibayar.")).toBeVisible();
  expect(await shop.simulator.payments()).toEqual([]);
  await shop.simulator.setScenario("default");
  await app.button("Coba lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});
