import { expect, test } from "./fixtures.ts";
import { inWib } from "./support/wib.ts";

test("a buyer pays and sees the receipt", async ({ shop }) => {
  const app = await shop.open();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.orderCoffee();
  await expect(app.heading("Membuka GoPay")).toBeVisible();
  await app.inSheet("Bayar");

  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  await expect(app.sheet.owner()).toBeHidden();
  const payment = await shop.simulator.payment();
  expect(payment.state).toBe("paid");
  expect(payment.amount).toEqual({ value: "25000.00", currency: "IDR" });
  await expect(app.page).toHaveURL(`${shop.merchant.origin}/orders/${payment.partner_reference_no}`);
  await expect(app.value("Pesanan")).toHaveText(
    payment.partner_reference_no.slice(-8).toUpperCase(),
  );
  const settled = Date.parse(payment.settled_at ?? "");
  expect([inWib(settled), inWib(Date.now())]).toContain(await app.value("Dibayar").textContent());
  await expect(app.text("Kopi Susu Senja")).toBeVisible();
  await expect(app.text("Rp25.000").last()).toBeVisible();

  const tried = await shop.simulator.entries("notification_tried");
  expect(tried).toMatchObject([{ latest_transaction_status: "00", answer: { http_status: 200 } }]);
});

test("a buyer pays inside the simulator's phone", async ({ shop }) => {
  const app = await shop.openPhone();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("a buyer pays in English", async ({ shop }) => {
  const app = await shop.open("/?lang=en");
  await expect(app.heading("What would you like?")).toBeVisible();
  await expect(app.page.locator("html")).toHaveAttribute("lang", "en");
  await app.button("Add Hot Chocolate").click();
  await app.button("Add Hot Chocolate").click();
  await app.button("Pay Rp48.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Payment received")).toBeVisible();
  expect((await shop.simulator.payment()).amount.value).toBe("48000.00");
});

test("the app and the sheet speak the language that GoPay speaks", async ({ shop }) => {
  await shop.simulator.setContainer({ locale: "en_ID" });
  const app = await shop.open();
  await app.button("Add Klepon").click();
  await app.button("Pay Rp12.000").click();
  await app.inSheet("Pay");
  await expect(app.heading("Payment received")).toBeVisible();
});

test("a buyer pays with the keyboard alone", async ({ shop }) => {
  const app = await shop.open();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  await app.tabTo(app.button("Tambah Teh Tarik"));
  await app.page.keyboard.press("Enter");
  await app.tabTo(app.button("Bayar Rp17.000"));
  await app.page.keyboard.press("Enter");
  await app.tabTo(app.sheet.getByRole("button", { name: "Bayar", exact: true }));
  await app.page.keyboard.press("Enter");
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("paid products are no longer in the cart", async ({ shop }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await app.button("Kembali ke menu").click();
  await expect(app.button("Pilih dulu")).toBeVisible();
  await expect(app.page).toHaveURL(`${shop.merchant.origin}/`);
});
