// Every hostile reply, planned and in the page's address: what the callbacks of a page get. The SDK runs in a
// context of its own, with as much of a browser as it needs.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import vm from "node:vm";
import { start } from "../gopay-simulator/index.js";
import { makeFolder } from "./support/folder.mjs";
import { makePayment } from "./support/merchant.mjs";

const APP = "http://localhost:5173";
const LATE_MS = 30_000;
const AUTH_CODE = "GPMiniAppAuth.getAuthCode";
const LOCALE = "GPBase.getLocale";
const PAYMENT = "GP.launchPayment";

const keys = makeFolder({ after });
const gopay = await start({ keys, app: APP, notify: APP });
after(() => gopay.stop());
await gopay.notifications("withhold");

const bridge = async (path, options) => (await fetch(`${gopay.address}/bridge/${path}`, options)).json();

/** What the simulator's page for the buyer ends with, when the buyer pays or agrees. */
async function decide(shown) {
  const { pathname, searchParams: query } = new URL(shown, gopay.address);
  if (pathname === "/consent") {
    const body = JSON.stringify({ ...Object.fromEntries(query), allowed: true });
    return bridge("consent", { method: "POST", headers: { "content-type": "application/json" }, body });
  }
  await gopay.pay(query.get("tref"));
  return (await bridge(`payments/${query.get("tref")}?leaves=0`)).verdict;
}

/** As the browser's, for a request that has to end before it returns. */
class XMLHttpRequest {
  open(method, url, isAsynchronous) {
    assert.equal(isAsynchronous, false);
    this.request = { method, url };
  }

  setRequestHeader() {}

  send(body) {
    const script = "fetch(process.argv[1], JSON.parse(process.argv[2])).then((r) => r.text()).then((t) => process.stdout.write(t))";
    const options = JSON.stringify({ method: this.request.method, body });
    this.responseText = execFileSync(process.execPath, ["-e", script, this.request.url, options], { encoding: "utf8" });
  }
}

