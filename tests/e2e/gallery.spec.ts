// Every state of the app, in both languages and themes, at every width: checked by axe, measured and
// captured. The states come from the simulator's gallery, without a shop.
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Page, TestInfo } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { findingsOf } from "./support/axe.ts";
import { environment } from "./support/environment.ts";
import { addFigure } from "./support/figures.ts";
import { type Gallery, type State, names, test, waitUntilReady, waitUntilStill } from "./support/gallery.ts";
import { layoutDefectsOf, watchShifts } from "./support/layout.ts";
import { Watch } from "./support/watch.ts";

const HEIGHT = 740;
/** The narrowest supported screen, and the largest text, in pixels. */
const NARROW = 320;
const LARGE = "32px";
const SMALL = { width: 360, height: 520 };

/** The console's output of a crash. */
const CRASH = [/^console: The app stopped at /, /^uncaught: unreachable$/];

// The pictures of a wrong state say more than a trace.
test.use({ trace: "off", screenshot: "off" });

/** The state in one language, in both themes, at all widths. */
async function checkLayouts(
  page: Page,
  gallery: Gallery,
  state: State,
  language: string,
  testInfo: TestInfo,
): Promise<void> {
  const { themes, widths } = gallery.listed;
  const at = (what: string) => `${state.name} in ${language}, ${what}`;
  const here = state.variants.find((variant) => variant.language === language);
  const url = new URL(here?.url ?? state.url);
  // Changing the browser's theme needs no reload.
  url.searchParams.delete("theme");
  await page.setViewportSize({ width: widths[language === "id" ? 0 : 2] ?? NARROW, height: HEIGHT });
  const shifts = await watchShifts(page);
  await page.goto(url.href);
  await waitUntilReady(page);
  expect.soft(await shifts(), at("what moved by itself")).toEqual([]);

  for (const width of widths) {
    await page.setViewportSize({ width, height: HEIGHT });
    await waitUntilStill(page);
    expect.soft(await layoutDefectsOf(page), at(`what is lost at ${width}`)).toEqual([]);
    // The whole page at once; floating parts are at its end then.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height });
    for (const colorScheme of themes as ("light" | "dark")[]) {
      await page.emulateMedia({ colorScheme });
      await waitUntilStill(page);
      const name = `${state.name}-${language}-${colorScheme}-${width}.png`;
      await page.screenshot({ path: path.join(environment.gallery, name), animations: "disabled" });
      addFigure(testInfo, 1, "pictures of states");
      if (width !== widths[0]) continue;
      const findings = await findingsOf(page);
      addFigure(testInfo, findings.length, "axe findings");
      expect.soft(findings, at(`axe, ${colorScheme}`)).toEqual([]);
    }
  }

  await page.setViewportSize({ width: NARROW, height: HEIGHT });
  await waitUntilStill(page);
  expect.soft(await layoutDefectsOf(page), at(`what is lost at ${NARROW}`)).toEqual([]);
  await page.setViewportSize({ width: widths[0] ?? NARROW, height: HEIGHT });
  await page.evaluate((size) => (document.documentElement.style.fontSize = size), LARGE);
  await waitUntilStill(page);
  expect.soft(await layoutDefectsOf(page), at("what is lost with text twice as large")).toEqual([]);
  // A small phone, with GoPay's own bar over the page.
  await page.setViewportSize({ width: SMALL.width, height: SMALL.height });
  await waitUntilStill(page);
  expect.soft(await layoutDefectsOf(page), at("what is lost on a low screen with text twice as large")).toEqual([]);
  await page.evaluate(() => (document.documentElement.style.fontSize = ""));
  await waitUntilStill(page);
  expect.soft(await layoutDefectsOf(page), at("what is lost on a low screen")).toEqual([]);
}

/** The state under other settings of the phone. */
async function checkSettings(page: Page, state: State, testInfo: TestInfo): Promise<void> {
  const settings = [{ forcedColors: "active" }, { contrast: "more" }, { reducedMotion: "reduce" }] as const;
  for (const setting of settings) {
    await page.emulateMedia(setting);
    await waitUntilStill(page);
    const [what] = Object.entries(setting).map((it) => it.join(": "));
    // The others change nothing that axe could read: forced colours are the browser's own, and what
    // the page computes of its colours is not what is painted then.
    if ("contrast" in setting) {
      const findings = await findingsOf(page);
      addFigure(testInfo, findings.length, "axe findings");
      expect.soft(findings, `${state.name}, axe, ${what}`).toEqual([]);
    }
    expect.soft(await layoutDefectsOf(page), `${state.name}, what is lost, ${what}`).toEqual([]);
    await page.emulateMedia({ forcedColors: null, contrast: null, reducedMotion: null });
  }
}

for (const name of names) {
  test(`gallery: ${name}`, async ({ page, gallery }, testInfo) => {
    // Dozens of short checks.
    test.slow();
    await mkdir(environment.gallery, { recursive: true });
    const state = gallery.state(name);
    const watch = new Watch();
    watch.observe(page.context());
    const { languages, themes } = gallery.listed;
    for (const language of languages) {
      await checkLayouts(page, gallery, state, language, testInfo);
      if (language === languages[0]) await checkSettings(page, state, testInfo);
    }
    addFigure(testInfo, 1, "states");
    addFigure(testInfo, languages.length * themes.length, "states by language and theme");

    const errors = watch.errors.filter((it) => !name.startsWith("crashed") || !CRASH.some((crash) => crash.test(it)));
    expect.soft(errors, "what went wrong in the browser").toEqual([]);
    const asked = watch.addresses.filter((address) => new URL(address).pathname.startsWith("/api/"));
    expect.soft(asked, "requests to the shop").toEqual([]);
    expect((await page.context().storageState()).origins, "what stays in the browser").toEqual([]);
  });
}
