// The figures, and their summaries over several runs.
import { KINDS } from "./network.mjs";

/** The median; `null` of an empty list. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `null` of nothing. */
export function mean(values) {
  return values.length === 0 ? null : values.reduce((sum, it) => sum + it, 0) / values.length;
}

/** Median, minimum and maximum; `null` where a figure was never measured. */
export function summary(values) {
  const there = values.filter((it) => it !== null && it !== undefined);
  if (there.length === 0) return null;
  return { median: median(there), min: Math.min(...there), max: Math.max(...there) };
}

const KIB = 1024;

/** Every figure of a run: its name, its decimals, and its path. */
export const FIGURES = [
  ["First visit", null],
  ["time to pay (ms)", 0, ({ cold }) => cold.pay],
  ["first contentful paint (ms)", 0, ({ cold }) => cold.fcp],
  ["largest contentful paint (ms)", 0, ({ cold }) => cold.lcp],
  ["cumulative layout shift", 3, ({ cold }) => cold.cls],
  ["main thread to pay (ms)", 0, ({ cold }) => cold.task],
  ["of which script (ms)", 0, ({ cold }) => cold.script],
  // The browser reports tasks from 50 ms on.
  ["longest task to pay (ms)", 0, ({ cold }) => cold.longest],
  ["requests to pay", 0, ({ cold }) => cold.requests],
  ["bytes to pay", 0, ({ cold }) => cold.bytes.all],
  ...KINDS.map((kind) => [`- ${kind}`, 0, ({ cold }) => cold.bytes[kind]]),
  ["bytes after pay", 0, ({ cold }) => cold.later],
  ["Second visit", null],
  ["time to pay (ms)", 0, ({ warm }) => warm.pay],
  ["first contentful paint (ms)", 0, ({ warm }) => warm.fcp],
  ["main thread to pay (ms)", 0, ({ warm }) => warm.task],
  ["of which script (ms)", 0, ({ warm }) => warm.script],
  ["requests to pay", 0, ({ warm }) => warm.requests],
  ["bytes to pay", 0, ({ warm }) => warm.bytes.all],
  ...KINDS.map((kind) => [`- ${kind}`, 0, ({ warm }) => warm.bytes[kind]]),
  ["In use", null],
  ["JS heap (KiB)", 0, ({ memory }) => memory.heap / KIB],
  ["WebAssembly memory (KiB)", 0, ({ memory }) => memory.wasm / KIB],
  ["DOM nodes", 0, ({ memory }) => memory.nodes],
  ["tap on '+' to new total, mean (ms)", 2, ({ taps }) => mean(taps)],
  ["tap on '+' to new total, median (ms)", 2, ({ taps }) => median(taps)],
  ["at full speed, mean (ms)", 2, ({ quickTaps }) => mean(quickTaps)],
  ["at full speed, median (ms)", 2, ({ quickTaps }) => median(quickTaps)],
  ["tap on pay to GoPay (ms)", 0, ({ paid }) => paid.opens],
  ["back from GoPay to result (ms)", 0, ({ paid }) => paid.returns],
  ["tap on pay to result, GoPay included (ms)", 0, ({ paid }) => paid.whole],
  ["At rest, at full speed, per second", null],
  ["menu: main thread (ms)", 2, ({ shop }) => shop.task],
  ["menu: script (ms)", 2, ({ shop }) => shop.script],
  ["menu: layouts", 1, ({ shop }) => shop.layouts],
  ["menu: requests in all", 0, ({ shop }) => shop.requests],
  ["waiting: main thread (ms)", 2, ({ waiting }) => waiting?.task],
  ["waiting: script (ms)", 2, ({ waiting }) => waiting?.script],
  ["waiting: layouts", 1, ({ waiting }) => waiting?.layouts],
  ["waiting: requests in all", 0, ({ waiting }) => waiting?.requests],
  ["bytes of one poll", 0, ({ waiting }) => median((waiting?.polls ?? []).map(({ bytes }) => bytes))],
  ["- of which headers", 0, ({ waiting }) => median((waiting?.polls ?? []).map(({ headers }) => headers))],
].map(([name, decimals, of]) => ({ name, decimals, of }));

/** For each figure its summary over the runs; headings are left out. */
export function summaries(runs) {
  return FIGURES.map(({ of }) => (of ? summary(runs.map(of)) : null));
}
