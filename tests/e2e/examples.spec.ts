// The page and the back end of crates/simulator/examples, which a mini app starts from.
import path from "node:path";
import type { FrameLocator, Page } from "@playwright/test";
import { expect, test as base } from "./fixtures.ts";
import { environment } from "./support/environment.ts";
import { Server } from "./support/server.ts";
import { Simulator } from "./support/simulator.ts";

const examples = path.join(environment.root, "crates/simulator/examples");

/** Its type is `any`: the examples are plain JavaScript. */
const helper: string = path.join(examples, "tests/simulator.mjs");

const test = base.extend<{ simulator: Simulator; exampleShop: Server }>({
  simulator: async ({ keys }, use) => {
    const simulator = await Simulator.start(keys);
    await use(simulator);
    await simulator.server.kill();
  },
  exampleShop: async ({ keys, simulator }, use) => {
    const { values } = await import(helper);
    const options = ["--listen", new URL(simulator.origin).host, "--keys", keys];
    const variables = { ...values(options, environment.simulator), PORT: "0" };
    const shop = await Server.start("shop", process.execPath, [path.join(examples, "node/server.mjs")], variables);
    await simulator.setMerchant(shop.origin);
    await use(shop);
    await shop.kill();
  },
});

async function tapInSheet(page: Page, button: string): Promise<void> {
  await page.frameLocator('iframe[src*="/sheet"]').getByRole("button", { name: button }).click();
}

test("a buyer pays on the example's page, in the phone and without it", async ({ page, simulator, exampleShop }) => {
  const opened: [string, () => Page | FrameLocator][] = [
    [exampleShop.origin, () => page],
    [simulator.origin, () => page.getByTitle("Mini app", { exact: true }).contentFrame()],
  ];
  for (const [address, frame] of opened) {
    await page.goto(address);
    await frame().getByRole("button", { name: "Bayar" }).click();
    await tapInSheet(page, "Bayar");
    await expect(frame().getByText("Lunas. Terima kasih!")).toBeVisible();
    await expect(frame().getByRole("button", { name: "Bayar" })).toBeHidden();
  }
  const payments = await simulator.payments();
  expect(payments.map((payment) => payment.state)).toEqual(["paid", "paid"]);
});

test("a buyer who left the example's payment page continues the payment", async ({ page, simulator, exampleShop }) => {
  await page.goto(exampleShop.origin);
  const pay = page.getByRole("button", { name: "Bayar" });
  await pay.click();
  await tapInSheet(page, "Tinggalkan");
  await expect(page.getByText("Menunggu pembayaran…")).toBeVisible();
  await page.reload();
  await expect(page.getByText("Menunggu pembayaran…")).toBeVisible();
  await pay.click();
  await tapInSheet(page, "Batalkan");
  await expect(page.getByText("Pembayaran dibatalkan.")).toBeVisible();
  expect((await simulator.payment()).state).toBe("cancelled");

  // A new payment of a new order.
  await pay.click();
  await tapInSheet(page, "Bayar");
  await expect(page.getByText("Lunas. Terima kasih!")).toBeVisible();
  const payments = await simulator.payments();
  expect(payments.map((payment) => payment.state).sort()).toEqual(["cancelled", "paid"]);
});

test("the example's page says where to open it when it is not in GoPay", async ({ page, simulator, exampleShop }) => {
  await simulator.setScenario("outside");
  await page.goto(exampleShop.origin);
  await expect(page.getByText("Buka toko ini di aplikasi GoPay.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Bayar" })).toBeDisabled();
});
