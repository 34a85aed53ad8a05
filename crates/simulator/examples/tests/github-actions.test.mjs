import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { examples, freePort, missing } from "./simulator.mjs";

/** The script of a step: the lines that are indented below `run: |`. */
function script(step) {
  const workflow = readFileSync(path.join(examples, "github-actions.yml"), "utf8");
  const [, indented] = new RegExp(`- name: ${step}\\n +run: \\|\\n((?: {10}.*\\n)+)`).exec(workflow);
  return indented;
}

test("the job starts the simulator and gives the tests its values", { skip: missing("curl", "--version") }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "gopay-actions-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const variables = path.join(folder, "github.env");
  // In the place of npm's registry.
  const npx = `#!/bin/sh\nexec "${process.execPath}" "${path.join(import.meta.dirname, "npx.mjs")}" "$@"\n`;
  writeFileSync(path.join(folder, "npx"), npx, { mode: 0o755 });

  const step = spawn("bash", ["-e", "-c", script("Start the simulator").replaceAll("9090", port)], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      RUNNER_TEMP: folder,
      GITHUB_ENV: variables,
    },
  });
  // The simulator stays in the group of the step.
  t.after(() => process.kill(-step.pid));
  const [code] = await once(step, "exit");
  assert.equal(code, 0);

  const [, address] = /^GOPAY_BASE_URL=(.*)$/m.exec(readFileSync(variables, "utf8"));
  assert.equal(address, `http://localhost:${port}`);
  assert.equal((await fetch(`${address}/healthz`)).status, 200);
});
