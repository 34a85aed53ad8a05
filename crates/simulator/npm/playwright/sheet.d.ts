import type { Page } from "@playwright/test";

/** Taps "Bayar" in the payment sheet, in the simulator's phone or over the app's page, and waits until it has closed. */
export function payInSheet(page: Page): Promise<void>;

/** Taps "Batalkan", and waits until the sheet has closed. */
export function cancelInSheet(page: Page): Promise<void>;
