// The packages as npm installs them: packed into tarballs, and nothing from a registry.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeFolder } from "./support/folder.mjs";
import { link } from "./support/project.mjs";

const PACK = fileURLToPath(new URL("../pack.mjs", import.meta.url));
const VERSION = "1.2.3";
const PLATFORM = `${process.platform}-${process.arch}`;
const windows = process.platform === "win32";

/** The output of a command in a folder, with the binary that is installed there. */
const run = (folder, program, ...args) =>
  execFileSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, GOPAY_SIMULATOR_BINARY: "" },
    shell: windows,
    stdio: "pipe",
  });

/** Packs the packages with this binary; returns the paths of their tarballs. */
function pack(t, binary, ...more) {
  const args = ["--binary", binary, "--version", VERSION, "--out", makeFolder(t), ...more];
  return execFileSync(process.execPath, [PACK, ...args], { encoding: "utf8", stdio: "pipe" }).trim().split("\n");
}

/** Manifest and files of each tarball. The binary is a small file in the place of the real one: it is not run. */
const packed = (t, ...more) => pack(t, fileURLToPath(import.meta.url), ...more).map(contentOf);

function contentOf(tarball) {
  const tar = (...args) => execFileSync("tar", args, { encoding: "utf8" });
  const files = tar("-tzf", tarball).trim().split(/\r?\n/).map((name) => name.replace(/^package\//, "")).sort();
  return { files, manifest: JSON.parse(tar("-xzOf", tarball, "package/package.json")) };
}

test("a project installs the tarballs, and starts and calls the simulator", async (t) => {
  const [main, , platform] = pack(t, process.env.GOPAY_SIMULATOR_BINARY);
  const project = makeFolder(t);
  writeFileSync(path.join(project, "package.json"), '{ "private": true, "type": "module" }');
  run(project, "npm", "install", "--offline", "--no-audit", "--no-fund", main, platform);

  assert.match(run(project, "npx", "--offline", "gopay-simulator", "--version"), /^gopay-simulator \d+\.\d+\.\d+\n$/);

  writeFileSync(
    path.join(project, "use.js"),
    `import { start } from "gopay-simulator";
    import { install } from "gopay-simulator/mock";
    const gopay = await start({ keys: "." });
    const health = await fetch(gopay.address + "/healthz");
    const { payments } = await gopay.ledger();
    await gopay.stop();
    install();
    console.log(health.status, payments.length, typeof gpContainer.call);`,
  );
  assert.equal(run(project, process.execPath, "use.js"), "200 0 function\n");
});

test("each tarball has its files, and all have one version", (t) => {
  const [main, playwright, platform] = packed(t);
  const licences = ["LICENSE-APACHE", "LICENSE-MIT"];
  assert.deepEqual(main.files, [
    ...licences,
    "README.md",
    "bin/gopay-simulator.js",
    "binary.js",
    "client.js",
    "container.d.ts",
    "contract.js",
    "error.js",
    "index.d.ts",
    "index.js",
    "mock.d.ts",
    "mock.js",
    "package.json",
    "start.js",
  ]);
  const sheet = ["sheet.d.ts", "sheet.js"];
  assert.deepEqual(playwright.files, [...licences, "README.md", "index.d.ts", "index.js", "package.json", ...sheet]);
  const binary = windows ? "gopay-simulator.exe" : "gopay-simulator";
  assert.deepEqual(platform.files, [...licences, binary, "package.json"]);
  assert.equal(platform.manifest.name, `@gopay-simulator/${PLATFORM}`);
  for (const { manifest } of [main, playwright, platform]) {
    assert.equal(manifest.version, VERSION);
    assert.equal(manifest.scripts, undefined);
  }
  assert.deepEqual([...new Set(Object.values(main.manifest.optionalDependencies))], [VERSION]);
  assert.deepEqual(playwright.manifest.dependencies, { "gopay-simulator": VERSION });
});

test("the template makes a package for each platform", (t) => {
  const manifestOf = (platform) => packed(t, "--platform", platform)[2].manifest;
  const { os, cpu, libc, name, description } = manifestOf("linux-arm64");
  assert.deepEqual({ os, cpu, libc, name, description }, {
    os: ["linux"],
    cpu: ["arm64"],
    libc: ["glibc"],
    name: "@gopay-simulator/linux-arm64",
    description: "The binary of gopay-simulator for linux-arm64",
  });
  const win32 = manifestOf("win32-x64");
  assert.deepEqual([win32.os, win32.cpu, win32.libc], [["win32"], ["x64"], undefined]);
});

test("a platform that the package does not list is refused", (t) => {
  const why = /gopay-simulator\/package\.json does not list @gopay-simulator\/freebsd-x64/;
  assert.throws(() => packed(t, "--platform", "freebsd-x64"), { message: why });
});

test("the fixture has a process for each worker, and resets it before each test", async (t) => {
  const project = makeFolder(t);
  link(project);
  writeFileSync(path.join(project, "package.json"), '{ "private": true, "type": "module" }');
  writeFileSync(
    path.join(project, "playwright.config.js"),
    `export default { workers: 1, reporter: "line", use: { gopayOptions: { keys: "${project.replaceAll("\\", "/")}" } } };`,
  );
  writeFileSync(
    path.join(project, "fixture.spec.js"),
    `import { expect, test } from "@gopay-simulator/playwright";
    let first;
    test("one", async ({ gopay }) => {
      first = gopay.address;
      await gopay.setScenario("outside");
      expect((await gopay.ledger()).scenario).toBe("outside");
    });
    test("two", async ({ gopay }) => {
      expect(gopay.address).toBe(first);
      expect((await gopay.ledger()).scenario).toBe("default");
      console.log("was at " + gopay.address);
    });`,
  );
  const playwright = spawn(process.execPath, [path.join(project, "node_modules/@playwright/test/cli.js"), "test"], {
    cwd: project,
    // The packages are links, and find each other where the links are.
    env: { ...process.env, NODE_OPTIONS: "--preserve-symlinks --preserve-symlinks-main" },
  });
  let output = "";
  for (const stream of [playwright.stdout, playwright.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(playwright, "close");
  assert.equal(code, 0, output);
  assert.match(output, /2 passed/);
  const [, address] = /was at (http:\S+)/.exec(output);
  await assert.rejects(fetch(`${address}/healthz`));
});
