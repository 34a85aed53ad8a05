// What a buyer does, timed in the page, where the way to this program does not count.
import { setTimeout as sleep } from "node:timers/promises";
import { PATIENCE, counters, gained } from "./phone.mjs";

/** GoPay's payment sheet, as the simulator lays it over the page. */
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
  }, { taps, patience: PATIENCE });
}

/**
 * Pays. Milliseconds from the tap until GoPay opens and from its closing to the result, which are
 * ours, and of the whole. In GoPay's sheet the buyer does `act`; a page without one pays by itself.
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
  }, { sheet: SHEET, status: act === "pay" ? "[data-status=paid]" : "[data-testid=result]", patience: PATIENCE });
  const paid = page.evaluate(() => window.bench.paying);
  const button = page.frameLocator(SHEET).locator(`main:not([hidden]) [data-act=${act}]`);
  const pressed = button.waitFor({ state: "attached" }).then(() => {
    // By script: nobody waits for the sheet to have slid in, nor has to see it.
    return button.dispatchEvent("click");
  });
  // It never comes where there is no sheet, and nobody waits for it any more.
  pressed.catch(() => {});
  await Promise.race([pressed, paid]);
  return paid;
}

/** Goes back from the order to the menu, with an empty cart. */
export async function goBack(page) {
  await page.locator(BACK).first().dispatchEvent("click");
  await page.locator("[data-testid=plus]").first().waitFor();
}

/** Does nothing for so many seconds, and tells how much the page does all the same, per second. */
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
