// The bundle of trunk and wasm-opt alone, to be shipped if one of the project's own steps fails.
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
