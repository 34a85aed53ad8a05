import type { Page, PlaywrightTestArgs, PlaywrightTestOptions, PlaywrightWorkerArgs, PlaywrightWorkerOptions, TestType } from "@playwright/test";
import type { Simulator, StartOptions } from "gopay-simulator";

export { expect } from "@playwright/test";
export { cancelInSheet, payInSheet } from "./sheet.js";

export interface GopayFixtures {
  /** The worker's simulator, reset before the test. */
  gopay: Simulator;
}

export interface GopayWorkerOptions {
  /** How each worker starts its simulator. */
  gopayOptions: StartOptions;
}

export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & GopayFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & GopayWorkerOptions
>;
