// The app from a package (Container V1): files that GoPay serves, a merchant on another origin.
import { expect, test } from "./fixtures.ts";
import { environment } from "./support/environment.ts";

test("a buyer opens the package, pays, and finds the receipt again", async ({ packaged: shop }) => {
  const home = `${shop.simulator.origin}/packages/kedai/index.html`;
  const app = await shop.open("");
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  const payment = await shop.simulator.payment();
  expect(payment.state).toBe("paid");
  const receipt = `${home}#/orders/${payment.partner_reference_no}`;
  await expect(app.page).toHaveURL(receipt);

  await app.page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.page).toHaveURL(receipt);
  await app.page.goBack();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.page.goForward();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a package brings its files along and uses no cookie", async ({ packaged: shop }) => {
  const app = await shop.open("");
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  const picture = app.page.locator("img[src*=kopi-susu]");
  await expect(picture).toHaveJSProperty("complete", true);
  expect(await picture.evaluate((it) => it instanceof HTMLImageElement && it.naturalWidth)).toBeGreaterThan(0);
  const merchant = shop.watch.addresses.filter((it) => !it.startsWith(`${shop.simulator.origin}/`));
  expect(merchant).toEqual([`${environment.packagesMerchant}/api/session`]);
  expect(await app.page.context().cookies()).toEqual([]);
  await shop.watch.storage();
  // The auth code and its session.
  expect(shop.watch.secrets.size).toBe(2);
});

test("a cold start at an order begins with an order's skeleton", async ({ packaged: shop }) => {
  const home = `${shop.simulator.origin}/packages/kedai/index.html`;
  const app = await shop.open("");
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.page.goto("about:blank");
  // Without its WebAssembly the page stays as it was painted.
  await app.page.route("**/*.wasm", () => {});
  await app.page.goto(`${home}#/orders/${"0".repeat(32)}`, { waitUntil: "commit" });
  await expect(app.heading("Membuka pesanan")).toBeVisible();
  await expect(app.heading("Mau pesan apa?")).toBeHidden();
});

test("a link into the package fills the cart, in query and in fragment", async ({ packaged: shop }) => {
  const home = `${shop.simulator.origin}/packages/kedai/index.html`;
  // The cart is kept, and each link adds to it.
  for (const [link, total] of [
    ["?add=klepon", "Rp12.000"],
    ["#/?add=klepon", "Rp24.000"],
  ] as const) {
    const app = await shop.open(link);
    await expect(app.button(`Bayar ${total}`)).toBeVisible();
    await expect(app.page).toHaveURL(`${home}#/`);
    await app.page.goto("about:blank");
  }
});

test("F103 a package that cannot start says so, without a session's buttons", async ({
  packaged: shop,
}) => {
  shop.expectError(/^net::ERR_FAILED GET .*\.wasm$/);
  shop.expectError(/^uncaught: Failed to fetch$/);
  const app = await shop.open("");
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.page.route("**/*_bg.wasm", (route) => route.abort(), { times: 1 });
  await app.page.reload();
  await expect(app.heading("Kedai belum bisa dimuat")).toBeVisible();
  await expect(app.button("Periksa pesanan")).toHaveCount(0);
  await app.link("Muat ulang").click();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
});
