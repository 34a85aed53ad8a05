// Finds the binary: npm installs the one package of `optionalDependencies` that is for this platform.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { SimulatorError } from "./error.js";

/** The path of another binary, such as one that was built from the sources. */
const VARIABLE = "GOPAY_SIMULATOR_BINARY";

const require = createRequire(import.meta.url);

/** @returns its path */
export function binary() {
  const named = process.env[VARIABLE];
  if (named) return named;
  const platform = `${process.platform}-${process.arch}`;
  const name = `@gopay-simulator/${platform}`;
  const { optionalDependencies } = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"));
  const built = `build it with \`cargo build -p simulator\` and set ${VARIABLE} to its path`;
  if (!(name in optionalDependencies)) {
    const platforms = Object.keys(optionalDependencies).map((name) => name.split("/")[1]);
    throw new SimulatorError(`gopay-simulator has no binary for ${platform}, only for ${platforms.join(", ")}: ${built}`);
  }
  try {
    return require.resolve(`${name}/gopay-simulator${process.platform === "win32" ? ".exe" : ""}`);
  } catch (cause) {
    const reasons = "npm leaves it out with --omit=optional, by the lock file of another platform, and on Linux without glibc";
    throw new SimulatorError(`${name} is not installed: ${reasons}; install it, or ${built}`, { cause });
  }
}
