// The debug view, in the bundle that has it.
import { expect, test } from "./fixtures.ts";
import type { App } from "./support/app.ts";
import { environment } from "./support/environment.ts";

const panel = (app: App) => app.page.getByRole("region", { name: "Container debug" });

test("the shipped bundle has no debug view", async ({ shop }) => {
  const app = await shop.open("/?debug");
  await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
  await expect(panel(app)).toHaveCount(0);
});

test.describe("with the feature", () => {
  test.use({ dist: environment.debugDist });

  test("only an address that asks for the view has it", async ({ shop }) => {
    const app = await shop.open();
    await expect(app.button("Tambah Kopi Susu Senja")).toBeVisible();
    await expect(panel(app)).toHaveCount(0);
    await shop.open("/?debug&add=kopi-susu");
    await expect(panel(app)).toBeVisible();
    await expect(app.page).toHaveURL(`${shop.merchant.origin}/?debug`);
    await app.button("Bayar Rp25.000").click();
    await app.inSheet("Bayar");
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await app.page.reload();
    await expect(app.heading("Pembayaran diterima")).toBeVisible();
    await expect(panel(app)).toBeVisible();
  });

  test("each call is in the log with how it ended and how it compares", async ({ shop }) => {
    const app = await shop.open("/?debug&add=kopi-susu");
    await app.button("Bayar Rp25.000").click();
    await app.inSheet("Bayar");
    for (const call of ["GPMiniAppAuth.getAuthCode", "GPBase.getLocale", "GP.launchPayment"]) {
      const line = panel(app).locator(`[data-call="${call}"]`);
      await expect(line).toHaveAttribute("data-outcome", "ok");
      await expect(line).toHaveAttribute("data-judgement", "like");
    }
    await shop.watch.storage();
    const shown = (await panel(app).textContent()) ?? "";
    expect([...shop.watch.secrets].filter((secret) => shown.includes(secret))).toEqual([]);
  });

  test("a method is tried and its outcome shown", async ({ shop }) => {
    const app = await shop.open("/?debug");
    const method = panel(app).locator('[data-method="GPSystem.getSystemInfo"]');
    await method.getByRole("button", { name: "Try GPSystem.getSystemInfo" }).click();
    await expect(method.getByText("Last time: NoConsent")).toBeVisible();
    await expect(panel(app).getByRole("status")).toContainText("GPSystem.getSystemInfo: NoConsent");
    await expect(panel(app).locator('[data-call="GPSystem.getSystemInfo"]')).toHaveAttribute("data-outcome", "NoConsent");
  });

  test("all harmless methods are tried at once, and only those", async ({ shop }) => {
    const app = await shop.open("/?debug");
    const methods = panel(app).locator("[data-method]");
    const named = (harmless: string) =>
      panel(app).locator(`[data-method]${harmless}`).evaluateAll((all) => all.map((it) => it.getAttribute("data-method")));
    await expect(methods).not.toHaveCount(0);
    await panel(app).getByRole("button", { name: /^Try all \d+ harmless$/ }).click();
    await expect(panel(app).getByRole("status")).toHaveText("All harmless methods have been tried");
    const called = new Set((await shop.simulator.entries("container_called")).map((call) => call.method));
    const logged = await panel(app).locator("[data-call]").evaluateAll((all) => all.map((it) => it.getAttribute("data-call")));
    for (const method of await named("[data-harmless]")) expect(logged).toContain(method);
    for (const method of await named(":not([data-harmless])")) {
      // The app's own analytics call.
      if (method !== "GPAnalytics.trackEvent") expect(called).not.toContain(method);
    }
  });

  test("the report for support can be copied, also by hand", async ({ shop, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const app = await shop.open("/?debug");
    await panel(app).getByRole("button", { name: "Copy for support" }).click();
    await expect(panel(app).getByRole("status")).toHaveText("The report has been copied");
    const shown = await panel(app).getByRole("textbox", { name: "Report for support" }).inputValue();
    expect(JSON.parse(shown)).toMatchObject({ environment: "GoPay, container V2", address_has: ["debug"] });
    await expect.poll(() => app.page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  });

  test("the view fits a narrow phone, and leaves the shop alone", async ({ shop }) => {
    const app = await shop.open("/?debug&add=kopi-susu");
    await expect(panel(app)).toBeVisible();
    const width = () => app.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await expect(app.button("Bayar Rp25.000")).toBeInViewport();
  });
});
