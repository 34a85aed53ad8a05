// The README's pictures, of the real thing: `npm run screenshots`, with the variables that
// `cargo xtask test e2e` sets.
import path from "node:path";
import { expect, test } from "./fixtures.ts";
import { environment } from "./support/environment.ts";

const picture = (name: string) => path.join(environment.pictures, name);

test.describe("the simulator's phone", () => {
  test.use({ viewport: { width: 1280, height: 860 } });

  test("with the shop in it", async ({ shop, page }) => {
    const app = await shop.openPhone();
    await app.button("Tambah Kopi Susu Senja").click();
    await app.button("Tambah Es Kopi Hitam").click();
    await expect(app.button(/^Bayar Rp/)).toBeVisible();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: picture("phone.png") });
  });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("the receipt", async ({ shop, page }) => {
    const app = await shop.open();
    await app.button("Tambah Pisang Goreng").click();
    await app.button("Tambah Kopi Susu Senja").click();
    await app.button(/^Bayar Rp/).click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await expect(app.sheet.owner()).toBeHidden();
    await page.screenshot({ path: picture("receipt.png"), animations: "disabled" });
  });
});
