// Right uses, and wrong ones that the compiler has to refuse. types.test.mjs compiles it.

import { expect, payInSheet, test } from "@gopay-simulator/playwright";
import { type Payment, SimulatorError, connect, start } from "gopay-simulator";
import type { GPError } from "gopay-simulator/container";
import { install } from "gopay-simulator/mock";

export function container(): void {
  const gopay = window.gpContainer;
  // @ts-expect-error: it is missing until GoPay's script has loaded.
  gopay.call("GPBase", "getLocale", {});
  if (!gopay) return;
  const failed = ({ errorCode, error_code: code }: GPError) => console.log(errorCode ?? code);
  gopay.call("GP", "launchPayment", { deeplink: "gopay://merchanttransfer?tref=1" }, ({ data }) => {
    if (data.status === "cancelled") console.log(data.status.length);
  }, failed);
  gopay.call("GPMiniAppAuth", "getAuthCode", {}, ({ data }) => data.authCode.length);
  gopay.call("GPBase", "getLocale", {}, (answer) => answer.app_locale ?? answer.data?.appLocale);
  gopay.call("GP", "authorize", { scope: "profile" }, ({ data }) => data?.successScope["profile"] === true);
  gopay.call("GPMotion", "startCompass", { interval: "game" });
  gopay.call("GPAnalytics", "trackEvent", { eventName: "paid", metaData: { page_id: "order", items: 2 } });
  // @ts-expect-error: no such class
  gopay.call("GPPayment", "launchPayment", { deeplink: "" });
  // @ts-expect-error: no such method
  gopay.call("GP", "launchPaymnt", { deeplink: "" });
  // @ts-expect-error: another class's method
  gopay.call("GP", "getLocale", {});
  // @ts-expect-error: a missing parameter
  gopay.call("GP", "launchPayment", {});
  // @ts-expect-error: a parameter of another type
  gopay.call("GPMotion", "vibrate", { duration: "long" });
  // @ts-expect-error: a word that is not documented
  gopay.call("GPMotion", "startCompass", { interval: "fast" });
  // @ts-expect-error: a parameter of a method without any
  gopay.call("GPMiniAppAuth", "getAuthCode", { scope: "profile" });
  // @ts-expect-error: a documented key that is no text
  gopay.call("GPAnalytics", "trackEvent", { eventName: "paid", metaData: { page_id: 1 } });
  // @ts-expect-error: a field that may be missing
  gopay.call("GPBase", "getLocale", {}, ({ app_locale: locale }) => locale.length);
}

export function mock(): void {
  const gopay = install({ container: "v2", answers: { "GPBase.getLocale": "never" } });
  gopay.answers["GP.launchPayment"] = { success: { success: true, data: { status: "pending" }, ret: "GP_SUCCESS" } };
  gopay.answers["GP.launchPayment"] = { failure: { errorCode: "300" } };
  console.log(gopay.calls[0]?.params["deeplink"]);
  gopay.uninstall();
  // @ts-expect-error: no such method
  gopay.answers["GP.launchPaymnt"] = "never";
  // @ts-expect-error: another method's answer
  gopay.answers["GPBase.getLocale"] = { success: { success: true, data: { status: "pending" }, ret: "GP_SUCCESS" } };
  // @ts-expect-error: no such container
  install({ container: "v3" });
}

export async function client(): Promise<void> {
  const running = await start({ app: "http://localhost:5173", port: 9090, seed: 7, args: ["--sandbox-listen", "127.0.0.1:0"] });
  const gopay = connect(running.address);
  const payment: Payment = await gopay.pay("ORDER-1");
  await gopay.refund(payment.reference_no, { amount: 10_000 });
  await gopay.setFaults([{ on: "payment", do: "answer_lost", times: null }]);
  await gopay.setSdkFaults([{ on: "GP.launchPayment", do: "called_twice" }, { on: "*", do: "null", times: null }]);
  await gopay.setContainer({ container: "v1", prelaunch_consents: true });
  const { answer } = await gopay.waitForNotification("ORDER-1", { status: "00", timeout: 5_000 });
  if ("http_status" in answer) console.log(answer.http_status.toFixed());
  const again = await gopay.repeat("ORDER-1", { status: "05", seconds_old: 100_000 });
  console.log("error" in again ? again.error : again.body);
  await gopay.forge("ORDER-1", "tampered", { status: "06" }).catch((error: unknown) => {
    if (error instanceof SimulatorError) console.log(error.status, error.reason, error.message);
  });
  await running.stop();
  // @ts-expect-error: a client does not own the process
  await gopay.stop();
  // @ts-expect-error: no such scenario
  await gopay.setScenario("offline");
  // @ts-expect-error: no such endpoint
  await gopay.setFaults([{ on: "pay", do: "answer_lost" }]);
  // @ts-expect-error: a method without its class
  await gopay.setSdkFaults([{ on: "launchPayment", do: "called_twice" }]);
  // @ts-expect-error: no such switch
  await gopay.setContainer({ theme: "dark" });
  // @ts-expect-error: no such mode
  await gopay.notifications("stop");
  // @ts-expect-error: an amount is whole rupiah, in a number
  await gopay.refund("ORDER-1", { amount: "10000" });
}

test.use({ gopayOptions: { app: "http://localhost:5173" } });

test("a buyer pays", async ({ page, gopay }) => {
  await page.goto("/");
  await payInSheet(page);
  await gopay.waitForNotification("ORDER-1", { status: "00" });
  expect((await gopay.ledger()).payments[0]?.state).toBe("paid");
  // @ts-expect-error: the fixture owns the process
  await gopay.stop();
  // @ts-expect-error: the page is missing
  await payInSheet();
});

// @ts-expect-error: no such option
test.use({ gopayOptions: { origin: "http://localhost:5173" } });
