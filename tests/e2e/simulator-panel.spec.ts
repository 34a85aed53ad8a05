// The simulator's panel beside the phone, with the page and the back end of crates/simulator/examples: its
// messages, its languages, its keys and what axe says of it.
import { createSign } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { expect, test as base } from "./fixtures.ts";
import { findingsOf } from "./support/axe.ts";
import { environment } from "./support/environment.ts";
import { Server } from "./support/server.ts";
import { Simulator } from "./support/simulator.ts";
import { Watch } from "./support/watch.ts";

const examples = path.join(environment.root, "crates/simulator/examples");

/** Its type is `any`: the examples are plain JavaScript. */
const helper: string = path.join(examples, "tests/simulator.mjs");

const test = base.extend<{ simulator: Simulator }>({
  // With the example's shop in its phone. What goes wrong in the browser fails the test.
  simulator: async ({ keys, page }, use) => {
    const simulator = await Simulator.start(keys);
    const { values } = await import(helper);
    const options = ["--listen", new URL(simulator.origin).host, "--keys", keys];
    const variables = { ...values(options, environment.simulator), PORT: "0" };
    const shop = await Server.start("shop", process.execPath, [path.join(examples, "node/server.mjs")], variables);
    await simulator.setMerchant(shop.origin);
    const watch = new Watch();
    watch.observe(page.context());
    await use(simulator);
    // A page may still be asking the servers that end now.
    const errors = [...watch.errors];
    await shop.kill();
    await simulator.server.kill();
    expect(errors).toEqual([]);
  },
});

test.use({ viewport: { width: 1440, height: 900 } });

/** Pays for an order in the phone. */
async function pay(page: Page): Promise<void> {
  const app = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await app.getByRole("button", { name: "Bayar" }).click();
  await page.frameLocator('iframe[src*="/sheet"]').getByRole("button", { name: "Bayar" }).click();
  await expect(app.getByText("Lunas. Terima kasih!")).toBeVisible();
}

/** Asks for an access token with client key and time joined by `:`. */
async function sendWrongSignature(keys: string, simulator: Simulator): Promise<void> {
  const timestamp = new Date().toISOString();
  const key = await readFile(path.join(keys, "merchant.pem"), "utf8");
  const signature = createSign("RSA-SHA256").update(`G000000001-SNAP:${timestamp}`).sign(key, "base64");
  const response = await fetch(`${simulator.origin}/v1.0/access-token/b2b`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-client-key": "G000000001-SNAP",
      "x-timestamp": timestamp,
      "x-signature": signature,
    },
    body: JSON.stringify({ grantType: "client_credentials" }),
  });
  expect(response.status).toBe(401);
}

function entryOf(page: Page, text: string | RegExp): Locator {
  return page.getByRole("region", { name: "Messages" }).getByRole("button", { name: text });
}

test("the messages of a payment appear, each with its string to sign", async ({ page, simulator }) => {
  await page.goto(simulator.origin);
  await pay(page);
  const entry = entryOf(page, "POST /v1.0/debit/payment-host-to-host");
  await entry.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^BI-SNAP: 200 / });
  await expect(dialog.getByRole("heading", { name: "String to sign" })).toBeVisible();
  await expect(dialog.getByText(/^POST:\/v1\.0\/debit\/payment-host-to-host:/)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(entry).toBeFocused();
  await expect(entryOf(page, /^\S+ ?Notification ?POST .* 200 /)).toBeVisible();
});

test("a refused signature shows its mistake, and both strings", async ({ page, keys, simulator }) => {
  await page.goto(simulator.origin);
  await sendWrongSignature(keys, simulator);
  await entryOf(page, "POST /v1.0/access-token/b2b 401").click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading", { name: "Signature: does not verify" })).toBeVisible();
  await expect(dialog.getByText("client key and time are joined by `:`: join them by `|`")).toBeVisible();
  await expect(dialog.locator("mark")).toHaveText(["|", ":"]);
});