/** A page that has loaded the SDK; no text can be run as code there. */
async function open(search = "") {
  const pending = [];
  const page = {
    replies: [],
    timers: [],
    elements: [],
    pages: [],
    /** Calls a method, and returns what its callbacks get. */
    call(name, params = {}, container = page.window.gpContainer) {
      const got = [];
      const callbacks = ["success", "failure"].map((kind) => (value) => got.push([kind, value]));
      container.call(...name.split("."), params, ...callbacks);
      return got;
    },
    /** Waits until nothing is under way. */
    async settle() {
      for (let seen = -1; seen < pending.length; await setImmediate()) {
        seen = pending.length;
        await Promise.all(pending);
      }
    },
  };
  const wait = (promise) => {
    pending.push(promise);
    return promise;
  };
  const ask = async (url, options) => {
    const response = await fetch(url, options);
    const text = await response.text();
    if (response.ok && "reply" in JSON.parse(text)) page.replies.push(JSON.parse(text).reply);
    return { ok: response.ok, status: response.status, text: async () => text, json: async () => JSON.parse(text) };
  };
  const show = async (shown) => {
    page.pages.push(shown);
    const end = await decide(shown);
    page.replies.push(end.reply);
    return end;
  };
  page.window = {
    XMLHttpRequest,
    URL,
    URLSearchParams,
    console: { warn: (text) => assert.fail(text) },
    location: new URL(search, APP),
    performance: { getEntriesByType: () => [] },
    addEventListener: () => {},
    setTimeout: (callback, delay) => page.timers.push({ callback, delay }),
    fetch: (url, options) => wait(ask(url, options)),
    document: {
      currentScript: { src: gopay.sdkUrl, dataset: {} },
      createElement: (name) => ({ name }),
      body: { append: (element) => page.elements.push(element) },
    },
    [Symbol.for(`gopay-simulator ${gopay.address}`)]: { show: (shown) => wait(show(shown)) },
  };
  page.window.window = page.window.parent = page.window;
  vm.createContext(page.window, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(await (await fetch(gopay.sdkUrl)).text(), page.window);
  return page;
}

/** Without the prototypes of the page's own context. */
const plain = (value) => JSON.parse(JSON.stringify(value));

/** One call of the success callback, with the reply as it is changed here. */
const gets = (change) => ({ got, replies: [reply] }) =>
  assert.deepEqual(plain(got), plain([["success", change(reply)]]));
const getsData = (change) => gets((reply) => ({ ...reply, data: change(reply.data) }));
const getsAuthCode = (authCode) => getsData(() => ({ authCode }));
const getsScopes = (successScope) => getsData(() => ({ successScope }));
const getsLocale = (locale) => gets((reply) => ({ ...reply, app_locale: locale }));
const isRefused = (fields) => ({ got }) =>
  assert.deepEqual(plain(got), [["failure", { success: false, ret: "GP_EXCEPTION", ...fields }]]);
const refusal = { errorCode: "300", errorType: "JS_BRIDGE_ERROR", errorMessage: "Permission denied" };
/** One call of the success callback, whose argument is this. */
const getsValue = (check) => ({ got, ...page }) => {
  assert.deepEqual(got.map(([kind]) => kind), ["success"]);
  return check(got[0][1], page.replies[0]);
};
const isReply = (value, reply) => assert.deepEqual(plain(value), reply);

/** What a call gets that meets the fault. */
const ofReply = {
  undefined: ({ got }) => assert.deepEqual(got, [["success", undefined]]),
  null: ({ got }) => assert.deepEqual(got, [["success", null]]),
  empty_text: gets(() => ""),
  bare_word: gets(() => "success"),
  number: gets(() => 42),
  list: gets((reply) => [reply]),
  empty_object: gets(() => ({})),
  function: getsValue((value, reply) => {
    assert.equal(typeof value, "function");
    isReply({ ...value }, reply);
  }),
  symbol: getsValue((value) => assert.equal(typeof value, "symbol")),
  promise: getsValue(async (value, reply) => {
    assert.equal(typeof value.then, "function");
    isReply(await value, reply);
  }),
  throwing_getter: getsValue((value, reply) => {
    assert.deepEqual(Object.keys(value), Object.keys(reply));
    for (const name of Object.keys(reply)) assert.throws(() => value[name], /getter of the reply throws/);
  }),
  throwing_proxy: getsValue((value) => {
    for (const use of [() => value.data, () => "data" in value, () => Object.keys(value), () => JSON.stringify(value)]) {
      assert.throws(use, /trap of the reply throws/);
    }
  }),
  circular: getsValue((value) => assert(value.data.data === value && value.success === true)),
  no_prototype: getsValue((value, reply) => {
    assert(Object.isFrozen(value));
    assert.equal(Object.getPrototypeOf(value), null);
    isReply(value, reply);
  }),
  json_text: gets((reply) => JSON.stringify(reply)),
  null_data: getsData(() => null),
  success_text: gets((reply) => ({ ...reply, success: "true" })),
  success_number: gets((reply) => ({ ...reply, success: 1 })),
  success_with_code: gets((reply) => ({ ...reply, error_code: "300" })),
  failure_with_data: gets((reply) => ({ ...reply, success: false })),
  no_ret: gets(({ success, data }) => ({ success, data })),
  exception_ret: gets((reply) => ({ ...reply, ret: "GP_EXCEPTION" })),
  auth_code_missing: getsData(() => ({})),
  auth_code_null: getsAuthCode(null),
  auth_code_number: getsAuthCode(42),
  auth_code_empty: getsAuthCode(""),
  auth_code_spaces: getsAuthCode("   "),
  auth_code_long: getsAuthCode("x".repeat(10_240)),
  auth_code_quotes: getsAuthCode("a\"b'c\n"),
  auth_code_not_ascii: getsAuthCode("kopié"),
  auth_code_snake: getsData(({ authCode }) => ({ auth_code: authCode })),
  auth_code_renamed: getsData(({ authCode }) => ({ code: authCode })),
  nested_data: getsData((data) => ({ data })),
  error_camel: isRefused(refusal),
  error_number: isRefused({ error_code: 300 }),
  error_blank: isRefused({ ...refusal, errorCode: "", errorMessage: "" }),
  error_unknown: isRefused({ ...refusal, errorCode: "999" }),
  error_markup: isRefused({ ...refusal, errorMessage: `<script>alert(1)</script><b>\u202e${"x".repeat(10_240)}` }),
  status_upper_case: getsData(() => ({ status: "SUCCESS" })),
  status_paid: getsData(() => ({ status: "paid" })),
  status_missing: getsData(() => ({})),
  status_list: getsData(() => ({ status: ["success"] })),
  called_twice: ({ got, replies: [reply] }) => assert.deepEqual(plain(got), Array(2).fill(["success", reply])),
  failure_then_success: ({ got, replies: [reply] }) =>
    assert.deepEqual(plain(got), [["failure", { success: false, ret: "GP_EXCEPTION", ...refusal }], ["success", reply]]),
  late: ({ got, replies: [reply], timers }) => {
    assert.deepEqual([got, timers.map(({ delay }) => delay)], [[], [LATE_MS]]);
    timers[0].callback();
    assert.deepEqual(plain(got), [["success", reply]]);
  },
  crossed: async ({ got, ...page }) => {
    assert.deepEqual(got, []);
    const second = page.call(LOCALE);
    await page.settle();
    assert.deepEqual(plain([got, second]), [[["success", page.replies[1]]], [["success", page.replies[0]]]]);
  },
  called_thousand_times: ({ got, replies: [reply] }) =>
    assert.deepEqual(plain(got), Array(1_000).fill(["success", reply])),
  consent_partial: getsScopes({ profile: true, unasked: false }),
  consent_denied: getsScopes({ profile: false }),
  consent_unknown: getsScopes({ unasked: true }),
  never_called: ({ got }) => assert.deepEqual(got, []),
  locale_unknown: getsLocale("xx"),
  locale_empty: getsLocale(""),
  locale_null: getsLocale(null),
  proto_key: getsValue((value, reply) => {
    assert.deepEqual(Object.keys(value.data), ["__proto__"]);
    isReply(Object.getOwnPropertyDescriptor(value.data, "__proto__").value, reply.data);
  }),
};

/** What a page meets whose SDK has loaded with the fault. */
const ofPage = {
  synchronous: async (page) => {
    const [[kind, { data }]] = page.call(AUTH_CODE);
    assert.deepEqual([kind, typeof data.authCode], ["success", "string"]);
    assert.deepEqual(page.call("GP.lauchPayment").map(([kind]) => kind), ["failure"]);
    const paid = { success: true, ret: "GP_SUCCESS", data: { status: "success" } };
    assert.deepEqual(plain(page.call(PAYMENT, await payment())), [["success", paid]]);
    assert.deepEqual(page.pages, []);
  },
  call_no_function: ({ window }) => assert.equal(window.gpContainer.call, "call"),
  container_text: ({ window }) => assert.equal(window.gpContainer, "gpContainer"),
  container_replaced: async (page) => {
    const former = page.window.gpContainer;
    const got = [page.call(AUTH_CODE, {}, former), page.call(AUTH_CODE, {}, former), page.call(AUTH_CODE)];
    await page.settle();
    assert.notEqual(page.window.gpContainer, former);
    assert.deepEqual(got.map((calls) => calls.length), [1, 0, 1]);
  },
  container_clobbered: ({ window, elements }) => {
    assert.equal("gpContainer" in window, false);
    assert.deepEqual(plain(elements), [{ name: "a", id: "gpContainer" }]);
  },
  prototype_polluted: async (page) => {
    assert.equal(vm.runInContext("({}).success", page.window), true);
    await isClean(page);
  },
};

async function payment() {
  const reference = await makePayment(gopay.address, keys);
  return { deeplink: `gopay://merchanttransfer?tref=${reference}` };
}

/** The parameters of the methods that have some. */
const paramsOf = async (name) => {
  if (name === PAYMENT) return payment();
  return name === "GP.authorize" ? { scope: "profile" } : {};
};

/** A call gets its reply once. */
async function isClean(page) {
  const got = page.call(AUTH_CODE);
  await page.settle();
  assert.deepEqual(plain(got), [["success", page.replies.at(-1)]]);
}

const harms = (await gopay.ledger()).sdk_harms;

test("every hostile reply of the simulator is here", () => {
  assert.deepEqual(harms.map((harm) => harm.do).sort(), Object.keys({ ...ofReply, ...ofPage }).sort());
});

for (const { do: name, id, on } of harms) {
  test(`${id} ${name} reaches a page, from the plan and from its address`, async (t) => {
    t.after(() => gopay.setSdkFaults([]));
    const meet = async (page) => {
      if (ofPage[name]) return ofPage[name](page);
      const method = on.includes(AUTH_CODE) ? AUTH_CODE : on[0];
      const got = page.call(method, await paramsOf(method));
      await page.settle();
      await ofReply[name]({ got, ...page });
    };
    await gopay.setSdkFaults([{ on: "*", do: name, times: name === "crossed" ? 2 : 1 }]);
    await meet(await open());
    assert.deepEqual((await gopay.ledger()).sdk_faults, []);
    await isClean(await open());
    await meet(await open(`?sdk_fault=${name}`));
  });
}

test("data that is JSON as text is changed like an object", async (t) => {
  t.after(() => gopay.setContainer({}));
  await gopay.setContainer({ data_form: "text" });
  const page = await open("?sdk_fault=auth_code_snake");
  const got = page.call(AUTH_CODE);
  await page.settle();
  const { authCode } = JSON.parse(page.replies[0].data);
  assert.deepEqual(plain(got[0][1].data), { auth_code: authCode });
});

test("each form of a locale and of a consent is changed", async (t) => {
  t.after(() => gopay.setContainer({}));
  await gopay.setContainer({ locale_shape: "field" });
  const page = await open("?sdk_fault=locale_empty");
  const got = page.call(LOCALE);
  await page.settle();
  assert.deepEqual(plain(got[0][1].data), { appLocale: "" });
  for (const shape of ["data", "top_level", "older"]) {
    await gopay.setContainer({ consent_shape: shape });
    const page = await open("?sdk_fault=consent_denied");
    const got = page.call("GP.authorize", { scope: "profile" });
    await page.settle();
    assert.deepEqual(plain(got[0][1].data), { successScope: { profile: false } }, shape);
  }
});

test("a call without callbacks meets a hostile reply", async () => {
  const page = await open("?sdk_fault=failure_then_success");
  page.window.gpContainer.call(...AUTH_CODE.split("."), {});
  await page.settle();
  assert.equal(page.replies.length, 1);
});
