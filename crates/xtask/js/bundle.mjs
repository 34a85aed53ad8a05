// What trunk built as what is shipped: every file called by its own content, one page that has
// its style in it and no script, compressed copies, headers for static hosts, and all sizes.
//
// Invariant: the same input makes the same bytes: no clock and no order of directories is in them.
import { copies } from "./copies.mjs";
import { headers } from "./headers.mjs";
import { LATER } from "./loader.mjs";
import { digest, named } from "./names.mjs";
import { finishPage, parts as partsOf } from "./page.mjs";
import { minifyGlue, minifyScript } from "./script.mjs";
import { sizes } from "./sizes.mjs";
import { minifyStyle } from "./style.mjs";

/** @typedef {Map<string, Uint8Array>} Files content by path */

/**
 * @param {Files} built by trunk, all in one
 * @param {Files} parts its WebAssembly in two, and the glue for both; see `join.mjs`
 * @returns {Promise<{ files: Files, sizes: ReturnType<typeof sizes> }>}
 */
export async function finish(built, parts) {
  const rest = new Map(built);
  const take = (/** @type {string} */ name) => {
    const content = rest.get(name);
    if (!content) throw new Error(`trunk's page names ${name}, and trunk has not written it`);
    rest.delete(name);
    return content;
  };
  const part = (/** @type {string} */ name) => {
    const content = parts.get(name);
    if (!content) throw new Error(`${name} is not among the parts of the app`);
    return content;
  };
  const text = (/** @type {string} */ name) => Buffer.from(take(name)).toString();

  const page = text("index.html");
  const of = partsOf(page);
  // The parts come in their places.
  take(of.glue);
  take(of.wasm);
  // From the leaves on: what names a file is called by a content that has that name in it.
  const later = { name: `later-${digest(part(LATER))}.wasm`, content: part(LATER) };
  const wasm = { name: named(of.wasm, part("mini-app_bg.wasm")), content: part("mini-app_bg.wasm") };
  const [before, after, ...more] = Buffer.from(part("mini-app.js")).toString().split(LATER);
  if (after === undefined || more.length > 0) throw new Error(`the glue names ${LATER} not once: see join.mjs`);
  const started = await minifyGlue(before + later.name + after, wasm.name);
  const glue = { name: named(of.glue, started), content: started };
  /** @type {Map<string, { name: string, content: string }>} */
  const scripts = new Map();
  for (const name of of.scripts) {
    const content = await minifyScript(text(name));
    scripts.set(name, { name: named(name, content), content });
  }
  const style = of.styles.map((name) => minifyStyle(text(name))).join("");
  const finished = finishPage(page, { style, scripts, glue, wasm: wasm.name, later: later.name });

  const hashed = [wasm, later, glue, ...scripts.values()];
  for (const { name, content } of [...hashed, { name: "index.html", content: finished }]) {
    rest.set(name, Buffer.from(content));
  }
  const names = hashed.map(({ name }) => name).sort();
  const bundle = withCopies(rest);
  bundle.files.set("_headers", Buffer.from(headers(finished, style, names)));
  return bundle;
}

/**
 * Files with their compressed copies and their sizes.
 *
 * @param {Files} shipped
 */
export function withCopies(shipped) {
  const all = new Map([...shipped].map(([name, content]) => [name, { content, ...copies(name, content) }]));
  const measured = sizes(all);
  /** @type {Files} */
  const files = new Map();
  for (const [name, { content, br, gz }] of all) {
    files.set(name, content);
    if (br) files.set(`${name}.br`, br);
    if (gz) files.set(`${name}.gz`, gz);
  }
  files.set("sizes.json", Buffer.from(`${JSON.stringify(measured, null, 2)}\n`));
  return { files, sizes: measured };
}
