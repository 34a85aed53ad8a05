// Interruptions of the page or of the servers lead back to the order.
import { expect, test } from "./fixtures.ts";

test("F93 a page reloaded while the sheet is open shows a payable order", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  const { partner_reference_no: order } = await shop.simulator.payment();
  await app.page.reload();
  await expect(app.page).toHaveURL(`${shop.merchant.origin}/orders/${order}`);
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("F93 an order paid while the page was away is paid when it comes back", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  const payment = await shop.simulator.payment();
  await app.page.goto("about:blank");
  await shop.simulator.act(payment, "pay");
  await shop.open(`/orders/${payment.partner_reference_no}`);
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a container that never calls back does not block the app", async ({ shop }) => {
  const app = await shop.open("/?scenario=silent-launch");
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("a merchant that loses power while the buyer pays loses nothing", async ({ shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_REFUSED GET \/api\/orders\//);
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  await shop.merchant.kill();
  await expect(app.text(/^Kabar terakhir pukul \d\d\.\d\d WIB\./)).toBeVisible();
  await shop.merchant.restart();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("a merchant that is down when the buyer pays learns of it later", async ({ shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_REFUSED GET \/api\/orders\//);
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
  await shop.merchant.kill();
  await app.inSheet("Bayar");
  await expect(app.text(/^Kabar terakhir pukul \d\d\.\d\d WIB\./)).toBeVisible();
  await expect(app.heading("Pembayaran diterima")).toBeHidden();
  await shop.merchant.restart();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("the back button leads from the order to the shop and forward again", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.page.goBack();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.page.goForward();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});
