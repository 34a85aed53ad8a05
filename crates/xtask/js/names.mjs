// What a file is called by its content, and what the page says about its content.
import { createHash } from "node:crypto";

/**
 * Sixteen hexadecimal digits, as the merchant knows a file that never changes.
 *
 * @param {string | Uint8Array} content
 */
export function digest(content) {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/**
 * The name that trunk gave a file, with its own digest in the place of trunk's, which leaves out
 * the zeros it begins with.
 *
 * @param {string} name such as `mini-app-0123456789abcdef_bg.wasm`
 * @param {string | Uint8Array} content
 */
export function named(name, content) {
  const parts = name.match(/^(.+)-[0-9a-f]{1,16}((?:_bg)?\.\w+)$/);
  if (!parts) throw new Error(`${name} has no hash in its name: let trunk write it (data-trunk in index.html)`);
  return `${parts[1]}-${digest(content)}${parts[2]}`;
}

/**
 * A line for each file, as `sha256sum --check` reads it.
 *
 * @param {import("./bundle.mjs").Files} files
 */
export function checksums(files) {
  const lines = [...files].map(([name, content]) => `${createHash("sha256").update(content).digest("hex")}  ${name}\n`);
  return lines.sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1)).join("");
}

/**
 * What `integrity` says.
 *
 * @param {string | Uint8Array} content
 */
export function integrity(content) {
  return `sha384-${createHash("sha384").update(content).digest("base64")}`;
}
