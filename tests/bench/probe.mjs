// Runs in the page before its own scripts, and records what cannot be read afterwards.

/** The name under which the page calls when its pay button can be pressed. */
export const READY = "benchPayReady";

/** Handed to the page as text: it knows nothing outside itself. */
export function probe() {
  if (window !== window.top || !location.protocol.startsWith("http")) return;
  const seen = { pay: null, lcp: null, cls: 0, tasks: [], memories: new Set() };
  window.bench = seen;

  // `Runtime.queryObjects` would find them without being told, but crashes a page in which two
  // modules share one (Chromium 156).
  for (const start of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[start];
    WebAssembly[start] = async (...given) => {
      const started = await original.apply(WebAssembly, given);
      const { exports } = started.instance ?? started;
      for (const it of Object.values(exports)) if (it instanceof WebAssembly.Memory) seen.memories.add(it);
      return started;
    };
  }

  const watch = new MutationObserver(() => {
    const pay = document.querySelector("[data-testid=pay]");
    if (!pay || pay.disabled || pay.getAttribute("aria-disabled") === "true") return;
    watch.disconnect();
    seen.pay = performance.now();
    window.benchPayReady?.(String(performance.timeOrigin + seen.pay));
  });
  watch.observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["disabled", "aria-disabled", "data-testid"],
  });

  const each = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  each("largest-contentful-paint", (paint) => {
    seen.lcp = paint.startTime;
  });
  each("longtask", (task) => {
    seen.tasks.push({ start: task.startTime, duration: task.duration });
  });

  // The worst burst of shifts: less than 1 s between two, at most 5 s in all, as web.dev/cls says.
  let burst = { first: -Infinity, last: -Infinity, sum: 0 };
  each("layout-shift", (shift) => {
    if (shift.hadRecentInput) return;
    const at = shift.startTime;
    if (at - burst.last >= 1000 || at - burst.first >= 5000) burst = { first: at, last: at, sum: 0 };
    burst.last = at;
    burst.sum += shift.value;
    seen.cls = Math.max(seen.cls, burst.sum);
  });
}
