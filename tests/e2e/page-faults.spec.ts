// Faults of the buyer's browser: no storage, a wrong clock, no WebAssembly, no memory, a frozen page, and
// a new version of the shop.
import { cp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Page, Route } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { environment } from "./support/environment.ts";
import { headingsOf } from "./support/headings.ts";
import { holdRequest, requestsOf } from "./support/requests.ts";
import { hide, reportHidden, show } from "./support/visibility.ts";

const WASM = "**/*_bg.wasm";
const NOT_LOADED = "Kedai belum bisa dimuat";
const CRASHED = "Layar ini berhenti";
const TOO_OLD = "HP ini perlu diperbarui dulu";

for (const storage of ["is null", "throws", "is full"]) {
  test(`F100 storage ${storage}: login and pay still work`, async ({ page, shop }) => {
    await page.addInitScript((storage) => {
      const get = () => {
        if (storage === "throws") throw new DOMException("denied", "SecurityError");
        return null;
      };
      if (storage === "is full") {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      } else {
        for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get });
      }
    }, storage);
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Gagalkan");
    await app.button("Bayar lagi").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await page.reload();
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    // Where the fixture can look at what is kept.
    await page.goto("about:blank");
  });
}

const DAY = 24 * 3600 * 1000;
for (const [clock, by] of [
  ["a day ahead", DAY],
  ["a year behind", -365 * DAY],
] as const) {
  test(`F102 the phone's clock is ${clock}: the time to pay is the merchant's`, async ({ page, shop }) => {
    await page.clock.install({ time: Date.now() + by });
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await expect(app.heading("Belum dibayar")).toBeVisible();
    await expect(app.text(/^Sisa waktu bayar 1[45]:\d\d$/)).toBeVisible();
    // The clock is corrected while the order waits.
    await page.clock.setSystemTime(Date.now());
    await page.clock.runFor(2_000);
    await expect(app.text(/^Sisa waktu bayar 1[45]:\d\d$/)).toBeVisible();
    await app.button("Lanjutkan pembayaran").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
  });
}

for (const [fault, errors, answer] of [
  ["does not arrive", [/^net::ERR_FAILED GET .*\.wasm$/, /^uncaught: Failed to fetch$/], undefined],
  [
    "is a web page of the network's",
    [/^uncaught: WebAssembly\.instantiate/],
    { contentType: "text/html", body: "<h1>Wi-Fi</h1>" },
  ],
] as const) {
  test(`F103 the WebAssembly ${fault}: the page says so, and a reload helps`, async ({ page, shop }) => {
    for (const error of errors) shop.expectError(error);
    await page.route(WASM, (it) => (answer ? it.fulfill(answer) : it.abort()), { times: 1 });
    const app = await shop.open();
    await expect(app.heading(NOT_LOADED)).toBeVisible();
    await app.link("Muat ulang").click();
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  });
}

test("F103 WebAssembly of the wrong content type starts", async ({ page, shop }) => {
  await page.route(WASM, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-type": "text/plain" } });
  });
  const app = await shop.open();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
});

test("F103 a browser without WebAssembly gets a page that says so, and its orders", async ({ context, shop }) => {
  shop.expectError(/^uncaught: WebAssembly is not defined$/);
  const paid = await shop.open();
  await paid.orderCoffee();
  await paid.inSheet("Bayar");
  await expect(paid.heading("Pembayaran diterima")).toBeVisible();

  const page = await context.newPage();
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  const app = await shop.open("/", page);
  await expect(app.heading(TOO_OLD)).toBeVisible();
  await expect(app.link("Muat ulang")).toBeVisible();
  await app.button("Periksa pesanan").click();
  await expect(app.text(/: pembayaran diterima\. Paid\.$/)).toBeVisible();
});

