import path from "node:path";

function needed(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: run these tests with \`cargo xtask test e2e\``);
  }
  return value;
}

/** The repository. */
const root = path.resolve(import.meta.dirname, "../../..");

/** The files that `cargo xtask test e2e` built. */
export const environment = {
  root,
  merchant: needed("MERCHANT_BIN"),
  simulator: needed("SIMULATOR_BIN"),
  dist: needed("DIST"),
  /** The preview bundle, which has the debug view. */
  debugDist: needed("DEBUG_DIST"),
  /** The bundle as trunk and wasm-opt make it. */
  plainDist: needed("PLAIN_DIST"),
  /** The bundle as a package for Container V1; its merchant is at `packagesMerchant`. */
  package: needed("PACKAGE"),
  packagesMerchant: "http://kedai.localhost",
  chromium: needed("CHROMIUM"),
  /** The folder of old engines, and WebKit's driver where there is one. */
  engines: needed("ENGINES"),
  webkitDriver: process.env.WEBKIT_DRIVER,
  /** Where the run's results go, for xtask. */
  results: process.env.RESULTS ?? "test-results/results.json",
  /** Whether a test that fails leaves a trace. */
  trace: Boolean(process.env.TRACE),
  /** Where the gallery's pictures go. */
  gallery: needed("GALLERY"),
  /** What the gallery's states are made of. */
  states: path.join(root, "tests/gallery"),
  merchantConfig: path.join(root, "crates/merchant/merchant.toml"),
  sandboxConfig: path.join(root, "crates/merchant/merchant.sandbox.toml"),
  catalogue: path.join(root, "tests/fixtures/shop.toml"),
  pictures: path.join(root, "docs/pictures"),
};
