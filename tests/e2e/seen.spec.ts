// Pages report failures on phones to the merchant, and no other data.
import { expect, test } from "./fixtures.ts";

test("a phone that cannot start the app is counted anonymously", async ({ page, shop }) => {
  shop.expectError(/^uncaught: WebAssembly is not defined$/);
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  const sent = page.waitForRequest("**/api/seen");
  const order = "0123456789abcdef0123456789abcdef";
  const app = await shop.open(`/orders/${order}`);
  await expect(app.heading("HP ini perlu diperbarui dulu")).toBeVisible();
  const body = (await sent).postData() ?? "";
  expect(JSON.parse(body)).toEqual({
    kind: "old",
    engine: "chrome",
    major: expect.any(Number),
    build: expect.stringMatching(/^[0-9a-f]{16}$/),
    at: "",
  });
  expect(body).not.toContain(order);
  await expect.poll(() => shop.merchant.output).toMatch(/phone\.report.*old.*chrome/);
});

test("a crash is counted with its place in the source, and a trap as one", async ({ context, page, shop }) => {
  shop.expectError(/^console: The app stopped at /);
  shop.expectError(/unreachable/);
  const crashed = page.waitForRequest("**/api/seen");
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await page.evaluate(() => {
    const fail = () => {
      throw new Error("out of memory");
    };
    document.createElement = fail;
    Node.prototype.cloneNode = fail;
    document.querySelector<HTMLElement>(".language")?.click();
  });
  const { kind, at } = JSON.parse((await crashed).postData() ?? "");
  expect(kind).toBe("crash");
  expect(at).toMatch(/\.rs:\d+$/);

  const other = await context.newPage();
  const trapped = other.waitForRequest("**/api/seen");
  const again = await shop.open("/", other);
  await expect(again.page.getByTestId("pay")).toBeVisible();
  await other.evaluate(() => {
    // A module whose start is `unreachable`.
    const trap = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 5, 1, 3, 0, 0, 11]);
    setTimeout(() => new WebAssembly.Instance(new WebAssembly.Module(trap)));
  });
  expect(JSON.parse((await trapped).postData() ?? "")).toMatchObject({ kind: "trap", at: "" });
});

test("a violation of the page's policy is counted by its origin", async ({ page, shop }) => {
  shop.expectError(/elsewhere\.example|connect-src|orders\/secret/);
  const app = await shop.open();
  await expect(app.button("Pilih dulu")).toBeVisible();
  await page.evaluate(() => fetch("https://elsewhere.example/orders/secret?token=1").catch(() => {}));
  await expect.poll(() => shop.merchant.output).toMatch(/phone\.report.*connect-src.*https:\/\/elsewhere\.example/);
  expect(shop.merchant.output).not.toContain("orders/secret");
});
