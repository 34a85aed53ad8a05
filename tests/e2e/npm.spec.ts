// The sheet's helpers of the npm package `@gopay-simulator/playwright`.
import { cancelInSheet, payInSheet } from "../../crates/simulator/npm/playwright/sheet.js";
import { expect, test } from "./fixtures.ts";

test("the npm package's helper pays in the sheet over the page, in either language", async ({ shop }) => {
  await shop.simulator.setContainer({ locale: "en_ID" });
  const app = await shop.open();
  await app.button("Add Klepon").click();
  await app.button("Pay Rp12.000").click();
  await payInSheet(app.page);
  expect((await shop.simulator.payment()).state).toBe("paid");
  await expect(app.heading("Payment received")).toBeVisible();
});

test("the npm package's helper cancels in the sheet of the simulator's phone", async ({ shop }) => {
  const app = await shop.openPhone();
  await app.orderCoffee();
  await cancelInSheet(app.page);
  expect((await shop.simulator.payment()).state).toBe("cancelled");
});
