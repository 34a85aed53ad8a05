// Campaign addresses: what a banner or a push of GoPay's opens.
import { expect, test } from "./fixtures.ts";

test("a product's address shows the product and puts nothing into the cart", async ({ page, shop }) => {
  const app = await shop.open("/?product=klepon");
  const product = page.getByRole("listitem").filter({ hasText: "Klepon" });
  await expect(product).toHaveAttribute("data-linked", "");
  await expect(product).toBeInViewport({ ratio: 0.5 });
  await expect(page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Dari tautan: Klepon");
  await expect(app.button("Pilih dulu")).toBeVisible();
  await expect(page, "once").toHaveURL(`${shop.merchant.origin}/`);
});

test("a category's address opens the menu there", async ({ page, shop }) => {
  const app = await shop.open("/?category=makanan&lang=en");
  const heading = app.note("Food");
  await expect(heading).toBeInViewport();
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
  await expect(app.note("Grilled Toast")).toBeInViewport();
});

test("a product that is gone gets a notice, which the buyer dismisses", async ({ page, shop }) => {
  const app = await shop.open("/?product=es-krim");
  await expect(app.note("Produk ini tidak ada lagi")).toBeVisible();
  await expect(page.getByRole("status", { name: "Kedai Senja" })).toHaveText("Produk ini tidak ada lagi");
  await app.button("Oke").click();
  await expect(app.note("Produk ini tidak ada lagi")).toBeHidden();
  await expect(app.button("Pilih dulu")).toBeFocused();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a malformed campaign address opens the shop", async ({ shop }) => {
  for (const query of ["?product=%3Cscript%3E&category=..%2F", "?category=a%20b", `?product=${"x".repeat(3000)}`]) {
    const app = await shop.open(`/${query}`);
    await expect(app.note(query.includes("product") ? "Produk ini tidak ada lagi" : "Bagian menu ini tidak ada lagi")).toBeVisible();
    await expect(app.heading("Mau pesan apa?")).toBeVisible();
  }
});

test("in a package a campaign's address is in the fragment", async ({ packaged: shop }) => {
  const app = await shop.open("#/?product=klepon");
  const product = app.page.getByRole("listitem").filter({ hasText: "Klepon" });
  await expect(product).toHaveAttribute("data-linked", "");
});

test("a table's address brings one order to the table", async ({ page, shop }) => {
  const app = await shop.open("/?table=7");
  const table = page.getByRole("region", { name: "Cek pesanan" }).getByText("Untuk meja 7");
  await expect(table).toBeVisible();
  await page.reload();
  await expect(table, "the tab keeps it").toBeVisible();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.value("Meja")).toHaveText("7");
  await app.button("Kembali ke menu").click();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await expect(table, "the next order is another").toBeHidden();
});

test("a table that is not there gets a notice, and the order is paid without one", async ({ shop }) => {
  const app = await shop.open("/?table=99&product=klepon");
  await expect(app.note("Nomor meja ini tidak ada")).toBeVisible();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.value("Meja")).toHaveCount(0);
});

test("a promo code's address leads to a paid order with its discount", async ({ page, shop }) => {
  const app = await shop.open("/?promo=hemat10&add=kopi-susu:2");
  const bar = page.getByRole("region", { name: "Cek pesanan" });
  await expect(bar.locator(".promo")).toHaveText("Promo HEMAT10−Rp5.000");
  await page.reload();
  await expect(bar.locator(".promo"), "the tab keeps it").toHaveText("Promo HEMAT10−Rp5.000");
  await app.button("Bayar Rp45.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(page.locator(".receipt .discount")).toHaveText("Promo HEMAT10−Rp5.000");
  await expect(page.locator(".receipt .total")).toHaveText("TotalRp45.000");
  expect((await shop.simulator.payment()).amount.value).toBe("45000.00");
  await app.button("Kembali ke menu").click();
  await app.button("Tambah Kopi Susu Senja").click();
  await expect(app.button("Bayar Rp25.000"), "once").toBeVisible();
});

test("a promo code for larger orders says from which total on", async ({ page, shop }) => {
  const app = await shop.open("/?promo=HEMAT10&add=klepon");
  const promo = page.getByRole("region", { name: "Cek pesanan" }).locator(".promo");
  await expect(promo).toHaveText("Promo HEMAT10 mulai Rp20.000");
  await app.button("Tambah Klepon").click();
  await expect(promo).toHaveText("Promo HEMAT10−Rp2.400");
  await expect(app.button("Bayar Rp21.600")).toBeVisible();
});

test("a promo code that is over or unknown says which, and the order costs its price", async ({ shop }) => {
  shop.expectError(/^409 GET \/api\/promo\/LEBARAN$/);
  shop.expectError(/^422 GET \/api\/promo\/GRATIS$/);
  let app = await shop.open("/?promo=LEBARAN");
  await expect(app.note("Kode LEBARAN sudah berakhir")).toBeVisible();
  app = await shop.open("/?promo=gratis");
  await expect(app.note("Kode GRATIS tidak berlaku")).toBeVisible();
  app = await shop.open("/?promo=..%2Forders");
  await expect(app.note("Kode promonya tidak terbaca")).toBeVisible();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("GoPay's analytics is told of the campaign and of its payment", async ({ shop }) => {
  const told = async () => {
    const calls = await shop.simulator.entries("container_called");
    return calls.filter((call) => call.method === "GPAnalytics.trackEvent").map((call) => call.noted);
  };
  const app = await shop.open("/?campaign=ramadan&product=klepon&promo=HEMAT10&table=99&category=gone");
  const opened = {
    event_name: "campaign_opened",
    meta_data: {
      user_action: "viewed",
      page_name: "shop",
      page_id: "ramadan",
      url: "/?campaign=ramadan&product=klepon&promo=HEMAT10",
    },
  };
  await expect.poll(told).toContainEqual(opened);
  await app.orderCoffee("Rp22.500");
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect.poll(told).toContainEqual({
    event_name: "payment_completed",
    meta_data: { completed_action: "payment", page_name: "order", page_id: "ramadan" },
  });
  const events = await told();
  expect(events.filter((event) => JSON.stringify(event).includes("campaign_opened"))).toHaveLength(1);
});

test("a promo code that ends before the order is named, and the buyer pays without it", async ({ page, shop }) => {
  shop.expectError(/^409 POST \/api\/orders$/);
  const app = await shop.open("/?promo=HEMAT10&add=kopi-susu");
  await expect(app.button("Bayar Rp22.500")).toBeVisible();
  await shop.merchant.changeCatalogue('code = "HEMAT10"\n', "$&until = 2020-01-01\n");
  await app.button("Bayar Rp22.500").click();
  await expect(app.note("Kode HEMAT10 sudah berakhir")).toBeVisible();
  await expect(page.getByRole("region", { name: "Cek pesanan" }).locator(".promo")).toBeHidden();
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).amount.value).toBe("25000.00");
});

test("the simulator's phone follows an address of the app, and no other", async ({ page, shop }) => {
  const app = await shop.openPhone();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await page.getByRole("button", { name: "Close the mini app" }).click();
  const field = page.getByLabel("A banner's address");
  await field.fill("https://other.example/");
  await page.getByRole("button", { name: "Follow" }).click();
  await expect(field).toHaveJSProperty("validity.valid", false);
  await field.fill("/?product=gone");
  await field.press("Enter");
  await expect(app.note("Produk ini tidak ada lagi")).toBeVisible();
});
