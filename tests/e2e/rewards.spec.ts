// Coins and gems for a paid order, on the receipt and in GoPay; reminders and pushes in the phone.
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

test("the phone shows the reminder of an unpaid order, and the push of a paid one", async ({ page, shop }) => {
  const { simulator } = shop;
  const app = await shop.openPhone();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  // As the merchant does, whose own reminder follows after a minute or more.
  const { reminder_id } = (await simulator.miniAppApi("PUT", "reminder", {
    template_name: "KEDAI_UNPAID",
    template_parameters: { message: "<b>Pesananmu</b> belum dibayar", cta_label_id: "Bayar", cta_label_en: "Pay" },
  })) as { reminder_id: string };
  const close = page.getByRole("button", { name: "Close the mini app" });
  await close.click();
  const cards = page.getByRole("list", { name: "Reminders" }).getByRole("listitem");
  await expect(cards).toContainText(["Kedai Senja<b>Pesananmu</b> belum dibayar"]);
  await simulator.setContainer({ locale: "en_ID" });
  await expect(cards.getByRole("button", { name: "Pay" })).toBeVisible();
  await simulator.setContainer({});
  await cards.getByRole("button", { name: "Bayar" }).click();
  await app.button(/^Pesanan Rp25\.000 menunggu pembayaran/).click();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();

  const status = page.getByRole("status").filter({ has: page.locator("#banner") });
  const banner = status.getByRole("button", { name: /^Kedai Senja ?Kode / });
  await expect(banner).toBeVisible();
  const code = (await banner.innerText()).replace(/^.*Kode /s, "");
  await expect(app.text(code).first()).toBeVisible();
  await status.getByRole("button", { name: "Close the push" }).press("Enter");
  await expect(banner).toBeHidden();
  await expect(page.getByTitle("Mini app", { exact: true })).toBeFocused();

  await simulator.miniAppApi("DELETE", `reminder/${reminder_id}`);
  await close.click();
  await expect(cards).toHaveCount(0);
  await page.reload();
  // The phone's script has run once its app is there.
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await close.click();
  await page.getByRole("list", { name: "Pushes" }).getByRole("button", { name: `Kode ${code}` }).click();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await expect(status, "the push is older than the page").toHaveText("");
});
