import type { GPAnswer, GPError, GPMethods } from "./container.js";

/** Which callback a call gets, and with what; `"never"` calls none. */
export type MockAnswer<Name extends keyof GPMethods> = { success: GPAnswer<Name> } | { failure: GPError } | "never";

/** By class and method, such as `"GP.launchPayment"`. */
export type MockAnswers = { [Name in keyof GPMethods]?: MockAnswer<Name> };

export interface MockCall {
  class: string;
  method: string;
  /** As they were when the call was made. */
  params: Record<string, unknown>;
}

export interface MockOptions {
  /** Methods that this container lacks answer code 100. Without it, the methods of both containers are there. */
  container?: "v1" | "v2";
  /** In the place of the documented samples. */
  answers?: MockAnswers;
  /** The window; `globalThis` without it. */
  target?: object;
}

export interface Mock {
  /** Can be changed at any time. A call with wrong parameters is refused all the same. */
  answers: MockAnswers;
  /** All calls so far, oldest first. */
  calls: MockCall[];
  /** Restores what was there before. */
  uninstall(): void;
}

/**
 * Puts a mock in the place of `window.gpContainer`. It answers with the samples of GoPay's pages, after the call has
 * returned. Unknown methods and wrong parameters are refused with the documented codes.
 */
export function install(options?: MockOptions): Mock;
