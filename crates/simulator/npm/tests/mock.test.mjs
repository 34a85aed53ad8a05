// The mock against the contract, and against the simulator: two implementations of the same pages.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { afterEach, test } from "node:test";
import { start } from "../gopay-simulator/index.js";
import { install } from "../gopay-simulator/mock.js";
import { makeFolder } from "./support/folder.mjs";

const contract = new URL("../../../gopay-container/contract/", import.meta.url);
const files = readdirSync(contract).filter((file) => file.endsWith(".json") && file !== "bridge.json");
const pages = files.map((file) => JSON.parse(readFileSync(new URL(file, contract), "utf8")));

let mock;
const use = (options) => {
  mock = install(options);
  return mock;
};
afterEach(() => mock?.uninstall());

/** Which callback a call gets, and with what. */
const call = (className, method, params) =>
  new Promise((resolve) => {
    const callback = (kind) => (reply) => resolve({ kind, reply });
    globalThis.gpContainer.call(className, method, params, callback("success"), callback("failure"));
  });

const successOf = ({ answers }) => answers.filter(({ callback }) => callback === "success");

test("each method answers with its documented sample", async () => {
  use();
  for (const page of pages) {
    const [{ params, answer }] = successOf(page);
    const { kind, reply } = await call(page.class, page.method, params);
    assert.deepEqual([kind, reply], ["success", answer], `${page.class}.${page.method}`);
  }
  assert.equal(mock.calls.length, pages.length);
});

test("the sample of the given parameters comes before the first", async () => {
  use();
  const { reply } = await call("GPMotion", "listenGyro", { on: false });
  assert.equal(reply.msg, "GYROSCOPE_STOPPED");
});

/** Parameters of each method, right and wrong. */
function* variants({ params, answers }) {
  const right = successOf({ answers })[0].params;
  yield right;
  for (const [name, { is }] of Object.entries(params)) {
    const { [name]: _, ...without } = right;
    yield without;
    for (const value of [null, "", "nonsense", 7, true, {}, [], { page_id: 1 }]) yield { ...right, [name]: value };
    if (Array.isArray(is)) for (const value of is) yield { ...right, [name]: value };
  }
}

test("mock and simulator refuse the same calls with the same codes", async (t) => {
  const keys = makeFolder(t);
  const gopay = await start({ keys });
  t.after(() => gopay.stop());
  // The contract has the form of addresses and colours in words only, which the mock does not check.
  const inWords = ["GPNavigator.launchDeeplink", "GPNavigator.launchUri", "GP.launchPayment", "GPNavigationBar.update"];
  const seen = {};
  for (const container of ["v1", "v2"]) {
    use({ container });
    await gopay.setContainer({ container, auth_code_class: "both", consent_call: "both", prelaunch_consents: true });
    for (const page of pages) {
      const name = `${page.class}.${page.method}`;
      for (const params of variants(page)) {
        const response = await fetch(`${gopay.address}/bridge/call`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ class: page.class, method: page.method, params }),
        });
        const { kind, reply } = await response.json();
        const codeOf = (kind, reply) => (kind === "failure" ? reply.errorCode : "none");
        const theirs = codeOf(kind, reply);
        const answered = await call(page.class, page.method, params);
        const ours = codeOf(answered.kind, answered.reply);
        seen[theirs] = (seen[theirs] ?? 0) + 1;
        if (theirs === "202" && ours === "none" && inWords.includes(name)) continue;
        assert.equal(ours, theirs, `${name} in ${container} with ${JSON.stringify(params)}`);
      }
    }
    mock.uninstall();
  }
  assert.deepEqual(Object.keys(seen).sort(), ["100", "200", "201", "202", "GP_PARAM_ERR", "none"]);
});

test("an unknown method and a method of the other container are code 100", async () => {
  use({ container: "v2" });
  for (const [className, method] of [["GP", "launchPaymnt"], ["toString", "call"], ["GPUIToast", "toast"]]) {
    const { kind, reply } = await call(className, method, { message: "Halo", duration: 5 });
    assert.equal(kind, "failure");
    assert.deepEqual(reply, {
      success: false,
      errorCode: "100",
      errorType: "JS_BRIDGE_ERROR",
      errorMessage: "Method not supported error",
      ret: "GP_EXCEPTION",
    });
  }
});

test("answers are replaced by method, at the start and later", async () => {
  const cancelled = { success: true, data: { status: "cancelled" }, ret: "GP_SUCCESS" };
  const refused = { success: false, errorCode: "300", ret: "GP_EXCEPTION" };
  use({ answers: { "GP.launchPayment": { success: cancelled } } });
  const pay = () => call("GP", "launchPayment", { deeplink: "gopay://merchanttransfer?tref=1" });
  assert.deepEqual(await pay(), { kind: "success", reply: cancelled });
  mock.answers["GP.launchPayment"] = { failure: refused };
  assert.deepEqual(await pay(), { kind: "failure", reply: refused });
  assert.equal((await call("GP", "launchPayment", {})).reply.errorCode, "200");
});

test("a method that never answers calls no callback", async () => {
  use({ answers: { "GPBase.getLocale": "never" } });
  const answered = call("GPBase", "getLocale", {}).then(() => "answered");
  // The mock answers in order: what comes later has been answered.
  assert.equal((await call("GPMiniAppAuth", "getAuthCode", {})).kind, "success");
  assert.equal(await Promise.race([answered, Promise.resolve("silent")]), "silent");
});

test("calls are recorded as they were, and callbacks may be missing", async () => {
  use();
  const params = { eventName: "paid", metaData: { page_id: "order" } };
  globalThis.gpContainer.call("GPAnalytics", "trackEvent", params);
  params.metaData.page_id = "changed";
  globalThis.gpContainer.call("GPBase", "getLocale");
  assert.deepEqual(mock.calls, [
    { class: "GPAnalytics", method: "trackEvent", params: { eventName: "paid", metaData: { page_id: "order" } } },
    { class: "GPBase", method: "getLocale", params: {} },
  ]);
});

test("an answer comes after the call has returned, and belongs to its caller", async () => {
  use();
  const answers = [];
  globalThis.gpContainer.call("GPBase", "getLocale", {}, (answer) => answers.push(answer));
  assert.deepEqual(answers, []);
  const { reply } = await call("GPBase", "getLocale", {});
  reply.app_locale = "changed";
  assert.equal((await call("GPBase", "getLocale", {})).reply.app_locale, "en_ID");
  assert.equal(answers.length, 1);
});

test("uninstalling restores what was there", () => {
  const page = { gpContainer: "GoPay's" };
  install({ target: page }).uninstall();
  assert.deepEqual(page, { gpContainer: "GoPay's" });
  const empty = {};
  const there = install({ target: empty });
  assert.equal(typeof empty.gpContainer.call, "function");
  there.uninstall();
  assert.deepEqual(empty, {});
});
