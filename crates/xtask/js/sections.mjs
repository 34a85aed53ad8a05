// The binary format of WebAssembly, as far as it has to be understood.

const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;

/** @param {Uint8Array} wasm */
export function sections(wasm) {
  const file = new Reader(wasm.subarray(8));
  const found = [];
  while (!file.isEmpty()) {
    const [id = 0] = file.bytes(1);
    found.push({ id, body: file.inner() });
  }
  return found;
}

/** Reads what follows one another. */
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

  /** What stands in itself, after its length. */
  inner() {
    return new Reader(this.bytes(this.number()));
  }

  /** What an import is, after its names. */
  importType() {
    const start = this.#at;
    const [kind = 0] = this.bytes(1);
    if (kind === FUNCTION) this.number();
    else if (kind === GLOBAL) this.bytes(2);
    else {
      if (kind > MEMORY) throw new Error(`the WebAssembly imports something of the unknown kind ${kind}`);
      if (kind === TABLE) this.bytes(1);
      const [flags = 0] = this.bytes(1);
      this.number();
      if (flags & 1) this.number();
    }
    return this.#bytes.subarray(start, this.#at);
  }
}
