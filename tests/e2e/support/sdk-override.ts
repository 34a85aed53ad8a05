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
 * Replaces the container's `call` by that of `override`, on this load and each that follows, for faults
 * that the simulator has not. `override` runs in the page, in the SDK's script; `gopay.call` is the
 * simulator's own, and `given` comes from the test.
 */
export async function overrideSdk(
  page: Page,
  override: (gopay: Gopay, given: string) => Call,
  given = "",
): Promise<void> {
  await page.route("**/gp-container.min.js", async (route) => {
    const response = await route.fetch();
    const home = JSON.stringify(new URL(route.request().url()).origin);
    const gopay = `{ call: gpContainer.call, home: ${home} }`;
    const more = `gpContainer.call = (${override})(${gopay}, ${JSON.stringify(given)});`;
    await route.fulfill({ response, body: `${await response.text()}\n${more}` });
  });
}
