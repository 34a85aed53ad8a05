// However often and however clumsily it is asked for, an order is one order.
import type { Request } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";

/** The requests for an order that the page sends from now on. */
function ordersOf(app: App): Request[] {
  const orders: Request[] = [];
  app.page.on("request", (request) => {
    const isOrder = new URL(request.url()).pathname === "/api/orders";
    if (isOrder && request.method() === "POST") orders.push(request);
  });
  return orders;
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
  test(`${name} one order`, async ({ shop }) => {
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

test("an order whose answer was lost is asked for again and is still one", async ({ shop }) => {
  shop.expectTrouble(/^503 POST \/api\/orders$/);
  const app = await shop.open();
  const orders = ordersOf(app);
  await shop.simulator.choose("answer-lost");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await shop.simulator.choose("default");
  await app.button("Coba lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();

  expect((await shop.simulator.payment()).state).toBe("paid");
  const keys = orders.map((request) => request.headers()["idempotency-key"]);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
  const asked = await shop.simulator.entries("payment_requested");
  expect(new Set(asked.map((entry) => entry.external_id)).size).toBe(1);
});

test("an order whose answer was lost is found by the app that is opened again", async ({ shop }) => {
  shop.expectTrouble(/^503 POST \/api\/orders$/);
  const app = await shop.open();
  await shop.simulator.choose("answer-lost");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await shop.simulator.choose("default");
  await app.page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("with GoPay out of reach the buyer is told, and trying again makes one order", async ({ shop }) => {
  shop.expectTrouble(/^503 POST \/api\/orders$/);
  const app = await shop.open();
  // Signed in; the heading is in the boot skeleton too.
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await shop.simulator.choose("gopay-down");
  await app.orderCoffee();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await expect(app.text("Belum ada yang dibayar.")).toBeVisible();
  expect(await shop.simulator.payments()).toEqual([]);
  await shop.simulator.choose("default");
  await app.button("Coba lagi").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});
