// A shop that takes payments through Snap Checkout: the same screens, another way to GoPay.
import { expect, test } from "./fixtures.ts";

test.use({ snap: true });

test("a buyer pays through Snap", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payments()).map((payment) => payment.way)).toEqual(["snap"]);
});

test("a buyer who leaves Snap's page opens it again", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(await shop.simulator.payments()).toHaveLength(1);
});

test("a buyer cancels an order that Snap would take", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await app.button("Batalkan pesanan").click();
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
});

test("the shop says so where Snap's script does not load", async ({ page, shop }) => {
  shop.expectError(/snap\.js/);
  await page.route("**/snap/snap.js", (route) => route.abort());
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.button("Lanjutkan pembayaran")).toBeVisible();
  await page.unroute("**/snap/snap.js");
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});