/** Makes the browser fail to create any further element. */
async function runOutOfMemory(page: Page): Promise<void> {
  await page.evaluate(() => {
    const fail = () => {
      throw new Error("out of memory");
    };
    document.createElement = fail;
    Node.prototype.cloneNode = fail;
  });
}

/** Orders a coffee and crashes the app at the merchant's next answer. */
async function crash(app: App): Promise<void> {
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await runOutOfMemory(app.page);
}

for (const [what, heading] of [
  ["not loaded", NOT_LOADED],
  ["too old for what it needs of WebAssembly", TOO_OLD],
] as const) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`F103 the app is ${what}, ${colorScheme}: the page says so`, async ({ page, shop }) => {
      await page.emulateMedia({ colorScheme });
      shop.expectError(/^net::ERR_FAILED GET .*\.wasm$/);
      shop.expectError(/^uncaught: Failed to fetch$/);
      await page.route(WASM, (it) => it.abort(), { times: 1 });
      if (heading === TOO_OLD) {
        await page.addInitScript(() => {
          const refuse = () => {
            throw new WebAssembly.CompileError("invalid opcode");
          };
          Reflect.set(WebAssembly, "Module", new Proxy(WebAssembly.Module, { construct: refuse }));
        });
      }
      const order = "0123456789abcdef0123456789abcdef";
      const app = await shop.open(`/orders/${order}`);
      await expect(app.heading(heading)).toBeVisible();
      await expect(page.getByRole("heading")).toHaveCount(1);
      const words = app.text(/tetap\s+tercatat\..*(periksa pesanan dulu|muat ulang|buka lagi)\.\s*$/s);
      await expect(words.filter({ visible: true })).toHaveCount(1);
      await expect(app.text("Nomor pesanan 89ABCDEF")).toBeVisible();
      await expect(app.link("Muat ulang")).toBeVisible();
    });
  }
}

test("F104 an app that crashes during a payment resumes it after a reload", async ({ page, shop }) => {
  shop.expectError(/^console: The app stopped at /);
  shop.expectError(/^uncaught: unreachable$/);
  const app = await shop.open();
  await crash(app);
  const payment = await shop.simulator.payment();
  await shop.simulator.act(payment, "pay");
  await expect(app.heading(CRASHED)).toBeVisible();
  await expect(app.heading("Belum dibayar")).toBeHidden();
  // The crash page names the order.
  await expect(app.text(`Nomor pesanan ${payment.partner_reference_no.slice(-8).toUpperCase()}`)).toBeVisible();
  await app.link("Muat ulang").click();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await expect(page).toHaveURL(`${shop.merchant.origin}/orders/${payment.partner_reference_no}`);
});

test("F104 a trap, such as out of memory, shows the crash page", async ({ shop }) => {
  shop.expectError(/unreachable/);
  const app = await shop.open();
  await expect(app.button("Pilih dulu")).toBeVisible();
  await app.page.evaluate(() => {
    // A module whose start is `unreachable`.
    const trap = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 8, 1, 0, 10, 5, 1, 3, 0, 0, 11]);
    setTimeout(() => new WebAssembly.Instance(new WebAssembly.Module(trap)));
  });
  await expect(app.heading("Layar ini berhenti")).toBeVisible();
});

test("F104 the crash page tells the order's status without the app", async ({ page, shop }) => {
  shop.expectError(/^console: The app stopped at /);
  shop.expectError(/^uncaught: unreachable$/);
  shop.expectError(/^net::ERR_FAILED GET \/api\/orders\/\w+$/);
  const app = await shop.open();
  await crash(app);
  await shop.simulator.act(await shop.simulator.payment(), "cancel");
  await expect(app.heading(CRASHED)).toBeVisible();

  const { partner_reference_no: order } = await shop.simulator.payment();
  const number = order.slice(-8).toUpperCase();
  await page.route("**/api/orders/*", (route) => route.abort(), { times: 1 });
  await app.button("Periksa pesanan").click();
  await expect(app.text("Belum ada jawaban. Coba lagi sebentar lagi.")).toBeVisible();
  const odd = { id: order, status: "preparing" };
  await page.route("**/api/orders/*", (route) => route.fulfill({ json: odd }), { times: 1 });
  await app.button("Periksa pesanan").click();
  await expect(app.text(`${number}: ada kabar baru`)).toBeVisible();
  await app.button("Periksa pesanan").click();
  await expect(app.text(`${number}: dibatalkan. Cancelled.`)).toBeVisible();
});

