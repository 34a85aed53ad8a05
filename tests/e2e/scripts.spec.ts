// Texts of the merchant, of GoPay and of an address stay texts, whatever stands in them.
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { SCRIPTS, countRuns, provoke } from "./support/scripts.ts";
import { overrideSdk } from "./support/sdk-override.ts";

const ALL = SCRIPTS.join(" ");
const both = (text: string) => ({ id: text, en: text });

/** Waits until the page shows each of these, and expects that none has run. */
async function expectTexts(page: Page, texts: string[], runs: () => Promise<number>): Promise<void> {
  const missing = () =>
    page.evaluate((texts) => texts.filter((it) => !document.body.textContent?.includes(it)), texts);
  await expect.poll(missing).toEqual([]);
  await expectNoRun(page, runs);
}

async function expectNoRun(page: Page, runs: () => Promise<number>): Promise<void> {
  expect(await provoke(page)).toEqual([]);
  expect(await runs()).toBe(0);
}

test("the texts that try to run do run where they are taken for HTML", async ({ page }) => {
  expect(new Set(SCRIPTS).size).toBeGreaterThanOrEqual(200);
  const runs = await countRuns(page);
  await page.goto("data:text/html,<main></main>");
  await page.setContent("<main></main>");
  await page.evaluate((scripts) => {
    for (const script of scripts) document.body.appendChild(document.createElement("div")).innerHTML = script;
  }, SCRIPTS);
  await expect.poll(runs).toBeGreaterThan(SCRIPTS.length / 3);
});

test("TM14 a text with a script in it is reported when it becomes HTML", async ({ page, shop }) => {
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  const plain = '<p class="a" data-b><b>teks &amp; teks</b><!></p>';
  const others = [
    '<a href="javas&#99;ript:xss()">x</a>',
    '<div srcdoc="x"></div>',
    '<svg><use href="data:image/svg+xml,x"></use></svg>',
  ];
  const passed = await page.evaluate((texts) => {
    const { trustedTypes } = globalThis as unknown as {
      trustedTypes: { defaultPolicy: { createHTML: (html: string) => unknown } };
    };
    return texts.filter((html) => String(trustedTypes.defaultPolicy.createHTML(html)) === html);
  }, [plain, ...others, ...SCRIPTS]);
  // Of the corpus also what has no element in it.
  expect(passed.filter((html) => /<[a-z/!]/i.test(html))).toEqual([plain]);
  await page.evaluate((html) => {
    document.createElement("template").innerHTML = html;
  }, others[1] ?? "");
  await expect.poll(() => shop.merchant.output).toMatch(/phone\.report.*require-trusted-types-for/);
});

test("TM15 scripts in the menu's texts and in a buyer's name run nothing", async ({ page, shop }) => {
  const runs = await countRuns(page);
  await page.route("**/api/session", async (route) => {
    const response = await route.fetch();
    const session = await response.json();
    session.customer.name = SCRIPTS[2];
    session.catalogue = SCRIPTS.map((script, index) => ({
      ...session.catalogue[0],
      id: `product-${index}`,
      name: both(script),
      description: both(script),
      category: { id: `category-${index % 3}`, name: both(script) },
    }));
    await route.fulfill({ response, json: session });
  });
  await shop.open();
  await expectTexts(page, SCRIPTS, runs);
});

test("TM15 scripts in an order's texts and ids run nothing", async ({ page, shop }) => {
  const runs = await countRuns(page);
  const now = Math.floor(Date.now() / 1000);
  const lines = SCRIPTS.map((script) => ({ product: script, name: both(script), quantity: 1, price: 1000 }));
  const order = (id: string, changes: object = {}) => ({
    id,
    status: "paid",
    lines: [lines[0]],
    total: 1000,
    created_at: now,
    paid_at: now,
    pickup_code: id,
    payment: null,
    as_of: now,
    ...changes,
  });
  const whole = order("whole", { lines, total: 1000 * lines.length, pickup_code: ALL, table: ALL });
  await page.route("**/api/orders", (route) => route.fulfill({ json: SCRIPTS.map((script) => order(script)) }));
  await page.route("**/api/orders/*", (route) => route.fulfill({ json: whole }));
  const app = await shop.open("/orders");
  await expectTexts(page, SCRIPTS, runs);
  await app.page.goto(`${shop.merchant.origin}/orders/whole`);
  await expectTexts(page, [...SCRIPTS, ALL], runs);
});

test("TM15 scripts in the errors of merchant and GoPay run nothing", async ({ page, shop }) => {
  const runs = await countRuns(page);
  await overrideSdk(
    page,
    ({ call }, all) =>
      (group, method, params, success, failure) => {
        const said = { success: false, ret: all, errorCode: all, errorMessage: all, errorType: all, data: { status: all } };
        if (method === "getAuthCode") failure(said);
        else if (method === "getLocale") success({ success: true, ret: "GP_SUCCESS", app_locale: all });
        else call(group, method, params, success, failure);
      },
    ALL,
  );
  const app = await shop.open();
  await expect(app.button("Coba lagi")).toBeVisible();
  await expectNoRun(page, runs);
  await page.unroute("**/gp-container.min.js");
  shop.expectError(/^503 POST \/api\/session$/);
  const problem = { type: ALL, title: ALL, status: 503, code: "internal", detail: ALL, consent: ALL };
  await page.route("**/api/session", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", json: problem }),
  );
  await page.reload();
  await expect(app.button("Coba lagi")).toBeVisible();
  await expectNoRun(page, runs);
});

test("TM15 scripts in the app's address run nothing", async ({ page, shop }) => {
  const runs = await countRuns(page);
  const all = encodeURIComponent(ALL);
  // As much as fits into the head of a request.
  const some = encodeURIComponent(SCRIPTS.slice(0, 60).join(" "));
  const one = encodeURIComponent(SCRIPTS[2] ?? "");
  const names = ["product", "category", "promo", "table", "add", "campaign", "lang", "buyer"];
  for (const address of [
    `/?${names.map((name) => `${name}=${one}`).join("&")}`,
    `/?product=${some}&add=${some}#${all}`,
    `/orders/${one}`,
    `/orders?${some}#${all}`,
  ]) {
    await shop.open(address);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForFunction(() => document.documentElement.dataset.boot === "ready");
    await expectNoRun(page, runs);
  }
});

test("TM16 a changed SDK finds no session, and makes no order paid", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    const { fetch } = globalThis;
    globalThis.fetch = async (...request) => {
      const response = await fetch(...request);
      const text = await response.clone().text();
      seen.push(JSON.stringify([request[1], ...response.headers]), text);
      return response;
    };
    return (group, method, params, success, failure) => {
      if (method !== "launchPayment") return call(group, method, params, success, failure);
      success({ success: true, ret: "GP_SUCCESS", data: { status: "success", transaction_status: "settlement" } });
    };
  });
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  const [cookie, ...others] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(others).toEqual([]);
  const readable = await page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: string[] };
    return [document.cookie, JSON.stringify({ ...localStorage, ...sessionStorage }), ...seen].join("\n");
  });
  expect(readable, "the app's requests are seen").toContain("expected_total");
  expect(readable).not.toContain(cookie?.value);
  expect((await shop.simulator.payment()).state).toBe("pending");
});
