// A cheap phone: headless Chromium with an empty profile, a small dense screen, and over the
// DevTools protocol a slow network and a slow processor.
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { probe } from "./probe.mjs";

const require = createRequire(path.resolve(fileURLToPath(import.meta.url), "../../e2e/package.json"));
const { chromium } = require("@playwright/test");

const kilobits = (number) => (number * 1000) / 8;

/** Round-trip time in milliseconds; bytes per second. */
export const NETWORKS = {
  "slow-4g": { latency: 150, downloadThroughput: kilobits(1600), uploadThroughput: kilobits(750) },
  none: null,
};

/** The timeout of every step in the page, in milliseconds. */
export const STEP_TIMEOUT_MS = 60_000;

const phones = new Set();

/** Ends the running browsers. */
export async function endPhones() {
  await Promise.allSettled([...phones].map((phone) => phone.end()));
}

/** A new browser; `end` ends it and removes its profile. */
export async function takePhone(executablePath) {
  const profile = await mkdtemp(path.join(tmpdir(), "phone-"));
  const forget = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  try {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath,
      headless: true,
      // Chromium's sandbox does not start for root.
      args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-dev-shm-usage"],
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 3,
      isMobile: true,
      hasTouch: true,
      timeout: STEP_TIMEOUT_MS,
    });
    await context.addInitScript(probe);
    const browser = context.browser();
    const cdp = await browser.newBrowserCDPSession();
    let ended;
    const phone = { context, cdp, version: browser.version() };
    phone.end = () => {
      ended ??= context.close().then(forget).finally(() => phones.delete(phone));
      return ended;
    };
    phones.add(phone);
    return phone;
  } catch (error) {
    await forget();
    const [why] = error.message.split("\n");
    throw new Error(`${executablePath} does not start as a browser: ${why}. CHROMIUM can name another one`);
  }
}

/** Waits until the browser is idle after its start, or for ten seconds. */
export async function calm(phone) {
  const used = async () => {
    const { processInfo } = await phone.cdp.send("SystemInfo.getProcessInfo");
    return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  const deadline = Date.now() + 10_000;
  let before = await used();
  for (let quiet = 0; quiet < 3 && Date.now() < deadline; ) {
    await sleep(200);
    const now = await used();
    quiet = now - before < 0.02 ? quiet + 1 : 0;
    before = now;
  }
}

/** A new page on this network and processor. */
export async function newPage(phone, { network, cpu }) {
  const page = await phone.context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  const cdp = await phone.context.newCDPSession(page);
  for (const domain of ["Network", "Performance", "Runtime"]) await cdp.send(`${domain}.enable`);
  if (network) await cdp.send("Network.emulateNetworkConditions", { offline: false, ...network });
  await slowDown(cdp, cpu);
  return { page, cdp };
}

/** Makes the page's main thread so many times slower; 1 is full speed. */
export async function slowDown(cdp, rate) {
  await cdp.send("Emulation.setCPUThrottlingRate", { rate });
}

/** The page's counters: durations in seconds, the rest in pieces. */
export async function counters(cdp) {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
}

/** The increase of a counter. A page in a new process starts at zero. */
export function gained(before, after, name) {
  const gain = after[name] - before[name];
  return gain < 0 ? after[name] : gain;
}

/** The page's bytes and objects, after two garbage collections. */
export async function memory(cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const { nodes, documents, jsEventListeners } = await cdp.send("Memory.getDOMCounters");
  return { heap: usedSize, wasm: await linearMemory(cdp), nodes, documents, listeners: jsEventListeners };
}

/** Of all WebAssembly that was started; see `probe`. */
async function linearMemory(cdp) {
  const { result } = await cdp.send("Runtime.evaluate", {
    expression: "[...window.bench.memories].reduce((sum, it) => sum + it.buffer.byteLength, 0)",
    returnByValue: true,
  });
  return result.value;
}
