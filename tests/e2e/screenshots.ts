// The README's pictures, of the real thing: `npm run screenshots`, with the variables that
// `cargo xtask test e2e` sets.
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { environment } from "./support/environment.ts";
import { test, waitUntilReady } from "./support/gallery.ts";

const picture = (name: string) => path.join(environment.pictures, `${name}.png`);
/** The simulator's phone without its settings and the panel. */
const phone = (page: Page) => page.getByRole("region", { name: "Phone", exact: true });

test.describe("the simulator's phone", () => {
  test("with the shop in it", async ({ shop, page }) => {
    const app = await shop.openPhone({ width: 1280, height: 860 });
    await app.button("Tambah Kopi Susu Senja").click();
    await app.button("Tambah Es Kopi Hitam").click();
    await expect(app.button(/^Bayar Rp/)).toBeVisible();
    await page.mouse.move(0, 0);
    await page.screenshot({ path: picture("phone") });
  });
});

test.describe("what GoPay tells a buyer", () => {
  test.use({
    more: `
[mini_app.push]
template = "KEDAI_ORDER_READY"
parameters = { message = "Pesanan dibayar. Kode ambil {pickup_code}" }
`,
  });

  const viewport = { width: 390, height: 844 };

  test("reminder", async ({ shop, page }) => {
    const app = await shop.openPhone(viewport);
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await expect(app.heading("Belum dibayar")).toBeVisible();
    // As the merchant does, whose own reminder follows after a minute or more.
    await shop.simulator.miniAppApi("PUT", "reminder", {
      template_name: "KEDAI_UNPAID",
      template_parameters: { message: "Pesananmu belum dibayar", cta_label_id: "Bayar", cta_label_en: "Pay" },
    });
    await page.getByRole("button", { name: "Close the mini app" }).click();
    await expect(page.getByRole("list", { name: "Reminders" })).toBeVisible();
    await page.mouse.move(0, 0);
    await phone(page).screenshot({ path: picture("phone-reminder"), animations: "disabled" });
  });

  test("push", async ({ shop, page }) => {
    const app = await shop.openPhone(viewport);
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await expect(page.getByRole("status").getByRole("button", { name: /Kode ambil/ })).toBeVisible();
    await phone(page).screenshot({ path: picture("phone-push"), animations: "disabled" });
  });
});

/** States of the gallery, two of them dark and in English. */
const BEST = [
  { state: "name-question", language: "id", theme: "light" },
  { state: "paid-named", language: "id", theme: "light" },
  { state: "orders", language: "id", theme: "light" },
  { state: "picked", language: "en", theme: "dark" },
  { state: "paid-rewarded", language: "id", theme: "light" },
  { state: "awaiting", language: "en", theme: "dark" },
];

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 780 } });

  for (const { state, language, theme } of BEST) {
    test(state, async ({ gallery, page }) => {
      const { variants } = gallery.state(state);
      const variant = variants.find((it) => it.language === language && it.theme === theme);
      await page.goto(variant?.url ?? "");
      await waitUntilReady(page);
      await page.screenshot({ path: picture(state), animations: "disabled" });
    });
  }
});
