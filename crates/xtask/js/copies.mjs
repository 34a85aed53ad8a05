// Compressed copies for servers that send them as they are.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WORTH_IT = /\.(?:css|html|js|svg|wasm)$/;

/** How brotli may divide a file: into blocks of two to the power of this; 0: as it likes. */
const BLOCKS = [0, 16, 17];
/** @type {[postfix: number, direct: number][]} and how it may write distances */
const DISTANCES = [[0, 0], [0, 4], [1, 2], [2, 8]];

/**
 * The smallest of what brotli can make of it: which way suits a file shows only when it is tried. Of
 * the app's first part the best is up to 1.2 KB smaller than the first.
 *
 * @param {Uint8Array} content
 */
function packed(content) {
  const tries = BLOCKS.flatMap((block) =>
    DISTANCES.map(([postfix, direct]) =>
      brotliCompressSync(content, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
          [constants.BROTLI_PARAM_LGBLOCK]: block,
          [constants.BROTLI_PARAM_NPOSTFIX]: postfix,
          [constants.BROTLI_PARAM_NDIRECT]: direct,
        },
      }),
    ),
  );
  return tries.reduce((best, it) => (it.length < best.length ? it : best));
}

/**
 * What the file is as `.br` and as `.gz`; nothing where that would not be smaller.
 *
 * @param {string} name
 * @param {Uint8Array} content
 * @returns {{ br?: Uint8Array, gz?: Uint8Array }}
 */
export function copies(name, content) {
  if (!WORTH_IT.test(name)) return {};
  const br = packed(content);
  const gz = gzipSync(content, { level: 9 });
  // Which system compressed it: unknown, lest one writes it differently from another.
  gz[9] = 255;
  return {
    ...(br.length < content.length && { br }),
    ...(gz.length < content.length && { gz }),
  };
}
