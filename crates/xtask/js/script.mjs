// The JavaScript of the bundle: the glue that wasm-bindgen wrote, and what trunk copied.
import { createRequire } from "node:module";

// xtask keeps everything that comes from npm in one folder.
const { minify } = createRequire(new URL("../../../tests/e2e/package.json", import.meta.url))("terser");

/** What the glue is taken to have in it. */
const WRITTEN = {
  exports: /^export \{[^}]*\};?\s*$/m,
  imports: /^function __wbg_get_imports\(/m,
  started: /^function __wbg_finalize_init\(/m,
  describe: /^function debugString\([^]*?^\}/m,
};

/**
 * The glue as a module that starts itself, as the script that trunk writes into the page does:
 * `window.wasmBindings` is there once the app runs. It starts in a function: Chromium 88 has no
 * `await` outside of one.
 *
 * It finds the WebAssembly beside itself, wherever that is, and compiles it as it arrives; unless
 * its type is another, as it may be where GoPay serves a package.
 *
 * @param {string} glue
 * @param {string} wasm its file's name
 */
export async function minifyGlue(glue, wasm) {
  for (const [what, part] of Object.entries(WRITTEN)) {
    // Where no panic says anything (docs/BUNDLE.md) there is nothing that describes.
    if (what === "describe" && !glue.includes("debugString")) continue;
    if (!part.test(glue)) throw new Error(`the glue has no ${part.source}: this wasm-bindgen writes it differently`);
  }
  const own = glue
    .replace(WRITTEN.exports, "")
    .replace(/^export (?=class|function|async)/gm, "")
    // It says what a value is in the message of a panic, which is never shown: `show_crashes`.
    .replace(WRITTEN.describe, 'function debugString() { return ""; }');
  return await minified(
    `${own}
    (async () => {
      const response = await fetch(new URL("${wasm}", import.meta.url));
      if (!response.ok) throw response.status;
      const started = response.headers.get("content-type") === "application/wasm"
        ? WebAssembly.instantiateStreaming(response, __wbg_get_imports())
        : WebAssembly.instantiate(await response.arrayBuffer(), __wbg_get_imports());
      const { instance, module } = await started;
      window.wasmBindings = __wbg_finalize_init(instance, module);
    })();`,
    { module: true, ecma: 2020 },
  );
}

/**
 * A classic script, in no younger a language than it is written in.
 *
 * @param {string} script
 */
export async function minifyScript(script) {
  return await minified(script, { ecma: 5 });
}

/**
 * @param {string} script
 * @param {object} options
 */
async function minified(script, options) {
  const { code } = await minify(script, { ...options, format: { comments: false } });
  return /** @type {string} */ (code);
}
