// node join.mjs <the parts' folder> <the second part>: fits the two parts of the app's WebAssembly and the
// glue together, in place. Exports that neither uses go, so that wasm-opt can take out their code.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LATER, withLoader } from "./loader.mjs";
import { shortenSymbols } from "./symbols.mjs";

const [folder, second] = process.argv.slice(2);
if (!folder || !second) throw new Error("usage: node join.mjs <the parts' folder> <the second part>");

const [glue, wasm] = [path.join(folder, "mini-app.js"), path.join(folder, "mini-app_bg.wasm")];
const whole = shortenSymbols({
  glue: withLoader(readFileSync(glue, "utf8")),
  wasm: readFileSync(wasm),
  later: readFileSync(second),
});
writeFileSync(glue, whole.glue);
writeFileSync(wasm, whole.wasm);
writeFileSync(path.join(folder, LATER), whole.later);
