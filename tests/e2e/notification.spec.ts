// Only GoPay's statement makes an order paid: its notification, or its answer to an inquiry.
import { expect, test } from "./fixtures.ts";

test("an order without a notification is paid by the merchant's inquiry", async ({ shop }) => {
  await shop.simulator.notifications("withhold");
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
  expect(await shop.simulator.entries("notification_tried")).toEqual([]);
  expect(await shop.simulator.entries("status_requested")).toContainEqual(
    expect.objectContaining({ latest_transaction_status: "00" }),
  );
});

test("a late notification of a paid order is acknowledged", async ({ shop }) => {
  await shop.simulator.notifications("delay");
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await shop.simulator.release();
  expect(await shop.simulator.entries("notification_tried")).toMatchObject([
    { answer: { http_status: 200 } },
  ]);
  await app.page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a late notification pays the order while inquiries fail", async ({ shop }) => {
  await shop.simulator.notifications("delay");
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  await shop.simulator.setScenario("gopay-down");
  await app.inSheet("Bayar");
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  await app.checkAgain();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  await shop.simulator.release();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("F91 the container's word does not make an order paid", async ({ shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  // A tampered container: it says paid, although no sheet was open.
  await app.page.evaluate(() => {
    type Call = (group: string, name: string, params: unknown, success: (reply: object) => void) => void;
    const container = (globalThis as unknown as { gpContainer: { call: Call } }).gpContainer;
    container.call = (_group, _name, _params, success) => {
      success({ success: true, ret: "GP_SUCCESS", data: { status: "success" } });
    };
  });
  await app.button("Bayar Rp25.000").click();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  await app.checkAgain();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("pending");
});

for (const [how, status] of [
  ["foreign_key", 401],
  ["tampered", 401],
  // SNAP's answer to a mandatory header that is missing.
  ["unsigned", 400],
] as const) {
  test(`a forged notification (${how}) is refused and changes nothing`, async ({ shop }) => {
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await expect(app.heading("Belum dibayar")).toBeVisible();
    const payment = await shop.simulator.payment();
    expect((await shop.simulator.forge(payment, how)).http_status).toBe(status);
    await app.checkAgain();
    await expect(app.heading("Belum dibayar")).toBeVisible();
    expect((await shop.simulator.payment()).state).toBe("pending");
  });
}

test("a genuine notification that comes out of order takes nothing back", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const payment = await shop.simulator.payment();
  expect((await shop.simulator.repeat(payment)).http_status).toBe(200);
  expect((await shop.simulator.repeat(payment, "03")).http_status).toBe(200);
  await app.page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});
