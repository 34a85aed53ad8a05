// GoPay's order history, which opens an order at an address that GoPay configures.
import { expect, test } from "./fixtures.ts";

test.use({ more: 'order_history = "/riwayat?ref={order}"\n' });

test("GoPay's order history opens an order by any of its ids, signed out", async ({ browser, shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const { reference_no, external_id, partner_reference_no: order } = await shop.simulator.payment();
  for (const id of [order, reference_no, external_id]) {
    const context = await browser.newContext();
    shop.watch.observe(context);
    const opened = await shop.open(`/riwayat?ref=${id}&lang=en`, await context.newPage());
    await expect(opened.heading("Payment received")).toBeVisible();
    await expect(opened.page, "under its own id").toHaveURL(new RegExp(`/orders/${order}(\\?lang=en)?$`));
    await opened.page.reload();
    await expect(opened.heading("Payment received")).toBeVisible();
    await context.close();
  }
});

test("another buyer's order is not found from GoPay's order history", async ({ shop }) => {
  shop.expectError(/^404 GET \/api\/orders\//);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const { reference_no } = await shop.simulator.payment();
  const foreign = await shop.openAs("siti", `/riwayat?ref=${reference_no}`);
  await expect(foreign.heading("Pesanan tidak ditemukan")).toBeVisible();
});

test("the simulator's order history opens the order in the phone", async ({ page, shop }) => {
  await shop.simulator.setOrderHistory("/riwayat?ref={reference_no}");
  const app = await shop.openPhone();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await page.getByRole("button", { name: "Close the mini app" }).click();
  const entry = page.getByRole("list", { name: "Order history" }).getByRole("button");
  await expect(entry).toHaveText(/^Rp25\.000 · paid · /);
  await entry.click();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});
