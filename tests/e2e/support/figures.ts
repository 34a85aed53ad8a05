import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** The kind of annotation by which a test adds to the figures, or has a line printed at the end. */
export const FIGURE = "figure";
export const LINE = "line";

/** Prints, after everything, what the tests counted and measured. */
export default class Figures implements Reporter {
  private readonly sums = new Map<string, number>();
  private readonly lines: string[] = [];

  onTestEnd(_test: TestCase, result: TestResult): void {
    for (const { type, description = "" } of result.annotations) {
      if (type === LINE) this.lines.push(description);
      if (type !== FIGURE) continue;
      const [, count, what] = /^(\d+) (.*)$/.exec(description) ?? [];
      if (what) this.sums.set(what, (this.sums.get(what) ?? 0) + Number(count));
    }
  }

  onEnd(): void {
    const figures = [...this.sums].map(([what, count]) => `  ${count} ${what}`);
    const text = [...figures, ...this.lines.map((line) => `  ${line}`)];
    if (text.length > 0) console.log(`\n${text.join("\n")}\n`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
