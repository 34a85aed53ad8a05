// Faults of the container: absent, silent, doubled, lying and throwing.
import { expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { headingsOf } from "./support/headings.ts";
import { type Callback, overrideSdk } from "./support/sdk-override.ts";
import { requestsOf } from "./support/requests.ts";

const SDK = "**/gp-container.min.js";
const OUTSIDE = "Kedai Senja ada di dalam GoPay";

test("F83 without a container the app says how to open the shop in GoPay", async ({
  page,
  shop,
}) => {
  await page.route(SDK, (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.clock.install();
  const app = await shop.open();
  await page.clock.runFor(4_000);
  await expect(app.heading(OUTSIDE)).toBeVisible();
  await expect(app.link("Buka di aplikasi GoPay")).toBeVisible();
  await expect(app.text("cargo xtask preview")).toBeVisible();
  expect(shop.watch.addresses.filter((address) => address.includes("/api/"))).toEqual([]);
});

for (const [how, error] of [
  ["blocked", /^net::ERR_FAILED GET \/sdk\//],
  ["missing", /^404 GET \/sdk\//],
  ["on its way for ever", undefined],
] as const) {
  test(`F84 the SDK's script is ${how}: the app is painted, and a retry works`, async ({
    page,
    shop,
  }) => {
    if (error) shop.expectError(error);
    await page.route(
      SDK,
      (route) => {
        if (how === "blocked") return route.abort();
        if (how === "missing") return route.fulfill({ status: 404, body: "" });
      },
      { times: 1 },
    );
    await page.clock.install();
    // Not `load`, which never comes.
    await page.goto(shop.merchant.origin, { waitUntil: "commit" });
    const app = new App(page);
    await expect(app.heading("Mau pesan apa?")).toBeVisible();
    await page.waitForFunction(() => "wasmBindings" in globalThis);
    await page.clock.runFor(11_000);
    await expect(app.heading(OUTSIDE)).toBeVisible();
    await app.button("Coba lagi").click();
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  });
}

test("F85 a sign-in that GoPay does not answer times out after ten seconds", async ({
  page,
  shop,
}) => {
  await overrideSdk(page, ({ call }) => {
    const late: Callback[] = [];
    Object.assign(globalThis, { late });
    let isSilent = true;
    return (group, method, params, success, failure) => {
      if (method !== "getAuthCode" || !isSilent) return call(group, method, params, success, failure);
      isSilent = false;
      // The simulator's answer is held until the test releases it.
      call(group, method, params, (answer) => late.push(() => success(answer)), failure);
    };
  });
  // Only the test advances the clock.
  await page.clock.install({ time: 0 });
  await page.clock.pauseAt(1_000);
  const app = await shop.open();
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  const answers = async () => {
    // The app polls for the SDK.
    await page.clock.runFor(50);
    return page.evaluate(() => (globalThis as unknown as { late: Callback[] }).late.length);
  };
  await expect.poll(answers).toBe(1);
  await page.clock.runFor(9_000);
  await expect(app.button("Coba lagi")).toBeHidden();
  await page.clock.runFor(2_000);
  await expect(app.heading("Koneksinya lambat sekali")).toBeVisible();

  await page.evaluate(() => (globalThis as unknown as { late: Callback[] }).late[0]?.());
  await page.clock.runFor(1_000);
  await expect(app.heading("Koneksinya lambat sekali")).toBeVisible();
  expect(logins).toEqual([]);
  await app.button("Coba lagi").click();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  expect(logins).toHaveLength(1);
});

test("F86 a success followed by a failure counts as a success", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => (group, method, params, success, failure) => {
    const refusal = { success: false, errorCode: "300", errorType: "JS_BRIDGE_ERROR", errorMessage: "" };
    const twice = (answer: unknown) => {
      success(answer);
      failure(refusal);
      success(answer);
    };
    call(group, method, params, twice, failure);
  });
  const app = await shop.open();
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("F86 a failure followed by a success is a failure, which can be retried", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => {
    let refused = false;
    return (group, method, params, success, failure) => {
      const refuseFirst = (answer: unknown) => {
        if (!refused) failure({ success: false, errorCode: "300", errorType: "JS_BRIDGE_ERROR", errorMessage: "" });
        refused = true;
        success(answer);
      };
      call(group, method, params, method === "getAuthCode" ? refuseFirst : success, failure);
    };
  });
  const app = await shop.open();
  const logins = requestsOf(page, "POST", /^\/api\/session$/);
  await expect(app.heading("GoPay belum memberi izin")).toBeVisible();
  await app.button("Coba lagi").click();
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  // The code beside the refusal was not used.
  expect(logins).toHaveLength(1);
});

test("F87 of two answers before the call returns the first counts", async ({ page, shop }) => {
  await overrideSdk(page, ({ home }) => (group, method, params, success, failure) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${home}/bridge/call`, false);
    request.setRequestHeader("content-type", "application/json");
    request.send(JSON.stringify({ class: group, method, params }));
    const verdict = JSON.parse(request.responseText) as { kind: string; reply: unknown };
    const answer = verdict.kind === "show" ? { success: true, data: { status: "success" } } : verdict.reply;
    success(answer);
    failure({ success: false, errorCode: "300", errorType: "JS_BRIDGE_ERROR", errorMessage: "" });
  });
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  await shop.simulator.act(await shop.simulator.payment(), "pay");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("F88 an answer after the buyer has left the screen changes nothing", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => (group, method, params, success, failure) => {
    if (method !== "launchPayment") return call(group, method, params, success, failure);
    Object.assign(globalThis, { answer: success });
  });
  const app = await shop.open();
  await app.orderCoffee();
  await page.waitForFunction(() => "answer" in globalThis);
  await page.goBack();
  await expect(app.heading("Mau pesan apa?")).toBeVisible();
  const answerLate = () =>
    page.evaluate(() => {
      const { answer } = globalThis as unknown as { answer: Callback };
      answer({ success: true, ret: "GP_SUCCESS", data: { status: "success" } });
    });
  await answerLate();
  await app.button("Tambah Kopi Susu Senja").click();
  await expect(app.button("Bayar Rp25.000")).toBeVisible();
  await answerLate();
  // The app still runs, and the order is unchanged.
  await page.goForward();
  await expect(app.heading("Menunggu pembayaran")).toBeVisible();
});

test("F89 an answer without an auth code is reported and can be retried", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => {
    const circle: Record<string, unknown> = { success: true };
    circle.data = circle;
    const trap = () => {
      throw new Error("trap");
    };
    const answers = [
      undefined,
      null,
      "success",
      JSON.stringify({ success: true, data: {} }),
      circle,
      { success: true, data: { authCode: "x".repeat(5 * 1024 * 1024) } },
      new Proxy({}, { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap }),
    ];
    Object.assign(globalThis, { answers });
    return (group, method, params, success, failure) => {
      if (method !== "getAuthCode" || answers.length === 0) return call(group, method, params, success, failure);
      setTimeout(() => success(answers.shift()));
    };
  });
  const app = await shop.open();
  const left = () => page.evaluate(() => (globalThis as unknown as { answers: unknown[] }).answers.length);
  for (let answers = 6; answers >= 0; answers -= 1) {
    await expect.poll(left).toBe(answers);
    await expect(app.heading("GoPay belum bisa dibuka")).toBeVisible();
    await app.button("Coba lagi").click();
  }
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
});

test("F90 a call that throws is reported at login and at payment", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => {
    const thrown = new Set<string>();
    return (group, method, params, success, failure) => {
      if (["getAuthCode", "launchPayment"].includes(method) && !thrown.has(method)) {
        thrown.add(method);
        throw new TypeError("no bridge");
      }
      call(group, method, params, success, failure);
    };
  });
  const app = await shop.open();
  await expect(app.heading("GoPay belum bisa dibuka")).toBeVisible();
  await app.button("Coba lagi").click();
  await app.orderCoffee();
  await expect(app.note("GoPay belum bisa dibuka")).toBeVisible();
  await app.button("Lanjutkan pembayaran").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("paid");
});

test("TM05 F91 success from launchPayment and pending at the merchant is not paid", async ({ page, shop }) => {
  await overrideSdk(page, ({ call }) => (group, method, params, success, failure) => {
    if (method !== "launchPayment") return call(group, method, params, success, failure);
    success({ success: true, ret: "GP_SUCCESS", data: { status: "success" } });
  });
  const headings = await headingsOf(page);
  const app = await shop.open();
  await app.orderCoffee();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  await app.checkAgain();
  await expect(app.heading("Menunggu konfirmasi")).toBeVisible();
  expect((await shop.simulator.payment()).state).toBe("pending");
  expect(await headings()).toContain("Memeriksa pembayaran");
  expect(await headings()).not.toContain("Pembayaran diterima");
});

for (const status of ["failed", "cancelled", "pending", "refused"]) {
  test(`F92 ${status} from launchPayment and paid at the merchant is paid`, async ({ page, shop }) => {
    await overrideSdk(
      page,
      ({ call }, status) =>
        (group, method, params, success, failure) => {
          const otherAnswer = () => {
            if (status === "refused") failure({ success: false, errorCode: "300", errorMessage: "" });
            else success({ success: true, data: { status } });
          };
          call(group, method, params, method === "launchPayment" ? otherAnswer : success, failure);
        },
      status,
    );
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
  });
}

for (const fault of ["is refused", "throws", "is never answered"]) {
  test(`F108 getLocale ${fault}: Bahasa Indonesia, and one call`, async ({
    page,
    shop,
  }) => {
    await overrideSdk(
      page,
      ({ call }, fault) => {
        const asked: string[] = [];
        Object.assign(globalThis, { asked });
        return (group, method, params, success, failure) => {
          if (method !== "getLocale") return call(group, method, params, success, failure);
          asked.push(method);
          if (fault === "throws") throw new Error("no language");
          if (fault === "is refused") failure({ success: false, errorCode: "100", errorMessage: "" });
        };
      },
      fault,
    );
    await page.clock.install();
    const app = await shop.open();
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
    await page.clock.runFor(60_000);
    await expect(app.heading("Mau pesan apa?")).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "id");
    const asked = await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
    expect(asked).toEqual(["getLocale"]);
  });
}
