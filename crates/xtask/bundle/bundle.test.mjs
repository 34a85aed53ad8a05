// A bundle as small as can be, made into what is shipped.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { finish } from "./bundle.mjs";
import { digest } from "./names.mjs";
import { minifyStyle } from "./style.mjs";

const HASH = "0123456789abcdef";
const SDK = "https://sdk.example/sdk.js";

// (module (import "./app_bg.js" "__wbg_hear_0a" (func (param i32)))
//   (func (export "main") i32.const 7 call 0) (func (export "unused")))
const text = (/** @type {string} */ it) => [it.length, ...Buffer.from(it)];
const section = (/** @type {number} */ id, /** @type {number[]} */ body) => [id, body.length, ...body];
const WASM = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...section(1, [2, 96, 1, 127, 0, 96, 0, 0]),
  ...section(2, [1, ...text("./app_bg.js"), ...text("__wbg_hear_0a"), 0, 0]),
  ...section(3, [2, 1, 1]),
  ...section(7, [2, ...text("main"), 0, 1, ...text("unused"), 0, 2]),
  ...section(10, [2, 6, 0, 65, 7, 16, 0, 11, 2, 0, 11]),
  ...section(0, [...text("producers"), 1, 2, 3]),
]);

const GLUE = `export class Unused {
    free() { wasm.freed; }
}
function imports() {
    const import0 = {
        __wbg_hear_0a: function(arg0) {
            globalThis.heard = arg0;
        },
    };
    return {
        "./app_bg.js": import0,
    };
}
let wasm;
async function __wbg_init({ module_or_path }) {
    const { instance } = await WebAssembly.instantiate(await globalThis.load(module_or_path), imports());
    wasm = instance.exports;
    wasm.main();
    return wasm;
}
export { Unused as Other, __wbg_init as default };
`;

const PAGE = `<!doctype html>
<html lang="id">
  <head>
    <meta charset="utf-8" />
    <!-- For those who write the page. -->
    <title>Shop</title>
    <link rel="stylesheet" href="/tokens-${HASH}.css" integrity="sha384-old"/>
    <link rel="stylesheet" href="/main-${HASH}.css" integrity="sha384-old"/>
    <script src="${SDK}" async></script>
    <script src="/boot-${HASH}.js" defer integrity="sha384-old"></script>
<script type="module">
import init, * as bindings from '/app-${HASH}.js';
const wasm = await init({ module_or_path: '/app-${HASH}_bg.wasm' });
window.wasmBindings = bindings;
</script>
  <link rel="modulepreload" href="/app-${HASH}.js" crossorigin="anonymous" integrity="sha384-old"><link rel="preload" href="/app-${HASH}_bg.wasm" crossorigin="anonymous" integrity="sha384-old" as="fetch" type="application/wasm"></head>
  <body><p>Shop</p></body>
</html>
`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg">${"<path d='M0 0'/>".repeat(20)}</svg>`;

function built(changes = {}) {
  const files = {
    "index.html": PAGE,
    [`app-${HASH}.js`]: GLUE,
    [`app-${HASH}_bg.wasm`]: WASM,
    [`boot-${HASH}.js`]: "// Runs first.\nvar boot = 1;\n",
    [`tokens-${HASH}.css`]: "/* Colours. */\n:root {\n  --ink: #000;\n}\n",
    [`main-${HASH}.css`]: 'p::before {\n  content: "a  /* b */ ; c";\n}\n',
    "assets/logo.svg": PICTURE,
    ...changes,
  };
  return new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
}

/** @param {import("./bundle.mjs").Files} files */
function reader(files) {
  return (/** @type {string | undefined} */ name) => {
    const content = files.get(name ?? "");
    assert.ok(content, `${name} is in the bundle`);
    return Buffer.from(content).toString();
  };
}

/** @param {Iterable<string>} names */
const hashed = (names) => [...names].filter((name) => /-[0-9a-f]{16}(_bg)?\.\w+$/.test(name)).sort();

/** @param {Uint8Array} content */
const integrity = (content) => `sha384-${createHash("sha384").update(content).digest("base64")}`;

