// What a host of static files is told to send with the bundle is what the merchant sends.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "./fixtures.ts";
import { environment } from "./support/environment.ts";

/** The rule for every path, by the header's name in small letters. */
async function everywhere(): Promise<Map<string, string>> {
  const [first = ""] = (await readFile(path.join(environment.dist, "_headers"), "utf8")).split("\n\n");
  const lines = first.split("\n").slice(1);
  return new Map(lines.map((line) => [line.split(":")[0]?.trim().toLowerCase() ?? "", line.replace(/^[^:]*: /, "")]));
}

/** A policy's directives. */
function directives(policy: string | undefined): Record<string, string[]> {
  const all = (policy ?? "").split("; ").map((it) => it.split(" "));
  return Object.fromEntries(all.map(([name = "", ...sources]) => [name, sources]));
}

test("a static host sends with the page what the merchant sends", async ({ page, shop }) => {
  const hosted = await everywhere();
  const response = await page.goto(shop.merchant.origin);
  const sent = (await response?.allHeaders()) ?? {};
  const policy = directives(sent["content-security-policy"]);
  // The simulator stands in for GoPay here, and frames the page.
  for (const [name, sources] of Object.entries(policy)) {
    const own = sources.filter((source) => !source.startsWith(shop.simulator.origin));
    policy[name] = own.length > 0 ? own : ["'none'"];
  }
  const expected = directives(hosted.get("content-security-policy"));
  expected["script-src"] = (expected["script-src"] ?? []).filter((source) => !source.startsWith("https://"));
  expect(policy).toEqual(expected);
  const fixed = [...hosted].filter(([name]) => name !== "content-security-policy" && name in sent);
  expect(fixed.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      "cross-origin-opener-policy",
      "permissions-policy",
      "referrer-policy",
      "x-content-type-options",
    ]),
  );
  for (const [name, value] of fixed) expect(sent[name], name).toBe(value);
});
