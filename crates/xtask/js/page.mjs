// The page that trunk wrote, read and written anew.
import { integrity } from "./names.mjs";

const STYLE = /<link rel="stylesheet" href="\/([^"]+\.css)"[^>]*>\s*/g;
const SCRIPT = /<script src="\/([^"]+\.js)"([^>]*)><\/script>/g;
const STARTER = /<script type="module">\s*import init[^]*?<\/script>/;
const PRELOAD = /<link rel="(?:module)?preload" href="\/[^"]+\.(?:js|wasm)"[^>]*>\s*/g;
const CHARSET = /<meta charset="utf-8" ?\/?>/;

/**
 * The names of the files that the page is made of.
 *
 * @param {string} page
 */
export function parts(page) {
  const starter = need(page, STARTER, "the module script that starts the app");
  return {
    styles: [...page.matchAll(STYLE)].map(([, name = ""]) => name),
    scripts: [...page.matchAll(SCRIPT)].map(([, name = ""]) => name),
    glue: need(starter, /'\/([^']+\.js)'/, "the glue's name", 1),
    wasm: need(starter, /'\/([^']+\.wasm)'/, "the WebAssembly's name", 1),
  };
}

/**
 * The page with one style sheet in it, no script, and what the app starts with named at the
 * beginning. What comes after the first screen is named too, and nothing more:
 * `src/boot.js` loads it early where the first screen is another.
 *
 * The WebAssembly's integrity is not said: a browser would have to have all of it before it could
 * begin to compile. It comes from where the page comes from, under the name of its content, and
 * the glue, whose integrity is said, holds that name.
 *
 * @param {string} page
 * @param {{
 *   style: string,
 *   scripts: Map<string, { name: string, content: string }>,
 *   glue: { name: string, content: string },
 *   wasm: string,
 *   later: string,
 * }} parts by the names that trunk gave
 */
export function finishPage(page, { style, scripts, glue, wasm, later }) {
  if (/<\/style/i.test(style)) throw new Error("a style sheet in style/ says </style>, and ends the page's own with it");
  const checked = `crossorigin integrity="${integrity(glue.content)}"`;
  const preloads = [
    // First, and loaded ahead of the others: by itself a deferred script comes last.
    ...[...scripts.values()].map(
      ({ name, content }) => `<link rel="preload" href="/${name}" as="script" integrity="${integrity(content)}">`,
    ),
    `<link rel="modulepreload" href="/${glue.name}" ${checked}>`,
    `<link rel="preload" href="/${wasm}" as="fetch" type="application/wasm" crossorigin>`,
    `<link id="later" href="/${later}" as="fetch" type="application/wasm" crossorigin>`,
  ].join("\n");
  let styles = 0;
  const finished = page
    // What a comment says is for those who write the page.
    .replace(/<!--[^]*?-->/g, "")
    .replace(PRELOAD, "")
    .replace(SCRIPT, (_, name, attributes) => {
      const script = /** @type {{ name: string, content: string }} */ (scripts.get(name));
      const rest = attributes.replace(/ integrity="[^"]*"/, "");
      return `<script src="/${script.name}"${rest} integrity="${integrity(script.content)}"></script>`;
    })
    .replace(STARTER, `<script type="module" data-cfasync="false" src="/${glue.name}" ${checked}></script>`)
    .replace(STYLE, () => (styles++ ? "" : "<style></style>\n"))
    .replace(need(page, CHARSET, '<meta charset="utf-8">'), (charset) => `${charset}\n${preloads}`)
    .replace(/\s*\n\s*/g, "\n");
  // Last, so that nothing in it is taken for a part of the page.
  return finished.replace("<style></style>", () => `<style>${style}</style>`);
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string} what
 * @param {number} [group]
 */
function need(text, pattern, what, group = 0) {
  const found = pattern.exec(text)?.[group];
  if (!found) throw new Error(`the page that trunk wrote lacks ${what}: see index.html, and trunk's version`);
  return found;
}
