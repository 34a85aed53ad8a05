// The pages on which a buyer pays without the container: Midtrans' sandbox, and Snap's pop-up. The
// merchant here is a few requests of the test's own.
import { type Server as HttpServer, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FrameLocator, Page } from "@playwright/test";
import { expect, test as base } from "./fixtures.ts";
import { findingsOf } from "./support/axe.ts";
import { layoutDefectsOf } from "./support/layout.ts";
import { Simulator } from "./support/simulator.ts";

const POINT_OF_PURCHASE = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1";

interface Session {
  token: string;
  redirect_url: string;
}

/** Makes a Snap transaction of 47500 rupiah. */
async function makeTransaction(host: string, serverKey: string, more: Record<string, unknown>): Promise<Session> {
  const response = await fetch(`${host}/snap/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Basic ${btoa(`${serverKey}:`)}` },
    body: JSON.stringify({
      transaction_details: { order_id: `KEDAI-${crypto.randomUUID()}`, gross_amount: 47_500 },
      enabled_payments: ["gopay"],
      ...more,
    }),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as Session;
}

/** A page with `snap.js`, which writes what its callbacks get. */
function snapPage(simulator: string): string {
  return `<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1><pre id="calls"></pre>
    <script src="${simulator}/sdk/stable/gp-container.min.js"></script>
    <script src="${simulator}/snap/snap.js" data-client-key="Mid-client-simulator"></script>
    <script>
      const write = (name) => (result) => {
        const { status_code, transaction_status } = result ?? {};
        document.querySelector("#calls").textContent += [name, status_code, transaction_status].join(" ") + "\\n";
      };
      globalThis.pay = (token) => snap.pay(token, {
        onSuccess: write("onSuccess"), onPending: write("onPending"), onError: write("onError"), onClose: write("onClose"),
      });
    </script></html>`;
}

const test = base.extend<{ simulator: Simulator; sandbox: string; shopPage: string }>({
  simulator: async ({ keys }, use) => {
    const simulator = await Simulator.start(keys, ["--sandbox-listen", "127.0.0.1:0"]);
    await use(simulator);
    await simulator.server.kill();
  },
  sandbox: async ({ simulator }, use) => {
    const { sandbox } = await simulator.ledger();
    await use(sandbox ?? "");
  },
  shopPage: async ({ simulator }, use) => {
    const server: HttpServer = createServer((_, response) => {
      response.setHeader("content-type", "text/html");
      response.end(snapPage(simulator.origin));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://localhost:${(server.address() as AddressInfo).port}`;
    await simulator.setMerchant(address);
    await use(address);
    server.close();
    server.closeAllConnections();
  },
});

for (const [language, colorScheme, words] of [
  ["id", "light", { pay: "Bayar", wrong: "PIN salah", leave: "Tinggalkan", back: "Penjual tidak memberi alamat" }],
  ["en", "dark", { pay: "Pay", wrong: "Wrong PIN", leave: "Leave", back: "The merchant gave no address" }],
] as const) {
  test(`a buyer of the sandbox pays with the PIN (${language}, ${colorScheme})`, async ({ page, sandbox }) => {
    await page.emulateMedia({ colorScheme });
    const session = await makeTransaction(sandbox, "SB-Mid-server-simulator", {});
    await page.goto(`${session.redirect_url}?language=${language}`);
    await expect(page.getByText("Rp47.500")).toBeVisible();
    await page.getByLabel("PIN").fill("111111");
    await page.getByRole("button", { name: words.pay, exact: true }).click();
    await expect(page.getByText(words.wrong)).toBeVisible();
    await expect(page.getByRole("button", { name: words.leave })).toBeEnabled();
    expect(await layoutDefectsOf(page)).toEqual([]);
    expect(await findingsOf(page)).toEqual([]);
    await page.getByLabel("PIN").fill("123456");
    await page.getByLabel("PIN").press("Enter");
    await expect(page.getByText(words.back)).toBeVisible();
    expect(await layoutDefectsOf(page)).toEqual([]);
    expect(await findingsOf(page)).toEqual([]);
  });
}

test("a web payment leads back to the merchant, and says so where nothing is to be paid", async ({
  page,
  sandbox,
  shopPage,
}) => {
  const callbacks = { finish: `${shopPage}/done?a=b`, error: `${shopPage}/sorry` };
  for (const [button, address] of [
    ["Tinggalkan", /\/done\?a=b&order_id=KEDAI-.*&status_code=201&transaction_status=pending$/],
    ["Biarkan kedaluwarsa", /\/sorry\?order_id=KEDAI-.*&status_code=202&transaction_status=expire$/],
  ] as const) {
    const session = await makeTransaction(sandbox, "SB-Mid-server-simulator", { callbacks });
    await page.goto(session.redirect_url);
    await page.getByRole("button", { name: button }).click();
    await expect(page).toHaveURL(address);
  }
  await page.goto(`${sandbox}/gopay/ui/checkout?referenceid=A1`);
  await expect(page.getByText("Tidak ada pembayaran di alamat ini")).toBeVisible();
  expect(await layoutDefectsOf(page)).toEqual([]);
});

for (const where of ["in the phone", "over the page"] as const) {
  test(`snap.pay shows the payment ${where} and calls back`, async ({ page, simulator, shopPage }) => {
    const isInPhone = where === "in the phone";
    await page.goto(isInPhone ? simulator.origin : shopPage);
    const app: Page | FrameLocator = isInPhone ? page.getByTitle("Mini app", { exact: true }).contentFrame() : page;
    await expect(app.getByRole("heading", { name: "Shop" })).toBeVisible();
    const calls = app.locator("#calls");
    const pay = async (token: string) => {
      await app.locator("html").evaluate((_, it) => (globalThis as unknown as { pay: (token: string) => void }).pay(it), token);
    };
    for (const [button, line] of [
      ["Bayar", "onSuccess 200 settlement"],
      ["Batalkan", "onError 202 cancel"],
      ["Tinggalkan", "onClose"],
    ] as const) {
      const gopay = { pop_id: POINT_OF_PURCHASE };
      const { token } = await makeTransaction(simulator.origin, "Mid-server-simulator", { gopay });
      await pay(token);
      const sheet = page.getByTitle(isInPhone ? "GoPay" : "GoPay simulator", { exact: true }).contentFrame();
      await sheet.getByRole("button", { name: button, exact: true }).click();
      await expect(calls).toContainText(line);
    }
    await pay("no-such-token");
    await expect(calls).toContainText("onError 404");
  });
}
