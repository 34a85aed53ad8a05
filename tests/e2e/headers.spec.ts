// The headers for a static host are those that the merchant sends.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "./fixtures.ts";
import { environment } from "./support/environment.ts";

type Headers = Record<string, string>;

/** The content of `_headers`, by path; header names in lower case. */
async function hostedHeaders(): Promise<Map<string, Headers>> {
  const rules = (await readFile(path.join(environment.dist, "_headers"), "utf8")).trim().split("\n\n");
  return new Map(
    rules.map((rule) => {
      const [where = "", ...lines] = rule.split("\n");
      const pairs = lines.map((line) => [line.split(":")[0]?.trim().toLowerCase(), line.replace(/^[^:]*: /, "")]);
      return [where, Object.fromEntries(pairs)];
    }),
  );
}

/** A policy's directives. */
function directives(policy = ""): Record<string, string[]> {
  const all = policy.split("; ").map((it) => it.split(" "));
  return Object.fromEntries(all.map(([name = "", ...sources]) => [name, sources]));
}

test("a static host sends the merchant's headers with the page", async ({ page, shop }) => {
  const rules = await hostedHeaders();
  const response = await page.goto(shop.merchant.origin);
  const sent = (await response?.allHeaders()) ?? {};
  const { "content-security-policy": said, ...everywhere } = rules.get("/*") ?? {};
  const policy = directives(sent["content-security-policy"]);
  // The simulator stands in for GoPay here, and frames the page.
  for (const [name, sources] of Object.entries(policy)) {
    const own = sources.filter((source) => !source.startsWith(shop.simulator.origin));
    policy[name] = own.length > 0 ? own : ["'none'"];
  }
  const expected = directives(said);
  expected["script-src"] = (expected["script-src"] ?? []).filter((source) => !source.startsWith("https://"));
  // Only the simulator may frame the page, and its connection is not secure.
  delete expected["upgrade-insecure-requests"];
  expect(policy).toEqual(expected);
  const { "x-frame-options": _, "strict-transport-security": __, ...rest } = everywhere;
  expect(sent).toMatchObject(rest);
  expect(sent["cache-control"]).toBe(rules.get("/")?.["cache-control"]);
});

test("a static host caches files for as long as the merchant does", async ({ request, shop }) => {
  const rules = await hostedHeaders();
  const files = [...rules.keys()].filter((where) => /-[0-9a-f]{16}/.test(where));
  expect(files).toHaveLength(4);
  for (const [file, rule] of [...files, "/assets/logo.svg"].map((it) => [it, rules.get(it)] as const)) {
    const sent = (await request.get(`${shop.merchant.origin}${file}`)).headers();
    expect(sent, file).toMatchObject(rule ?? rules.get("/assets/*") ?? { missing: "a rule" });
  }
});

test("TM14 a page that signs out keeps nothing, and its app goes on", async ({ page, shop }) => {
  shop.expectError(/^401 POST \/api\/orders$/);
  const app = await shop.open();
  await app.button("Tambah Kopi Susu Senja").click();
  expect(await page.context().cookies()).toHaveLength(1);
  const kept = await page.evaluate(async () => {
    localStorage.setItem("one", "1");
    sessionStorage.setItem("other", "1");
    await fetch("/api/session", { method: "DELETE" });
    return localStorage.length + sessionStorage.length;
  });
  expect(kept).toBe(0);
  expect(await page.context().cookies()).toEqual([]);
  await app.button("Bayar Rp25.000").click();
  await app.inSheet("Bayar");
  await expect(app.heading("Pembayaran diterima")).toBeVisible();
});

test("TM33 the page names each script by the hash of its bytes", async ({ page, request, shop }) => {
  await page.goto(shop.merchant.origin);
  const scripts = page.locator(`script[src^="/"], link[rel="modulepreload"], link[as="script"]`);
  const named = await scripts.evaluateAll((all) =>
    all.map((it) => [it.getAttribute("src") ?? it.getAttribute("href"), it.getAttribute("integrity")]),
  );
  expect(named.length).toBeGreaterThan(3);
  for (const [file, integrity] of named) {
    const body = await (await request.get(`${shop.merchant.origin}${file}`)).body();
    expect(integrity, file ?? "").toBe(`sha384-${createHash("sha384").update(body).digest("base64")}`);
  }
});

test("TM33 a script of another hash does not run", async ({ page, shop }) => {
  shop.expectError(/integrity/);
  await page.route("**/boot-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `globalThis.tampered = true;${await response.text()}` });
  });
  await page.goto(shop.merchant.origin);
  await page.waitForFunction(() => document.readyState === "complete");
  expect(await page.evaluate(() => "tampered" in globalThis)).toBe(false);
});
