import type { TestInfo } from "@playwright/test";
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

const FIGURE = "figure";
const LINE = "line";

/** Adds to a figure that is printed after all tests. */
export function addFigure(testInfo: TestInfo, number: number, what: string): void {
  testInfo.annotations.push({ type: FIGURE, description: `${number} ${what}` });
}

/** Prints a line after all tests. */
export function addLine(testInfo: TestInfo, line: string): void {
  testInfo.annotations.push({ type: LINE, description: line });
}

/** Prints the tests' figures after the run. */
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
