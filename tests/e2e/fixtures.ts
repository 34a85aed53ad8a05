// A shop of each test's own: merchant and simulator on free ports, an empty database.
// Nothing is shared but the keys, so tests may run side by side and in any order.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Browser, type Page, test as base, expect } from "@playwright/test";
import { App } from "./support/app.ts";
import { environment } from "./support/environment.ts";
import { Merchant } from "./support/merchant.ts";
import { Simulator } from "./support/simulator.ts";
import { Watch } from "./support/watch.ts";

export { expect } from "@playwright/test";
export type { Payment } from "./support/simulator.ts";

/** The shop, GoPay, and the ways to look at them. */
export class Shop {
  readonly merchant: Merchant;
  readonly simulator: Simulator;
  readonly watch = new Watch();
  private readonly browser: Browser;
  private readonly page: Page;
  private readonly expected: RegExp[] = [];

  constructor(merchant: Merchant, simulator: Simulator, browser: Browser, page: Page) {
    this.merchant = merchant;
    this.simulator = simulator;
    this.browser = browser;
    this.page = page;
  }

  /** Opens the app at the shop's own address; the payment sheet lies over it there. */
  async open(address = "/", page = this.page): Promise<App> {
    await page.goto(this.merchant.origin + address);
    return new App(page);
  }

  /** Opens the app on somebody else's phone. */
  async openAs(buyer: string, address: string): Promise<App> {
    const context = await this.browser.newContext();
    this.watch.over(context);
    return this.open(`${address}?buyer=${buyer}`, await context.newPage());
  }

  /** Opens the simulator's phone, with the app inside. */
  async openPhone(): Promise<App> {
    await this.page.goto(this.simulator.origin);
    return new App(this.page, this.page.getByTitle("Mini app", { exact: true }).contentFrame());
  }

  /**
   * Says that something will go wrong in the browser: `503 POST /api/orders`. The test fails
   * if anything else does, and if this does not.
   */
  expectTrouble(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** What went wrong against expectation. */
  surprises(): string[] {
    const { troubles } = this.watch;
    const missing = this.expected.filter((pattern) => !troubles.some((it) => pattern.test(it)));
    return [
      ...troubles.filter((trouble) => !this.expected.some((pattern) => pattern.test(trouble))),
      ...missing.map((pattern) => `did not happen: ${pattern}`),
    ];
  }
}

const temporary = () => mkdtemp(path.join(tmpdir(), "mini-app-e2e-"));

export const test = base.extend<{ shop: Shop }, { keys: string }>({
  // A folder with both sides' keys.
  keys: [
    async ({}, use) => {
      const folder = await temporary();
      await promisify(execFile)(environment.merchant, ["keygen", "--dir", folder]);
      await use(folder);
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],

  shop: async ({ browser, context, page, keys }, use, testInfo) => {
    const folder = await temporary();
    const simulator = await Simulator.start(keys);
    const merchant = await Merchant.start(folder, keys, simulator);
    await simulator.serves(merchant.origin);
    const shop = new Shop(merchant, simulator, browser, page);
    shop.watch.over(context);

    await use(shop);

    const ledger = JSON.stringify(await simulator.ledger(), null, 2);
    const crashed = [simulator.server, merchant.server].filter((server) => server.hasEnded);
    const kept = await shop.watch.kept();
    const surprises = shop.surprises();
    await Promise.all([simulator.server.kill(), merchant.kill()]);
    await rm(folder, { recursive: true });

    expect.soft(surprises, "what went wrong in the browser").toEqual([]);
    expect.soft(crashed.map((server) => server.name), "servers that ended by themselves").toEqual([]);
    const { secrets, addresses } = shop.watch;
    for (const file of ["client.secret", "auth.credentials", "master.key"]) {
      secrets.add((await readFile(path.join(keys, file), "utf8")).trim());
    }
    const places = {
      "the merchant's output": merchant.output,
      "the simulator's output": simulator.server.output,
      "an address": addresses.join("\n"),
      "the browser's storage": kept,
    };
    for (const [place, text] of Object.entries(places)) {
      const found = [...secrets].some((secret) => text.includes(secret));
      expect.soft(found, `a secret in ${place}`).toBe(false);
    }
    if (testInfo.errors.length > 0) {
      await testInfo.attach("ledger.json", { body: ledger });
      await testInfo.attach("merchant.log", { body: merchant.output });
    }
  },
});
