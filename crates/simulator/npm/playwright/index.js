import { test as base } from "@playwright/test";
import { start } from "gopay-simulator";

export { expect } from "@playwright/test";
export { cancelInSheet, payInSheet } from "./sheet.js";

export const test = base.extend({
  gopayOptions: [{}, { option: true, scope: "worker" }],

  gopayProcess: [
    async ({ gopayOptions }, use) => {
      const gopay = await start(gopayOptions);
      await use(gopay);
      await gopay.stop();
    },
    { scope: "worker" },
  ],

  gopay: async ({ gopayProcess }, use) => {
    await gopayProcess.reset();
    await use(gopayProcess);
  },
});
