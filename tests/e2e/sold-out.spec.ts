// A sold-out product is never paid for, and the buyer is told once.
import { expect, test } from "./fixtures.ts";
import { keysOf, loseAnswer, requestsOf } from "./support/requests.ts";

const NOTE = "Ada yang baru saja habis";

test("a product that sells out is removed, and only the rest is paid", async ({ shop }) => {
  shop.expectError(/^409 POST \/api\/orders$/);
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.button("Tambah Klepon").click();
  await shop.merchant.sellOut("klepon");
  await app.button("Bayar Rp37.000").click();
  await expect(app.note(NOTE)).toBeVisible();
  await expect(app.page.getByRole("status", { name: "Kedai Senja" })).toHaveText(NOTE);
  await expect(app.text(/^Habis$/)).toBeVisible();
  await expect(app.button("Tambah Klepon")).toHaveCount(0);
  expect(await shop.simulator.payments()).toEqual([]);
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).amount.value).toBe("25000.00");
});

test("a campaign link to a sold-out product says so once", async ({ shop }) => {
  await shop.merchant.sellOut("klepon");
  const app = await shop.open("/?add=klepon:2,kopi-susu");
  await expect(app.note(NOTE)).toBeVisible();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await app.page.reload();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await expect(app.note(NOTE)).toBeHidden();
});

test("ordering again leaves sold-out products out", async ({ shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.button("Tambah Klepon").click();
  await app.button("Bayar Rp37.000").click();
  await app.inSheet("Batalkan");
  await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
  await shop.merchant.sellOut("klepon");
  await app.page.reload();
  await app.button("Pesan lagi").click();
  await expect(app.note(NOTE)).toBeVisible();
  await app.button("Tambah Kopi Susu Senja").click();
  await expect(app.note(NOTE)).toBeHidden();
  await expect(app.button("Bayar Rp50.000")).toBeVisible();
});

test("an order sent before a product sold out is repeated and stands", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders$/);
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await app.button("Tambah Kopi Susu Senja").click();
  await app.button("Tambah Klepon").click();
  await loseAnswer(page, "**/api/orders");
  await loseAnswer(page, "**/api/orders");
  await app.button("Bayar Rp37.000").click();
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await shop.merchant.sellOut("klepon");
  await app.page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await expect(app.text("Klepon")).toBeVisible();
  expect(keysOf(orders).size).toBe(1);
  expect(new Set(orders.map((order) => order.postData())).size).toBe(1);
  expect((await shop.simulator.payment()).amount.value).toBe("37000.00");
});
