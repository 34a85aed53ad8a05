// An order is shown with the stored session while signing in is slow.
import { type Shop, expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { holdRequest } from "./support/requests.ts";

/** Buys a coffee, and pays it. */
async function buy(shop: Shop): Promise<App> {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  return app;
}

test("a paid order is shown while GoPay cannot be reached to sign in", async ({ page, shop }) => {
  shop.expectError(/^503 POST \/api\/session$/);
  const app = await buy(shop);
  await shop.simulator.setScenario("gopay-down");
  const refused = page.waitForResponse("**/api/session");
  await page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.text("Kode ambil")).toBeVisible();
  expect((await refused).status()).toBe(503);
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  // The menu needs a sign-in, and says so.
  await app.button("Kembali ke menu").click();
  await expect(app.heading("GoPay sedang sulit dihubungi")).toBeVisible();
  // All orders can be opened from there.
  await app.button("Pesanan").click();
  await app.button(/^Kopi Susu Senja/).click();
  await expect(app.text("Kode ambil")).toBeVisible();
});

for (const [where, shown] of [
  ["an order", "Pembayaran diterima"],
  ["all orders", "Pesananmu"],
] as const) {
  test(`${where}: read while signing in is slow, and still shown afterwards`, async ({ page, shop }) => {
    const app = await buy(shop);
    const { held, release } = await holdRequest(page, "**/api/session");
    const answered = page.waitForResponse("**/api/session");
    const address = where === "an order" ? page.url() : `${shop.merchant.origin}/orders`;
    await page.goto(address);
    await held;
    await expect(app.heading(shown)).toBeVisible();
    await expect(app.text("Kode ambil")).toBeVisible();
    release();
    await answered;
    await app.button("Kembali ke menu").or(app.button("Kedai Senja")).first().click();
    await expect(app.button("Pilih dulu")).toBeVisible();
  });
}

test("an order that was read early disappears for another buyer", async ({ page, shop }) => {
  shop.expectError(/^404 GET \/api\/orders\/\w+$/);
  const app = await buy(shop);
  const { held, release } = await holdRequest(page, "**/api/session");
  await page.goto(`${page.url()}?buyer=siti`);
  await held;
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  release();
  await expect(app.heading("Pesanan tidak ditemukan")).toBeVisible();
  await expect(app.text("Kode ambil")).toBeHidden();
});

test("an open order can be paid before signing in is done", async ({ page, shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  const { held } = await holdRequest(page, "**/api/session");
  await page.reload();
  await held;
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a web view that keeps no cookie orders and pays", async ({ context, shop }) => {
  shop.expectError(/^401 POST \/api\/orders$/);
  await context.route("**/api/session", async (route) => {
    const response = await route.fetch();
    await context.clearCookies();
    const { "set-cookie": _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.button("Pesanan").click();
  await expect(app.button(/^Kopi Susu Senja/)).toBeVisible();
  expect(await context.cookies()).toEqual([]);
});