test("the console of the app's page says why the SDK refuses a call", async ({ page, simulator }) => {
  await page.goto(simulator.origin);
  const app = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await expect(app.getByRole("button", { name: "Bayar" })).toBeVisible();
  const warned = page.waitForEvent("console", (message) => message.type() === "warning");
  const reply = await app.locator("body").evaluate(
    () =>
      new Promise((resolve) => {
        const { gpContainer } = window as unknown as { gpContainer: { call: (...values: unknown[]) => void } };
        gpContainer.call("GP", "launchPayment", { deeplink: "https://gopay.example/" }, resolve, resolve);
      }),
  );
  const why = "`deeplink` has to be gopay://merchanttransfer?tref=... with the tref of webRedirectUrl";
  expect((await warned).text()).toBe(`GoPay simulator: GP.launchPayment: ${why}`);
  // GoPay itself gives the code only.
  expect(reply).toMatchObject({ success: false, errorCode: "202" });
  expect(JSON.stringify(reply)).not.toContain("webRedirectUrl");
});

test("faults, replies and outcomes are planned in the panel, and removed", async ({ page, simulator }) => {
  await page.goto(simulator.origin);
  await page.getByRole("tab", { name: "Control" }).click();
  const plan = async () => {
    const { faults, sdk_faults, outcomes } = (await simulator.ledger()) as unknown as Record<string, unknown>;
    return { faults, sdk_faults, outcomes };
  };
  const faults = page.getByRole("region", { name: "Faults" });
  await faults.getByLabel("On which call").selectOption("status");
  await faults.getByLabel("What goes wrong").selectOption("error_500");
  await faults.getByRole("button", { name: "Add" }).click();
  await expect(faults.getByText("status: error_500")).toBeVisible();

  const replies = page.getByRole("region", { name: "Hostile replies of the SDK" });
  await replies.getByLabel("Method").selectOption("GP.launchPayment");
  await expect(replies.getByLabel("Kind of reply").locator("option[value=auth_code_null]")).toHaveCount(0);
  await replies.getByLabel("Kind of reply").selectOption("status_paid");
  await replies.getByLabel("How often").selectOption("always");
  await replies.getByRole("button", { name: "Add" }).click();
  await expect(replies.getByText("GP.launchPayment: status_paid")).toBeVisible();
  // One of the whole page.
  await replies.getByLabel("Method").selectOption("each method, or the page");
  await replies.getByLabel("Kind of reply").selectOption("container_text");
  await replies.getByRole("button", { name: "Add" }).click();
  await expect(replies.getByText("container_text", { exact: true })).toBeVisible();

  const outcomes = page.getByRole("region", { name: "Planned outcomes of payments" });
  await expect(outcomes.getByLabel("Order, amount or buyer")).toBeHidden();
  await outcomes.getByLabel("What happens").selectOption("Fail");
  await outcomes.getByLabel("For", { exact: true }).selectOption("amount (rupiah)");
  // Without an amount nothing is planned.
  await outcomes.getByLabel("Order, amount or buyer").fill("many");
  await outcomes.getByRole("button", { name: "Add" }).click();
  await expect(outcomes.getByLabel("Order, amount or buyer")).toBeFocused();
  await outcomes.getByLabel("Order, amount or buyer").fill("13000");
  await outcomes.getByLabel("After how many seconds").fill("60");
  await outcomes.getByLabel("After how many seconds").press("Enter");
  await expect(outcomes.getByText("amount (rupiah) 13000 · after 60 seconds")).toBeVisible();

  expect(await plan()).toEqual({
    faults: [{ on: "status", do: "error_500", times: 1 }],
    sdk_faults: [
      { on: "GP.launchPayment", do: "status_paid", times: null },
      { on: "*", do: "container_text", times: null },
    ],
    outcomes: [{ do: "fail", for: { amount: 13_000 }, after_seconds: 60, notify_after_seconds: 0 }],
  });
  for (const card of [faults, replies, outcomes]) {
    while (await card.getByRole("button", { name: "Remove" }).count()) {
      const left = (await card.getByRole("button", { name: "Remove" }).count()) - 1;
      await card.getByRole("button", { name: "Remove" }).first().click();
      await expect(card.getByRole("button", { name: "Remove" })).toHaveCount(left);
    }
  }
  expect(await plan()).toEqual({ faults: [], sdk_faults: [], outcomes: [] });
});

