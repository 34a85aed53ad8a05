// A project of the tests that has packages installed: these ones, and those of tests/e2e.

import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const npm = fileURLToPath(new URL("../..", import.meta.url));

/** Where npm has installed TypeScript and Playwright. */
export const installed = path.join(npm, "../../../tests/e2e/node_modules");

/** Links the packages into the folder. */
export function link(folder) {
  const modules = path.join(folder, "node_modules");
  mkdirSync(path.join(modules, "@gopay-simulator"), { recursive: true });
  const links = readdirSync(installed).map((name) => [path.join(installed, name), name]);
  links.push([path.join(npm, "gopay-simulator"), "gopay-simulator"]);
  links.push([path.join(npm, "playwright"), "@gopay-simulator/playwright"]);
  for (const [target, name] of links) symlinkSync(target, path.join(modules, name), "junction");
}
