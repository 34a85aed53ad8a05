import type { Page } from "@playwright/test";

/** Makes `document.hidden` report this, without an event. */
export async function reportHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
  }, hidden);
}

/** Hides the page behind another app. */
export async function hide(page: Page): Promise<void> {
  await changeVisibility(page, true);
}

/** Shows the hidden page again. */
export async function show(page: Page): Promise<void> {
  await changeVisibility(page, false);
}

async function changeVisibility(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  }, hidden);
}
