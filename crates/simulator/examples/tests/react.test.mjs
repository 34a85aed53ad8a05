import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { examples, install, startSimulator } from "./simulator.mjs";

const APP = "http://localhost:8081";

test("the page in React", async (t) => {
  install("react");
  const simulator = await startSimulator(t);
  const shop = await simulator.startShop(t, ["node", "node/server.mjs"], { GOPAY_MINI_APP_URL: APP });

  await t.test("the bundle has the addresses of the SDK and the back end, and no secret", () => {
    const dist = mkdtempSync(path.join(tmpdir(), "gopay-react-"));
    t.after(() => rmSync(dist, { recursive: true }));
    const { status, stderr } = spawnSync("npx", ["vite", "build", "--outDir", dist, "--logLevel", "warn"], {
      cwd: path.join(examples, "react"),
      env: { ...process.env, ...simulator.env, VITE_API_URL: shop },
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.ok(readFileSync(path.join(dist, "index.html"), "utf8").includes(`src="${simulator.env.GOPAY_SDK_URL}"`));
    const assets = path.join(dist, "assets");
    const bundle = readdirSync(assets).map((file) => readFileSync(path.join(assets, file), "utf8")).join();
    assert.ok(bundle.includes(shop));
    for (const secret of ["GOPAY_CLIENT_SECRET", "GOPAY_AUTH_CREDENTIALS", "GOPAY_SERVER_KEY"]) {
      assert.ok(!bundle.includes(simulator.env[secret]), secret);
    }
  });

  await t.test("the back end lets the page's origin in, with its cookie", async () => {
    const headers = { origin: APP, "access-control-request-headers": "content-type" };
    const { status, headers: answer } = await fetch(`${shop}/api/session`, { method: "OPTIONS", headers });
    assert.equal(status, 204);
    assert.equal(answer.get("access-control-allow-origin"), APP);
    assert.equal(answer.get("access-control-allow-credentials"), "true");
    assert.equal(answer.get("access-control-allow-headers"), "content-type");
  });
});
