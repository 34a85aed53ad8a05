// The figures as Markdown tables.
import { FIGURES, summaries } from "./figures.mjs";

const KIB = 1024;

/** The figures of each target, and of two also the ratio of their medians. */
export function figuresTable(targets) {
  const [ours, other] = targets.map(({ runs }) => summaries(runs));
  const head = ["", ...targets.map(({ name }) => name), ...(other ? ["ratio"] : [])];
  const rows = FIGURES.map(({ name, decimals, of }, at) => {
    if (!of) return [`**${name}**`, ...targets.map(() => ""), ...(other ? [""] : [])];
    const cells = [ours, other].filter(Boolean).map((column) => cell(column[at], decimals));
    return [name, ...cells, ...(other ? [ratio(ours[at], other[at])] : [])];
  });
  return markdown([head, ...rows]);
}

/** The page's memory over a long session. */
export function longTable({ name, held }) {
  const head = [`${name}, after purchases`, "JS heap (KiB)", "WebAssembly memory (KiB)", "DOM nodes", "documents", "listeners"];
  const rows = held.map((it) => [
    ...[it.purchases, it.heap / KIB, it.wasm / KIB, it.nodes, it.documents, it.listeners].map((number) => number.toFixed(0)),
  ]);
  return markdown([head, ...rows]);
}

function cell(summary, decimals) {
  if (!summary) return "-";
  const [median, min, max] = [summary.median, summary.min, summary.max].map((it) => it.toFixed(decimals));
  return min === max ? median : `${median} (${min}..${max})`;
}

/** The ratio of the medians; two zeros are equal. */
export function ratio(ours, other) {
  if (!ours || !other) return "-";
  if (other.median === 0) return ours.median === 0 ? "1.00" : "-";
  return (ours.median / other.median).toFixed(2);
}

function markdown([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(4, ...[head, ...rows].map((row) => row[column].length)));
  const line = (row) => {
    const cells = row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column])));
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
