import type { Page } from "@playwright/test";

/** `gpContainer.call`, as the page calls it. */
export type Call = (group: string, method: string, params: unknown, success: Callback, failure: Callback) => void;
export type Callback = (answer?: unknown) => void;

/** GoPay's container in the page, and where the simulator behind it is. */
export interface Gopay {
  call: Call;
  home: string;
}

/**
 * Lets `meddler` put its own `call` into GoPay's container as soon as the page has it, on this
 * load and each that follows. It runs in the page, in the SDK's own script, for what no scenario
 * of the simulator does; `gopay.call` is what the simulator would have done, and `given` comes
 * from the test.
 */
export async function meddle(
  page: Page,
  meddler: (gopay: Gopay, given: string) => Call,
  given = "",
): Promise<void> {
  await page.route("**/gp-container.min.js", async (route) => {
    const response = await route.fetch();
    const home = JSON.stringify(new URL(route.request().url()).origin);
    const gopay = `{ call: gpContainer.call, home: ${home} }`;
    const more = `gpContainer.call = (${meddler})(${gopay}, ${JSON.stringify(given)});`;
    await route.fulfill({ response, body: `${await response.text()}\n${more}` });
  });
}
