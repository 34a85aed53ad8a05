// The simulator's phone: its settings as a mini app meets them, and why an app does not load.
import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FrameLocator, Page } from "@playwright/test";
import { expect, test as base } from "./fixtures.ts";
import { Simulator } from "./support/simulator.ts";

/** Says what it meets, from its first script on. */
const PAGE = `<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style>
  p { font-size: 1rem; }
  @media (prefers-color-scheme: dark) { body { background: #222; color: #eee; } }
</style>
<script src="SDK"></script>
<h1>Kedai</h1>
<p id="first"></p>
<p id="size"></p>
<ol id="events" aria-label="Events"></ol>
<button id="fetch">Fetch</button>
<button id="xhr">XHR</button>
<button id="login">Login</button>
<p><input aria-label="Name"> <input aria-label="Amount" inputmode="numeric"></p>
<p><label><input type="checkbox"> Takeaway</label></p>
<script>
  const at = (id) => document.getElementById(id);
  const say = (text) => at("events").append(Object.assign(document.createElement("li"), { textContent: text }));
  const request = () => {
    const start = performance.now();
    const took = () => (performance.now() - start >= 2000 ? "late" : "soon");
    return fetch("/data").then(() => "fetched " + took(), (error) => error.name);
  };
  request().then((result) => { at("first").textContent = result; });
  at("fetch").onclick = async () => say(await request());
  at("xhr").onclick = () => {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", "/data");
    xhr.onerror = () => say("xhr failed in state " + xhr.readyState);
    xhr.onload = () => say("xhr " + xhr.status);
    xhr.send();
  };
  at("login").onclick = () =>
    gpContainer.call("GPMiniAppAuth", "getAuthCode", {}, () => say("logged in"), ({ errorCode }) => say("error " + errorCode));
  for (const event of ["online", "offline"]) addEventListener(event, () => say(event + " " + navigator.onLine));
  document.addEventListener("visibilitychange", () => say(document.visibilityState + " " + document.hidden));
  const measure = () => { at("size").textContent = innerWidth + "x" + innerHeight; };
  measure();
  addEventListener("resize", measure);
</script>`;

/** A mini app on a free port, and how it answers; a test may change that. */
interface PlainApp {
  origin: string;
  answer: (response: ServerResponse) => void;
}

const test = base.extend<{ simulator: Simulator; app: PlainApp }>({
  // The phone and its app beside the panel.
  viewport: { width: 1440, height: 1000 },
  // Playwright's own scheme would have priority over that of the app's frame.
  colorScheme: null,

  simulator: async ({ keys }, use) => {
    const simulator = await Simulator.start(keys);
    await use(simulator);
    await simulator.server.kill();
  },

  app: [
    async ({ simulator }, use) => {
      const page = PAGE.replace("SDK", `${simulator.origin}/sdk/stable/gp-container.min.js`);
      const app: PlainApp = {
        origin: "",
        answer: (response) => response.setHeader("content-type", "text/html").end(page),
      };
      const server = createServer((_, response) => app.answer(response)).listen(0, "127.0.0.1");
      await once(server, "listening");
      app.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
      await simulator.setMerchant(app.origin);
      await use(app);
      server.closeAllConnections();
      server.close();
    },
    // Each test opens it, by the phone.
    { auto: true },
  ],
});

async function openPhone(page: Page, simulator: Simulator, settings = ""): Promise<FrameLocator> {
  await page.goto(`${simulator.origin}/${settings}`);
  const frame = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await expect(frame.getByRole("heading", { name: "Kedai" })).toBeVisible();
  return frame;
}

test("a model's size, upright and rotated, is in the address and stays after a reload", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator);
  await page.getByLabel("Model").selectOption("Android (360×800)");
  await expect(frame.locator("#size")).toHaveText(/^360x6\d\d$/);
  await page.getByRole("button", { name: "Rotate" }).click();
  await expect(frame.locator("#size")).toHaveText(/^800x2\d\d$/);
  await expect(page).toHaveURL(/\?model=android&rotate=on$/);
  await page.reload();
  await expect(frame.locator("#size")).toHaveText(/^800x2\d\d$/);
  await expect(page.getByRole("button", { name: "Rotate" })).toHaveAttribute("aria-pressed", "true");
  // The tab keeps the settings for an address without them.
  await page.goto(`${simulator.origin}/?app=kedai`);
  await expect(page).toHaveURL(/\?app=kedai&model=android&rotate=on$/);
});

for (const [width, height] of [[1440, 900], [900, 700], [390, 844]] as const) {
  test(`each model fits a window of ${width} by ${height}`, async ({ page, simulator }) => {
      await page.setViewportSize({ width, height });
    for (const settings of ["", "?model=pixel", "?model=android&rotate=on", "?model=iphone-se"]) {
      await openPhone(page, simulator, settings);
      const box = await page.getByRole("region", { name: "Phone", exact: true }).boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= width, settings).toBe(true);
      expect(box && box.height <= height, settings).toBe(true);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), settings).toBe(width);
    }
  });
}

