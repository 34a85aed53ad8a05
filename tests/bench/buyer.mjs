// A buyer's actions, timed in the page, without the latency of the DevTools protocol.
import { setTimeout as sleep } from "node:timers/promises";
import { STEP_TIMEOUT_MS, counters, gained } from "./phone.mjs";

/** The simulator's payment sheet over the page. */
const SHEET = "iframe[title^=GoPay]";

/** Back to the menu, on the page of an order that is paid or called off. */
const BACK = "main.order .actions button";

/** Taps '+' so many times; milliseconds from each tap to the pay button's new words. */
export async function tapPlus(page, taps) {
  return page.evaluate(async ({ taps, patience }) => {
    const words = () => document.querySelector("[data-testid=pay]")?.textContent;
    const tap = () =>
      new Promise((resolve, reject) => {
        const before = words();
        const open = (it) => !it.disabled && it.getAttribute("aria-disabled") !== "true";
        const plus = [...document.querySelectorAll("[data-testid=plus]")].find(open);
        if (!plus) return reject(new Error("no [data-testid=plus] can be pressed"));
        const timer = setTimeout(() => reject(new Error("a tap on '+' changed nothing")), patience);
        let start;
        const watch = new MutationObserver(() => {
          if (words() === before) return;
          resolve(performance.now() - start);
          watch.disconnect();
          clearTimeout(timer);
        });
        watch.observe(document.body, { subtree: true, childList: true, characterData: true });
        start = performance.now();
        plus.click();
      });
    const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    const times = [];
    for (let each = 0; each < taps; each += 1) {
      await painted();
      times.push(await tap());
    }
    return times;
  }, { taps, patience: STEP_TIMEOUT_MS });
}

/**
 * Pays. Milliseconds from the tap until GoPay opens, from its closing to the result, and in total. In
 * GoPay's sheet the buyer does `act`; a page without a sheet pays by itself.
 */
export async function pay(page, act = "pay") {
  await page.evaluate(({ sheet, status, patience }) => {
    window.bench.paying = new Promise((resolve, reject) => {
      const moments = { tapped: null, opened: null, closed: null };
      const timer = setTimeout(() => {
        const missing = moments.opened === null ? "GoPay did not open" : "there is no result";
        reject(new Error(`${missing} ${patience} ms after the tap on pay`));
      }, patience);
      const watch = new MutationObserver(() => {
        const now = performance.now();
        const covered = document.querySelector(sheet) !== null;
        if (covered) moments.opened ??= now;
        if (!covered && moments.opened !== null) moments.closed ??= now;
        if (covered || !document.querySelector(status)) return;
        watch.disconnect();
        clearTimeout(timer);
        resolve({
          opens: moments.opened && moments.opened - moments.tapped,
          returns: moments.closed && now - moments.closed,
          whole: now - moments.tapped,
        });
      });
      watch.observe(document.body, { subtree: true, childList: true, attributes: true });
      moments.tapped = performance.now();
      document.querySelector("[data-testid=pay]").click();
    });
    window.bench.paying.catch(() => {});
  }, { sheet: SHEET, status: act === "pay" ? "[data-status=paid]" : "[data-testid=result]", patience: STEP_TIMEOUT_MS });
  const paid = page.evaluate(() => window.bench.paying);
  const button = page.frameLocator(SHEET).locator(`main:not([hidden]) [data-act=${act}]`);
  const pressed = button.waitFor({ state: "attached" }).then(() => {
    // By script, without waiting for the sheet's animation.
    return button.dispatchEvent("click");
  });
  // Without a sheet it never comes, and is no longer awaited.
  pressed.catch(() => {});
  await Promise.race([pressed, paid]);
  return paid;
}

/** Goes back from the order to the menu, with an empty cart. */
export async function goBack(page) {
  await page.locator(BACK).first().dispatchEvent("click");
  await page.locator("[data-testid=plus]").first().waitFor();
}

/** Idles for so many seconds, and returns the page's activity per second. */
export async function rest(cdp, network, seconds) {
  const before = await counters(cdp);
  const asked = network.until().length;
  await sleep(seconds * 1000);
  const after = await counters(cdp);
  const perSecond = (name, unit = 1) => (gained(before, after, name) * unit) / seconds;
  return {
    task: perSecond("TaskDuration", 1000),
    script: perSecond("ScriptDuration", 1000),
    layouts: perSecond("LayoutCount"),
    styles: perSecond("RecalcStyleCount"),
    requests: network.until().length - asked,
  };
}
