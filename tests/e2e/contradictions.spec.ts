// GoPay's pages contradict each other about the container. The app works with every documented
// behaviour.
import { type Shop, expect, test } from "./fixtures.ts";
import { App } from "./support/app.ts";
import { environment } from "./support/environment.ts";
import { overrideSdk } from "./support/sdk-override.ts";
import { holdRequest } from "./support/requests.ts";

/** Signs in, pays a coffee and sees the receipt. */
async function pay(app: App): Promise<void> {
  await app.orderCoffee();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
}

for (const auth_code_class of ["GPMiniAppAuth", "GPBase", "both"]) {
  test(`the auth code comes from ${auth_code_class}`, async ({ shop }) => {
    await shop.simulator.setContainer({ auth_code_class });
    await pay(await shop.open());
  });
}

for (const data_form of ["object", "text"]) {
  test(`results come as ${data_form}`, async ({ shop }) => {
    await shop.simulator.setContainer({ data_form });
    await pay(await shop.open());
  });
}

for (const locale_shape of ["documented", "field"]) {
  test(`the locale comes in the shape that is ${locale_shape}`, async ({ shop }) => {
    await shop.simulator.setContainer({ locale_shape, locale: "en_ID" });
    const app = await shop.open();
    await expect(app.heading("What would you like?")).toBeVisible();
  });
}

for (const error_spelling of ["camel", "snake"]) {
  for (const [error_code, heading] of [
    ["text", "GoPay belum memberi izin"],
    ["number", "GoPay belum memberi izin"],
    // The refusal only.
    ["blank", "GoPay belum bisa dibuka"],
  ] as const) {
    test(`a refusal in ${error_spelling} case with a ${error_code} code is read`, async ({ shop }) => {
      await shop.simulator.setContainer({ error_spelling, error_code });
      await shop.simulator.setScenario("refuse-login");
      const app = await shop.open();
      await expect(app.heading(heading)).toBeVisible();
      await shop.simulator.setScenario("default");
      await app.button("Coba lagi").click();
      await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
    });
  }
}

for (const payment_statuses of ["current", "older"]) {
  test(`payment statuses mean what the ${payment_statuses} page says`, async ({ shop }) => {
    await shop.simulator.setContainer({ payment_statuses });
    const app = await shop.open();
    await app.orderCoffee();
    await app.inSheet("Tinggalkan");
    await app.button("Lanjutkan pembayaran").click();
    await app.inSheet("Batalkan");
    await expect(app.heading("Pesanan dibatalkan")).toBeVisible();
    await app.button("Pesan lagi").click();
    await app.button("Bayar Rp25.000").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
  });
}

for (const [what, more] of [
  ["a message", { msg: "" }],
  ["empty errors and a number of the call", { errorCode: "", errorType: "", callbackId: 7 }],
] as const) {
  test(`an auth code with ${what} signs in before the app is there`, async ({ page, shop }) => {
    await overrideSdk(
      page,
      ({ call }, more) => (group, method, params, success, failure) => {
        const also = (answer: unknown) => success({ ...(answer as object), ...JSON.parse(more) });
        call(group, method, params, method === "getAuthCode" ? also : success, failure);
      },
      JSON.stringify(more),
    );
    const { held, release } = await holdRequest(page, "**/*_bg.wasm");
    const answered = page.waitForResponse("**/api/session");
    await page.goto(shop.merchant.origin, { waitUntil: "commit" });
    await held;
    expect((await answered).status()).toBe(200);
    release();
    await expect(new App(page).button("Tambah Kopi Susu Senja")).toBeVisible();
  });
}

for (const consent_call of ["GP.authorize", "GPConsent.getUserConsent", "both"]) {
  for (const consent_shape of ["data", "top_level", "older"]) {
    test(`consent is asked of ${consent_call} and comes as ${consent_shape}`, async ({ shop }) => {
      shop.expectError(/^403 POST \/api\/profile$/);
      await shop.simulator.setContainer({ consent_call, consent_shape });
      const app = await shop.open("/?add=kopi-susu");
      await app.review();
      await app.button("Pakai nama GoPay").click();
      await app.inSheet("Izinkan");
      await expect(app.note("Pesanan atas nama Budi")).toBeVisible();
    });
  }
}

