// What the fixtures check in every test, each shown once.
import type { Page } from "@playwright/test";
import { type Shop, expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";
import { holdAnswer } from "./support/requests.ts";

test("TM38 I-37 a purchase sends requests to the shop and to GoPay only", async ({ shop }) => {
  for (const open of [() => shop.open(), () => shop.openPhone()]) {
    const app = await open();
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await app.button("Kembali ke menu").click();
    await expect(app.heading("Mau pesan apa?")).toBeVisible();
  }
  const origins = new Set(shop.watch.addresses.map((address) => new URL(address).origin));
  // A resource inside the page, such as data:, has no origin.
  origins.delete("null");
  expect(origins).toEqual(new Set([shop.merchant.origin, shop.simulator.origin]));
});

/** The text of an order's screen, without the parts that differ between orders. */
async function screenOf(app: App, unlike: RegExp[] = []): Promise<string> {
  const said = await app.page.locator("main.order").innerText();
  return unlike.reduce((text, words) => text.replaceAll(words, "…"), said);
}

/** Kills the app with its memory, cookies and storage, and opens it again. */
async function killAndReopen(shop: Shop, app: App, address: string): Promise<App> {
  await app.page.context().close();
  return shop.openAs("budi", address);
}

for (const [end, act, heading] of [
  ["paid", "pay", "Pembayaran diterima"],
  ["cancelled", "cancel", "Pesanan dibatalkan"],
  ["failed", "fail", "Pembayaran belum berhasil"],
  ["expired", "expire", "Waktu bayar habis"],
] as const) {
  test(`I-45 an order that is ${end} looks the same after a kill`, async ({ shop }) => {
    const app = await shop.openAs("budi", "/");
    await app.orderCoffee();
    await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
    const payment = await shop.simulator.payment();
    await shop.simulator.act(payment, act);
    await expect(app.heading(heading)).toBeVisible();
    const undisturbed = await screenOf(app);

    const reopened = await killAndReopen(shop, app, `/orders/${payment.partner_reference_no}`);
    await expect(reopened.heading(heading)).toBeVisible();
    expect(await screenOf(reopened)).toBe(undisturbed);
  });
}

/** Differs between two orders of the same products: number, code and time. */
const unlike = [/\b[0-9A-F]{8}\b/g, /^[A-Z]\d{2,}$/gm, /\d{1,2}[.:]\d{2}/g];

const kills: [string, (shop: Shop, app: App, page: Page) => Promise<void>][] = [
  [
    "while the order is on its way",
    async (_, app, page) => {
      const { answered } = await holdAnswer(page, "**/api/orders");
      await app.orderCoffee();
      await answered;
    },
  ],
  [
    "while GoPay is open",
    async (_, app) => {
      await app.orderCoffee();
      await expect(app.sheet.getByRole("button", { name: "Bayar", exact: true })).toBeVisible();
    },
  ],
  [
    "when it was paid, before a notification",
    async (shop, app) => {
      await shop.simulator.notifications("delay");
      await app.orderCoffee();
      await app.inSheet("Bayar");
      // Not from the screen: the merchant's inquiry may be faster.
      await expect.poll(async () => (await shop.simulator.payments()).at(-1)?.state).toBe("paid");
    },
  ],
];

for (const [moment, goThere] of kills) {
  test(`I-45 an app that is killed ${moment} ends where an undisturbed one does`, async ({ shop }) => {
    const undisturbedApp = await shop.openAs("siti", "/");
    await undisturbedApp.orderCoffee();
    await undisturbedApp.inSheet("Bayar");
    await expect(undisturbedApp.heading("Pembayaran diterima")).toBeVisible();
    const undisturbed = await screenOf(undisturbedApp, unlike);

    const app = await shop.openAs("budi", "/");
    await goThere(shop, app, app.page);
    const payment = (await shop.simulator.payments()).at(-1);
    if (!payment) throw new Error("there is no payment");
    const reopened = await killAndReopen(shop, app, `/orders/${payment.partner_reference_no}`);
    if (payment.state === "pending") {
      await reopened.button("Lanjutkan pembayaran").click();
      await reopened.inSheet("Bayar");
    }
    await expect(reopened.heading("Pembayaran diterima")).toBeVisible();
    expect(await screenOf(reopened, unlike)).toBe(undisturbed);
    expect((await shop.simulator.payments()).map(({ state }) => state)).toEqual(["paid", "paid"]);
  });
}

test("I-46 an error behind the screen fails a test that does not expect it", async ({ page, shop }) => {
  const expected = [
    /^console: a line of the app's$/,
    /^uncaught: nobody catches this$/,
    /^uncaught: nor this$/,
    // A script and a request that the page's policy forbids.
    /^csp GET \/a\.js$/,
    /^console: .*Content Security Policy/,
  ];
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(shop.unexpectedErrors()).toEqual([]);
  await page.evaluate(() => {
    console.error("a line of the app's");
    setTimeout(() => {
      throw new Error("nobody catches this");
    });
    void Promise.reject(new Error("nor this"));
    document.head.append(Object.assign(document.createElement("script"), { src: "https://elsewhere.invalid/a.js" }));
    fetch("https://elsewhere.invalid/").catch(() => {});
  });
  const isSeen = (pattern: RegExp) => shop.unexpectedErrors().some((surprise) => pattern.test(surprise));
  for (const pattern of expected) {
    await expect.poll(() => isSeen(pattern), `${pattern}`).toBe(true);
  }
  // Expected errors pass; every other error fails the test.
  for (const pattern of expected) shop.expectError(pattern);
});
