// node fetch-engines.mjs <folder>: brings the old Chromiums of engines.json into the folder, each as `chromium-<major>`.
// They come as packages of npm, for Linux on x86-64 alone, compressed with brotli. One that cannot be had is
// left out, with a line that says so.
//
// Invariant: a file under its final name is whole, and what was published under that version.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { brotliDecompressSync } from "node:zlib";

const [folder = ""] = process.argv.slice(2);
if (!folder) throw new Error("usage: node fetch-engines.mjs <folder>");

/** @type {{ major: number, package: string, version: string, integrity: string }[]} */
const engines = JSON.parse(readFileSync(new URL("engines.json", import.meta.url), "utf8"));

/** @param {typeof engines[number]} engine @param {string} program where it goes */
function fetchEngine(engine, program) {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(path.join(folder, ".fetch-"));
  const run = (/** @type {string} */ command, /** @type {string[]} */ options) =>
    execFileSync(command, options, { cwd: scratch, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  try {
    const archive = run("npm", ["pack", "--silent", `${engine.package}@${engine.version}`]);
    const digest = createHash("sha512").update(readFileSync(path.join(scratch, archive))).digest("base64");
    if (`sha512-${digest}` !== engine.integrity) throw new Error("the package is not the one that was published");
    const packed = "package/bin/chromium.br";
    run("tar", ["-xzf", archive, packed]);
    const unpacked = path.join(scratch, "chromium");
    writeFileSync(unpacked, brotliDecompressSync(readFileSync(path.join(scratch, packed))), { mode: 0o755 });
    renameSync(unpacked, program);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

for (const engine of process.platform === "linux" && process.arch === "x64" ? engines : []) {
  const program = path.join(folder, `chromium-${engine.major}`);
  if (existsSync(program)) continue;
  console.log(`xtask: fetching Chromium ${engine.major} into ${folder} (once)`);
  try {
    fetchEngine(engine, program);
  } catch (error) {
    console.log(`xtask: Chromium ${engine.major} cannot be had: ${error instanceof Error ? error.message : error}`);
  }
}
