// Writes a brotli copy beside each file of the bundle that is worth it; the merchant sends
// those to browsers that take them. Node has brotli, so xtask does not need to.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const [bundle] = process.argv.slice(2);
for (const name of readdirSync(bundle, { recursive: true })) {
  if (/\.(wasm|js|css|svg)$/.test(name)) {
    const file = join(bundle, name);
    writeFileSync(`${file}.br`, brotliCompressSync(readFileSync(file)));
  }
}
