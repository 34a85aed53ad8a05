// A long session: one buyer on one page buys again and again. The page's memory is measured on the menu,
// after a garbage collection, at full speed.
import { goBack, pay, tapPlus } from "./buyer.mjs";
import { calm, memory, takePhone } from "./phone.mjs";
import { visit } from "./visit.mjs";

/** The number of measurements after the first. */
const LOOKS = 10;

/** Buys so many times; returns the measurements with their numbers of purchases. */
export async function longUse(target, purchases, chromium, say) {
  const phone = await takePhone(chromium);
  try {
    await calm(phone);
    const { page, cdp } = await visit(phone, target, { network: null, cpu: 1 });
    const held = [{ purchases: 0, ...(await memory(cdp)) }];
    const step = Math.max(1, Math.floor(purchases / LOOKS));
    for (let done = 1; done <= purchases; done += 1) {
      // The first piece is already in the cart.
      if (done > 1) await tapPlus(page, 1);
      await pay(page);
      await goBack(page);
      if (done % step !== 0 && done !== purchases) continue;
      held.push({ purchases: done, ...(await memory(cdp)) });
      say(`${target.name}: ${done} of ${purchases} purchases`);
    }
    return held;
  } finally {
    await phone.end();
  }
}
