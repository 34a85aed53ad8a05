// The payment sheet: in the simulator's phone, or laid over the app's own page.

/** Resolves when the sheet has closed. */
async function tap(page, act) {
  const sheet = page.frameLocator("iframe[title^='GoPay']");
  const button = sheet.locator(`[data-act="${act}"]`);
  await button.waitFor();
  const closed = button.waitFor({ state: "detached" });
  // The tap removes the sheet's frame, which may then never acknowledge it.
  await Promise.race([button.click(), closed]);
  await closed;
}

export const payInSheet = (page) => tap(page, "pay");

export const cancelInSheet = (page) => tap(page, "cancel");
