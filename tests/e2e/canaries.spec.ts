// The search for secrets in what a test leaves behind finds them.
import { expect, test } from "@playwright/test";
import { canariesIn, spellings } from "./support/canaries.ts";

test("a canary is found in each spelling, between other bytes", () => {
  const canary = "RahasiaKenari7x";
  for (const before of ["", "a", "ab", "abc"]) {
    const text = `${before}${canary}and more`;
    for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
      const found = canariesIn(`\xff\0${Buffer.from(text).toString(encoding)}\xc3`);
      expect(found[0], `${text} in ${encoding}`).toContain("a secret of GoPay's");
    }
  }
  expect(canariesIn("-----BEGIN PRIVATE KEY-----")).toHaveLength(1);
  expect(canariesIn("budi%40surat.example")).toHaveLength(1);
  expect(canariesIn("Kopi Susu Senja")).toEqual([]);
  expect(spellings("+/ ").length).toBeGreaterThan(8);
});
