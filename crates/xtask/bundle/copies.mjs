// Compressed copies for servers that send them as they are.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WORTH_IT = /\.(?:css|html|js|svg|wasm)$/;

/**
 * What the file is as `.br` and as `.gz`; nothing where that would not be smaller.
 *
 * @param {string} name
 * @param {Uint8Array} content
 * @returns {{ br?: Uint8Array, gz?: Uint8Array }}
 */
export function copies(name, content) {
  if (!WORTH_IT.test(name)) return {};
  const br = brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
  const gz = gzipSync(content, { level: 9 });
  // Which system compressed it: unknown, lest one writes it differently from another.
  gz[9] = 255;
  return {
    ...(br.length < content.length && { br }),
    ...(gz.length < content.length && { gz }),
  };
}
