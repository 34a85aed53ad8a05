// The contrast of colours and their backgrounds, as the browser computes them.
import { expect } from "./fixtures.ts";
import { addLine } from "./support/figures.ts";
import { test, waitUntilReady } from "./support/gallery.ts";

/** WCAG 1.4.3 for text, 1.4.11 for graphics. */
const TEXT = 4.5;
const SIGN = 3;

/** Colour, background, place and the contrast it needs. */
const PAIRS = [
  ["ink", "paper", TEXT, "text"],
  ["ink", "card", TEXT, "receipt, side button"],
  ["ink", "field", TEXT, "countdown, command"],
  ["ink", "glow", TEXT, "text under the top"],
  ["ink", "care-field", TEXT, "note"],
  ["soft", "paper", TEXT, "second text"],
  ["soft", "card", TEXT, "labels of the receipt"],
  ["soft", "field", TEXT, "pay button with nothing picked"],
  ["soft", "glow", TEXT, "language"],
  ["accent", "card", TEXT, "go on with the waiting order"],
  ["on-accent", "accent", TEXT, "main button, and its knobs"],
  ["on-accent", "accent-deep", TEXT, "main button while pressed"],
  ["good", "good-field", TEXT, "how to collect"],
  ["care", "care-field", TEXT, "heading of a note, last minute"],
  ["paper", "ink", TEXT, "said in passing"],
  ["accent", "paper", SIGN, "focus, rings"],
  ["accent", "field", SIGN, "plus and minus, signs under way"],
  ["soft", "field", SIGN, "sign of what is over"],
] as const;

test("every colour token has enough contrast with its background", async ({ page, gallery }, testInfo) => {
  const tokens = [...new Set(PAIRS.flatMap(([above, below]) => [above, below]))];
  await page.goto(gallery.state("shop").url);
  await waitUntilReady(page);
  const table: { words: string; ratios: number[]; least: number }[] = PAIRS.map(([above, below, least, use]) => ({
    words: `${above} on ${below} (${use})`,
    ratios: [],
    least,
  }));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const luminances = await page.evaluate((tokens) => {
      const probe = document.createElement("i");
      document.body.append(probe);
      const all = tokens.map((token) => {
        probe.style.color = `var(--${token})`;
        const { color } = getComputedStyle(probe);
        const known = getComputedStyle(probe).getPropertyValue(`--${token}`);
        const linear = [...color.matchAll(/[\d.]+/g)].slice(0, 3).map(([value]) => {
          const part = Number(value) / 255;
          return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        const [red = 0, green = 0, blue = 0] = linear;
        return [token, known ? 0.2126 * red + 0.7152 * green + 0.0722 * blue : null] as const;
      });
      probe.remove();
      return all;
    }, tokens);
    const of = (token: string) => {
      const luminance = luminances.find(([name]) => name === token)?.[1];
      if (typeof luminance !== "number") throw new Error(`the style has no token --${token}`);
      return luminance;
    };
    for (const [index, [above, below]] of PAIRS.entries()) {
      const [dark = 0, light = 0] = [of(above), of(below)].sort((one, other) => one - other);
      table[index]?.ratios.push((light + 0.05) / (dark + 0.05));
    }
  }
  const line = ({ words, ratios, least }: (typeof table)[number]) =>
    `${ratios.map((ratio) => ratio.toFixed(2).padStart(5)).join(" ")}  ${words}, at least ${least}`;
  addLine(testInfo, "contrast in light and dark:");
  for (const row of table) addLine(testInfo, line(row));
  const margin = ({ ratios, least }: (typeof table)[number]) => Math.min(...ratios) / least;
  const [worst] = [...table].sort((one, other) => margin(one) - margin(other));
  if (worst) addLine(testInfo, `the least margin: ${line(worst)}`);
  expect(table.filter((row) => margin(row) < 1).map(line)).toEqual([]);
});
