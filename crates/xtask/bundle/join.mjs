// node join.mjs <the parts' folder> <the second part>: makes one whole of the two parts of the app's
// WebAssembly and the glue, each in its place. What nobody uses is no longer exported then, and wasm-opt
// can take it out.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { LATER, withLoader } from "./later.mjs";
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
