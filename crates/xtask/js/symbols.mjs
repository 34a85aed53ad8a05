// The names by which the parts of the WebAssembly and the glue know each other. wasm-bindgen makes
// them unique among all crates, and half of each is a hash, which no compression makes shorter; here
// there is one of each file, and short names do.

import { sections } from "./sections.mjs";

/** Read by measurements. */
const KEPT = new Set(["memory"]);
const IMPORTS = 2;
const EXPORTS = 7;

/** @typedef {{ glue: string, wasm: Uint8Array, later: Uint8Array }} Parts */

/**
 * All of them, with one or two letters for each name, and without unused exports.
 *
 * @param {Parts} parts `later` imports from `wasm` what it needs, and both see the glue's functions
 * @returns {Parts}
 */
export function shortenSymbols({ glue, wasm, later }) {
  /** @type {Map<string, string>} */
  const modules = new Map();
  let renamed = glue;
  for (const { module } of importsOf(wasm)) {
    if (modules.has(module)) continue;
    modules.set(module, short(modules.size));
    renamed = replace(renamed, `"${module}": `, `"${modules.get(module)}": `);
  }
  /** @type {Map<string, string>} */
  const exported = new Map();
  const used = [...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name = ""]) => name);
  const needed = importsOf(later).map(({ name }) => name);
  for (const name of [...used, ...needed]) {
    if (!exported.has(name)) exported.set(name, KEPT.has(name) ? name : short(exported.size));
  }
  renamed = renamed.replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${exported.get(name)}`);

  let imports = 0;
  const first = rewrite(wasm, exported, (module, name) => {
    const now = short(imports++);
    renamed = replace(renamed, `\n        ${name}: `, `\n        ${now}: `);
    return [modules.get(module) ?? "", now];
  });
  const there = new Set(WebAssembly.Module.exports(compiled(wasm)).map(({ name }) => name));
  const missing = needed.find((name) => !there.has(name));
  if (missing) throw new Error(`the second part needs ${missing}, which the first does not export`);
  const second = rewrite(later, new Map(), (module, name) => [module, exported.get(name) ?? ""]);
  return { glue: renamed, wasm: first, later: second };
}

/** @param {Uint8Array} wasm */
function compiled(wasm) {
  return new WebAssembly.Module(Buffer.from(wasm));
}

/** @param {Uint8Array} wasm */
function importsOf(wasm) {
  return WebAssembly.Module.imports(compiled(wasm));
}

/**
 * @param {Uint8Array} wasm
 * @param {Map<string, string>} exported the exports that stay, by their names until now
 * @param {(module: string, name: string) => [string, string]} imported both for an import
 */
function rewrite(wasm, exported, imported) {
  const rewritten = sections(wasm).flatMap(({ id, body }) => {
    if (id === IMPORTS) {
      const all = body.vector(() => {
        const names = imported(body.string(), body.string());
        return [...names.flatMap(string), ...body.importType()];
      });
      return section(id, vector(all));
    }
    if (id === EXPORTS) {
      const all = body.vector(() => ({ name: body.string(), target: [...body.bytes(1), ...number(body.number())] }));
      const used = all.flatMap(({ name, target }) => {
        const known = exported.get(name);
        return known ? [[...string(known), ...target]] : [];
      });
      return section(id, vector(used));
    }
    return section(id, body.rest());
  });
  const whole = Buffer.concat([wasm.subarray(0, 8), ...rewritten]);
  if (!WebAssembly.validate(whole)) throw new Error("the WebAssembly with short names is broken");
  return whole;
}

/** @param {number} index */
function short(index) {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const first = letters.charAt(index % letters.length);
  const rest = Math.floor(index / letters.length);
  return rest === 0 ? first : first + letters.charAt(rest - 1);
}

/**
 * @param {string} text
 * @param {string} old
 * @param {string} now
 */
function replace(text, old, now) {
  const [before, after, ...more] = text.split(old);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`the glue has ${old.trim()} not once: this wasm-bindgen writes it differently`);
  }
  return before + now + after;
}

/**
 * @param {number} id
 * @param {Uint8Array} body
 */
function section(id, body) {
  return [Uint8Array.of(id, ...number(body.length)), body];
}

/** @param {Iterable<number>[]} items */
function vector(items) {
  return Uint8Array.from([...number(items.length), ...items.flatMap((item) => [...item])]);
}

/** @param {string} text */
function string(text) {
  return [...number(text.length), ...Buffer.from(text)];
}

/** @param {number} value */
function number(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
