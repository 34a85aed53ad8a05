// The way from the first part of the app's WebAssembly to the second, which wasm-split leaves open.

/** The module from which wasm-split has the first part import the way to the second. */
const SPLIT = "./__wasm_split.js";
const IMPORT = new RegExp(`^import \\* as (\\w+) from "${SPLIT.replaceAll(".", "\\.")}";?\\s*$`, "m");

/** What the second part is called before its content is known; seen from the glue. */
export const LATER = "later.wasm";

/** Milliseconds that the second part may take, as `src/boot.js` has it for the first. */
const PATIENCE = 15_000;

/**
 * The glue that wasm-bindgen wrote, with the loader in it. Told once whether the second part is
 * there, the app may ask again where it is not; what comes after that is not let in, for by then
 * another may run.
 *
 * @param {string} glue
 */
export function withLoader(glue) {
  const found = IMPORT.exec(glue);
  if (!found) throw new Error(`the glue does not import ${SPLIT}: this wasm-bindgen writes it differently`);
  return `${glue.replace(found[0], "")}
function loadLater(callback, data) {
    let waits = true;
    const answer = (isThere) => {
        if (!waits) return;
        waits = false;
        wasm.__indirect_function_table.get(callback)(data, isThere);
    };
    const load = async () => {
        const response = await fetch(new URL("${LATER}", import.meta.url));
        if (!response.ok) throw response.status;
        const module = await WebAssembly.compile(await response.arrayBuffer());
        if (waits) await WebAssembly.instantiate(module, { __wasm_split: wasm });
    };
    setTimeout(answer, ${PATIENCE}, 0);
    load().then(() => answer(1), () => answer(0));
}
const ${found[1]} = {
        __wasm_split_load_later: loadLater,
};
`;
}
