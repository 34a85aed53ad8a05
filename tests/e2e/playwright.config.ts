// The browser tests run the release bundle against real merchant and simulator
// processes; `cargo xtask test e2e` builds those and says where they are.
// Invariant: no retries. A test that passes the second time has failed.
import { defineConfig } from "@playwright/test";

const executablePath = process.env.CHROMIUM;
if (!executablePath) {
  throw new Error("CHROMIUM is not set: run these tests with `cargo xtask test e2e`");
}

export default defineConfig({
  testDir: ".",
  forbidOnly: true,
  retries: 0,
  workers: 2,
  reporter: "list",
  use: {
    browserName: "chromium",
    headless: true,
    trace: "retain-on-failure",
    launchOptions: {
      executablePath,
      // Chromium's sandbox does not start for root, which is who CI runs as.
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    },
  },
});
