// Each test has its own shop: merchant and simulator on free ports, an empty database. Tests share the
// keys only, so they may run side by side and in any order.
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Browser, type Page, type TestInfo, test as base, expect } from "@playwright/test";
import { App } from "./support/app.ts";
import { databaseFiles, scan } from "./support/canaries.ts";
import { environment } from "./support/environment.ts";
import { Merchant } from "./support/merchant.ts";
import { Simulator } from "./support/simulator.ts";
import { Watch } from "./support/watch.ts";

export { expect } from "@playwright/test";
export type { Payment } from "./support/simulator.ts";

/** The shop and GoPay, and how a test opens and inspects them. */
export class Shop {
  readonly merchant: Merchant;
  readonly simulator: Simulator;
  readonly page: Page;
  readonly watch = new Watch();
  private readonly browser: Browser;
  private readonly home: string;
  private readonly expected: RegExp[] = [];

  constructor(merchant: Merchant, simulator: Simulator, browser: Browser, page: Page, home = merchant.origin) {
    this.merchant = merchant;
    this.simulator = simulator;
    this.browser = browser;
    this.page = page;
    this.home = home;
    this.watch.observe(page.context());
  }

  /** Opens the app on its own site; the payment sheet covers it there. */
  async open(address = "/", page = this.page): Promise<App> {
    await page.goto(this.home + address);
    return new App(page);
  }

  /** Opens the app on another buyer's phone. */
  async openAs(buyer: string, address: string): Promise<App> {
    const context = await this.browser.newContext();
    this.watch.observe(context);
    const separator = address.includes("?") ? "&" : "?";
    return this.open(`${address}${separator}buyer=${buyer}`, await context.newPage());
  }

  /** Opens the simulator's phone, with the app inside. */
  async openPhone(viewport = PHONE_VIEWPORT): Promise<App> {
    await this.page.setViewportSize(viewport);
    await this.page.goto(this.simulator.origin);
    return new App(this.page, this.page.getByTitle("Mini app", { exact: true }).contentFrame());
  }

  /**
   * Expects an error in the browser: `503 POST /api/orders`. The test fails on any other error, and
   * without this one.
   */
  expectError(pattern: RegExp): void {
    this.expected.push(pattern);
  }

  /** Unexpected errors, and expected ones that are missing. */
  unexpectedErrors(): string[] {
    const { errors } = this.watch;
    const missing = this.expected.filter((pattern) => !errors.some((it) => pattern.test(it)));
    return [
      ...errors.filter((error) => !this.expected.some((pattern) => pattern.test(error))),
      ...missing.map((pattern) => `did not happen: ${pattern}`),
    ];
  }
}

/**
 * Shows the simulator's whole phone. Where its page has to be scrolled first, a click in the app's frame was lost now
 * and then.
 */
export const PHONE_VIEWPORT = { width: 360, height: 1200 };

/** A folder for the time of a test. */
async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "mini-app-e2e-"));
  await use(folder);
  await rm(folder, { recursive: true });
}

/** Runs a test with the shop, ends its servers, and checks the invariants. */
async function useAndVerify(shop: Shop, keys: string, use: (shop: Shop) => Promise<void>, testInfo: TestInfo): Promise<void> {
  await use(shop);

  const { merchant, simulator } = shop;
  const ledger = JSON.stringify(await simulator.ledger(), null, 2);
  const crashed = [simulator.server, merchant.server].filter((server) => server.hasEnded);
  const kept = await shop.watch.storage();
  const refused = await shop.watch.refused();
  const unexpectedErrors = shop.unexpectedErrors();
  await merchant.kill();
  const verified = await merchant.verify();
  await simulator.clearFaults();
  const reconciled = await merchant.reconcile();
  await simulator.server.kill();

  expect.soft(unexpectedErrors, "what went wrong in the browser").toEqual([]);
  expect.soft(crashed.map((server) => server.name), "servers that ended by themselves").toEqual([]);
  expect.soft(verified.sound, `merchant verify: ${verified.report}`).toBe(true);
  expect.soft(reconciled.sound, `merchant reconcile: ${reconciled.report}`).toBe(true);
  const { secrets, addresses } = shop.watch;
  for (const file of ["client.secret", "auth.credentials", "master.key"]) {
    secrets.add((await readFile(path.join(keys, file), "utf8")).trim());
  }
  const places = {
    "the merchant's output": merchant.output,
    "the simulator's output": simulator.server.output,
    "an address": addresses.join("\n"),
    "the browser's storage": kept,
    "a refusal": refused,
  };
  for (const [place, text] of Object.entries(places)) {
    const found = [...secrets].some((secret) => text.includes(secret));
    expect.soft(found, `a secret in ${place}`).toBe(false);
  }
  // The simulator's own output is not the merchant's.
  const { "the simulator's output": _, ...ours } = places;
  const hits = await scan({ ...ours, ...(await databaseFiles(merchant.database)) });
  expect.soft(hits, "canaries").toEqual([]);
  if (testInfo.errors.length > 0) {
    await testInfo.attach("ledger.json", { body: ledger });
    await testInfo.attach("merchant.log", { body: merchant.output });
  }
}

/**
 * A second mini app, which differs in address, look and prices. With a port: Chromium 156 crashes where the
 * simulator's phone frames an app at its own host name and port 80, which asks for a process of its own.
 */
export const TOKO = {
  id: "toko",
  origin: "http://toko.localhost:8080",
  accent: "rgb(15, 118, 110)",
  price: "Rp31.000",
};

