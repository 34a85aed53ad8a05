// The names by which WebAssembly and glue know each other. wasm-bindgen makes them unique among all
// crates, and half of each is a hash, which no compression makes shorter; here there is one pair of
// files, and short names do.

/** Read by people who measure. */
const KEPT = new Set(["memory"]);
const CUSTOM = 0;
const IMPORTS = 2;
const EXPORTS = 7;

/**
 * Both, with one or two letters for each name, without exports that the glue does not use, and
 * without what the compilers say about themselves.
 *
 * @param {string} glue
 * @param {Uint8Array} wasm
 * @returns {{ glue: string, wasm: Uint8Array }}
 */
export function shortenSymbols(glue, wasm) {
  const [module, ...others] = new Set(WebAssembly.Module.imports(new WebAssembly.Module(Buffer.from(wasm))).map((it) => it.module));
  if (!module || others.length > 0) throw new Error("the WebAssembly does not import from one module: the glue");
  let renamed = replace(glue, `"${module}": `, '"a": ');
  let imports = 0;
  let exports = 0;
  /** @type {Map<string, string>} */
  const exported = new Map();
  for (const [, name] of glue.matchAll(/\bwasm\.(\w+)/g)) {
    if (name && !exported.has(name)) exported.set(name, KEPT.has(name) ? name : short(exports++));
  }
  renamed = renamed.replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${exported.get(name)}`);

  const rewritten = sections(wasm).flatMap(({ id, body }) => {
    if (id === CUSTOM) return [];
    if (id === IMPORTS) {
      const all = body.vector(() => {
        body.string();
        const name = short(imports++);
        renamed = replace(renamed, `\n        ${body.string()}: `, `\n        ${name}: `);
        return [...string("a"), ...string(name), ...body.importType()];
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
  return { glue: renamed, wasm: whole };
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

/** @param {Uint8Array} wasm */
function sections(wasm) {
  const file = new Reader(wasm.subarray(8));
  const found = [];
  while (!file.isEmpty()) {
    const [id = 0] = file.bytes(1);
    found.push({ id, body: new Reader(file.bytes(file.number())) });
  }
  return found;
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

/** The binary format of WebAssembly, as far as it has to be understood. */
class Reader {
  #bytes;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  isEmpty() {
    return this.#at === this.#bytes.length;
  }

  /** @param {number} length */
  bytes(length) {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  rest() {
    return this.bytes(this.#bytes.length - this.#at);
  }

  number() {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const [byte = 0] = this.bytes(1);
      value += (byte % 128) * unit;
      if (byte < 128) return value;
    }
  }

  string() {
    return Buffer.from(this.bytes(this.number())).toString();
  }

  /**
   * @template Item
   * @param {() => Item} item
   */
  vector(item) {
    return Array.from({ length: this.number() }, item);
  }

  /** wasm-bindgen imports functions, and nothing else. */
  importType() {
    const [kind = 0] = this.bytes(1);
    if (kind !== 0) throw new Error("the WebAssembly imports something that is no function");
    return [kind, ...number(this.number())];
  }
}
