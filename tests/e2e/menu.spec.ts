// The menu: the cart, the reminder, and updates while it is open.
import { expect, test } from "./fixtures.ts";
import { keysOf, requestsOf, waitForDeferredChunk } from "./support/requests.ts";
import { hide, show } from "./support/visibility.ts";

test("a cart outlives the page, and a link adds to it", async ({ context, page, shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await page.close();
  const other = await context.newPage();
  const again = await shop.open("/?add=klepon", other);
  await expect(again.button("Bayar Rp37.000")).toBeVisible();
  await other.reload();
  await expect(again.button("Bayar Rp37.000"), "once").toBeVisible();
});

test("a cart belongs to its buyer and to the day", async ({ page, shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await shop.open("/?buyer=siti");
  await expect(app.button("Pilih dulu")).toBeVisible();
  await app.button("Tambah Klepon").click();
  await expect(app.button("Bayar Rp12.000")).toBeVisible();
  await page.evaluate(() => {
    const [at = "", lines = ""] = (localStorage.getItem("cart") ?? "").split(" ");
    localStorage.setItem("cart", `${Number(at) - 7 * 3600_000} ${lines}`);
  });
  await page.reload();
  await expect(app.button("Pilih dulu")).toBeVisible();
});

test("a menu that is visible again says what has sold out", async ({ page, shop }) => {
  const chunk = waitForDeferredChunk(page);
  const app = await shop.open("/?add=kopi-susu,klepon");
  await expect(app.button("Bayar Rp37.000")).toBeVisible();
  await chunk;
  await shop.merchant.sellOut("kopi-susu");
  await hide(page);
  await show(page);
  await expect(page.locator(".sold-out")).toHaveText("Habis");
  await expect(app.button("Bayar Rp12.000")).toBeVisible();
  await expect(app.note("Ada yang baru saja habis")).toBeVisible();
});

test("the reminder of an open order stays through every screen", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_FAILED GET \/api\/orders\/\w+$/);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await shop.open();
  const reminder = app.button(/^Pesanan Rp25\.000 menunggu pembayaran/);
  await page.route("**/api/orders/*", (route) => route.abort());
  await reminder.click();
  await expect(app.heading("Tidak ada koneksi")).toBeVisible();
  await app.button("Kedai Senja").click();
  await expect(reminder, "the order could not be read").toBeVisible();
  await page.unroute("**/api/orders/*");
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await hide(page);
  await show(page);
  await expect(reminder, "it is paid").toBeHidden();
});

test("an unconfirmed order that is changed is cancelled before the next one", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders$/);
  await page.clock.install();
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await page.route("**/api/orders", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  });
  await app.orderCoffee();
  await expect.poll(() => orders.length).toBe(1);
  await page.clock.runFor(2_000);
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await app.button("Ubah pesanan").click();
  await page.unroute("**/api/orders");
  await app.button("Tambah Klepon").click();
  await app.button("Bayar Rp37.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const payments = await shop.simulator.payments();
  expect(payments.map(({ state, amount }) => [state, amount.value])).toEqual([
    ["cancelled", "25000.00"],
    ["paid", "37000.00"],
  ]);
  expect(keysOf(orders).size).toBe(2);
});

test("a changed order that was paid does not replace the next one", async ({ page, shop }) => {
  shop.expectError(/^net::ERR_CONNECTION_RESET POST \/api\/orders$/);
  await page.clock.install();
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await page.route("**/api/orders", async (route) => {
    if (route.request().method() === "GET") return route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await app.orderCoffee();
  await expect.poll(() => orders.length).toBe(1);
  await page.clock.runFor(20_000);
  await expect(app.note("Belum ada jawaban")).toBeVisible();
  await app.button("Ubah pesanan").click();
  await page.unroute("**/api/orders");
  await app.button("Pesanan").click();
  await app.button(/^Kopi Susu Senja/).click();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await app.button("Kurangi Kopi Susu Senja").click();
  await app.button("Tambah Klepon").click();
  await app.button("Bayar Rp12.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const payments = await shop.simulator.payments();
  expect(payments.map(({ state, amount }) => [state, amount.value])).toEqual([
    ["paid", "25000.00"],
    ["paid", "12000.00"],
  ]);
});

test("an order in progress is sent again under the same key", async ({ page, shop }) => {
  shop.expectError(/^409 POST \/api\/orders$/);
  const problem = { status: 409, code: "under_way", title: "The same request is being answered" };
  const busy = { status: 409, contentType: "application/problem+json", body: JSON.stringify(problem) };
  await page.route("**/api/orders", (route) => route.fulfill(busy), { times: 1 });
  const app = await shop.open();
  const orders = requestsOf(page, "POST", /^\/api\/orders$/);
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(orders).toHaveLength(2);
  expect(keysOf(orders).size).toBe(1);
});

test("an order that has just been left is one step back from the menu", async ({ page, shop }) => {
  const app = await shop.open();
  await expect(app.button("Pilih dulu")).toBeVisible();
  const before = await page.evaluate(() => history.length);
  for (let times = 0; times < 3; times += 1) {
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await app.button("Kembali ke menu").click();
    await expect(app.button("Pilih dulu")).toBeVisible();
    await expect(page).toHaveURL(`${shop.merchant.origin}/`);
  }
  expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(before + 1);
});

test("a photo that is no square is cut at its sides, not squashed", async ({ page, shop }) => {
  // Green, with a red strip at either end.
  const strip = 100;
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${4 * strip}" height="${2 * strip}">
    <rect width="100%" height="100%" fill="#f00"/><rect x="${strip}" width="${2 * strip}" height="100%" fill="#0f0"/>
  </svg>`;
  await page.goto("about:blank");
  await page.setContent(drawing);
  const photo = await page.locator("svg").screenshot();
  await page.route("**/assets/products/*", (route) => route.fulfill({ contentType: "image/png", body: photo }));
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  const shown = page.locator(".product > img").first();
  await expect.poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(4 * strip);
  const picture = (await shown.screenshot()).toString("base64");
  const red = await page.evaluate(async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext("2d");
    context?.drawImage(image, 0, 0);
    const { data } = context?.getImageData(0, image.height / 2, image.width, 1) ?? { data: [] };
    let red = 0;
    for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 0) > (data[at + 1] ?? 0)) red += 1;
    return red;
  }, picture);
  expect(red, "columns of the strips that can be seen").toBe(0);
});
