// The sizes of the files, as JSON and as a table.

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size what a browser gets in each encoding, in bytes */

/**
 * @param {Map<string, { content: Uint8Array, br?: Uint8Array, gz?: Uint8Array }>} files
 * @returns {{ files: Record<string, Size>, total: Size }} in the order of the names
 */
export function sizes(files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  const entries = [...files].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, file]) => {
    const raw = file.content.length;
    const size = { raw, gzip: file.gz?.length ?? raw, brotli: file.br?.length ?? raw };
    total.raw += size.raw;
    total.gzip += size.gzip;
    total.brotli += size.brotli;
    return /** @type {const} */ ([name, size]);
  });
  return { files: Object.fromEntries(entries), total };
}

/**
 * A line per file, the pictures as one.
 *
 * @param {ReturnType<typeof sizes>} sizes
 */
export function table({ files, total }) {
  const pictures = { raw: 0, brotli: 0 };
  /** @type {[string, { raw: number, brotli: number }][]} */
  const lines = [];
  for (const [name, size] of Object.entries(files)) {
    if (name.startsWith("assets/")) {
      pictures.raw += size.raw;
      pictures.brotli += size.brotli;
    } else {
      lines.push([name, size]);
    }
  }
  lines.push(["assets/", pictures], ["all of it", total]);
  const width = Math.max(...lines.map(([name]) => name.length));
  const row = (/** @type {string} */ name, /** @type {unknown} */ raw, /** @type {unknown} */ brotli) =>
    `  ${name.padEnd(width)}  ${String(raw).padStart(8)}  ${String(brotli).padStart(8)}`;
  return [row("bytes", "raw", "brotli"), ...lines.map(([name, { raw, brotli }]) => row(name, raw, brotli))].join("\n");
}
