// What a WebAssembly module is made of, by crate and by function, from the names in it:
// `cargo xtask size`. Sizes are of the code as it runs; the network carries about a third of it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { argv } from "node:process";
import { sections } from "./sections.mjs";

const [, , file = "", functions = "40"] = argv;
const wasm = readFileSync(file);

const CUSTOM = 0;
const CODE = 10;
const DATA = 11;
/** Of the names: those of functions. */
const FUNCTIONS = 1;

/** @type {number[]} */
let sizes = [];
let data = 0;
/** @type {Map<number, string>} */
const names = new Map();
for (const { id, body } of sections(wasm)) {
  if (id === CODE) sizes = body.vector(() => body.bytes(body.number()).length);
  else if (id === DATA) data = body.rest().length;
  else if (id === CUSTOM && body.string() === "name") readNames(body);
}
// Their numbers come before those of the module's own.
const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm));
const imported = imports.filter(({ kind }) => kind === "function").length;

/** @param {ReturnType<typeof sections>[number]["body"]} body */
function readNames(body) {
  while (!body.isEmpty()) {
    const [kind] = body.bytes(1);
    const some = body.inner();
    if (kind === FUNCTIONS) some.vector(() => names.set(some.number(), readable(some.string())));
  }
}

/**
 * wasm-bindgen demangles the names of the first part only.
 *
 * @param {string} name
 */
function readable(name) {
  if (!name.startsWith("_ZN")) return name;
  /** @type {Record<string, string>} */
  const signs = { LT: "<", GT: ">", RF: "&", BP: "*", C: "," };
  const path = [];
  for (let rest = name.slice(3); /^\d/.test(rest); ) {
    const digits = /^\d+/.exec(rest)?.[0] ?? "";
    path.push(rest.slice(digits.length, digits.length + Number(digits)));
    rest = rest.slice(digits.length + Number(digits));
  }
  return path
    .map((part) => part.replace(/^_(?=\$)/, ""))
    .join("::")
    .replaceAll("..", "::")
    .replace(/\$u([0-9a-f]{2})\$/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/\$([A-Z]+)\$/g, (sign, word) => signs[word] ?? sign);
}
if (names.size === 0) throw new Error(`${file} has no names: build it with CARGO_PROFILE_RELEASE_STRIP=false`);

/**
 * The crate whose code it is: of `<A as b::C>::d` that of A, of `core::ptr::drop_in_place<a::B>` a.
 *
 * @param {string} name
 */
function crateOf(name) {
  const drop = /drop_in_place(?:::)?<(?:.*?)([a-z_][a-z_0-9]*)(?:\[[0-9a-f]+\])?::/.exec(name);
  const path = /([a-z_][a-z_0-9]*)(?:\[[0-9a-f]+\])?::/.exec(name);
  return (drop ?? path)?.[1] ?? "other";
}

/** @type {Map<string, { size: number, count: number }>} */
const crates = new Map();
/** @type {Map<string, number>} */
const byName = new Map();
sizes.forEach((size, index) => {
  const name = (names.get(imported + index) ?? "other").replace(/::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]/g, "");
  const crate = crates.get(crateOf(name)) ?? { size: 0, count: 0 };
  crate.size += size;
  crate.count += 1;
  crates.set(crateOf(name), crate);
  byName.set(name, (byName.get(name) ?? 0) + size);
});

const code = sizes.reduce((sum, size) => sum + size, 0);
const column = (/** @type {number} */ number) => number.toLocaleString("en").padStart(9);
console.log(`\n${path.basename(file)}\n${column(code)}  code, ${sizes.length} functions\n${column(data)}  data\n`);
for (const [crate, { size, count }] of [...crates].sort(([, a], [, b]) => b.size - a.size)) {
  if (size >= 1000) console.log(`${column(size)}  ${crate} (${count})`);
}
console.log("");
for (const [name, size] of [...byName].sort(([, a], [, b]) => b - a).slice(0, Number(functions))) {
  console.log(`${column(size)}  ${name}`);
}
