// The type declarations: of the container against its contract, of the client against the simulator.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { data, types } from "../generate-types.mjs";
import { Simulator, start } from "../gopay-simulator/index.js";
import { makeFolder } from "./support/folder.mjs";
import { installed, link } from "./support/project.mjs";

const OPTIONS = {
  module: "NodeNext",
  target: "ES2023",
  lib: ["ESNext", "DOM"],
  types: ["node"],
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  // The packages are links.
  preserveSymlinks: true,
};

/** What the compiler has to say of a file in a project with these packages. */
function compile(t, name, copy) {
  const folder = makeFolder(t);
  link(folder);
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: OPTIONS, files: [name] }));
  copy(path.join(folder, name));
  try {
    return execFileSync(process.execPath, [path.join(installed, "typescript/bin/tsc"), "--project", folder], { encoding: "utf8" });
  } catch (error) {
    return error.stdout || error.message;
  }
}

test("the generated files are what the contract makes", () => {
  const there = (file) => readFileSync(new URL(`../gopay-simulator/${file}`, import.meta.url), "utf8");
  const how = "run `node crates/simulator/npm/generate-types.mjs`";
  assert.equal(there("container.d.ts"), types(), how);
  assert.equal(there("contract.js"), data(), how);
});

test("right uses compile, and wrong ones do not", (t) => {
  const uses = fileURLToPath(new URL("types/uses.ts", import.meta.url));
  assert.equal(compile(t, "uses.ts", (copy) => copyFileSync(uses, copy)), "");
});

test("the client's types have what the simulator has, and nothing else", async (t) => {
  const keys = makeFolder(t);
  const gopay = await start({ keys });
  t.after(() => gopay.stop());
  const ledger = await gopay.ledger();
  const members = [...Object.getOwnPropertyNames(Simulator.prototype).filter((name) => name !== "constructor"), "address"];
  const record = (type, names) => {
    const entries = Object.fromEntries(names.map((name) => [name, true]));
    return `export const _${type.replace(/\W/g, "")}: Record<${type}, true> = ${JSON.stringify(entries)};\n`;
  };
  const values = ["container", "checkout", "refunds", "mini_app"].map(
    (name) => `export const ${name}: Ledger["${name}"] = ${JSON.stringify(ledger[name])};\n`,
  );
  const text = [
    'import type { FaultEndpoint, FaultKind, Ledger, Scenario, SdkFaultKind, Simulator } from "gopay-simulator";\n',
    record("keyof Simulator", members),
    record("keyof Ledger", Object.keys(ledger)),
    record("Scenario", ledger.scenarios.map(({ name }) => name)),
    record("FaultKind", ledger.harms.map((harm) => harm.do)),
    record("FaultEndpoint", ledger.harms.flatMap((harm) => harm.on)),
    record("SdkFaultKind", ledger.sdk_harms.map((harm) => harm.do)),
    ...values,
  ];
  assert.equal(compile(t, "ledger.ts", (file) => writeFileSync(file, text.join(""))), "");
});
