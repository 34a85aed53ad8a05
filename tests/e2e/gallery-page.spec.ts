// The gallery page, which shows every state side by side.
import type { Page } from "@playwright/test";
import { expect } from "./fixtures.ts";
import { test, waitUntilReady } from "./support/gallery.ts";
import { Watch } from "./support/watch.ts";

test.use({ viewport: { width: 1280, height: 860 } });

const backgroundOf = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

test("every state is in a frame of a phone's width with its own address", async ({ page, gallery }) => {
  const watch = new Watch();
  watch.observe(page.context());
  await page.goto(`${gallery.simulator.origin}/gallery?language=en&theme=light&theme=dark&width=390#paid`);
  await expect(page.getByRole("article")).toHaveCount(gallery.listed.states.length);
  const paid = page.getByRole("article").filter({ has: page.getByRole("heading", { name: "Paid, with the code to collect it" }) });
  const frames = paid.locator("iframe");
  await expect(frames).toHaveCount(2);
  await expect(frames.first()).toHaveAttribute("width", "390");
  for (const frame of await frames.all()) {
    await expect(frame.contentFrame().getByRole("heading", { level: 1 })).toHaveText("Payment received");
  }
  // No browser has room for all states at once.
  const loaded = () => page.frames().filter((frame) => frame.url().includes("gallery=")).map((frame) => frame.url());
  expect(loaded().length).toBeLessThan(12);
  await page.getByRole("article").first().scrollIntoViewIfNeeded();
  await expect.poll(() => loaded().filter((url) => url.includes("gallery=paid&"))).toEqual([]);
  await paid.scrollIntoViewIfNeeded();

  await page.getByRole("checkbox", { name: "id" }).check();
  await expect(page.getByRole("heading", { name: "Gallery" })).toBeVisible();
  await expect(frames).toHaveCount(4);
  const opened = page.waitForEvent("popup");
  await paid.getByRole("link", { name: "id · dark · 390" }).click();
  await expect((await opened).getByRole("heading", { level: 1 })).toHaveText("Pembayaran diterima");
  expect(watch.errors).toEqual([]);
});

test("a theme in the address overrides the browser's theme", async ({ page, gallery }) => {
  const seen = new Map<string, string>();
  for (const { language, theme, url } of gallery.state("shop").variants) {
    if (language !== "id") continue;
    await page.goto(url);
    await waitUntilReady(page);
    seen.set(theme, await backgroundOf(page));
  }
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(gallery.state("shop").url);
    await waitUntilReady(page);
    expect(seen.get(theme), theme).toBe(await backgroundOf(page));
  }
  expect(new Set(seen.values()).size).toBe(2);
});
