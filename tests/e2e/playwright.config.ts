// The browser tests run the release bundle against real merchant and simulator
// processes; `cargo xtask test e2e` builds those and says where they are.
// Invariant: no retries. A test that passes the second time has failed.
import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import { environment } from "./support/environment.ts";

export default defineConfig({
  testDir: ".",
  // Screenshots are not tests: `npm run screenshots`.
  ...(process.env.PICTURES ? { testMatch: "screenshots.ts" } : {}),
  forbidOnly: true,
  fullyParallel: true,
  retries: 0,
  // One more than processors: a page waits for its servers and its frames a third of the time.
  workers: availableParallelism() + 1,
  reporter: [["list"], ["./support/figures.ts"], ["json", { outputFile: environment.results }]],
  // For a busy machine; no test waits for time to pass.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    browserName: "chromium",
    headless: true,
    // The width of a cheap phone.
    viewport: { width: 360, height: 740 },
    // Not in a whole run, which it would make longer: a test that is run by its title writes it.
    trace: environment.trace ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: environment.chromium,
      // Chromium's sandbox does not start for root, which is who CI runs as.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    },
  },
});
