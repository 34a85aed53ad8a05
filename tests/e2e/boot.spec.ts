// The time before the app has loaded, and the page without it.
import { expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { holdRequest, requestsOf } from "./support/requests.ts";

const WASM = "**/*_bg.wasm";
const OURS = /\/(boot|mini-app)-[^/]+$/;

test("the buyer is signed in once, before the app has arrived", async ({ page, shop }) => {
  const { held, release } = await holdRequest(page, WASM);
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  const answered = page.waitForResponse("**/api/session");
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  expect((await answered).status()).toBe(200);
  expect(await page.evaluate(() => "wasmBindings" in globalThis)).toBe(false);
  release();
  const app = new App(page);
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(logins).toHaveLength(1);
});

test("an app that arrives before GoPay's script signs in once", async ({ page, shop }) => {
  const { held, release } = await holdRequest(page, "**/gp-container.min.js");
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  await page.waitForFunction(() => Reflect.get(globalThis, "signIn") === null);
  release();
  const app = new App(page);
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(logins).toHaveLength(1);
});

test("the app signs in itself, once, when GoPay's script is slow", async ({ page, shop }) => {
  await page.clock.install();
  const { held, release } = await holdRequest(page, "**/gp-container.min.js");
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  await page.waitForFunction(() => Reflect.get(globalThis, "signIn") === null);
  await page.clock.fastForward(3_000);
  release();
  const app = new App(page);
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(logins).toHaveLength(1);
  const asked = await page.evaluate(() => "gopayLocale" in globalThis);
  expect(asked, "boot.js has asked GoPay nothing").toBe(false);
});

test("an expired auth code is replaced by a fresh one", async ({
  page,
  shop,
}) => {
  shop.expectError(/^401 POST \/api\/session$/);
  const problem = { status: 401, code: "auth_code_refused", title: "GoPay did not accept the auth code" };
  const body = JSON.stringify(problem);
  const refuse = { status: 401, contentType: "application/problem+json", body };
  await page.route("**/api/session", (route) => route.fulfill(refuse), { times: 1 });
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(logins).toHaveLength(2);
});

test("the app starts without its boot script", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_FAILED GET \/boot-[0-9a-f]{16}\.js$/);
  await page.route("**/boot-*.js", (route) => route.abort());
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("F103 a page without any of its scripts says so, and a reload helps", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_FAILED GET \/boot-[0-9a-f]{16}\.js$/);
  shop.expectError(/^net::ERR_FAILED GET \/mini-app-/);
  await page.route(OURS, (route) => route.abort());
  const app = await shop.open();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await expect(app.heading("Kedai belum bisa dimuat")).toBeHidden();
  // The style sheet shows the page after twenty seconds.
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation instanceof CSSAnimation && animation.animationName === "give-up") animation.finish();
    }
  });
  await expect(app.heading("Kedai belum bisa dimuat")).toBeVisible();
  await expect(page.getByRole("alert").getByRole("heading")).toHaveCount(1);
  await expect(app.button("Periksa pesanan")).toBeHidden();
  await page.unroute(OURS);
  await app.link("Muat ulang").click();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
});

test("a page without JavaScript says what it needs, and nothing else", async ({ browser, shop }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(shop.merchant.origin);
  const words = page.getByRole("heading", { name: "Kedai Senja perlu JavaScript" });
  await expect(words).toBeVisible();
  // The message covers the skeleton and the page of the style sheet.
  await words.click();
  await context.close();
});
