// The JavaScript of the bundle: the glue that wasm-bindgen wrote, and what trunk copied.
import { createRequire } from "node:module";

// xtask keeps everything that comes from npm in one folder.
const { minify } = createRequire(new URL("../../../tests/e2e/package.json", import.meta.url))("terser");

/**
 * The glue as a module that starts itself, as the script that trunk writes into the page does:
 * `window.wasmBindings` is there, and an event is sent, once the app runs.
 *
 * It finds the WebAssembly beside itself, wherever that is.
 *
 * @param {string} glue
 * @param {string} wasm its file's name
 */
export async function minifyGlue(glue, wasm) {
  const exported = /^export \{[^}]*\b(\w+) as default[^}]*\};?\s*$/m.exec(glue);
  if (!exported) throw new Error("the glue has no default export: this wasm-bindgen writes it differently");
  const own = glue.replace(exported[0], "").replace(/^export (?=class|function|async)/gm, "");
  return await minified(
    `${own}
    {
      const started = await ${exported[1]}({ module_or_path: new URL("${wasm}", import.meta.url) });
      window.wasmBindings = started;
      dispatchEvent(new CustomEvent("TrunkApplicationStarted", { detail: { wasm: started } }));
    }`,
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
