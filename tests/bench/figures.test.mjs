// Tests of the summaries; run by `cargo xtask test bench`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIGURES, mean, median, summaries, summary } from "./figures.mjs";
import { KINDS, kindOf, repeated, sums } from "./network.mjs";
import { figuresTable, ratio } from "./table.mjs";

test("a median is in the middle, whatever the order", () => {
  assert.equal(median([10, 9, 100]), 10);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), null);
});

test("a mean counts everything", () => {
  assert.equal(mean([1, 2, 6]), 3);
  assert.equal(mean([]), null);
});

test("what was not measured is left out, and nothing measured is no figure", () => {
  assert.deepEqual(summary([3, null, 1, undefined, 2]), { median: 2, min: 1, max: 3 });
  assert.equal(summary([null]), null);
});

test("a ratio is ours by the other's, of medians", () => {
  const of = (value) => ({ median: value, min: 0, max: 99 });
  assert.equal(ratio(of(3), of(4)), "0.75");
  assert.equal(ratio(of(0), of(0)), "1.00");
  assert.equal(ratio(of(1), of(0)), "-");
  assert.equal(ratio(null, of(1)), "-");
});

test("a request is of the kind that people would say", () => {
  const home = "http://localhost:8080";
  const at = (path, type, mime) => kindOf({ url: `${home}${path}`, type, mime }, home);
  assert.equal(at("/orders/1", "Document"), "html");
  assert.equal(at("/a.js", "Script"), "js");
  assert.equal(at("/a_bg.wasm", "Fetch"), "wasm");
  assert.equal(at("/a", "Fetch", "application/wasm"), "wasm");
  assert.equal(at("/a.css", "Stylesheet"), "css");
  assert.equal(at("/api/session", "Fetch"), "api");
  assert.equal(at("/assets/logo.svg", "Image"), "pictures");
  assert.equal(at("/favicon.ico", "Other"), "other");
  assert.equal(kindOf({ url: "http://localhost:9090/sdk.js", type: "Script" }, home), "gopay");
});

test("bytes add up by kind and in all", () => {
  const { requests, bytes } = sums([
    { kind: "js", bytes: 10 },
    { kind: "js", bytes: 5 },
    { kind: "api", bytes: 1 },
  ]);
  assert.equal(requests, 3);
  assert.deepEqual([bytes.all, bytes.js, bytes.api, bytes.wasm], [16, 15, 1, 0]);
});

test("what is asked twice is named, but for GoPay's bridge", () => {
  const ask = (method, path, kind) => ({ method, path, kind });
  const requests = [
    ask("GET", "/a.js", "js"),
    ask("POST", "/api/session", "api"),
    ask("GET", "/a.js", "js"),
    ask("POST", "/bridge/call", "gopay"),
    ask("POST", "/bridge/call", "gopay"),
  ];
  assert.deepEqual(repeated(requests), ["GET /a.js (2x)"]);
});

/** A run in which every figure has this value, except those that an address lacks. */
function runOf(number, waiting) {
  const bytes = Object.fromEntries(["all", ...KINDS].map((kind) => [kind, number]));
  const visit = { pay: number, fcp: number, lcp: number, cls: 0, longest: 0, task: 1, script: 1, requests: 1, bytes, later: 0 };
  const rest = { task: 0, script: 0, layouts: 0, requests: 0 };
  return {
    cold: visit,
    warm: visit,
    memory: { heap: 1024, wasm: 0, nodes: 1 },
    taps: [number],
    quickTaps: [number],
    paid: { opens: null, returns: null, whole: number },
    shop: rest,
    waiting: waiting ? { ...rest, polls: [{ bytes: 700, headers: 300 }] } : null,
  };
}

test("every figure finds its value in a run", () => {
  const found = summaries([runOf(5, true)]);
  const missing = FIGURES.filter(({ of }, at) => of && !found[at]).map(({ name }) => name);
  assert.deepEqual(missing, ["tap on pay to GoPay (ms)", "back from GoPay to result (ms)"]);
});

test("two builds stand side by side with their ratio", () => {
  const table = figuresTable([
    { name: "dist", runs: [runOf(30, true), runOf(10, true), runOf(20, true)] },
    { name: "against", runs: [runOf(40, false)] },
  ]);
  const line = (start) => table.split("\n").find((it) => it.startsWith(`| ${start}`));
  assert.match(line("time to pay"), /\| +20 \(10..30\) \| +40 \| +0\.50 \|$/);
  assert.match(line("bytes of one poll"), /\| +700 \| +- \| +- \|$/);
  const widths = new Set(table.split("\n").map((it) => it.length));
  assert.equal(widths.size, 1);
});
