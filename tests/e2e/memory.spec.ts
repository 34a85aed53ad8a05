// One page, as the phone at the counter may have it: open all day, purchase after purchase.
import type { CDPSession } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";

/** Purchases after which the page has got hold of what it keeps, and those after which it is looked at again. */
const FIRST = 5;
const MORE = 20;

async function buy(app: App, times: number): Promise<void> {
  for (let each = 0; each < times; each += 1) {
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeFocused();
    await app.button("Kembali ke menu").click();
    await expect(app.heading("Mau pesan apa?")).toBeFocused();
  }
}

/**
 * What the page holds when everything that can be collected has been. Not JavaScript's own memory,
 * in which the test's tools keep theirs: that is in `cargo xtask bench app --purchases`.
 */
async function retained(cdp: CDPSession): Promise<object> {
  for (let times = 0; times < 2; times += 1) await cdp.send("HeapProfiler.collectGarbage");
  const { nodes, documents, jsEventListeners } = await cdp.send("Memory.getDOMCounters");
  const memory = "window.wasmBindings.memory.buffer.byteLength";
  const { result } = await cdp.send("Runtime.evaluate", { expression: memory });
  return { nodes, documents, jsEventListeners, memory: result.value as number };
}

test("what a page holds does not grow from purchase to purchase", async ({ shop }) => {
  // Twenty-five purchases.
  test.slow();
  const app = await shop.open();
  const cdp = await app.page.context().newCDPSession(app.page);
  await buy(app, FIRST);
  const before = await retained(cdp);
  expect(before).toHaveProperty("memory", expect.any(Number));
  await buy(app, MORE);
  expect(await retained(cdp)).toEqual(before);
});