test("the theme is the color scheme that the app's page prefers", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?theme=dark");
  await expect(frame.locator("body")).toHaveCSS("color", "rgb(238, 238, 238)");
  await page.getByLabel("Theme").selectOption("Light");
  await expect(frame.locator("body")).toHaveCSS("color", "rgb(0, 0, 0)");
});

test("the text size changes what is sized by the page's root", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?text=200");
  const text = frame.locator("#size");
  await expect(text).toHaveCSS("font-size", "32px");
  await page.getByLabel("Text size").selectOption("130%");
  await expect(text).toHaveCSS("font-size", "20.8px");
  await page.getByLabel("Text size").selectOption("100%");
  await expect(text).toHaveCSS("font-size", "16px");
});

test("the language is GoPay's, and its other switches stay", async ({ page, simulator }) => {
  const container = async () => ((await simulator.ledger()) as unknown as { container: Record<string, string> }).container;
  await simulator.setContainer({ container: "v1" });
  await openPhone(page, simulator);
  await page.getByRole("combobox", { name: "GoPay’s language" }).selectOption("English");
  await expect(page).toHaveURL(/\?locale=en_ID$/);
  expect(await container()).toMatchObject({ locale: "en_ID", container: "v1" });
  // A link brings its language.
  await simulator.setContainer({});
  await expect(page).toHaveURL(`${simulator.origin}/`);
  await openPhone(page, simulator, "?locale=en_ID");
  expect(await container()).toMatchObject({ locale: "en_ID" });
});

test("without network each request of the page and the SDK fails, from the first on", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?network=offline");
  await expect(frame.locator("#first")).toHaveText("TypeError");
  const events = frame.getByRole("list", { name: "Events" });
  await frame.getByRole("button", { name: "XHR" }).click();
  await expect(events).toHaveText("xhr failed in state 4");
  await frame.getByRole("button", { name: "Login" }).click();
  await expect(events.getByRole("listitem").last()).toHaveText("error 401");
  expect(await simulator.entries("container_called")).toEqual([]);

  const network = page.getByLabel("Network");
  await network.selectOption("Online");
  await expect(events.getByRole("listitem").last()).toHaveText("online true");
  await frame.getByRole("button", { name: "Fetch" }).click();
  await expect(events.getByRole("listitem").last()).toHaveText("fetched soon");
  await frame.getByRole("button", { name: "XHR" }).click();
  await expect(events.getByRole("listitem").last()).toHaveText("xhr 200");
  await frame.getByRole("button", { name: "Login" }).click();
  await expect(events.getByRole("listitem").last()).toHaveText("logged in");
  await network.selectOption("Offline");
  await expect(events.getByRole("listitem").last()).toHaveText("offline false");
});

test("a slow network delays each request by the stated time, from the first on", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?network=3g");
  await expect(frame.locator("#first")).toHaveText("fetched late");
});

test("a request that the slow network delays can be aborted, and times out", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?network=3g");
  const ends = await frame.locator("body").evaluate(async () => {
    const xhr = (timeout: number) =>
      new Promise<string>((resolve) => {
        const request = new XMLHttpRequest();
        request.open("GET", "/data");
        request.timeout = timeout;
        for (const event of ["load", "error", "timeout", "abort"]) request.addEventListener(event, () => resolve(event));
        request.send();
        if (timeout === 0) request.abort();
      });
    const timedOut = fetch("/data", { signal: AbortSignal.timeout(1) }).catch((error) => error.name);
    return Promise.all([xhr(0), xhr(1), timedOut]);
  });
  expect(ends).toEqual(["abort", "timeout", "TimeoutError"]);
});

test("a slow processor takes several times as long for each task", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?processor=slowest");
  /** From the begin of a busy task to the next one, in milliseconds. */
  const elapsed = () =>
    frame.locator("body").evaluate(
      () =>
        new Promise<number>((resolve) => {
          setTimeout(() => {
            const begin = performance.now();
            while (performance.now() < begin + 50);
            setTimeout(() => resolve(performance.now() - begin));
          });
        }),
    );
  expect(await elapsed()).toBeGreaterThan(5.5 * 50);
  await page.getByLabel("Processor").selectOption("Full speed");
  await expect(page).not.toHaveURL(/processor/);
  // The next tasks are as short as they are: of several at least one.
  const times = [];
  for (let run = 0; run < 5; run += 1) times.push(await elapsed());
  expect(Math.min(...times)).toBeLessThan(3.5 * 50);
  await page.getByLabel("Processor").selectOption("4× slower");
  await expect(page).toHaveURL(/processor=slow/);
  await expect.poll(elapsed).toBeGreaterThan(3.5 * 50);
});

