// The bundle as trunk and wasm-opt alone make it: what is shipped on the day that a step of our own fails.
import { expect, test } from "./fixtures.ts";
import { environment } from "./support/environment.ts";

test.use({ dist: environment.plainDist });

test("a bundle without the project's own build steps takes a payment", async ({ page, shop }) => {
  const wasm = page.waitForResponse("**/*_bg.wasm");
  const app = await shop.open();
  expect((await (await wasm).allHeaders())["content-encoding"]).toBe("br");
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await page.reload();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});
