// What a WebAssembly module is made of, by crate and by function, from the names in it:
// `cargo xtask size`. Sizes are of the code as it runs; the network carries about a third of it.
import { readFileSync } from "node:fs";
import { argv } from "node:process";

const [, , file, functions = "40"] = argv;
const wasm = readFileSync(file);

/** Reads a module's sections from some place on. */
class Reader {
  constructor(at = 0) {
    this.at = at;
  }
  byte() {
    return wasm[this.at++];
  }
  number() {
    let result = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      result += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return result;
    }
  }
  text() {
    const length = this.number();
    this.at += length;
    return wasm.toString("utf8", this.at - length, this.at);
  }
  limits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) this.number();
  }
}

const IMPORT = 2;
const CODE = 10;
const DATA = 11;
const CUSTOM = 0;

let imported = 0;
let data = 0;
const sizes = [];
const names = new Map();

/** Counts imported functions: the numbers of the module's own come after theirs. */
function readImports(reader) {
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === 0) {
      reader.number();
      imported += 1;
    } else if (kind === 1) {
      reader.byte();
      reader.limits();
    } else if (kind === 2) reader.limits();
    else if (kind === 3) reader.at += 2;
    else throw new Error(`${file}: an import of kind ${kind}, which this reader does not know`);
  }
}

function readCode(reader) {
  for (let left = reader.number(); left > 0; left -= 1) {
    const start = reader.at;
    const length = reader.number();
    reader.at += length;
    sizes.push(reader.at - start);
  }
}

function readNames(reader, end) {
  while (reader.at < end) {
    const kind = reader.byte();
    const next = reader.number() + reader.at;
    if (kind === 1) {
      for (let left = reader.number(); left > 0; left -= 1) names.set(reader.number(), reader.text());
    }
    reader.at = next;
  }
}

const sections = new Reader(8);
while (sections.at < wasm.length) {
  const kind = sections.byte();
  const length = sections.number();
  const end = sections.at + length;
  const reader = new Reader(sections.at);
  if (kind === IMPORT) readImports(reader);
  else if (kind === CODE) readCode(reader);
  else if (kind === DATA) data = length;
  else if (kind === CUSTOM && reader.text() === "name") readNames(reader, end);
  sections.at = end;
}
if (names.size === 0) throw new Error(`${file} has no names: build it with CARGO_PROFILE_RELEASE_STRIP=false`);

/** The crate whose code it is: of `<A as b::C>::d` that of A, of `core::ptr::drop_in_place<a::B>` a. */
function crateOf(name) {
  const drop = /drop_in_place(?:::)?<(?:.*?)([a-z_][a-z_0-9]*)(?:\[[0-9a-f]+\])?::/.exec(name);
  const path = /([a-z_][a-z_0-9]*)(?:\[[0-9a-f]+\])?::/.exec(name);
  return (drop ?? path)?.[1] ?? "other";
}

const crates = new Map();
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
const column = (number) => number.toLocaleString("en").padStart(9);
console.log(`${column(code)}  code, ${sizes.length} functions\n${column(data)}  data\n`);
const largest = (map, sizeOf) => [...map].sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
for (const [crate, { size, count }] of largest(crates, ({ size }) => size)) {
  if (size >= 1000) console.log(`${column(size)}  ${crate} (${count})`);
}
console.log("");
for (const [name, size] of largest(byName, (size) => size).slice(0, Number(functions))) {
  console.log(`${column(size)}  ${name}`);
}
