// A bundle as small as can be, made into what is shipped.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { finish } from "./bundle.mjs";
import { checksums, digest, named } from "./names.mjs";
import { withLoader } from "./loader.mjs";
import { minifyStyle } from "./style.mjs";
import { shortenSymbols } from "./symbols.mjs";

// xtask keeps everything that comes from npm in one folder.
const { resolve } = createRequire(new URL("../../../tests/e2e/package.json", import.meta.url));
const { default: binaryen } = await import(resolve("binaryen"));

/** @param {string} text */
function assembled(text) {
  const module = binaryen.parseText(text);
  module.setFeatures(binaryen.Features.MutableGlobals);
  return module.emitBinary();
}

const HASH = "0123456789abcdef";
const SDK = "https://sdk.example/sdk.js";

// The first part has a table, in whose second place the second part puts a function.
const FIRST = assembled(`(module
  (import "./app_bg.js" "__wbg_hear_0a" (func $hear (param i32)))
  (import "./__wasm_split.js" "__wasm_split_load_later" (func $load (param i32 i32)))
  (memory (export "memory") 1)
  (table (export "__indirect_function_table") 2 funcref)
  (elem (i32.const 0) $answered)
  (global (export "__wasm_split_shared0") i32 (i32.const 1))
  (type $later (func))
  (func (export "main") (call $hear (i32.const 7)) (call $load (i32.const 0) (i32.const 5)))
  (func $answered (param $data i32) (param $is_there i32)
    (call $hear (i32.add (local.get $data) (local.get $is_there)))
    (if (local.get $is_there) (then (call_indirect (type $later) (i32.const 1)))))
  (func (export "unused")))`);

const SECOND = assembled(`(module
  (import "__wasm_split" "memory" (memory 1))
  (import "__wasm_split" "__indirect_function_table" (table 2 funcref))
  (import "__wasm_split" "__wasm_split_shared0" (global $place i32))
  (elem (global.get $place) $greet)
  (func $greet (i32.store8 (i32.const 0) (i32.const 9))))`);