test("a promo and too little money show in the payment sheet", async ({ page, simulator }) => {
  const setBuyer = (settings: object) =>
    page.request.put(`${simulator.origin}/control/buyers/budi`, { data: settings });
  await setBuyer({ balance: 1_000, gopay_later: 500_000, promo: 4_000 });
  await page.goto(simulator.origin);
  const app = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await app.getByRole("button", { name: "Bayar" }).click();
  const sheet = page.frameLocator('iframe[src*="/sheet"]');
  await expect(sheet.getByText("−Rp4.000")).toBeVisible();
  await expect(sheet.getByText("Kamu bayar")).toBeVisible();
  // The balance is too small.
  await expect(sheet.getByRole("radio", { name: "GoPay Later" })).toBeChecked();
  await sheet.getByRole("button", { name: "Bayar" }).click();
  await expect(app.getByText("Lunas. Terima kasih!")).toBeVisible();
  const { funds } = (await simulator.ledger()) as unknown as { funds: { promo: number | null; balance: number }[] };
  expect(funds[0]).toMatchObject({ balance: 1_000, promo: null });
});

test("the panel's language is chosen, kept, and overruled by the address", async ({ page, simulator }) => {
  const html = page.locator("html");
  const timeline = page.getByRole("tab").first();
  await page.goto(simulator.origin);
  await expect(html).toHaveAttribute("lang", "en");
  await expect(timeline).toHaveText("Timeline");
  await page.getByRole("button", { name: "Bahasa", exact: true }).click();
  await expect(timeline).toHaveText("Linimasa");
  const processor = page.locator("#setting-processor");
  await expect(processor.locator("option").first()).toHaveText("Penuh");
  await expect(page.getByTitle(/: Penuh$/)).toBeVisible();
  await page.reload();
  await expect(html).toHaveAttribute("lang", "id");
  await expect(page).toHaveTitle("Simulator GoPay");
  await page.getByRole("tab", { name: "Kontrol" }).click();
  await expect(page.getByRole("button", { name: "outside Bukan di GoPay: error 1003" })).toBeVisible();
  await expect(page.getByRole("option", { name: "slow: Diproses, dijawab tiga detik kemudian" })).toBeAttached();

  await page.goto(`${simulator.origin}/?lang=en`);
  await expect(timeline).toHaveText("Timeline");
  await page.getByRole("group", { name: "Language of this page" }).getByRole("button", { name: "Bahasa" }).click();
  await page.reload();
  await expect(timeline).toHaveText("Linimasa");
});

test("an Indonesian browser gets an Indonesian panel", async ({ browser, simulator }) => {
  const context = await browser.newContext({ locale: "id-ID" });
  const page = await context.newPage();
  await page.goto(simulator.origin);
  await expect(page.getByRole("tab")).toHaveText(["Linimasa", "Kontrol", "Ledger"]);
  await context.close();
});

for (const language of ["id", "en"]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing in the panel: ${language}, ${colorScheme}`, async ({ page, keys, simulator }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${simulator.origin}/?lang=${language}`);
      await pay(page);
      await sendWrongSignature(keys, simulator);
      const tabs = page.getByRole("tab");
      await tabs.first().focus();
      for (const index of [0, 1, 2]) {
        await expect(tabs.nth(index)).toBeFocused();
        expect.soft(await findingsOf(page), `tab ${index}`).toEqual([]);
        await page.keyboard.press("ArrowRight");
      }
      await expect(tabs.first()).toBeFocused();
      await page.getByRole("button", { name: "POST /v1.0/access-token/b2b 401" }).click();
      expect.soft(await findingsOf(page), "the dialog").toEqual([]);
    });
  }
}