test("every file that the page loads is called by its own content", async () => {
  const { files } = await finish(built());
  const names = hashed(files.keys());
  assert.deepEqual(
    names.map((name) => name.replace(/[0-9a-f]{16}/, "#")).sort(),
    ["app-#.js", "app-#_bg.wasm", "boot-#.js"],
  );
  for (const name of names) assert.ok(name.includes(digest(files.get(name) ?? "")), name);
});

test("another WebAssembly renames the glue, which names it, and nothing else", async () => {
  const one = hashed((await finish(built())).files.keys());
  const other = WASM.slice();
  other[other.indexOf(65) + 1] = 8;
  const both = hashed((await finish(built({ [`app-${HASH}_bg.wasm`]: other }))).files.keys());
  assert.deepEqual(one.map((name) => both.includes(name)), [false, false, true]);
});

test("another glue renames itself alone", async () => {
  const one = hashed((await finish(built())).files.keys());
  const glue = GLUE.replace("wasm.main();", "wasm.main(); globalThis.more = 1;");
  const both = hashed((await finish(built({ [`app-${HASH}.js`]: glue }))).files.keys());
  const isGlue = one.map((name) => /^app.*js$/.test(name));
  assert.deepEqual(one.map((name) => !both.includes(name)), isGlue);
});

test("the page has one style sheet in it, no script, and the integrity of every script", async () => {
  const { files } = await finish(built());
  const page = reader(files)("index.html");
  assert.equal(page.match(/<style>(.*)<\/style>/)?.[1], ':root{--ink:#000}p::before{content:"a  /* b */ ; c"}');
  assert.doesNotMatch(page, /stylesheet|sha384-old|For those|0123456789abcdef/);
  const scripts = [...page.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)];
  assert.equal(scripts.length, 3);
  for (const [, attributes = "", content] of scripts) {
    assert.equal(content, "");
    const name = /src="\/([^"]*)"/.exec(attributes)?.[1];
    if (name) assert.ok(attributes.includes(`integrity="${integrity(files.get(name) ?? Buffer.from(""))}"`), attributes);
    else assert.ok(attributes.includes(SDK));
  }
  // All of it before the style, and in the same words as what uses it.
  const before = page.slice(0, page.indexOf("<style>"));
  const preloads = [...before.matchAll(/<link rel="(\w*preload)" href="\/([^"]*)"([^>]*)>/g)];
  assert.deepEqual(preloads.map(([, how, name = ""]) => `${how} ${name.replace(/[0-9a-f]{16}/, "#")}`), [
    "preload boot-#.js",
    "modulepreload app-#.js",
    "preload app-#_bg.wasm",
  ]);
  for (const [, , name, attributes = ""] of preloads) {
    const checked = /integrity="[^"]*"/.exec(attributes)?.[0] ?? "";
    assert.ok(page.slice(before.length).includes(checked), name);
  }
});

test("the glue starts itself, with the WebAssembly that lies beside it", async () => {
  const { files } = await finish(built());
  const names = hashed(files.keys());
  const wasm = names.find((name) => name.endsWith(".wasm")) ?? "";
  const glue = reader(files)(names.find((name) => /^app.*js$/.test(name)));
  /** @type {string[]} */
  const said = [];
  const window = {};
  const context = {
    WebAssembly,
    URL,
    window,
    CustomEvent,
    dispatchEvent: (/** @type {Event} */ event) => said.push(event.type),
    load: (/** @type {URL} */ address) => {
      said.push(address.href);
      return files.get(wasm);
    },
  };
  // As a module is: with an address, and waiting at its top.
  const address = JSON.stringify("https://shop.example/app.js");
  await runInNewContext(`(async () => {${glue.replaceAll("import.meta.url", address)}})()`, context);
  assert.deepEqual(said, [`https://shop.example/${wasm}`, "TrunkApplicationStarted"]);
  assert.ok("wasmBindings" in window);
  assert.equal(/** @type {{ heard?: number }} */ (context).heard, 7);
});

