// The engines of phones: the oldest that the shop supports, some younger ones, today's, and WebKit. An
// engine that the machine lacks is skipped, and the report names it.
import { existsSync, readFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { test as base, expect } from "./fixtures.ts";
import { Chromium, type Engine, type Place, WebKit } from "./support/engines.ts";
import { environment } from "./support/environment.ts";

/** The oldest major version of Chromium that README.md supports. */
const OLDEST = 88;
const TOO_OLD = "HP ini perlu diperbarui dulu";

interface Candidate {
  name: string;
  program: string | undefined;
  launch: (program: string) => Promise<Engine>;
}

function chromium(major: number, options: string[] = []): Candidate {
  const program = path.join(environment.engines, `chromium-${major}`);
  return { name: `Chromium ${major}`, program, launch: (program) => Chromium.launch(program, options) };
}

const list = path.join(environment.root, "crates/xtask/js/engines.json");
const majors = (JSON.parse(readFileSync(list, "utf8")) as { major: number }[]).map(({ major }) => major);

/**
 * The page's first script here: collects errors, which not every driver reports. Chromium 88 also reports
 * WebAssembly that `'unsafe-eval'` allows.
 */
const WATCH = `window.errors = [];
var keep = function (text) { errors.push(String(text)); };
console.error = keep;
addEventListener("error", function (event) { keep(event.message || event.target.outerHTML); }, true);
addEventListener("unhandledrejection", function (event) { keep(event.reason); });
addEventListener("securitypolicyviolation", function (event) {
  if (event.blockedURI !== "eval") keep(event.violatedDirective + " " + event.blockedURI);
});
`;

const test = base.extend<{ start: (candidate: Candidate) => Promise<Engine> }>({
  dist: async ({}, use, testInfo) => {
    const dist = testInfo.outputPath("dist");
    await cp(environment.dist, dist, { recursive: true });
    const page = path.join(dist, "index.html");
    await writeFile(page, (await readFile(page, "utf8")).replace("<head>", '<head><script src="/watch.js"></script>'));
    await writeFile(path.join(dist, "watch.js"), WATCH);
    await use(dist);
    await rm(dist, { recursive: true });
  },

  start: async ({}, use) => {
    const started: Engine[] = [];
    await use(async ({ name, program, launch }) => {
      if (!program || !existsSync(program)) {
        base.skip(true, `${name} is not on this machine`);
        throw new Error("skipped");
      }
      const engine = await launch(program);
      started.push(engine);
      return engine;
    });
    for (const engine of started) await engine.close();
  },
});

/**
 * Runs in the engine: the middle of the button with these words, if it has not moved since the last call and
 * nothing covers it there.
 */
function findButton(words: string): { x: number; y: number } | undefined {
  const name = (it: Element) => (it.getAttribute("aria-label") || it.textContent || "").replace(/\s+/g, " ").trim();
  const button = Array.from(document.querySelectorAll("button, a")).find((it) => name(it) === words);
  if (!button || button.matches(":disabled, [aria-disabled=true]")) return undefined;
  button.scrollIntoView({ block: "center" });
  const box = button.getBoundingClientRect();
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  const before = button.getAttribute("data-stood-at");
  button.setAttribute("data-stood-at", JSON.stringify(middle));
  const isHit = button.contains(document.elementFromPoint(middle.x, middle.y));
  return isHit && before === JSON.stringify(middle) ? middle : undefined;
}

/** Runs in the engine: the text of the visible elements. */
function readShown(selector: string): string[] {
  const shown = Array.from(document.querySelectorAll(selector)).filter((it) => it.getClientRects().length > 0);
  return shown.map((it) => (it.textContent || "").trim());
}

/** Runs in the engine: the gaps between visible elements, in pixels. */
function measureGaps(selector: string): number[] {
  const boxes = Array.from(document.querySelectorAll(selector)).map((it) => it.getBoundingClientRect());
  const shown = boxes.filter((box) => box.height > 0);
  return shown.slice(1).map((box, before) => box.top - (shown[before] as DOMRect).bottom);
}

async function tap(engine: Engine, words: string, place: Place = "page"): Promise<void> {
  let button: unknown;
  const find = async () => (button = await engine.evaluate(`(${findButton})(${JSON.stringify(words)})`, place));
  await expect.poll(find, `${words}, in the ${place}`).toBeTruthy();
  await engine.tap(button as { x: number; y: number });
}

function read(engine: Engine, selector: string): Promise<unknown> {
  return engine.evaluate(`(${readShown})(${JSON.stringify(selector)})`, "page");
}

for (const candidate of [
  ...majors.filter((major) => major >= OLDEST).map((major) => chromium(major)),
  { name: "today's Chromium", program: environment.chromium, launch: (it: string) => Chromium.launch(it) },
  { name: "WebKit", program: environment.webkitDriver, launch: (it: string) => WebKit.launch(it) },
]) {
  test(`${candidate.name} opens the shop, pays and shows the pick-up code`, async ({ servers, start }) => {
    const engine = await start(candidate);
    await engine.open(servers.merchant.origin);
    await tap(engine, "Tambah Kopi Susu Senja");
    await tap(engine, "Bayar Rp25.000");
    await tap(engine, "Bayar", "frame");
    await expect.poll(() => read(engine, "h1")).toEqual(["Pembayaran diterima"]);
    expect(await read(engine, ".code strong")).toEqual([expect.stringMatching(/^\S{3,}$/)]);
    expect((await servers.simulator.payment()).state).toBe("paid");
    expect(await engine.evaluate("errors", "page")).toEqual([]);
  });
}

for (const [why, candidate] of [
  ["Chromium 79 is too old for the app", chromium(79)],
  // The merchant cannot tell that it needs another policy.
  ["Chromium 88 hides its version", chromium(OLDEST, ["--user-agent=GoPay/1.0"])],
] as const) {
  test(`${why}: the page says to update the phone`, async ({ servers, start }) => {
    const engine = await start(candidate);
    await engine.open(servers.merchant.origin);
    await expect.poll(() => read(engine, "h1")).toEqual([TOO_OLD]);
    expect(await read(engine, ".actions > *")).toEqual(["Muat ulang", "Periksa pesanan"]);
    for (const parts of [".alone > *", ".actions > *"]) {
      const gaps = await engine.evaluate(`(${measureGaps})(${JSON.stringify(parts)})`, "page");
      expect(Math.min(...(gaps as number[])), `the parts of ${parts} do not touch`).toBeGreaterThanOrEqual(8);
    }
    expect(await engine.evaluate("errors", "page")).not.toEqual([]);
  });
}
