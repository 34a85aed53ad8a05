// The buyer's name: the card gives its reason, and no step depends on the answer.
import { type Shop, expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";

const QUESTION = "Atas nama siapa?";
/** The merchant's answer before the buyer has consented. */
const UNALLOWED = /^403 POST \/api\/profile$/;

/** Opens the shop, picks a coffee and unfolds the order. */
async function openWithCoffee(shop: Shop): Promise<App> {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  return app;
}

async function pay(app: App): Promise<void> {
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
}

test("a buyer who agrees is greeted, and called by name", async ({ shop }) => {
  shop.expectError(UNALLOWED);
  const app = await openWithCoffee(shop);
  await app.button("Pakai nama GoPay").click();
  await app.inSheet("Izinkan");
  await expect(app.page.getByRole("heading", { level: 2, name: /^Pesanan atas nama \w+$/ })).toBeVisible();
  await expect(app.text("Kopi dan camilan hangat, ambil di kasir"), "the shop's own words stay").toBeVisible();
  await expect(app.note(QUESTION)).toBeHidden();
  await pay(app);
  await expect(app.text(/^Kami panggil \w+ saat pesanan siap$/)).toBeVisible();

  const decided = await shop.simulator.entries("consent_decided");
  expect(decided).toMatchObject([{ allowed: true }]);
  await app.page.reload();
  await expect(app.text(/^Kami panggil \w+ saat pesanan siap$/)).toBeVisible();
  const name = /panggil (\w+)/.exec((await app.text(/^Kami panggil/).textContent()) ?? "")?.[1];
  expect(name).toBeTruthy();
  expect(await shop.watch.storage()).not.toContain(name);
});

test("a buyer who refuses pays all the same, and is not asked again", async ({ shop }) => {
  shop.expectError(UNALLOWED);
  const app = await openWithCoffee(shop);
  await app.button("Pakai nama GoPay").click();
  await app.inSheet("Tolak");
  await expect(app.note(QUESTION)).toBeHidden();
  await expect(app.button("Bayar Rp25.000")).toBeFocused();
  await pay(app);
  await expect(app.text("Kami panggil")).toBeHidden();
  const again = await openWithCoffee(shop);
  await expect(again.button("Bayar Rp25.000")).toBeVisible();
  await expect(again.note(QUESTION)).toBeHidden();
});

test("a buyer who skips it is asked nothing by GoPay", async ({ shop }) => {
  const app = await openWithCoffee(shop);
  await expect(app.note(QUESTION)).toBeVisible();
  await app.button("Lewati").click();
  await expect(app.note(QUESTION)).toBeHidden();
  await pay(app);
  expect(await shop.simulator.entries("consent_decided")).toEqual([]);
  expect(await shop.simulator.entries("profile_requested")).toEqual([]);
  const again = await openWithCoffee(shop);
  await expect(again.button("Bayar Rp25.000")).toBeVisible();
  await expect(again.note(QUESTION)).toBeHidden();
});

test("a consent that GoPay leaves open does not block paying", async ({ shop }) => {
  const app = await openWithCoffee(shop);
  // The answer never comes.
  await app.page.route("**/api/profile", () => {});
  await app.button("Pakai nama GoPay").click();
  await expect(app.button("Sebentar")).toBeVisible();
  await pay(app);
});

test("an unavailable name does not stop the shop", async ({ shop }) => {
  shop.expectError(/^503 POST \/api\/profile$/);
  const app = await openWithCoffee(shop);
  await shop.simulator.setScenario("gopay-down");
  await app.button("Pakai nama GoPay").click();
  await expect(app.note("Lanjut tanpa nama")).toBeVisible();
  await shop.simulator.setScenario("default");
  await pay(app);
});

test("a buyer agrees with the keyboard alone, and goes on to pay", async ({ shop }) => {
  shop.expectError(UNALLOWED);
  const app = await openWithCoffee(shop);
  await app.tabTo(app.button("Pakai nama GoPay"));
  await app.page.keyboard.press("Enter");
  await app.tabTo(app.sheet.getByRole("button", { name: "Izinkan", exact: true }));
  await app.page.keyboard.press("Enter");
  await expect(app.button("Bayar Rp25.000")).toBeFocused();
});

test("the card asks in English too", async ({ shop }) => {
  const app = await shop.open("/?lang=en");
  await app.button("Add Klepon").click();
  await app.review("Review order");
  await expect(app.note("Whose name should we call?")).toBeVisible();
  await expect(app.button("Use my GoPay name")).toBeVisible();
  await app.button("Skip").click();
  await expect(app.button("Pay Rp12.000")).toBeFocused();
});

test("a name that came after the buyer had skipped is taken back", async ({ shop }) => {
  const app = await openWithCoffee(shop);
  await shop.simulator.setContainer({ prelaunch_consents: true });
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  // The merchant learns the name; its answer is on its way for long.
  await app.page.route("**/api/profile", async (route) => {
    const answer = await route.fetch();
    await held;
    await route.fulfill({ response: answer });
  });
  await app.button("Pakai nama GoPay").click();
  await expect(app.button("Sebentar")).toBeVisible();
  await app.button("Lewati").click();
  const taken = app.page.waitForResponse((it) => it.request().method() === "DELETE");
  release();
  await (await taken).finished();
  await app.page.reload();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await expect(app.text("Budi")).toBeHidden();
});

test("a buyer who is called by name can have it forgotten", async ({ shop }) => {
  await shop.simulator.setContainer({ prelaunch_consents: true });
  const app = await openWithCoffee(shop);
  await app.button("Pakai nama GoPay").click();
  await expect(app.note("Pesanan atas nama Budi")).toBeVisible();
  await app.button("Jangan pakai nama saya").click();
  await expect(app.note("Pesanan atas nama Budi")).toBeHidden();
  await expect(app.text("Kopi dan camilan hangat, ambil di kasir")).toBeVisible();
  await app.page.reload();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await expect(app.text("Budi")).toBeHidden();
});

test("an attempt of one buyer is not placed for the next one", async ({ shop }) => {
  shop.expectError(/^net::ERR_FAILED POST \/api\/orders$/);
  shop.expectError(/^401 POST \/api\/profile$/);
  const app = await openWithCoffee(shop);
  await app.page.route("**/api/orders", (route) => route.abort());
  await app.button("Bayar Rp25.000").click();
  await expect(app.button("Coba lagi")).toBeVisible();
  await app.page.unroute("**/api/orders");

  // Another buyer uses the phone now, and the session is over.
  await app.page.context().clearCookies();
  await app.page.route("**/bridge/call", (route) => {
    const call = { ...route.request().postDataJSON(), buyer: "tini" };
    return route.continue({ postData: JSON.stringify(call) });
  });
  const signedIn = app.page.waitForResponse((it) => it.url().endsWith("/api/session"));
  await app.button("Pakai nama GoPay").click();
  await (await signedIn).finished();
  await app.button("Coba lagi").click();
  await expect(app.note("Akun GoPay berganti")).toBeVisible();
  expect(await shop.simulator.payments()).toEqual([]);
});