test("the keyboard takes height from the page while a text field has the focus", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator, "?model=android");
  const size = frame.locator("#size");
  const full = await size.textContent();
  const hide = page.getByRole("button", { name: "Hide the keyboard" });
  await frame.getByLabel("Name").click();
  await expect(hide).toBeVisible();
  await expect(size).toHaveText(/^360x4\d\d$/);
  await expect(page.locator(".phone-keys")).toHaveAttribute("data-kind", "letters");
  await frame.getByLabel("Amount").click();
  await expect(page.locator(".phone-keys")).toHaveAttribute("data-kind", "numbers");
  await frame.getByLabel("Takeaway").click();
  await expect(hide).toBeHidden();
  await expect(size).toHaveText(full ?? "");

  await frame.getByLabel("Name").click();
  await hide.click();
  await expect(size).toHaveText(full ?? "");
  await page.getByLabel("Keyboard", { exact: true }).selectOption("Off");
  await frame.getByLabel("Name").click();
  await expect(frame.getByLabel("Name")).toBeFocused();
  await expect(page).toHaveURL(/keyboard=off/);
  await expect(hide).toBeHidden();
});

test("an app in the background is hidden and runs on, and a killed one starts anew", async ({ page, simulator }) => {
  const frame = await openPhone(page, simulator);
  const background = page.getByRole("button", { name: "Move the mini app to the background" });
  await background.click();
  await expect(page.getByText("The mini app is in the background.")).toBeVisible();
  await page.getByRole("button", { name: /^Return to / }).click();
  const events = frame.getByRole("listitem");
  await expect(events).toHaveText(["hidden true", "visible false"]);

  await page.getByRole("button", { name: "Kill the mini app" }).click();
  await expect(page.getByText("The mini app is closed")).toBeVisible();
  await expect(background).toBeDisabled();
  await page.getByRole("button", { name: /^Open / }).click();
  await expect(frame.getByRole("heading", { name: "Kedai" })).toBeVisible();
  await expect(events).toHaveCount(0);
});

test("the settings are operated by keyboard and say what they are", async ({ page, simulator }) => {
  await openPhone(page, simulator);
  const tools = page.getByRole("region", { name: "Phone settings" });
  await expect(tools).toMatchAriaSnapshot(`
    - combobox "Model"
    - button "Rotate"
    - combobox "Theme"
    - combobox "Text size"
    - combobox "GoPay’s language"
    - combobox "Network"
    - combobox "Processor"
    - combobox "Keyboard"
    - button "Move the mini app to the background"
    - button "Kill the mini app"
  `);
  await page.getByLabel("Network").focus();
  await page.keyboard.press("End");
  await expect(page).toHaveURL(/network=offline/);
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Processor")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect(page).toHaveURL(/keyboard=off/);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The mini app is in the background.")).toBeVisible();
});

test.describe("in an Indonesian browser", () => {
  test.use({ locale: "id-ID" });

  test("the phone's words are Indonesian", async ({ page, simulator }) => {
      await openPhone(page, simulator);
    await expect(page.getByRole("region", { name: "Setelan HP" })).toBeVisible();
    await page.getByRole("button", { name: "Matikan mini app" }).click();
    await expect(page.getByText("Mini app sudah ditutup")).toBeVisible();
  });
});

test("an app outside the phone has none of the settings", async ({ page, simulator, app }) => {
  await openPhone(page, simulator, "?network=offline&text=200");
  await page.goto(app.origin);
  await expect(page.locator("#first")).toHaveText(/^fetched/);
  await expect(page.locator("#size")).toHaveCSS("font-size", "16px");
});

test("an app without a server is explained in the frame, and loads once it has one", async ({ page, simulator, app }) => {
  await simulator.setMerchant("http://localhost:1");
  await page.goto(simulator.origin);
  await expect(page.getByRole("heading", { name: "No server listens at http://localhost:1" })).toBeVisible();
  await simulator.setMerchant(app.origin);
  const frame = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await expect(frame.getByRole("heading", { name: "Kedai" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeHidden();
});

test("an app that forbids framing is explained in the frame, and can be tried again", async ({ page, simulator, app }) => {
  const allowed = app.answer;
  app.answer = (response) => {
    response.setHeader("x-frame-options", "DENY");
    allowed(response);
  };
  await page.goto(simulator.origin);
  await expect(page.getByRole("heading", { name: `${app.origin} forbids framing` })).toBeVisible();
  await expect(page.getByText("X-Frame-Options: DENY")).toBeVisible();
  await expect(page.getByText(`frame-ancestors ${simulator.origin}`)).toBeVisible();
  app.answer = allowed;
  await page.getByRole("button", { name: "Try again" }).click();
  const frame = page.getByTitle("Mini app", { exact: true }).contentFrame();
  await expect(frame.getByRole("heading", { name: "Kedai" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Try again" })).toBeHidden();
});

test("an app without the SDK is used beside a warning", async ({ page, simulator, app }) => {
  app.answer = (response) => response.setHeader("content-type", "text/html").end("<h1>Kedai</h1><button>Order</button>");
  const frame = await openPhone(page, simulator);
  await expect(page.getByRole("heading", { name: "This page does not load the simulator’s SDK" })).toBeVisible();
  await frame.getByRole("button", { name: "Order" }).click();
  await page.getByRole("button", { name: "Hide", exact: true }).click();
  await expect(page.getByText("This page does not load the simulator’s SDK")).toBeHidden();
});