const GLUE = `import * as import1 from "./__wasm_split.js"
function __wbg_get_imports() {
    const import0 = {
        __wbg_hear_0a: function(arg0) {
            globalThis.heard.push(arg0);
        },
    };
    return {
        "./app_bg.js": import0,
        "./__wasm_split.js": import1,
    };
}
let wasm;
function __wbg_finalize_init(instance, module) {
    wasm = instance.exports;
    wasm.main();
    return wasm;
}
const import2 = { __wbg_debug_string_0b: (value) => debugString(value) };
function debugString(val) {
    switch (typeof val) {
        case 'number':
        return \`a description of \${val}\`;
    }
}
async function __wbg_init(module_or_path) {
    return __wbg_finalize_init(await WebAssembly.instantiate(await fetch(module_or_path), __wbg_get_imports()));
}
export { initSync, __wbg_init as default };
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
    // All in one; the parts come in their places.
    [`app-${HASH}.js`]: "",
    [`app-${HASH}_bg.wasm`]: "",
    [`boot-${HASH}.js`]: "// Runs first.\nvar boot = 1;\n",
    [`tokens-${HASH}.css`]: "/* Colours. */\n:root {\n  --ink: #000;\n}\n",
    [`main-${HASH}.css`]: 'p::before {\n  content: "a  /* b */ ; c";\n}\n',
    "assets/logo.svg": PICTURE,
    ...changes,
  };
  return new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content)]));
}

/** @param {{ glue?: string, wasm?: Uint8Array, later?: Uint8Array }} changes */
function parts({ glue = GLUE, wasm = FIRST, later = SECOND } = {}) {
  const whole = shortenSymbols({ glue: withLoader(glue), wasm, later });
  return new Map(
    Object.entries({ "mini-app.js": Buffer.from(whole.glue), "mini-app_bg.wasm": whole.wasm, "later.wasm": whole.later }),
  );
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
  const { files } = await finish(built(), parts());
  const names = hashed(files.keys());
  assert.deepEqual(
    names.map((name) => name.replace(/[0-9a-f]{16}/, "#")).sort(),
    ["app-#.js", "app-#_bg.wasm", "boot-#.js", "later-#.wasm"],
  );
  for (const name of names) assert.ok(name.includes(digest(files.get(name) ?? "")), name);
});

test("trunk's hash may begin with a zero, which it leaves out", () => {
  const content = "a file";
  for (const hash of [HASH, HASH.slice(1), "a"]) {
    assert.equal(named(`mini-app-${hash}_bg.wasm`, content), `mini-app-${digest(content)}_bg.wasm`);
  }
  assert.throws(() => named("mini-app.js", content), /mini-app\.js has no hash/);
});

test("each file of the bundle is named with its hash, as sha256sum reads it", () => {
  const files = new Map([["b/c.txt", Buffer.from("abc")], ["a.txt", Buffer.from("")]]);
  assert.equal(
    checksums(files),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\n" +
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b/c.txt\n",
  );
});

test("what changes renames itself and the glue that names it, and nothing else", async () => {
  const one = hashed((await finish(built(), parts())).files.keys());
  const changed = async (/** @type {Parameters<typeof parts>[0]} */ changes) => {
    const both = hashed((await finish(built(), parts(changes))).files.keys());
    const gone = one.filter((name) => !both.includes(name));
    return gone.map((name) => name.replace(/[0-9a-f]{16}/, "#")).sort();
  };
  const other = (/** @type {Uint8Array} */ wasm, /** @type {number} */ before, /** @type {number} */ after) => {
    const changed = Buffer.from(wasm);
    // The constant, behind the instruction that it belongs to.
    changed[changed.indexOf(Buffer.of(0x41, before)) + 1] = after;
    return changed;
  };
  assert.deepEqual(await changed({ wasm: other(FIRST, 7, 8) }), ["app-#.js", "app-#_bg.wasm"]);
  assert.deepEqual(await changed({ later: other(SECOND, 9, 8) }), ["app-#.js", "later-#.wasm"]);
  const glue = GLUE.replace("wasm.main();", "wasm.main(); globalThis.more = 1;");
  assert.deepEqual(await changed({ glue }), ["app-#.js"]);
});

test("the page has one style sheet in it, no script, and the integrity of every script", async () => {
  const { files } = await finish(built(), parts());
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
  const later = hashed(files.keys()).find((name) => name.startsWith("later"));
  assert.ok(before.includes(`<link id="later" href="/${later}" as="fetch"`), "when it is loaded is for boot.js to say");
  for (const [, , name, attributes = ""] of preloads) {
    const checked = /integrity="[^"]*"/.exec(attributes)?.[0] ?? "";
    assert.ok(page.slice(before.length).includes(checked), name);
  }
});

/**
 * The glue at work, as a module is: with an address.
 *
 * @param {import("./bundle.mjs").Files} files
 * @param {(address: string, signal: AbortSignal) => Promise<{ ok: boolean, arrayBuffer?(): Promise<ArrayBuffer> }>} fetch
 *   what comes later
 * @param {{ status?: number, type?: string }} first how the first part comes
 */
async function start(files, fetch, { status = 200, type = "application/wasm" } = {}) {
  const glue = reader(files)(hashed(files.keys()).find((name) => /^app.*js$/.test(name)));
  const page = {
    /** @type {string[]} where the first part was looked for */
    asked: [],
    /** @type {number[]} what the app said */
    heard: [],
    /** @type {(() => void)[]} what waits for time to pass */
    timers: [],
    /** @type {{ wasmBindings?: { memory: WebAssembly.Memory } }} */
    window: {},
  };
  const context = {
    WebAssembly,
    URL,
    window: page.window,
    heard: page.heard,
    setTimeout: (/** @type {() => void} */ callback) => page.timers.push(callback),
    AbortController,
    clearTimeout: () => {},
    fetch: (/** @type {URL} */ address, /** @type {{ signal: AbortSignal } | undefined} */ options) => {
      if (options) return fetch(address.href, options.signal);
      page.asked.push(address.href);
      const content = files.get(address.pathname.slice(1)) ?? "";
      return new Response(Buffer.from(content), { status, headers: { "content-type": type } });
    },
  };
  const address = JSON.stringify("https://shop.example/app.js");
  // What it comes to is what its last statement does: starting.
  await runInNewContext(glue.replaceAll("import.meta.url", address), context);
  return page;
}

/** Lets all happen that waits for nothing outside. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** @param {Awaited<ReturnType<typeof start>>} page */
const greeted = (page) => new Uint8Array(page.window.wasmBindings?.memory.buffer ?? new ArrayBuffer(1))[0];

test("the glue starts itself, with the WebAssembly that lies beside it", async () => {
  const { files } = await finish(built(), parts());
  const wasm = hashed(files.keys()).find((name) => name.endsWith("_bg.wasm")) ?? "";
  // Compiled as it arrives, or, where its type does not let that happen, once it is there.
  for (const type of ["application/wasm", "application/octet-stream", "application/wasm; charset=utf-8"]) {
    const page = await start(files, () => new Promise(() => {}), { type });
    assert.deepEqual(page.asked, [`https://shop.example/${wasm}`], type);
    assert.ok("wasmBindings" in page.window, type);
    assert.deepEqual(page.heard, [7], type);
  }
  await assert.rejects(start(files, () => new Promise(() => {}), { status: 404 }), (status) => status === 404);
});

test("the second part joins the first, which is told", async () => {
  const { files } = await finish(built(), parts());
  const later = hashed(files.keys()).find((name) => name.startsWith("later")) ?? "";
  /** @type {string[]} */
  const asked = [];
  const page = await start(files, async (address) => {
    asked.push(address);
    return { ok: true, arrayBuffer: async () => Uint8Array.from(files.get(later) ?? []).buffer };
  });
  while (page.heard.length < 2) await settled();
  assert.deepEqual(asked, [`https://shop.example/${later}`]);
  assert.deepEqual([page.heard, greeted(page)], [[7, 6], 9], "the answer is yes, and both share a memory and a table");
});

