import type { Page } from "@playwright/test";

/**
 * Records every heading that this page shows from now on, however briefly. Returns a function that reads
 * the headings since the last load.
 */
export async function headingsOf(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const shown = new Set<string>();
    Object.assign(globalThis, { shown });
    const look = () => {
      for (const heading of document.querySelectorAll("h1, h2")) {
        if (heading.checkVisibility({ visibilityProperty: true })) shown.add(heading.textContent ?? "");
      }
    };
    new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => [...(globalThis as unknown as { shown: Set<string> }).shown]);
}
