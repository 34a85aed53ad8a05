// Two mini apps on one merchant: kedai at the merchant's own address, toko at a host name of its own.
import { PHONE_VIEWPORT, TOKO, expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";

const RECEIPT = "Pembayaran diterima";

test("two mini apps of one merchant are two shops in one GoPay", async ({ twoApps: shop }, testInfo) => {
  const { page, simulator } = shop;
  const inspect = async (name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await testInfo.attach(`${name}-${colorScheme}`, { body: await page.screenshot(), contentType: "image/png" });
    }
    await page.emulateMedia({ colorScheme: "light" });
  };
  await page.setViewportSize(PHONE_VIEWPORT);
  const openPhone = async (id: string) => {
    await page.goto(`${simulator.origin}/?app=${id}`);
    return new App(page, page.getByTitle("Mini app", { exact: true }).contentFrame());
  };
  const expectOneOrder = async (app: App) => {
    await app.button("Pesanan").click();
    await expect(app.heading("Pesananmu")).toBeVisible();
    await expect(app.button(/Rp/)).toHaveCount(1);
  };

  const kedai = await openPhone("kedai");
  await kedai.button("Tambah Kopi Susu Senja").click();
  await inspect("kedai-cart");
  await expect(kedai.button("Bayar Rp25.000")).not.toHaveCSS("background-color", TOKO.accent);
  await kedai.button("Bayar Rp25.000").click();
  await kedai.inSheet("Bayar");
  await expect(kedai.heading(RECEIPT)).toBeVisible();

  const toko = await openPhone("toko");
  expect(new URL(page.url()).hostname).toBe(new URL(TOKO.origin).hostname);
  await toko.button("Tambah Kopi Susu Senja").click();
  await inspect("toko-cart");
  await expect(toko.button(`Bayar ${TOKO.price}`)).toHaveCSS("background-color", TOKO.accent);
  await toko.button(`Bayar ${TOKO.price}`).click();
  await toko.inSheet("Bayar");
  await expect(toko.heading(RECEIPT)).toBeVisible();
  await inspect("toko-receipt");

  const payments = await simulator.payments();
  expect(payments.map((payment) => [payment.mini_app, payment.state])).toEqual([
    ["kedai", "paid"],
    ["toko", "paid"],
  ]);
  await expectOneOrder(toko);
  await expectOneOrder(await openPhone("kedai"));

  const push = { template_name: "KEDAI_ORDER_READY", template_parameters: { message: "Pesananmu siap" } };
  await simulator.miniAppApi("POST", "notifications/push", push, TOKO);
  await inspect("toko-push");
  await page.getByRole("status").getByRole("button", { name: /^toko ?Pesananmu siap$/ }).click();
  await expect(page, "its own phone").toHaveURL(/^http:\/\/toko\.localhost:\d+\/\?app=toko&link=/);
  await expect(toko.button("Tambah Kopi Susu Senja")).toBeVisible();
});

test("an order of one mini app is not found in the other", async ({ twoApps: shop }) => {
  const { page, simulator, merchant } = shop;
  const kedai = await shop.open();
  await kedai.orderCoffee();
  await kedai.inSheet("Bayar");
  await expect(kedai.heading(RECEIPT)).toBeVisible();
  const { partner_reference_no: order } = await simulator.payment();
  const [session] = await page.context().cookies(merchant.origin);
  shop.expectError(/404 GET \/api\/orders\//);
  await page.goto(`${TOKO.origin}/orders/${order}`);
  await expect(new App(page).heading("Pesanan tidak ditemukan")).toBeVisible();
  const [other] = await page.context().cookies(TOKO.origin);
  expect(other).toBeDefined();
  expect(other?.value).not.toBe(session?.value);
  await page.goto(`${merchant.origin}/orders/${order}`);
  await expect(new App(page).heading(RECEIPT)).toBeVisible();
});
