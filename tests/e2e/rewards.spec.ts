// Coins and gems for a paid order, on the receipt and in GoPay.
import { expect, test } from "./fixtures.ts";

test.use({
  more: `
[mini_app.rewards]
description = "Pesanan {order}"
coins_percent = 10
gems = 5
gems_app_name = "Kedai Senja"
gems_activity = "order"

[mini_app.push]
template = "KEDAI_ORDER_READY"
parameters = { message = "Kode {pickup_code}" }
`,
});

test("a receipt shows the coins and gems that the buyer got", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(app.text(/GoPay Coins, (segera|sudah) masuk/)).toBeVisible();
  await expect(app.text("+2.500")).toBeVisible();
  await expect.poll(async () => (await shop.simulator.ledger()).buyers).toMatchObject({
    budi: { coins: 2_500, gems: 5, pushes: [{ template_name: "KEDAI_ORDER_READY" }] },
  });
  // The receipt asks again by itself while a reward is on its way.
  await expect(app.text(/sudah masuk/)).toHaveCount(2);
});

test("a buyer whom GoPay gives nothing is led to GoPay's Help", async ({ shop }) => {
  await shop.simulator.setMiniApp({ refused_buyers: ["budi"] });
  const app = await shop.open("/?lang=en");
  await app.button("Add Kopi Susu Senja").or(app.button(/^Add /).first()).first().click();
  await app.button(/^Pay /).click();
  await app.sheet.getByRole("button", { name: /^(Pay|Bayar)$/ }).click();
  await expect(app.heading("Payment received")).toBeVisible();
  await expect(app.text("GoPay gives your account no Coins for now. Ask GoPay Help.")).toBeVisible();
});
