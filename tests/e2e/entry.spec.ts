// Entries to the app that do not lead to the shop.
import { expect, test } from "./fixtures.ts";

test("F83 outside GoPay the app says how to get in, and sends no request", async ({ shop }) => {
  const app = await shop.open("/?scenario=outside");
  await expect(app.heading("Kedai Senja ada di dalam GoPay")).toBeVisible();
  await expect(app.link("Buka di aplikasi GoPay")).toBeVisible();
  await expect(app.text(/1003|JS_BRIDGE|undefined|error/i)).toBeHidden();
  expect(shop.watch.addresses.filter((address) => address.includes("/api/"))).toEqual([]);
  expect((await shop.simulator.ledger()).entries).toEqual([]);
});

for (const width of [320, 360, 1280]) {
  test(`outside GoPay a button and a QR code open it, at ${width} px`, async ({ page, shop }) => {
    await page.setViewportSize({ width, height: 800 });
    const app = await shop.open("/?scenario=outside");
    const code = page.getByRole("img", { name: "Kode QR yang membuka Kedai Senja di GoPay" });
    await expect(code).toBeVisible();
    await expect.poll(() => code.evaluate((it: HTMLImageElement) => it.naturalWidth)).toBeGreaterThan(200);
    const button = app.link("Buka di aplikasi GoPay");
    const [codeBox, buttonBox] = [await code.boundingBox(), await button.boundingBox()];
    // On a phone the button comes first, at a computer the code.
    expect((codeBox?.y ?? 0) > (buttonBox?.y ?? 0)).toBe(width < 640);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);

    // In preview GoPay is the simulator's phone.
    await expect(button).toHaveAttribute("href", `${shop.simulator.origin}/`);
    const { status, type, body } = await page.evaluate(async () => {
      const answer = await fetch("/gopay-qr.svg");
      return { status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() };
    });
    expect([status, type]).toEqual([200, "image/svg+xml"]);
    expect(body).toContain('fill="#fff"');
  });
}

test("the link's language survives an order and a reload", async ({ page, shop }) => {
  const app = await shop.open("/?lang=en");
  await app.button("Add Dusk Milk Coffee").click();
  await app.button("Pay Rp25.000").click();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Not paid yet")).toBeVisible();
  await page.reload();
  await expect(app.button("Check again")).toBeVisible();
  expect(new URL(page.url()).search).toBe("");
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("a login that GoPay refuses can be retried", async ({ shop }) => {
  await shop.simulator.setScenario("refuse-login");
  const app = await shop.open();
  await expect(app.heading("GoPay belum memberi izin")).toBeVisible();
  await shop.simulator.setScenario("default");
  await app.button("Coba lagi").click();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
});

test("a captive portal's page does not sign in, and a retry does", async ({ shop }) => {
  shop.expectError(/^503 POST \/api\/session$/);
  await shop.simulator.setScenario("garbage");
  const app = await shop.open();
  await expect(app.heading("GoPay sedang sulit dihubungi")).toBeVisible();
  await shop.simulator.setScenario("default");
  await app.button("Coba lagi").click();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
});

test("another buyer's order looks like one that does not exist", async ({ shop }) => {
  shop.expectError(/^404 GET \/api\/orders\//);
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const { partner_reference_no: order } = await shop.simulator.payment();

  const foreign = await shop.openAs("siti", `/orders/${order}`);
  await expect(foreign.heading("Pesanan tidak ditemukan")).toBeVisible();
  await expect(foreign.text(order.slice(-8).toUpperCase())).toBeHidden();
  const said = await foreign.page.getByRole("main").textContent();
  await shop.open(`/orders/${"0".repeat(32)}?buyer=siti`, foreign.page);
  await expect(foreign.heading("Pesanan tidak ditemukan")).toBeVisible();
  expect(await foreign.page.getByRole("main").textContent()).toBe(said);
  await foreign.button("Kembali ke menu").click();
  await expect(foreign.heading("Mau pesan apa?")).toBeVisible();
});
