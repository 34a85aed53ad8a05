// `bin/gopay-simulator.js`, which npx runs.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeFolder } from "./support/folder.mjs";

const WRAPPER = fileURLToPath(new URL("../gopay-simulator/bin/gopay-simulator.js", import.meta.url));

const keys = makeFolder({ after });

function run(args, { node = [], variables = {} } = {}) {
  const child = spawn(process.execPath, [...node, WRAPPER, ...args], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      output[stream] += text;
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({ ...output, code, signal }));
  return { child, ended };
}

/** As on another platform, and with what npm has installed only. */
const onPlatform = (platform, arch) => {
  const fields = `{ platform: { value: "${platform}" }, arch: { value: "${arch}" } }`;
  const script = encodeURIComponent(`Object.defineProperties(process, ${fields})`);
  return { node: ["--import", `data:text/javascript,${script}`], variables: { GOPAY_SIMULATOR_BINARY: "" } };
};

test("arguments, output and exit code are the binary's", async () => {
  const version = await run(["--version"]).ended;
  assert.match(version.stdout, /^gopay-simulator \d+\.\d+\.\d+\n$/);
  assert.equal(version.code, 0);
  const mistake = await run(["--lisen"]).ended;
  assert.match(mistake.stderr, /unexpected argument '--lisen'/);
  assert.equal(mistake.code, 2);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`${signal} ends the binary's process`, { skip: process.platform === "win32" }, async () => {
    const { child, ended } = run(["--keys", keys, "--listen", "127.0.0.1:0"]);
    const [line] = await once(child.stdout, "data");
    const [address] = /http:\S+/.exec(line);
    // It listens to signals once it serves, after it has printed the line.
    assert.equal((await fetch(`${address}/healthz`)).status, 200);
    child.kill(signal);
    assert.equal((await ended).code, 0);
    await assert.rejects(fetch(`${address}/healthz`));
  });
}

test("a platform without a binary is named, with what to do", async () => {
  const { code, stderr } = await run(["--version"], onPlatform("freebsd", "x64")).ended;
  assert.equal(
    stderr,
    "gopay-simulator: gopay-simulator has no binary for freebsd-x64, only for linux-x64, linux-arm64, darwin-x64, darwin-arm64, win32-x64: build it with `cargo build -p simulator` and set GOPAY_SIMULATOR_BINARY to its path\n",
  );
  assert.equal(code, 1);
});

test("a package that npm left out is named, with what to do", async () => {
  const { code, stderr } = await run(["--version"], onPlatform("darwin", "arm64")).ended;
  assert.match(stderr, /^gopay-simulator: @gopay-simulator\/darwin-arm64 is not installed: .* --omit=optional, .*; install it, or build it with /);
  assert.equal(code, 1);
});

test("a binary that cannot be run is named", async () => {
  const { code, stderr } = await run([], { variables: { GOPAY_SIMULATOR_BINARY: "/no/such/binary" } }).ended;
  assert.equal(stderr, "gopay-simulator: spawn /no/such/binary ENOENT\n");
  assert.equal(code, 1);
});
