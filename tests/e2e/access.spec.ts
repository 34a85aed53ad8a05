// Accessibility: what a screen reader finds on each screen, where the focus goes, and what the phone's
// frame and gestures do. Not here: axe, contrast and cut text (see gallery.spec.ts).
import { expect, test } from "./fixtures.ts";

/** `22 Nov 2026 14.05 WIB`, in a snapshot. */
const WIB = "/^\\d+ [A-Z][a-z]{2} \\d{4} \\d\\d\\.\\d\\d WIB$/";

test("a screen reader reads every screen up to the receipt", async ({ shop, page }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await app.review();
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - status "Kedai Senja": "Kopi Susu Senja: 1"
    - banner:
      - button "EN, English": EN
    - main:
      - heading "Mau pesan apa?" [level=1]
      - paragraph: Kopi dan camilan hangat, ambil di kasir
      - list:
        - listitem:
          - heading "Kopi Susu Senja" [level=2]
          - paragraph: Espreso, susu segar, gula aren
          - paragraph: Rp25.000
          - button "Kurangi Kopi Susu Senja"
          - text: "1"
          - button "Tambah Kopi Susu Senja"
    - region "Cek pesanan":
      - group:
        - text: 1 item Cek pesanan Rp25.000
        - list:
          - listitem: 1× Kopi Susu Senja Rp25.000
        - region "Atas nama siapa?":
          - heading "Atas nama siapa?" [level=2]
          - paragraph: Biar kami panggil namamu saat pesanan siap.
          - button "Pakai nama GoPay"
          - button "Lewati"
        - paragraph: Pesanan yang dibayar langsung disiapkan. Kami menyimpan pesananmu, namamu kalau kamu izinkan, dan tanda masuk GoPay‑mu, terenkripsi.
      - button "Bayar Rp25.000"
  `);
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeFocused();
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - status "Kedai Senja"
    - main:
      - heading "Belum dibayar" [level=1]
      - paragraph: Pembayaranmu belum kami terima. Pesanannya masih kami simpan.
      - paragraph: /Sisa waktu bayar \\d+:\\d+/
      - term: Pesanan
      - definition:
        - button "Salin nomor pesanan"
      - term: Dipesan
      - definition: ${WIB}
      - list:
        - listitem: 1× Kopi Susu Senja Rp25.000
      - paragraph: Total Rp25.000
      - button "Lanjutkan pembayaran"
      - button "Periksa lagi"
      - button "Batalkan pesanan"
      - paragraph: Ada masalah? Tanya kasir kami, setiap hari pukul 07.00–21.00 WIB.
  `);
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  await expect(page).toHaveTitle("Pembayaran diterima · Kedai Senja");
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - status "Kedai Senja"
    - main:
      - heading "Pembayaran diterima" [level=1]
      - paragraph: Terima kasih. Pesananmu langsung kami siapkan.
      - paragraph: Tunjukkan layar ini di kasir
      - paragraph:
        - text: Kode ambil
        - strong: /^[A-Z]\\d+$/
      - term: Dibayar
      - definition: ${WIB}
      - list:
        - listitem: 1× Kopi Susu Senja Rp25.000
      - paragraph: Total Rp25.000
      - button "Kembali ke menu"
  `);
});

test("the keyboard alone reviews the order, declines the name and pays", async ({ shop, page }) => {
  const app = await shop.open();
  const press = async (target: Parameters<typeof app.tabTo>[0]) => {
    await app.tabTo(target);
    await page.keyboard.press("Enter");
  };
  await press(app.button("Tambah Klepon"));
  await press(app.button("Tambah Klepon"));
  await press(app.button("Kurangi Klepon"));
  // The last piece goes with its minus button; the focus stays at the product.
  await press(app.button("Kurangi Klepon"));
  await expect(app.button("Tambah Klepon")).toBeFocused();
  await press(app.button("Tambah Klepon"));
  await press(page.locator("summary"));
  await press(app.button("Lewati"));
  await expect(app.button("Bayar Rp12.000")).toBeFocused();
  await page.keyboard.press("Enter");
  await press(app.sheet.getByRole("button", { name: "Batalkan", exact: true }));
  await expect(app.heading("Pesanan dibatalkan")).toBeFocused();
  await press(app.button("Pesan lagi"));
  await expect(app.heading("Mau pesan apa?")).toBeFocused();
  await press(app.button("Bayar Rp12.000"));
  await press(app.sheet.getByRole("button", { name: "Bayar", exact: true }));
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
});

test("one live region exists, before its first message", async ({ shop, page }) => {
  const app = await shop.open();
  const regions = page.locator("[aria-live], [role=alert], [role=log], [role=status]").filter({ visible: true });
  await expect(app.button("Pilih dulu")).toBeVisible();
  await expect(regions).toHaveCount(1);
  await expect(regions).toHaveText("");
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeFocused();
  await expect(regions).toHaveCount(1);
  await expect(regions).toHaveText("");
});

test("each language is marked as what it is", async ({ shop, page }) => {
  const app = await shop.open();
  await expect(app.button("EN, English")).toHaveAttribute("lang", "en");
  await app.button("EN, English").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(app.heading("What would you like?")).toBeVisible();
  await expect(app.button("ID, Bahasa Indonesia")).toHaveAttribute("lang", "id");
  await expect(app.button("ID, Bahasa Indonesia"), "the focus stays where the tap was").toBeFocused();
});

test("a change of language leaves the order unfolded", async ({ shop, page }) => {
  const app = await shop.open("/?add=kopi-susu");
  await app.review();
  await expect(page.locator("details.summary .lines")).toBeVisible();
  await app.button("EN, English").click();
  await expect(page.locator("details.summary .lines")).toBeVisible();
  await expect(app.text("Dusk Milk Coffee").first()).toBeVisible();
});

test("amounts and times are read in Indonesian on an English page", async ({ shop, page }) => {
  const app = await shop.open("/?lang=en&add=kopi-susu");
  const pay = app.button("Pay Rp25.000");
  await expect(pay.locator("[lang=id]")).toHaveText("Rp25.000");
  await pay.click();
  await app.inSheet("Bayar");
  await expect(app.heading("Payment received")).toBeVisible();
  const unmarked = await page.evaluate(() => {
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { textContent, parentElement } = texts.currentNode;
      const isNumber = /\d\.\d/.test(textContent ?? "");
      if (isNumber && parentElement?.closest("[lang]")?.getAttribute("lang") !== "id") found.push(textContent ?? "");
    }
    return found;
  });
  expect(unmarked).toEqual([]);
});

test("a repeated message is announced again", async ({ shop, page }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  const region = page.locator(".spoken");
  await app.button("Salin nomor pesanan").click();
  await expect(region).toHaveText(/^(Disalin|Belum bisa disalin)/);
  const before = await region.evaluate((it) => it.textContent);
  await app.button("Salin nomor pesanan").click();
  await expect.poll(() => region.evaluate((it) => it.textContent)).not.toBe(before);
  expect((await region.evaluate((it) => it.textContent))?.trim()).toBe(before?.trim());
});

test("the pay bar does not cover the focused element", async ({ shop, page }) => {
  const app = await shop.open("/?add=kopi-susu");
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  const plus = page.getByTestId("plus");
  for (let row = 0; row < (await plus.count()); row += 1) {
    const target = plus.nth(row);
    await app.tabTo(target);
    const isOnTop = await target.evaluate((it) => {
      const { left, top, width, height } = it.getBoundingClientRect();
      return it.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(isOnTop, `the plus button of row ${row}`).toBe(true);
  }
});

test("back and forward change the screen and never pay again", async ({ shop, page }) => {
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await page.goBack();
  await expect(app.button("Pilih dulu")).toBeVisible();
  await page.goForward();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(await shop.simulator.payments()).toHaveLength(1);
});

test.describe("in the hand", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test("two quick taps add two pieces and do not zoom", async ({ shop, page }) => {
    const app = await shop.open();
    const plus = app.button("Tambah Kopi Susu Senja");
    await plus.tap();
    await plus.tap();
    await expect(app.button("Bayar Rp50.000")).toBeVisible();
    expect(await page.evaluate(() => visualViewport?.scale)).toBe(1);
    const tapped = await plus.evaluate((it) => {
      const actions: string[] = [];
      for (let at: Element | null = it; at; at = at.parentElement) actions.push(getComputedStyle(at).touchAction);
      return actions;
    });
    expect(tapped).toContain("manipulation");
  });

  test("pulling the page down sends no request", async ({ shop, page }) => {
    const app = await shop.open();
    await expect(app.button("Pilih dulu")).toBeVisible();
    const overscroll = await page.evaluate(() =>
      [document.documentElement, document.body].map((it) => getComputedStyle(it).overscrollBehaviorY),
    );
    expect(overscroll).toEqual(["contain", "contain"]);
  });

  test("the phone's safe areas cover no content", async ({ shop, page, context }) => {
    const app = await shop.open();
    await app.button("Tambah Kopi Susu Senja").tap();
    const phone = await context.newCDPSession(page);
    await phone.send("Emulation.setSafeAreaInsetsOverride", { insets: { top: 40, right: 30, bottom: 34, left: 30 } });
    const box = async (target: ReturnType<typeof app.button>) => (await target.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await expect.poll(async () => (await box(app.button("EN, English"))).y).toBeGreaterThanOrEqual(40);
    const pay = await box(app.button("Bayar Rp25.000"));
    expect(pay.y + pay.height).toBeLessThanOrEqual(740 - 34);
    expect(pay.x).toBeGreaterThanOrEqual(30);
    expect(pay.x + pay.width).toBeLessThanOrEqual(360 - 30);
  });

  test("order numbers can be selected, and buttons cannot", async ({ shop }) => {
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await expect(app.value("Pesanan")).toHaveCSS("user-select", "all");
    await expect(app.button("Kembali ke menu")).toHaveCSS("user-select", "none");
  });
});

test.describe("on its side", () => {
  test.use({ viewport: { width: 740, height: 360 } });

  test("the menu is visible and the order can be paid", async ({ shop, page }) => {
    const app = await shop.open();
    await app.button("Tambah Kopi Susu Senja").click();
    await app.review();
    await expect(app.button("Bayar Rp25.000")).toBeInViewport({ ratio: 1 });
    const bar = (await page.locator(".bar").boundingBox())?.height ?? 0;
    expect(bar).toBeLessThanOrEqual(360);
  });
});