test("F105 a page from the back-forward cache reads the order at once", async ({ page, shop }) => {
  await page.clock.install();
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  // As in the cache: no timer runs, and earlier requests stay unanswered.
  let isCached = true;
  await page.route("**/api/orders/*", (route) => (isCached ? undefined : route.continue()));
  await page.clock.pauseAt(Date.now() + 60_000);
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  isCached = false;
  // The tests' browser has no such cache; a page gets this event only.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("F106 ten minutes hidden send no request, and showing sends one", async ({
  page,
  shop,
}) => {
  await page.clock.install();
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.text(/^Sisa waktu bayar 1[45]:\d\d$/)).toBeVisible();
  const answered = page.waitForResponse("**/api/orders/*");
  await app.button("Periksa lagi").click();
  await (await answered).finished();
  await expect(app.button("Periksa lagi")).toBeEnabled();

  await hide(page);
  const readings = requestsOf(page, "GET", /^\/api\/orders\//);
  // Due timers run once, as after a sleep.
  await page.clock.fastForward(10 * 60_000);
  await page.clock.pauseAt(Date.now() + 11 * 60_000);
  expect(readings).toEqual([]);

  const held: Route[] = [];
  await page.route("**/api/orders/*", (route) => void held.push(route));
  await show(page);
  await expect.poll(() => held.length).toBe(1);
  // The countdown follows the clock, before any answer.
  await page.clock.runFor(1_000);
  await expect(app.text(/^Sisa waktu bayar 0?[34]:\d\d$/)).toBeVisible();
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await held[0]?.continue();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect(readings).toHaveLength(1);
});

test("a page told only of being hidden notices when it is visible", async ({ page, shop }) => {
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  await reportHidden(page, true);
  // Not by a pointer, which would show that the page is visible.
  await app.button("Bayar Rp25.000").evaluate((button) => (button as HTMLElement).click());
  await app.inSheet("Bayar");
  await reportHidden(page, false);
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a hidden page that is visible again reads by itself", async ({ page, shop }) => {
  await page.clock.install();
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await hide(page);
  await page.clock.runFor(60_000);
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  const readings = requestsOf(page, "GET", /^\/api\/orders\//);
  await page.clock.runFor(60_000);
  expect(readings).toEqual([]);
  await reportHidden(page, false);
  await page.clock.runFor(6_000);
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("a page that reports itself hidden still answers each tap", async ({ page, shop }) => {
  await page.addInitScript(() => Object.defineProperty(document, "hidden", { configurable: true, value: true }));
  await shop.simulator.notifications("withhold");
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Tinggalkan");
  await expect(app.heading("Belum dibayar")).toBeVisible();
  await page.reload();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
  await app.checkAgain();
  await expect(app.button("Periksa lagi")).toBeEnabled();
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await app.button("Periksa lagi").click();
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  await page.goto(`${shop.merchant.origin}/orders`);
  await expect(app.button(/^Kopi Susu Senja/)).toBeVisible();
});

test("an error in GoPay's script is not the app's failure", async ({ page, shop }) => {
  shop.expectError(/^uncaught: /);
  const { held, release } = await holdRequest(page, WASM);
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      void Promise.reject(1);
      void Promise.reject(new Error("the bridge has no answer"));
    });
  });
  const headings = await headingsOf(page);
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  release();
  await expect(new App(page).button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(await headings()).not.toContain(NOT_LOADED);
});