/** Its part of the merchant's configuration; its bundle and catalogue are made in `folder`. */
async function tokoConfiguration(folder: string, keys: string, simulator: Simulator): Promise<string> {
  const dist = path.join(folder, "toko");
  await cp(environment.dist, dist, { recursive: true });
  const page = await readFile(path.join(dist, "index.html"), "utf8");
  const look = page.replace(/--accent:#\w+/, `--accent:${TOKO.accent}`).replace("Kedai Senja</title>", "Toko Ombak</title>");
  await writeFile(path.join(dist, "index.html"), look);
  const catalogue = path.join(folder, "toko.toml");
  const sold = await readFile(environment.catalogue, "utf8");
  await writeFile(catalogue, sold.replace("price = 25000", "price = 31000"));
  const { mini_apps } = await simulator.ledger();
  const id = mini_apps.find((app) => app.id === TOKO.id)?.point_of_purchase_id;
  return `
[[mini_app]]
id = "${TOKO.id}"
public_url = "${TOKO.origin}"
dist = "${dist}"
point_of_purchase_id = "${id}"
auth_credentials_file = "${path.join(keys, `auth.${TOKO.id}.credentials`)}"
catalogue = "${catalogue}"
`;
}

/** Merchant and simulator, connected to each other. */
export interface Servers {
  merchant: Merchant;
  simulator: Simulator;
}

export const test = base.extend<
  {
    dist: string;
    more: string;
    snap: boolean;
    servers: Servers;
    shop: Shop;
    packaged: Shop;
    sandboxShop: Shop;
    twoApps: Shop;
    /** A browser that finds a merchant at an address that is known before the merchant's port is. */
    launchAt: (origin: string, merchant: Merchant) => Promise<Browser>;
  },
  { keys: string }
>({
  // The bundle that the merchant serves.
  dist: [environment.dist, { option: true }],

  // Further lines of the merchant's configuration, about the mini app.
  more: ["", { option: true }],

  // Whether the merchant takes payments through Snap.
  snap: [false, { option: true }],

  // A folder with both sides' keys.
  keys: [
    async ({}, use) => {
      await inFolder(async (folder) => {
        await promisify(execFile)(environment.merchant, ["keygen", "--dir", folder]);
        await use(folder);
      });
    },
    { scope: "worker" },
  ],

  servers: async ({ keys, dist, more, snap }, use) => {
    await inFolder(async (folder) => {
      const simulator = await Simulator.start(keys);
      const merchant = await Merchant.start(folder, keys, simulator, { dist, more, snap });
      await simulator.setMerchant(merchant.origin);
      await use({ merchant, simulator });
      await merchant.kill();
      await simulator.server.kill();
    });
  },

  shop: async ({ browser, page, keys, servers: { merchant, simulator } }, use, testInfo) => {
    await useAndVerify(new Shop(merchant, simulator, browser, page), keys, use, testInfo);
  },

  // The shop in a browser, as in Midtrans' sandbox.
  sandboxShop: async ({ browser, page, keys }, use, testInfo) => {
    await inFolder(async (folder) => {
      const simulator = await Simulator.start(keys, ["--sandbox-listen", "127.0.0.1:0"]);
      const { sandbox } = await simulator.ledger();
      const merchant = await Merchant.start(folder, keys, simulator, { sandbox: sandbox ?? "" });
      await simulator.setMerchant(merchant.origin);
      const shop = new Shop(merchant, simulator, browser, page);
      const useAsTestBuyer = async () => {
        await use(shop);
        // A test buyer's code is made up, stored, and worth play money; but it is in no log.
        const codes = await shop.watch.testBuyers();
        for (const code of codes) {
          expect.soft(merchant.output.includes(code), "a test buyer's code in the merchant's output").toBe(false);
          shop.watch.secrets.delete(code);
        }
      };
      await useAndVerify(shop, keys, useAsTestBuyer, testInfo);
    });
  },

  // The app from a package (Container V1).
  packaged: async ({ launchAt, viewport, keys }, use, testInfo) => {
    await inFolder(async (folder) => {
      const simulator = await Simulator.start(keys, ["--package", environment.package]);
      await simulator.setContainer({ container: "v1" });
      const more = `package_origins = ["${simulator.origin}"]\n`;
      const merchant = await Merchant.start(folder, keys, simulator, { more });
      await simulator.setMerchant(merchant.origin);
      const browser = await launchAt(environment.packagesMerchant, merchant);
      const page = await browser.newPage({ viewport });
      const home = `${simulator.origin}/packages/kedai/index.html`;
      await useAndVerify(new Shop(merchant, simulator, browser, page, home), keys, use, testInfo);
    });
  },

  // A merchant with two mini apps.
  twoApps: async ({ launchAt, viewport, keys }, use, testInfo) => {
    await inFolder(async (folder) => {
      const simulator = await Simulator.start(keys, ["--mini-app", `${TOKO.id}=${TOKO.origin}`]);
      const more = await tokoConfiguration(folder, keys, simulator);
      const merchant = await Merchant.start(folder, keys, simulator, { more });
      await simulator.setMerchant(merchant.origin);
      const browser = await launchAt(TOKO.origin, merchant);
      const page = await browser.newPage({ viewport });
      await useAndVerify(new Shop(merchant, simulator, browser, page), keys, use, testInfo);
    });
  },

  launchAt: async ({ playwright, launchOptions }, use) => {
    const browsers: Browser[] = [];
    await use(async (origin, merchant) => {
      const { hostname, port } = new URL(origin);
      const known = `--host-resolver-rules=MAP ${hostname}:${port || 80} 127.0.0.1:${merchant.server.port}`;
      const args = [...(launchOptions.args ?? []), known];
      const browser = await playwright.chromium.launch({ ...launchOptions, args });
      browsers.push(browser);
      return browser;
    });
    for (const browser of browsers) {
      await browser.close();
    }
  },
});
