// What the tests share: a simulator, an example's back end, and the tests that each back end has to pass.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export const examples = path.resolve(import.meta.dirname, "..");

const binary = () => {
  const path = process.env.GOPAY_SIMULATOR_BINARY;
  assert.ok(path, "GOPAY_SIMULATOR_BINARY is the path of gopay-simulator");
  return path;
};

/** What `gopay-simulator --values` tells a merchant, as environment variables. */
export function values(options, program = binary()) {
  const { status, stdout, stderr } = spawnSync(program, ["--values", "json", ...options]);
  assert.equal(status, 0, String(stderr));
  const texts = Object.entries(JSON.parse(stdout)).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(texts.map(([name, value]) => [`GOPAY_${name.toUpperCase()}`, value]));
}

/** A port of this machine that is free at the moment. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a program that ends with the test, and waits for the address in its output. */
async function start(t, command, options) {
  const child = spawn(command[0], command.slice(1), { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ended = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill();
    await ended;
  });
  return new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /http:\/\/[\w.]+:\d+/.exec(output);
      if (found) resolve(found[0]);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`${command.join(" ")} ended with ${code}: ${output}`)));
  });
}

/** A simulator of the test's own. */
export async function startSimulator(t, options = []) {
  const keys = mkdtempSync(path.join(tmpdir(), "gopay-examples-"));
  t.after(() => rmSync(keys, { recursive: true }));
  const address = await start(t, [binary(), "--listen", "127.0.0.1:0", "--keys", keys, ...options]);
  const listen = new URL(address).host;
  return new Simulator(address, values(["--listen", listen, "--keys", keys]));
}

/** Starts an example's back end with these values, and returns its address. */
export function startShop(t, command, env) {
  return start(t, command, { cwd: examples, env: { ...process.env, PORT: "0", ...env } });
}

class Simulator {
  constructor(address, env) {
    this.address = address;
    this.env = env;
  }

  async send(method, part, body) {
    const response = await fetch(`${this.address}${part}`, {
      method,
      headers: body && { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${part}: ${response.status} ${text}`);
    return text && JSON.parse(text);
  }

  async authCode(buyer) {
    const call = { class: "GPMiniAppAuth", method: "getAuthCode", buyer };
    const { reply } = await this.send("POST", "/bridge/call", call);
    return reply.data.authCode;
  }

  /** The payment with the merchant's reference. */
  async payment(partnerReferenceNo) {
    const { payments } = await this.send("GET", "/control/ledger");
    return payments.find((payment) => payment.partner_reference_no === partnerReferenceNo);
  }

  act(payment, act, body) {
    return this.send("POST", `/control/payments/${payment.reference_no}/${act}`, body);
  }

  repeat(payment, changes) {
    return this.send("POST", `/control/notifications/${payment.reference_no}/repeat`, changes);
  }

  forge(payment, how) {
    return this.send("POST", "/control/notifications/forge", { ref: payment.reference_no, how });
  }

  /** Starts an example's back end, and tells the simulator its address. */
  async startShop(t, command, env = {}) {
    const shop = await startShop(t, command, { ...this.env, ...env });
    await this.send("PUT", "/control/merchant", { app: shop, notify: shop });
    return shop;
  }
}

/** Why a test is skipped that needs this program; false if it is there. */
export function missing(program, ...args) {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error) return `${program} is not installed`;
  return status !== 0 && `${program} ${args.join(" ")}: ${stderr}`;
}

/** Installs the packages of an example from its lock file. */
export function install(example) {
  const { status, stderr } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: path.join(examples, example),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
}

/** Orders at an example's back end; `headers` say who the buyer is. */
export function ordersOf(shop, headers = {}) {
  return {
    create: async () => {
      const response = await fetch(`${shop}/api/orders`, { method: "POST", headers });
      assert.equal(response.status, 201);
      const { id, deeplink } = await response.json();
      assert.match(deeplink, /^gopay:\/\/merchanttransfer\?tref=/);
      return id;
    },
    status: async (id) => (await (await fetch(`${shop}/api/orders/${id}`, { headers })).json()).status,
  };
}

/** The tests of each example's back end; `client` creates an order and reads its status. */
export async function testOrders(t, simulator, { create, status }) {
  const pending = async () => {
    const id = await create();
    return { id, payment: await simulator.payment(id) };
  };

  await t.test("a payment makes its order paid", async () => {
    const { id, payment } = await pending();
    assert.deepEqual(payment.amount, { value: "25000.00", currency: "IDR" });
    assert.equal(await status(id), "pending");
    await simulator.act(payment, "pay");
    assert.equal(await status(id), "paid");
  });

  await t.test("no forged notification makes an order paid", async () => {
    const { id, payment } = await pending();
    for (const how of ["unsigned", "foreign_key", "tampered"]) {
      assert.equal((await simulator.forge(payment, how)).http_status, 401, how);
      assert.equal(await status(id), "pending", how);
    }
  });

  await t.test("a later notification leaves a paid order paid", async () => {
    const { id, payment } = await pending();
    await simulator.act(payment, "pay");
    for (const later of ["03", "05", "06", "08", "09", "00"]) {
      assert.equal((await simulator.repeat(payment, { status: later })).http_status, 200, later);
      assert.equal(await status(id), "paid", later);
    }
  });

  await t.test("a payment that comes after its cancellation counts", async () => {
    const { id, payment } = await pending();
    await simulator.repeat(payment, { status: "05" });
    assert.equal(await status(id), "cancelled");
    await simulator.act(payment, "pay");
    assert.equal(await status(id), "paid");
  });

  await t.test("a notification about another order, or without an amount, makes none paid", async () => {
    const { id, payment } = await pending();
    for (const changes of [{ unknown_order: true }, { without_amount: true }]) {
      assert.equal((await simulator.repeat(payment, { status: "00", ...changes })).http_status, 200);
      assert.equal(await status(id), "pending");
    }
  });

  await t.test("an inquiry finds a payment whose notification is lost", async () => {
    const { id, payment } = await pending();
    await simulator.send("PUT", "/control/notifications", { mode: "withhold" });
    await simulator.act(payment, "pay");
    for (const fault of ["other_amount", "other_currency", "other_order", "other_reference", "no_amount", "html"]) {
      await simulator.send("PUT", "/control/faults", [{ on: "status", do: fault }]);
      assert.equal(await status(id), "pending", fault);
    }
    assert.equal(await status(id), "paid");
    await simulator.send("PUT", "/control/notifications", { mode: "send" });
  });

  await t.test("an access token that GoPay no longer knows is replaced", async () => {
    await create();
    await simulator.send("POST", "/control/clock/advance", { seconds: 1_000 });
    await create();
  });

  await t.test("a refund ends a paid order", async () => {
    const { id, payment } = await pending();
    await simulator.act(payment, "pay");
    await simulator.act(payment, "refund", { amount: 10_000 });
    assert.equal(await status(id), "refunded");
  });
}