for (const [profile_consent, profile_name] of [
  ["error", "username"],
  ["data", "name"],
  ["description", "username"],
] as const) {
  test(`profile consent in the ${profile_consent}, name ${profile_name}`, async ({ shop }) => {
    shop.expectError(/^403 POST \/api\/profile$/);
    await shop.simulator.setContainer({ profile_consent, profile_name });
    const app = await shop.open("/?add=kopi-susu");
    await app.review();
    await app.button("Pakai nama GoPay").click();
    await app.inSheet("Izinkan");
    await expect(app.note("Pesanan atas nama Budi")).toBeVisible();
  });
}

test.describe("methods that the shop does not use", () => {
  test.use({ dist: environment.debugDist });

  /** Calls methods through their bindings. */
  async function areUnderstood(shop: Shop, methods: string[]): Promise<void> {
    const app = await shop.open("/?debug");
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
    const panel = app.page.getByRole("region", { name: "Container debug" });
    for (const method of methods) {
      await panel.getByRole("button", { name: `Try ${method}`, exact: true }).click();
      await expect(panel.getByRole("status")).toHaveText(new RegExp(`^${method}: .* The binding understood it$`));
    }
  }

  const SENSORS = ["startAccelerometer", "startCompass", "listenGyro", "listeningShake"].map((it) => `GPMotion.${it}`);

  for (const event_place of ["documented", "detail", "param", "event"]) {
    test(`events carry what they have in the place ${event_place}`, async ({ shop }) => {
      await shop.simulator.setContainer({ event_place });
      await areUnderstood(shop, SENSORS);
    });
  }

  for (const gyro_spelling of ["sample", "comment"]) {
    test(`the gyroscope's start is spelt as in the ${gyro_spelling}`, async ({ shop }) => {
      await shop.simulator.setContainer({ gyro_spelling });
      await areUnderstood(shop, ["GPMotion.listenGyro"]);
    });
  }

  for (const photo_shape of ["top_level", "data", "envelope"]) {
    test(`a photo comes as ${photo_shape}`, async ({ shop }) => {
      await shop.simulator.setContainer({ photo_shape, prelaunch_consents: true });
      await areUnderstood(shop, ["GPCamera.takePhoto"]);
    });
  }

  for (const height_shape of ["envelope", "windvane"]) {
    test(`the bar's height comes as ${height_shape}`, async ({ shop }) => {
      await shop.simulator.setContainer({ height_shape, container: "v1" });
      await areUnderstood(shop, ["GPNavigationBar.getHeight", "GPNavigationBar.update", "GPUIToast.toast"]);
    });
  }

  for (const file_save of ["works", "fails"]) {
    test(`a download ${file_save}`, async ({ shop }) => {
      await shop.simulator.setContainer({ file_save });
      await areUnderstood(shop, ["GPFile.save"]);
    });
  }

  test("a download is not supported", async ({ shop }) => {
    await shop.simulator.setContainer({ file_save: "not_supported" });
    const app = await shop.open("/?debug");
    const panel = app.page.getByRole("region", { name: "Container debug" });
    await panel.getByRole("button", { name: "Try GPFile.save", exact: true }).click();
    await expect(panel.getByRole("status")).toContainText("GPFile.save: Unsupported");
  });

  for (const data_form of ["object", "text"]) {
    test(`device data comes as ${data_form}`, async ({ shop }) => {
      await shop.simulator.setContainer({ data_form, prelaunch_consents: true });
      await areUnderstood(shop, [
        "GPLocation.getLocation",
        "GP.getBankAccountToken",
        "GPSystem.getSystemInfo",
        "GPSystem.getRootedDeviceInfo",
        "GPSystem.getWifiInfo",
      ]);
    });
  }
});
