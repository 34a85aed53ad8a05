import type { Page } from "@playwright/test";

/**
 * Layout defects: text that is cut, overlaps other text or leaves the screen, and targets too small for
 * a thumb.
 */
export function layoutDefectsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const defects: string[] = [];
    const width = document.documentElement.clientWidth;
    const describe = (element: Element) => {
      const words = (element.textContent ?? "").trim().replace(/\s+/g, " ").slice(0, 40);
      return `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}"> ${words}`;
    };
    const isShown = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) && !element.closest(".spoken");

    if (document.documentElement.scrollWidth > width) defects.push("the page is wider than the screen");

    const bar = document.querySelector(".bar")?.getBoundingClientRect();
    if (bar && bar.top < -1) defects.push(`the pay bar stands ${-bar.top} above the screen`);

    const elements = [...document.body.querySelectorAll("*")].filter(isShown);
    for (const element of elements) {
      const { overflowX, overflowY } = getComputedStyle(element);
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
      if (overflowX !== "visible" && scrollWidth > clientWidth + 1) defects.push(`cut at its side: ${describe(element)}`);
      if (["hidden", "clip"].includes(overflowY) && scrollHeight > clientHeight + 1) {
        defects.push(`cut at its end: ${describe(element)}`);
      }
      const box = element.getBoundingClientRect();
      if (box.width > 0 && (box.left < -1 || box.right > width + 1)) defects.push(`beyond the edge: ${describe(element)}`);
    }

    // The position of each text. A floating part is no neighbour of the part under it.
    const floatingPartOf = (element: Element): Element | null => {
      for (let it: Element | null = element; it; it = it.parentElement) {
        if (["fixed", "sticky"].includes(getComputedStyle(it).position)) return it;
      }
      return null;
    };
    // Text that is scrolled out of sight overlaps nothing.
    const visiblePartOf = (element: Element, { left, top, right, bottom }: DOMRect): DOMRect => {
      for (let it: Element | null = element; it && it !== document.body; it = it.parentElement) {
        if (getComputedStyle(it).overflowY === "visible") continue;
        const frame = it.getBoundingClientRect();
        [left, top] = [Math.max(left, frame.left), Math.max(top, frame.top)];
        [right, bottom] = [Math.min(right, frame.right), Math.min(bottom, frame.bottom)];
      }
      return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    const texts: { element: Element; over: Element | null; box: DOMRect }[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      const element = node.parentElement;
      if (!element || !isShown(element) || !node.textContent?.trim()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const over = floatingPartOf(element);
      for (const whole of range.getClientRects()) {
        const box = visiblePartOf(element, whole);
        if (box.width > 0 && box.height > 0) texts.push({ element, over, box });
      }
    }
    for (const [index, one] of texts.entries()) {
      const control = one.element.closest("button, a, summary");
      const frame = control?.getBoundingClientRect();
      if (frame && (one.box.left < frame.left - 1 || one.box.right > frame.right + 1)) {
        defects.push(`text leaves its button: ${describe(one.element)}`);
      }
      for (const other of texts.slice(index + 1)) {
        if (other.element === one.element || other.over !== one.over) continue;
        const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
        // A line box is higher than its glyphs.
        const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
        if (across > 1 && down > one.box.height / 3) {
          defects.push(`text over text: ${describe(one.element)} and ${describe(other.element)}`);
        }
      }
    }

    for (const control of elements) {
      if (!control.matches("button, a, summary, input")) continue;
      const { width, height } = control.getBoundingClientRect();
      const least = control.matches("button, a.action") ? 44 : 24;
      if (Math.min(width, height) < least) defects.push(`${width} x ${height} is too small: ${describe(control)}`);
    }
    return [...new Set(defects)];
  });
}

/** Collects layout shifts on this page, from its first paint on. */
export async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const shifts: { at: number; by: string }[] = [];
    Object.assign(globalThis, { shifts });
    const name = (node: Node | null) =>
      node instanceof Element ? `${node.tagName.toLowerCase()}.${node.getAttribute("class")}` : node?.textContent;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & { value: number; sources: { node: Node | null }[] };
        // The pay bar sticks to the lower edge and grows upwards. Chromium reports its content, which stays
        // where it is, as moved.
        const moved = shift.sources.filter(({ node }) => !(node instanceof Element && node.closest(".bar")));
        if (moved.length === 0 && shift.sources.length > 0) continue;
        const by = `${shift.value.toFixed(4)} ${moved.map(({ node }) => name(node)).join(", ")}`;
        shifts.push({ at: shift.startTime, by });
      }
    }).observe({ type: "layout-shift", buffered: true });
    // So the pay button is measured in each frame.
    let before: number | undefined;
    const measure = () => {
      const top = document.querySelector("#pay")?.getBoundingClientRect().top;
      if (before !== undefined && top !== undefined && Math.abs(top - before) > 1) {
        shifts.push({ at: performance.now(), by: `#pay ${before} to ${top}` });
      }
      before = top;
      requestAnimationFrame(measure);
    };
    requestAnimationFrame(measure);
  });
  // A shift after a tap is expected.
  return () =>
    page.evaluate(() => {
      const { shifts } = globalThis as unknown as { shifts: { at: number; by: string }[] };
      const [tap] = performance.getEntriesByName("gallery-tap");
      return shifts.filter(({ at }) => !tap || at < tap.startTime).map(({ by }) => by);
    });
}
