// One visit: the page is opened, until its pay button can be pressed and the network is quiet.
import { Network, repeated, sums } from "./network.mjs";
import { STEP_TIMEOUT_MS, counters, gained, newPage } from "./phone.mjs";
import { READY } from "./probe.mjs";

/** Opens `target` on a new page, and returns the page with its figures. */
export async function visit(phone, target, settings) {
  const { page, cdp } = await newPage(phone, settings);
  const network = new Network(cdp, new URL(target.address).origin);
  await cdp.send("Runtime.addBinding", { name: READY });
  const ready = called(cdp, READY);
  const before = await counters(cdp);
  await page.goto(target.address, { waitUntil: "commit", timeout: STEP_TIMEOUT_MS });
  const payAt = Number(await ready.catch((error) => stuck(error, page, network)));
  const atPay = await counters(cdp);
  await network.quiet(STEP_TIMEOUT_MS);

  const seen = await page.evaluate(() => ({
    ...window.bench,
    fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
  }));
  const requests = network.until(payAt);
  const all = network.until();
  const longTasks = seen.tasks.filter(({ start }) => start < seen.pay);
  const opened = Math.min(...all.map(({ start }) => start));
  const figures = {
    pay: seen.pay,
    fcp: seen.fcp,
    lcp: seen.lcp,
    cls: seen.cls,
    longest: Math.max(0, ...longTasks.map(({ duration }) => duration)),
    task: gained(before, atPay, "TaskDuration") * 1000,
    script: gained(before, atPay, "ScriptDuration") * 1000,
    ...sums(requests),
    later: sums(all).bytes.all - sums(requests).bytes.all,
    repeated: repeated(all),
    trace: all.map((it) => ({ ...it, start: it.start - opened, end: it.end && it.end - opened })),
  };
  return { page, cdp, network, figures };
}

/** An error with the page's text and its requests. */
async function stuck(error, page, network) {
  const shown = await page.locator("h1:visible").allInnerTexts().catch(() => []);
  const asked = network.until().map(({ method, path, start, end }) => {
    return `${method} ${path} ${end === null ? "unanswered" : `${(end - start).toFixed(0)} ms`}`;
  });
  const words = shown.map((text) => JSON.stringify(text)).join(", ") || "no heading";
  throw new Error(`${error.message}. The page shows ${words}, and asked for: ${asked.join(", ")}`);
}

/** Resolves with the argument of the page's call to this name. */
function called(cdp, binding) {
  const word = new Promise((resolve, reject) => {
    const late = () => reject(new Error(`[data-testid=pay] could not be pressed within ${STEP_TIMEOUT_MS} ms`));
    const timer = setTimeout(late, STEP_TIMEOUT_MS);
    cdp.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name !== binding) return;
      clearTimeout(timer);
      resolve(payload);
    });
  });
  // An earlier failure has reported its cause.
  word.catch(() => {});
  return word;
}
