// Loads the second part of the app's WebAssembly from the first, which wasm-split leaves to others.

/** The module from which wasm-split has the first part import the way to the second. */
const SPLIT = "./__wasm_split.js";
const IMPORT = new RegExp(`^import \\* as (\\w+) from "${SPLIT.replaceAll(".", "\\.")}";?\\s*$`, "m");

/** What the second part is called before its content is known; seen from the glue. */
export const LATER = "later.wasm";

/** From the request to the last byte. The request leaves before the buyer needs the second part. */
const LOAD_TIMEOUT_MS = 30_000;

/**
 * The glue that wasm-bindgen wrote, with the loader in it. The app is told once whether the second
 * part is there, and may ask again where it is not.
 *
 * @param {string} glue
 */
export function withLoader(glue) {
  const found = IMPORT.exec(glue);
  if (!found) throw new Error(`the glue does not import ${SPLIT}: this wasm-bindgen writes it differently`);
  return `${glue.replace(found[0], "")}
function loadLater(callback, data) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ${LOAD_TIMEOUT_MS});
    const answer = (isThere) => wasm.__indirect_function_table.get(callback)(data, isThere);
    const load = async () => {
        const response = await fetch(new URL("${LATER}", import.meta.url), { signal: abort.signal });
        if (!response.ok) throw response.status;
        const module = await WebAssembly.compile(await response.arrayBuffer());
        clearTimeout(timer);
        await WebAssembly.instantiate(module, { __wasm_split: wasm });
    };
    load().then(() => answer(1), () => {
        clearTimeout(timer);
        answer(0);
    });
}
const ${found[1]} = {
        __wasm_split_load_later: loadLater,
};
`;
}
