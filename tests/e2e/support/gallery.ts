import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { expect, test as base } from "../fixtures.ts";
import { environment } from "./environment.ts";
import { Merchant } from "./merchant.ts";
import { Simulator } from "./simulator.ts";

/** A state of the app in one language and theme, and its address. */
interface Variant {
  language: string;
  theme: string;
  url: string;
}

/** A state of the app, as `/gallery.json` lists it. */
export interface State {
  name: string;
  title: string;
  group: string;
  url: string;
  variants: Variant[];
}

/** The content of `/gallery.json`. */
export interface Listed {
  languages: string[];
  themes: string[];
  widths: number[];
  states: State[];
}

/** The names of all states, known before the run: each is its own test. */
export const names: string[] = readdirSync(environment.states)
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => JSON.parse(readFileSync(path.join(environment.states, file), "utf8")))
  .flatMap(({ states = [] }: { states?: { name: string }[] }) => states.map(({ name }) => name));

/** The shipped app in every state; merchant and simulator only serve files. */
export class Gallery {
  readonly simulator: Simulator;
  readonly merchant: Merchant;
  readonly listed: Listed;

  private constructor(simulator: Simulator, merchant: Merchant, listed: Listed) {
    this.simulator = simulator;
    this.merchant = merchant;
    this.listed = listed;
  }

  static async start(folder: string, keys: string): Promise<Gallery> {
    const simulator = await Simulator.start(keys, ["--gallery", environment.states]);
    const merchant = await Merchant.start(folder, keys, simulator);
    await simulator.setMerchant(merchant.origin);
    const answer = await fetch(`${simulator.origin}/gallery.json`);
    return new Gallery(simulator, merchant, (await answer.json()) as Listed);
  }

  state(name: string): State {
    const state = this.listed.states.find((state) => state.name === name);
    if (!state) throw new Error(`the gallery lists no state ${name}`);
    return state;
  }

  async end(): Promise<void> {
    await this.merchant.kill();
    await this.simulator.server.kill();
  }
}

/** One gallery for all tests of a worker: tests do not change it. */
export const test = base.extend<object, { gallery: Gallery }>({
  gallery: [
    async ({ keys }, use) => {
      const folder = await mkdtemp(path.join(tmpdir(), "mini-app-gallery-"));
      const gallery = await Gallery.start(folder, keys);
      await use(gallery);
      await gallery.end();
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
});

/** Waits until the opened state is visible and still. */
export async function waitUntilReady(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-gallery", "ready");
  await waitUntilStill(page, "wait");
}

/**
 * Waits until the last change of the page is painted. Animations are finished at once; `wait` lets them
 * run while a page opens, for tests that measure motion.
 */
export async function waitUntilStill(page: Page, motion: "finish" | "wait" = "finish"): Promise<void> {
  await page.evaluate(async (motion) => {
    const images = [...document.images].filter((image) => image.loading !== "lazy" && image.checkVisibility());
    const arrives = (image: HTMLImageElement) =>
      image.complete ||
      new Promise((resolve) => {
        for (const end of ["load", "error"]) image.addEventListener(end, resolve, { once: true });
      });
    await Promise.all(images.map(arrives));
    const broken = images.filter((image) => image.naturalWidth === 0).map((image) => image.src);
    if (broken.length > 0) throw new Error(`pictures that do not load: ${broken.join(", ")}`);
    // Animations in folded parts never run.
    const ends = ({ effect }: Animation) =>
      effect instanceof KeyframeEffect &&
      effect.target?.checkVisibility({ visibilityProperty: true }) &&
      effect.getComputedTiming().endTime !== Infinity;
    const animations = document.getAnimations().filter(ends);
    if (motion === "finish") for (const animation of animations) animation.finish();
    await Promise.allSettled(animations.map((animation) => animation.finished));
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
  }, motion);
}
