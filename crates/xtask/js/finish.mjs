// node finish.mjs <trunk's folder> <the bundle's folder> [<the parts' folder>]: makes the bundle and
// says how large it is. Without parts the bundle is what trunk built, and compressed copies.
// What was there before is replaced at the end, or stays as it was. The hash of each file is written beside trunk's
// folder.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { finish, withCopies } from "./bundle.mjs";
import { checksums } from "./names.mjs";
import { table } from "./sizes.mjs";

const [from, to, parts] = process.argv.slice(2);
if (!from || !to) throw new Error("usage: node finish.mjs <trunk's folder> <the bundle's folder> [<the parts' folder>]");

/** @param {string} folder */
function filesIn(folder) {
  /** @type {import("./bundle.mjs").Files} */
  const files = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    // Node before 20.12 has it under its older name.
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile()) files.set(path.relative(folder, file).replaceAll(path.sep, "/"), readFileSync(file));
  }
  return files;
}

const { files, sizes } = parts ? await finish(filesIn(from), filesIn(parts)) : withCopies(filesIn(from));
const unfinished = `${path.resolve(to)}.unfinished`;
rmSync(unfinished, { recursive: true, force: true });
try {
  for (const [name, content] of files) {
    const file = path.join(unfinished, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  // Aside and not away, so that one of the two is there whatever happens.
  const before = `${path.resolve(to)}.before`;
  rmSync(before, { recursive: true, force: true });
  if (existsSync(to)) renameSync(to, before);
  renameSync(unfinished, to);
  rmSync(before, { recursive: true, force: true });
  writeFileSync(`${path.resolve(from)}.sha256`, checksums(files));
} finally {
  rmSync(unfinished, { recursive: true, force: true });
}
console.log(`\n${table(sizes)}`);