test("a second part that is lost, refused or no WebAssembly is said to be missing", async () => {
  const { files } = await finish(built(), parts());
  const answers = [
    async () => Promise.reject(new Error("no network")),
    async () => ({ ok: false }),
    async () => ({ ok: true, arrayBuffer: async () => new ArrayBuffer(8) }),
  ];
  for (const answer of answers) {
    const page = await start(files, answer);
    while (page.heard.length < 2) await settled();
    assert.deepEqual([page.heard, greeted(page)], [[7, 5], 0]);
  }
});

test("a second part that takes too long is given up", async () => {
  const { files } = await finish(built(), parts());
  const page = await start(files, (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await settled();
  assert.deepEqual(page.heard, [7]);
  for (const pass of page.timers) pass();
  while (page.heard.length < 2) await settled();
  assert.deepEqual([page.heard, greeted(page)], [[7, 5], 0]);
});

test("WebAssembly and glue have no long names between them, and no unused export", async () => {
  const { files } = await finish(built(), parts());
  const [first, second] = ["_bg.wasm", ".wasm"].map((end) => {
    const name = hashed(files.keys()).find((name) => name.endsWith(end) && name.startsWith(end === ".wasm" ? "later" : "app"));
    return new WebAssembly.Module(Buffer.from(files.get(name ?? "") ?? []));
  });
  assert.ok(first && second);
  assert.deepEqual(WebAssembly.Module.imports(first).map(({ module, name }) => module + name), ["aa", "bb"]);
  const exported = WebAssembly.Module.exports(first).map(({ name }) => name);
  assert.deepEqual(exported.filter((name) => name.length > 1), ["memory"]);
  assert.equal(exported.length, 4, "what the glue and the second part use");
  const glue = reader(files)(hashed(files.keys()).find((name) => /^app.*js$/.test(name)));
  assert.ok(!glue.includes("a description of"), "of values, for panics that are not shown");
  for (const { name } of WebAssembly.Module.imports(second)) assert.ok(exported.includes(name), name);
});

test("compressed copies hold what they are copies of, and are smaller", async () => {
  const { files, sizes } = await finish(built(), parts());
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
  const { files } = await finish(built(), parts());
  const read = reader(files);
  const rules = read("_headers").split("\n\n");
  for (const name of hashed(files.keys())) {
    const rule = rules.find((it) => it.startsWith(`/${name}\n`));
    assert.match(rule ?? "", /\n {2}Cache-Control: public, max-age=31536000, immutable, no-transform\n/, name);
  }
  const style = /<style>(.*)<\/style>/.exec(read("index.html"))?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  assert.ok(rules[0]?.includes(`style-src 'self' 'sha256-${hash}'`), rules[0]);
  assert.ok(rules[0]?.includes(`'wasm-unsafe-eval' ${SDK};`), rules[0]);
});

test("the same input makes the same bytes, in whatever order it is read", async () => {
  const one = await finish(built(), parts());
  const other = await finish(new Map([...built()].reverse()), new Map([...parts()].reverse()));
  const sorted = (/** @type {Map<string, Uint8Array>} */ files) =>
    [...files].map(([name, content]) => [name, digest(content)]).sort();
  assert.deepEqual(sorted(other.files), sorted(one.files));
});

test("what trunk or wasm-bindgen writes differently is refused by name", async () => {
  /** @type {[Record<string, string>, RegExp][]} */
  const pages = [
    [{ "index.html": PAGE.replace("import init", "import other") }, /the module script that starts the app/],
    [{ "index.html": PAGE.replace('<meta charset="utf-8" />', "") }, /charset/],
    [{ "index.html": PAGE.replace(`boot-${HASH}`, `boat-${HASH}`) }, /boat-/],
    [{ [`main-${HASH}.css`]: "p::after { content: '</style>' }" }, /<\/style>/],
  ];
  for (const [changes, why] of pages) await assert.rejects(finish(built(changes), parts()), why);
  for (const part of ["export {", "function __wbg_get_imports", "function __wbg_finalize_init", "function debugString"]) {
    const glue = GLUE.replace(part, part.replace(/\w+( \{)?$/, "other$1"));
    await assert.rejects(finish(built(), parts({ glue })), /this wasm-bindgen writes it differently/, part);
  }
  const silent = GLUE.replace(/^const import2.*\n(function) debugString/m, "$1 other");
  await finish(built(), parts({ glue: silent }));
  await assert.rejects(finish(built(), new Map()), /later\.wasm/);
  assert.throws(() => parts({ glue: GLUE.replace("__wbg_hear_0a", "hear") }), /__wbg_hear_0a/);
  assert.throws(() => parts({ glue: GLUE.replace("import * as", "import") }), /__wasm_split/);
  const more = assembled('(module (import "__wasm_split" "more" (memory 1)))');
  assert.throws(() => parts({ later: more }), /more/);
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