test("a running app reports a sign-in that takes too long", async ({ page, shop }) => {
  await page.clock.install();
  const { held } = await holdRequest(page, "**/api/session");
  const headings = await headingsOf(page);
  await page.goto(shop.merchant.origin, { waitUntil: "commit" });
  await held;
  await page.waitForFunction(() => "wasmBindings" in globalThis);
  await page.clock.fastForward(16_000);
  await expect(new App(page).heading("Koneksinya lambat sekali")).toBeVisible();
  expect(await headings()).not.toContain(NOT_LOADED);
});

test("a phone that never signed in is told so", async ({ page, shop }) => {
  shop.expectError(/^uncaught: WebAssembly is not defined$/);
  shop.expectError(/^401 GET \/api\/orders$/);
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebAssembly"));
  const app = await shop.open();
  // Too old for the app, and for signing in.
  await app.button("Periksa pesanan").click();
  await expect(app.text("Di HP ini belum ada pesanan yang bisa diperiksa.")).toBeVisible();
});

test.describe("a bundle of the test's own", () => {
  test.use({
    dist: async ({}, use, testInfo) => {
      const dist = testInfo.outputPath("dist");
      await cp(environment.dist, dist, { recursive: true });
      await use(dist);
      await rm(dist, { recursive: true });
    },
  });

  test("F103 a policy that forbids WebAssembly is reported, and a reload helps", async ({
    dist,
    shop,
  }) => {
    shop.expectError(/^uncaught: WebAssembly\.instantiate/);
    const page = path.join(dist, "index.html");
    const text = await readFile(page, "utf8");
    // A second policy; a page has to satisfy both. To browsers older than `'wasm-unsafe-eval'` a policy with
    // that keyword alone is like this one.
    const policy = `<meta http-equiv="Content-Security-Policy" content="script-src http: 'unsafe-inline'">`;
    await writeFile(page, text.replace("<head>", `<head>${policy}`));
    const app = await shop.open();
    await expect(app.heading(TOO_OLD)).toBeVisible();
    await writeFile(page, text);
    await app.link("Muat ulang").click();
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  });

  /** A new version of the shop: its files and the page that loads them. */
  async function deploy(dist: string): Promise<() => Promise<void>> {
    const page = path.join(dist, "index.html");
    const text = await readFile(page, "utf8");
    const hash = /mini-app-([0-9a-f]{16})\.js/.exec(text)?.[1] ?? "no hash";
    const next = [...hash].reverse().join("");
    const files = (await readdir(dist)).filter((file) => file.includes(hash));
    await Promise.all(files.map((it) => rename(path.join(dist, it), path.join(dist, it.replace(hash, next)))));
    return () => writeFile(page, text.replaceAll(hash, next));
  }

  test("F107 an open app outlives a new version, which a reload brings", async ({
    dist,
    page,
    shop,
  }) => {
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await expect(app.heading("Belum dibayar")).toBeVisible();
    const finish = await deploy(dist);
    await finish();
    await app.button("Lanjutkan pembayaran").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await page.reload();
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
  });

  test("F107 a page of the previous version offers a reload, keeping the order", async ({
    dist,
    page,
    shop,
  }) => {
    shop.expectError(/^404 GET \/mini-app-[0-9a-f]{16}\.js$/);
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await expect(app.heading("Belum dibayar")).toBeVisible();
    const finish = await deploy(dist);
    // The files that the page was built with are in the browser's cache.
    const browser = await page.context().newCDPSession(page);
    await browser.send("Network.clearBrowserCache");
    await page.reload();
    await expect(app.heading(NOT_LOADED)).toBeVisible();
    await finish();
    await app.link("Muat ulang").click();
    await expect(app.heading("Menunggu pembayaran")).toBeVisible();
    await app.button("Lanjutkan pembayaran").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    expect((await shop.simulator.payment()).state).toBe("paid");
  });
});
