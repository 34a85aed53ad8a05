// The back ends of the examples under `gopay-simulator check`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { freePort, missing, startShop, values } from "./simulator.mjs";

const extensions = "exit(extension_loaded('curl') && extension_loaded('openssl') ? 0 : 1);";

/** The report on a back end; `commands` makes the commands of the check from the shop's address. */
async function check(t, command, commands) {
  const folder = mkdtempSync(path.join(tmpdir(), "gopay-check-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const options = ["--keys", folder, "--listen", `127.0.0.1:${await freePort()}`];
  const shop = await startShop(t, command, { ...values(options), ORDERS_DIR: folder });
  const { order, state } = commands(shop, folder);
  const args = [...options, "check", "--app", shop, "--merchant", shop, "--order", order, "--state", state];
  const checking = spawn(process.env.GOPAY_SIMULATOR_BINARY, [...args, "--paid", '"status":"paid"', "--json", "-"]);
  let [output, errors] = ["", ""];
  checking.stdout.on("data", (chunk) => (output += chunk));
  checking.stderr.on("data", (chunk) => (errors += chunk));
  const [code] = await once(checking, "close");
  assert.ok(output, errors);
  const report = JSON.parse(output);
  const failed = report.attacks.filter(({ verdict }) => verdict !== "passed");
  assert.deepEqual(failed.map(({ id, found }) => `${id}: ${found}`), []);
  assert.equal(report.passed, report.of);
  assert.equal(code, 0);
}

const withoutSignIn = (shop) => ({
  order: `curl -sf -X POST ${shop}/api/orders`,
  state: `curl -sf ${shop}/api/orders/{order} | tr -d ' '`,
});

test("the back end in Node has full marks", { skip: missing("curl", "--version") }, (t) =>
  check(t, ["node", "node/server.mjs"], (shop, folder) => {
    const script = path.join(folder, "order.sh");
    const [jar, session] = [path.join(folder, "cookies"), `{"auth_code":"'$GOPAY_AUTH_CODE'"}`];
    writeFileSync(script, `curl -sf -c ${jar} -d '${session}' ${shop}/api/session\ncurl -sf -b ${jar} -X POST ${shop}/api/orders\n`);
    return { order: `sh ${script}`, state: `curl -sf -b ${jar} ${shop}/api/orders/{order}` };
  }));

test("the back end in Python has full marks", { skip: missing("curl", "--version") || missing("python3", "-c", "import cryptography") }, (t) =>
  check(t, ["python3", "python/server.py"], withoutSignIn));

test("the back end in PHP has full marks", { skip: missing("curl", "--version") || missing("php", "-r", extensions) }, (t) =>
  check(t, ["php", "-S", "127.0.0.1:0", "php/server.php"], withoutSignIn));
