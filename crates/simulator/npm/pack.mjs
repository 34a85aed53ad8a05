// Packs the npm packages: `gopay-simulator`, `@gopay-simulator/playwright`, and the binary for one platform.
//
//   node pack.mjs --binary BINARY --version VERSION --out FOLDER [--platform linux-x64]
//
// Prints the paths of the tarballs.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.join(here, "../../..");
const NAME = "gopay-simulator";

/** @typedef {{ name: string, version: string, [field: string]: unknown }} Manifest */

/** @param {string} folder @returns {Manifest} */
const manifestIn = (folder) => JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));

/**
 * With this version, in the packages that it depends on too.
 *
 * @param {Manifest} manifest
 * @param {string} version
 * @returns {Manifest}
 */
function released(manifest, version) {
  const own = (/** @type {string} */ name) => name === NAME || name.startsWith(`@${NAME}/`);
  /** @type {Manifest} */
  const result = { ...manifest, version };
  for (const field of ["dependencies", "optionalDependencies"]) {
    const needs = Object.entries(manifest[field] ?? {}).map(([name, range]) => [name, own(name) ? version : range]);
    if (needs.length > 0) result[field] = Object.fromEntries(needs);
  }
  return result;
}

/**
 * The package of one platform's binary, from the template.
 *
 * @param {string} platform
 * @returns {Manifest}
 */
function platformManifest(platform) {
  const [os, cpu] = platform.split("-");
  const template = JSON.stringify(manifestIn(path.join(here, "platform"))).replaceAll("PLATFORM", platform);
  // The binary for Linux is linked with glibc.
  return { ...JSON.parse(template), os: [os], cpu: [cpu], ...(os === "linux" ? { libc: ["glibc"] } : {}) };
}

const { values } = parseArgs({
  options: {
    binary: { type: "string" },
    version: { type: "string" },
    out: { type: "string" },
    platform: { type: "string", default: `${process.platform}-${process.arch}` },
  },
});
const { binary, version, out, platform } = values;
if (!binary || !version || !out || !platform) throw new Error("--binary, --version and --out are needed");

const main = manifestIn(path.join(here, NAME));
const platformPackage = platformManifest(platform);
if (!(platformPackage.name in Object(main.optionalDependencies))) {
  throw new Error(`${NAME}/package.json does not list ${platformPackage.name}`);
}

const stage = mkdtempSync(path.join(tmpdir(), "gopay-simulator-npm-"));
try {
  for (const [folder, manifest] of /** @type {const} */ ([
    [NAME, main],
    ["playwright", manifestIn(path.join(here, "playwright"))],
    ["platform", platformPackage],
  ])) {
    const staged = path.join(stage, folder);
    cpSync(path.join(here, folder), staged, { recursive: true });
    writeFileSync(path.join(staged, "package.json"), `${JSON.stringify(released(manifest, version), null, 2)}\n`);
    for (const licence of ["LICENSE-APACHE", "LICENSE-MIT"]) cpSync(path.join(repository, licence), path.join(staged, licence));
  }
  cpSync(binary, path.join(stage, "platform", `${NAME}${platform.startsWith("win32") ? ".exe" : ""}`));
  mkdirSync(out, { recursive: true });
  const folders = [NAME, "playwright", "platform"].map((folder) => `./${folder}`);
  const options = ["--json", "--offline", "--ignore-scripts", "--pack-destination", path.resolve(out)];
  const packed = execFileSync("npm", ["pack", ...folders, ...options], {
    cwd: stage,
    encoding: "utf8",
    // npm is a script on Windows.
    shell: process.platform === "win32",
  });
  for (const { filename } of JSON.parse(packed)) console.log(path.join(out, filename));
} finally {
  rmSync(stage, { recursive: true });
}