test("WebAssembly and glue have no long names between them, and no export that nobody uses", async () => {
  const { files } = await finish(built());
  const wasm = hashed(files.keys()).find((name) => name.endsWith(".wasm")) ?? "";
  const module = new WebAssembly.Module(Buffer.from(files.get(wasm) ?? []));
  assert.deepEqual(WebAssembly.Module.imports(module), [{ module: "a", name: "a", kind: "function" }]);
  assert.equal(WebAssembly.Module.exports(module).length, 1);
  assert.equal(WebAssembly.Module.customSections(module, "producers").length, 0);
});

test("compressed copies hold what they are copies of, and are smaller", async () => {
  const { files, sizes } = await finish(built());
  const of = (/** @type {string} */ name) => files.get(name) ?? Buffer.from("");
  for (const name of ["index.html", "assets/logo.svg"]) {
    const content = of(name);
    assert.deepEqual(brotliDecompressSync(of(`${name}.br`)), content);
    assert.deepEqual(gunzipSync(of(`${name}.gz`)), content);
    const [raw, gzip, brotli] = [content.length, of(`${name}.gz`).length, of(`${name}.br`).length];
    assert.ok(brotli < raw && gzip < raw);
    assert.deepEqual(sizes.files[name], { raw, gzip, brotli });
  }
  // Too small to be any smaller.
  const boot = hashed(files.keys()).find((name) => name.startsWith("boot")) ?? "";
  assert.ok(!files.has(`${boot}.br`) && !files.has(`${boot}.gz`));
  assert.equal(sizes.files[boot]?.brotli, of(boot).length);
  assert.deepEqual(JSON.parse(reader(files)("sizes.json")), sizes);
});

test("a static host keeps what is called by its content for ever, and lets the page's own style in", async () => {
  const { files } = await finish(built());
  const read = reader(files);
  const rules = read("_headers").split("\n\n");
  for (const name of hashed(files.keys())) {
    const rule = rules.find((it) => it.startsWith(`/${name}\n`));
    assert.match(rule ?? "", /\n {2}Cache-Control: public, max-age=31536000, immutable\n/, name);
  }
  const style = /<style>(.*)<\/style>/.exec(read("index.html"))?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(rules[0]?.includes(`style-src 'self' 'sha256-${hash}'`), rules[0]);
  assert.ok(rules[0]?.includes(`'wasm-unsafe-eval' ${SDK};`), rules[0]);
});

test("the same input makes the same bytes, in whatever order it is read", async () => {
  const one = await finish(built());
  const other = await finish(new Map([...built()].reverse()));
  const sorted = (/** @type {Map<string, Uint8Array>} */ files) =>
    [...files].map(([name, content]) => [name, digest(content)]).sort();
  assert.deepEqual(sorted(other.files), sorted(one.files));
});

test("what trunk or wasm-bindgen writes differently is refused by name", async () => {
  /** @type {[Record<string, string>, RegExp][]} */
  const broken = [
    [{ "index.html": PAGE.replace("import init", "import other") }, /the module script that starts the app/],
    [{ "index.html": PAGE.replace('<meta charset="utf-8" />', "") }, /charset/],
    [{ "index.html": PAGE.replace(`boot-${HASH}`, `boat-${HASH}`) }, /boat-/],
    [{ [`app-${HASH}.js`]: GLUE.replace(" as default", "") }, /default export/],
    [{ [`app-${HASH}.js`]: GLUE.replace("__wbg_hear_0a", "hear") }, /__wbg_hear_0a/],
    [{ [`main-${HASH}.css`]: "p::after { content: '</style>' }" }, /<\/style>/],
  ];
  for (const [changes, why] of broken) await assert.rejects(finish(built(changes)), why);
});

test("a style sheet loses only what separates nothing", () => {
  const style = `/* It's "one". */
    a > b, a :hover { margin: calc(1px + 2px) auto ; color: var( --ink ) }
    @media (width > 3em) and (prefers-color-scheme: dark) { p { content: 'a  b' } }`;
  assert.equal(
    minifyStyle(style),
    "a>b,a :hover{margin:calc(1px + 2px) auto;color:var( --ink )}" +
      "@media (width>3em) and (prefers-color-scheme:dark){p{content:'a  b'}}",
  );
});
