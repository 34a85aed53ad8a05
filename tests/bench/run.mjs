// One run: a new phone, a first visit, what the buyer does there, and a second visit.
import { goBack, pay, rest, tapPlus } from "./buyer.mjs";
import { calm, memory, slowDown, takePhone } from "./phone.mjs";
import { visit } from "./visit.mjs";

/** Taps on '+', each at the chosen and at full speed. */
export const TAPS = 50;
/** Seconds of an idle page. */
const REST = 5;
/** The same where the app asks the merchant again and again, at most every 10 s. */
const WAITING = 25;

/** Measures `target` once. */
export async function run(target, { chromium, ...settings }) {
  const phone = await takePhone(chromium);
  try {
    await calm(phone);
    const { page, cdp, network, figures: cold } = await visit(phone, target, settings);
    const held = await memory(cdp);
    await slowDown(cdp, 1);
    const shop = await rest(cdp, network, REST);
    await slowDown(cdp, settings.cpu);
    const taps = await tapPlus(page, TAPS);
    await slowDown(cdp, 1);
    const quickTaps = await tapPlus(page, TAPS);
    await slowDown(cdp, settings.cpu);
    const paid = await pay(page);
    const waiting = target.control ? await waits(page, cdp, network, target) : null;

    await phone.context.newPage();
    await page.close();
    await calm(phone);
    const { figures: warm } = await visit(phone, target, settings);
    return { version: phone.version, cold, warm, memory: held, taps, quickTaps, paid, shop, waiting };
  } finally {
    await phone.end();
  }
}

/** An unpaid order on the screen: the page's activity and its requests. */
async function waits(page, cdp, network, target) {
  await goBack(page);
  await tapPlus(page, 1);
  await slowDown(cdp, 1);
  await pay(page, "leave");
  const since = Date.now();
  const work = await rest(cdp, network, WAITING);
  const polls = network
    .until()
    .filter((it) => it.start >= since && it.method === "GET" && it.path.startsWith("/api/orders/"))
    .map(({ bytes, headers }) => ({ bytes, headers }));
  // So that the next visit does not open with the reminder.
  const { payments } = await (await target.control("GET", "ledger")).json();
  for (const { reference_no, state } of payments) {
    if (state === "pending") await target.control("POST", `payments/${reference_no}/cancel`);
  }
  return { ...work, polls };
}
