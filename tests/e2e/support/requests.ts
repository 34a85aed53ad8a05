import type { Page, Request, Route } from "@playwright/test";

/** The requests of this method and path that the page sends from now on. */
export function requestsOf(page: Page, method: string, path: RegExp): Request[] {
  const requests: Request[] = [];
  page.on("request", (request) => {
    if (request.method() === method && path.test(new URL(request.url()).pathname)) requests.push(request);
  });
  return requests;
}

/** The keys under which they ask for their one effect. */
export function keysOf(requests: Request[]): Set<string | undefined> {
  return new Set(requests.map((request) => request.headers()["idempotency-key"]));
}

/** Lets the next request to this address reach the merchant, and loses the answer. */
export async function loseAnswer(page: Page, address: string): Promise<void> {
  const lose = async (route: Route) => {
    await route.fetch();
    await route.abort("connectionreset");
  };
  await page.route(address, lose, { times: 1 });
}

/**
 * Lets the next request to this address reach the merchant, and keeps the answer back; the promise
 * inside is kept when the merchant has given it.
 */
export async function holdAnswer(page: Page, address: string): Promise<{ answered: Promise<unknown> }> {
  const answered = new Promise((resolve) => {
    void page.route(address, async (route) => resolve(await route.fetch()), { times: 1 });
  });
  return { answered };
}

/** Gives the page the next answers to these addresses together: none before the merchant has given all. */
export async function answerTogether(page: Page, addresses: string[]): Promise<void> {
  let missing = addresses.length;
  const [complete, completed] = settled();
  for (const address of addresses) {
    const answer = async (route: Route) => {
      const response = await route.fetch();
      missing -= 1;
      if (missing === 0) completed();
      await complete;
      await route.fulfill({ response });
    };
    await page.route(address, answer, { times: 1 });
  }
}

/** Holds the next request to this address until it is released. */
export async function holdRequest(page: Page, address: string): Promise<{ held: Promise<void>; release: () => void }> {
  const [held, hold] = settled();
  const [released, release] = settled();
  let isFirst = true;
  // For good: with the last route that ends by itself, the browser lets go of all that is held.
  await page.route(address, async (route) => {
    if (!isFirst) return route.fallback();
    isFirst = false;
    hold();
    await released;
    await route.continue();
  });
  return { held, release };
}

/** A promise, and what keeps it. */
function settled(): [Promise<void>, () => void] {
  let keep = () => {};
  const promise = new Promise<void>((resolve) => (keep = resolve));
  return [promise, keep];
}

/**
 * Waits, from before the app is opened, until its deferred chunk has arrived: from then on the app
 * needs the network for requests only.
 */
export async function waitForDeferredChunk(page: Page): Promise<void> {
  const answer = await page.waitForResponse(/\/later-[0-9a-f]+\.wasm$/);
  await answer.finished();
}
