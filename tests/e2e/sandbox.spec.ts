// The shop as in Midtrans' sandbox: in a browser, without a container, paid on a web page.
import { expect, test } from "./fixtures.ts";
import { findingsOf } from "./support/axe.ts";
import { layoutDefectsOf } from "./support/layout.ts";

const PIN = "123456";

for (const [language, locale, colorScheme, words] of [
  [
    "id",
    "id_ID",
    "light",
    {
      banner: "Sandbox: bukan uang sungguhan",
      other: "Sandbox: no real money",
      menu: "Mau pesan apa?",
      add: "Tambah Kopi Susu Senja",
      pay: "Bayar Rp25.000",
      confirm: "Bayar",
      paid: "Pembayaran diterima",
    },
  ],
  [
    "en",
    "en_ID",
    "dark",
    {
      banner: "Sandbox: no real money",
      other: "Sandbox: bukan uang sungguhan",
      menu: "What would you like?",
      add: "Add Hot Chocolate",
      pay: "Pay Rp24.000",
      confirm: "Pay",
      paid: "Payment received",
    },
  ],
] as const) {
  test(`a buyer pays in a browser and sees the receipt (${language})`, async ({ page, sandboxShop }, testInfo) => {
    const { merchant, simulator } = sandboxShop;
    await page.emulateMedia({ colorScheme });
    await simulator.setContainer({ locale });
    const app = await sandboxShop.open(`/?lang=${language}`);
    const inspect = async (name: string) => {
      await expect(app.text(words.banner)).toBeVisible();
      await expect(app.text(words.other)).toBeHidden();
      expect(await layoutDefectsOf(page)).toEqual([]);
      expect(await findingsOf(page)).toEqual([]);
      await testInfo.attach(name, { body: await page.screenshot(), contentType: "image/png" });
    };
    await expect(app.heading(words.menu)).toBeVisible();
    await inspect("menu");
    await app.button(words.add).click();
    await app.button(words.pay).click();

    await page.getByLabel("PIN").fill(PIN);
    const payment = await simulator.payment();
    await page.getByRole("button", { name: words.confirm, exact: true }).click();
    await expect(page).toHaveURL(`${merchant.origin}/orders/${payment.partner_reference_no}`);
    await expect(app.heading(words.paid)).toBeVisible();
    await inspect("receipt");
    await expect(page.locator("#sdk")).toHaveCount(0);
    expect(merchant.output).toContain("NO REAL MONEY MOVES");
  });
}

test("a buyer who did not pay in the browser comes back to the order and pays", async ({ page, sandboxShop }) => {
  const { simulator } = sandboxShop;
  const app = await sandboxShop.open();
  await app.orderCoffee();
  await page.getByLabel("PIN").waitFor();
  await page.goBack();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await page.getByRole("button", { name: "Biarkan kedaluwarsa" }).click();
  await expect(app.heading("Waktu bayar habis")).toBeVisible();
  await app.button("Bayar lagi").click();
  await page.getByLabel("PIN").fill(PIN);
  await page.getByRole("button", { name: "Bayar", exact: true }).click();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await simulator.payments()).map(({ state }) => state)).toEqual(["expired", "paid"]);
});

test("a test buyer is not asked for a name", async ({ sandboxShop }) => {
  const app = await sandboxShop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  await expect(app.text("Pesanan yang dibayar langsung disiapkan")).toBeVisible();
  await expect(app.text("Atas nama siapa?")).toHaveCount(0);
});

test("a test buyer whose session is over is signed in again", async ({ page, sandboxShop }) => {
  const app = await sandboxShop.open();
  await app.orderCoffee();
  await page.getByLabel("PIN").waitFor();
  await page.goBack();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  sandboxShop.expectError(/^401 /);
  await page.context().clearCookies();
  await app.button("Lanjutkan pembayaran").click();
  await page.getByLabel("PIN").waitFor();
  expect(await sandboxShop.simulator.payments()).toHaveLength(1);
});

test("a sign-in of a test buyer that is lost can be repeated", async ({ page, sandboxShop }) => {
  await page.route("**/api/session", (route) => route.abort(), { times: 1 });
  sandboxShop.expectError(/ERR_FAILED POST \/api\/session/);
  const app = await sandboxShop.open();
  await app.button("Coba lagi").click();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
});

test("each browser is a test buyer of its own", async ({ page, sandboxShop }) => {
  const app = await sandboxShop.open();
  await app.orderCoffee();
  await page.getByLabel("PIN").waitFor();
  const { partner_reference_no: order } = await sandboxShop.simulator.payment();
  const again = await sandboxShop.open(`/orders/${order}`);
  await expect(again.heading("Menunggu pembayaran")).toBeVisible();
  const other = await sandboxShop.openAs("siti", `/orders/${order}`);
  sandboxShop.expectError(/^404 GET \/api\/orders\//);
  await expect(other.heading("Pesanan tidak ditemukan")).toBeVisible();
});
