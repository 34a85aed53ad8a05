// The client against a simulator as a process.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { SimulatorError, connect, start } from "../gopay-simulator/index.js";
import { makeFolder } from "./support/folder.mjs";
import { makePayment, receive } from "./support/merchant.mjs";

const CHANGE_TIMEOUT_MS = 10_000;

const keys = makeFolder({ after });

/** A simulator, its merchant's payments, and what that merchant receives. */
async function setUp(t) {
  const receiver = await receive(t);
  const gopay = await start({ keys, notify: receiver.address });
  t.after(() => gopay.stop());
  const order = () => makePayment(gopay.address, keys);
  return { gopay, order, receiver };
}

/** Waits for a change after which the ledger is as the test wants it. */
async function ledgerUntil(gopay, isWanted) {
  const signal = AbortSignal.timeout(CHANGE_TIMEOUT_MS);
  const events = await fetch(`${gopay.address}/control/events`, { signal });
  for await (const _ of events.body) {
    if (isWanted(await gopay.ledger())) return;
  }
}

/** Waits for a notification; `hasLooked` resolves once the ledger was read. */
function waitFor(t, gopay, ...wanted) {
  const send = globalThis.fetch;
  const hasLooked = new Promise((resolve) => {
    t.mock.method(globalThis, "fetch", async (address, options) => {
      const response = await send(address, options);
      if (address.endsWith("/control/ledger")) resolve();
      return response;
    });
  });
  return { hasLooked, waiting: gopay.waitForNotification(...wanted) };
}

/** The statuses of the notifications that the merchant has received. */
const statuses = ({ bodies }) => bodies.map(({ latestTransactionStatus }) => latestTransactionStatus);

test("a payment is named by the merchant's own number too", async (t) => {
  const { gopay } = await setUp(t);
  await makePayment(gopay.address, keys, "ORDER-OWN");
  assert.equal((await gopay.pay("ORDER-OWN")).state, "paid");
  assert.equal((await gopay.waitForNotification("ORDER-OWN")).latest_transaction_status, "00");
  assert.deepEqual(await gopay.repeat("ORDER-OWN"), { http_status: 200, body: "{}" });
});

test("an order's outcome and a buyer's money are planned", async (t) => {
  const { gopay } = await setUp(t);
  await gopay.setOutcomes([{ do: "fail", for: { order: "ORDER-FAILS" } }]);
  await makePayment(gopay.address, keys, "ORDER-FAILS");
  const { payments } = await gopay.ledger();
  assert.equal(payments[0].state, "failed");
  await gopay.setBuyer("budi", { balance: 10_000 });
  const { funds } = await gopay.ledger();
  assert.equal(funds[0].balance, 10_000);
});

test("a back end gets its values", async (t) => {
  const { gopay, order } = await setUp(t);
  const values = gopay.values();
  assert.equal(new URL(values.GOPAY_BASE_URL).port, new URL(gopay.address).port);
  assert.equal(values.GOPAY_CLIENT_KEY, "G000000001-SNAP");
  assert.match(values.GOPAY_CLIENT_SECRET, /./);
  assert.deepEqual((await gopay.pay(await order())).notification, { http_status: 200 });
  await assert.rejects(start({ prot: 1 }), /start has no option prot/);
});

test("a setup is all settings, and recorded notifications are sent again", async (t) => {
  const { gopay, order } = await setUp(t);
  await gopay.setUp({ notifications: "delay", faults: [{ on: "refund", do: "error_500", times: "always" }] });
  const { notifications, faults } = await gopay.setup();
  assert.equal(notifications, "delay");
  assert.equal(faults[0].times, null);
  await gopay.setUp({});
  await gopay.pay(await order());
  const recorded = await gopay.exchanges({ secrets: "show" });
  assert.deepEqual(await gopay.replay(recorded), [{ then: 200, now: { http_status: 200 } }]);
});

test("a recorded run is played again, step by step", async (t) => {
  const { gopay } = await setUp(t);
  const order = (id) => makePayment(gopay.address, keys, id);
  await order("ORDER-1");
  await gopay.open("ORDER-1", { buyer: "siti" });
  await gopay.pay("ORDER-1");
  await order("ORDER-2");
  await gopay.fail("ORDER-2");
  const recorded = await gopay.recording();
  assert.deepEqual(
    recorded.steps.map(({ call }) => call),
    ["POST /control/payments/{1}/open", "POST /control/payments/{1}/pay", "POST /control/payments/{2}/fail"],
  );
  let rest = await gopay.replayRecording(recorded);
  for (const id of ["NEW-1", "NEW-2"]) {
    await order(id);
    rest = await gopay.replayRecording(rest);
  }
  assert.deepEqual(rest, { steps: [] });
  const { payments } = await gopay.ledger();
  assert.deepEqual(
    payments.map(({ partner_reference_no: id, state, buyer }) => ({ id, state, buyer })),
    [
      { id: "NEW-1", state: "paid", buyer: "siti" },
      { id: "NEW-2", state: "failed", buyer: null },
    ],
  );
});

test("the clock is put anywhere, and the messages are kept", async (t) => {
  const { gopay, order } = await setUp(t);
  await gopay.setClock(-3600);
  assert.equal((await gopay.ledger()).clock_ahead_seconds, -3600);
  await order();
  const [token, payment] = await gopay.exchanges({ last: 2 });
  assert.match(token.request.url, /access-token/);
  assert.equal(payment.signature.verifies, true);
  assert.doesNotMatch(payment.curl, /RahasiaKenari/);
  const [shown] = await gopay.exchanges({ last: 1, secrets: "show" });
  assert.match(shown.curl, /RahasiaKenari/);
});

test("a simulator serves from its start until it is stopped", async (t) => {
  const { gopay } = await setUp(t);
  assert.match(gopay.address, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal((await fetch(`${gopay.address}/healthz`)).status, 200);
  const sdk = await (await fetch(gopay.sdkUrl)).text();
  assert.match(sdk, /gpContainer/);
  await gopay.stop();
  await assert.rejects(fetch(`${gopay.address}/healthz`));
  await gopay.stop();
  await assert.rejects(gopay.ledger(), (error) => {
    assert(error instanceof SimulatorError);
    assert.equal(error.status, undefined);
    assert.match(error.message, /^GET \/control\/ledger: no simulator answers at http:/);
    return true;
  });
});

test("the options of a start reach the binary", async (t) => {
  const app = "http://localhost:5173";
  const args = ["--mini-app", "kopi=http://kopi.localhost:5173", "--sandbox-listen", "127.0.0.1:0"];
  const gopay = await start({ keys, app, notify: "http://localhost:8181", args });
  t.after(() => gopay.stop());
  const { merchant, mini_apps, sandbox } = await gopay.ledger();
  assert.deepEqual(merchant, { app: `${app}/`, notify: "http://localhost:8181/" });
  assert.deepEqual(mini_apps.map(({ id }) => id), ["kedai", "kopi"]);
  assert.match(sandbox, /^http:\/\/127\.0\.0\.1:\d+$/);
});

test("two starts with one seed make the same ids", async (t) => {
  const references = [];
  for (const seed of [7, 7, undefined]) {
    const gopay = await start({ keys, seed });
    t.after(() => gopay.stop());
    assert.equal((await gopay.setup()).seed, seed ?? null);
    references.push(await makePayment(gopay.address, keys));
  }
  const [first, second, random] = references;
  assert.equal(first, second);
  assert.notEqual(first, random);
});

test("a start that fails has the binary's words", async () => {
  await assert.rejects(start({ keys, args: ["--lisen"] }), (error) => {
    assert(error instanceof SimulatorError);
    assert.match(error.message, /^gopay-simulator ended with code 2: error: unexpected argument '--lisen'/);
    return true;
  });
});

test("the buyer's acts settle payments and notify the merchant", async (t) => {
  const { gopay, order, receiver } = await setUp(t);
  const acts = { pay: "paid", cancel: "cancelled", fail: "failed", expire: "expired", leave: "pending" };
  for (const [act, state] of Object.entries(acts)) {
    assert.equal((await gopay[act](await order())).state, state);
  }
  assert.deepEqual(statuses(receiver), ["00", "05", "06", "08"]);
});

test("a refund is in part or in full", async (t) => {
  const { gopay, order } = await setUp(t);
  const paid = await order();
  await gopay.pay(paid);
  assert.equal((await gopay.refund(paid, { amount: 10_000 })).refunded, 10_000);
  assert.equal((await gopay.refund(paid)).refunded, 25_000);
  await gopay.setRefunds({ ending: "failed" });
  assert.equal((await gopay.ledger()).refunds.ending, "failed");
});

test("a refused call rejects with status and reason", async (t) => {
  const { gopay, order } = await setUp(t);
  const settled = await order();
  await gopay.pay(settled);
  for (const [call, status, reason] of [
    [() => gopay.pay("A1/none"), 404, /^there is no payment with this reference number/],
    [() => gopay.cancel(settled), 409, /paid/],
    [() => gopay.setFaults([{ on: "token", do: "bad_url" }]), 422, /^bad_url cannot happen on token$/],
    [() => gopay.setScenario("outsid"), 422, /unknown variant `outsid`/],
  ]) {
    await assert.rejects(call(), (error) => {
      assert(error instanceof SimulatorError);
      assert.equal(error.status, status);
      assert.match(error.reason, reason);
      assert(error.message.endsWith(`: ${status} ${error.reason}`), error.message);
      return true;
    });
  }
});

test("delayed notifications wait for their release", async (t) => {
  const { gopay, order, receiver } = await setUp(t);
  await gopay.notifications("delay");
  await gopay.pay(await order());
  assert.deepEqual(receiver.bodies, []);
  await gopay.release();
  assert.deepEqual(statuses(receiver), ["00"]);
});

test("notifications are repeated, changed and forged", async (t) => {
  const { gopay, order, receiver } = await setUp(t);
  const paid = await order();
  await gopay.pay(paid);
  assert.deepEqual(await gopay.repeat(paid), { http_status: 200, body: "{}" });
  await gopay.repeat(paid, { status: "05", without_amount: true });
  await gopay.forge(paid, "unsigned");
  await gopay.forge(paid, "tampered", { status: "06" });
  assert.deepEqual(statuses(receiver), ["00", "00", "05", "00", "06"]);
  assert.equal(receiver.bodies[2].amount, undefined);
});

test("a notification that is sent later is waited for", async (t) => {
  const { gopay, order } = await setUp(t);
  const reference = await order();
  await gopay.notifications("delay");
  await gopay.pay(reference);
  const { waiting, hasLooked } = waitFor(t, gopay, reference, { status: "00" });
  await hasLooked;
  await gopay.release();
  const { answer, attempt, latest_transaction_status: status } = await waiting;
  assert.deepEqual({ answer, attempt, status }, { answer: { http_status: 200 }, attempt: 1, status: "00" });
});

test("a notification that was sent before is found by either id", async (t) => {
  const { gopay, order } = await setUp(t);
  const reference = await order();
  const { partner_reference_no: orderId } = await gopay.pay(reference);
  for (const id of [reference, orderId]) {
    assert.equal((await gopay.waitForNotification(id)).reference_no, reference);
  }
});

test("a forged, another order's or another status's notification is not it", async (t) => {
  const { gopay, order } = await setUp(t);
  const reference = await order();
  await gopay.pay(await order());
  await gopay.forge(reference, "unsigned");
  await gopay.cancel(reference);
  const waiting = gopay.waitForNotification(reference, { status: "00", timeout: 500 });
  await assert.rejects(waiting, (error) => {
    assert(error instanceof SimulatorError);
    const what = "none with status 00 within 500 ms; seen: 05";
    assert.equal(error.message, `waiting for a notification about ${reference}: ${what}`);
    return true;
  });
});

test("a wait ends with the simulator", async (t) => {
  const { gopay, order } = await setUp(t);
  const reference = await order();
  const { waiting, hasLooked } = waitFor(t, gopay, reference);
  const message = `waiting for a notification about ${reference}: no simulator answers at ${gopay.address}`;
  const rejected = assert.rejects(waiting, { name: "SimulatorError", message });
  await hasLooked;
  await gopay.stop();
  await rejected;
});

test("settings change what GoPay does, and a reset restores it", async (t) => {
  const { gopay, order } = await setUp(t);
  const before = await gopay.ledger();
  await gopay.setScenario("outside");
  await gopay.setFaults([{ on: "payment", do: "answer_lost", times: 2 }]);
  await gopay.setSdkFaults([{ on: "*", do: "called_twice", times: null }]);
  await gopay.setContainer({ container: "v1", locale: "en_ID" });
  await gopay.setCheckout({ snap_left: "pending" });
  await gopay.setMiniApp({ wallet: 10_000 });
  await gopay.notifications("withhold");
  await gopay.advanceClock(120);
  const changed = await gopay.ledger();
  assert.equal(changed.scenario, "outside");
  assert.deepEqual(changed.faults, [{ on: "payment", do: "answer_lost", times: 2 }]);
  assert.deepEqual(changed.sdk_faults, [{ on: "*", do: "called_twice", times: null }]);
  assert.deepEqual(changed.container, { ...before.container, container: "v1", locale: "en_ID" });
  assert.equal(changed.checkout.snap_left, "pending");
  assert.equal(changed.mini_app.wallet, 10_000);
  assert.equal(changed.notifications.mode, "withhold");
  assert.equal(changed.clock_ahead_seconds, 120);
  await gopay.reset();
  const { now: _, ...restored } = await gopay.ledger();
  const { now: __, ...first } = before;
  assert.deepEqual(restored, first);
  assert.equal((await gopay.pay(await order())).state, "paid");
});

test("a response that is held waits for its release", async (t) => {
  const { gopay, order } = await setUp(t);
  await gopay.setFaults([{ on: "payment", do: "hold" }]);
  const held = order();
  await ledgerUntil(gopay, ({ payments }) => payments.length === 1);
  await gopay.releaseFaults();
  assert.equal((await gopay.pay(await held)).state, "paid");
});

test("addresses and keys change while it runs", async (t) => {
  const { gopay, order } = await setUp(t);
  const later = await receive(t);
  await gopay.setMerchant({ notify: later.address });
  await gopay.pay(await order());
  assert.deepEqual(statuses(later), ["00"]);
  const { current, next } = await gopay.keys();
  assert.match(current, /BEGIN PUBLIC KEY/);
  assert.notEqual(current, next);
  await gopay.setKeys({ client_secret: "another" });
  await assert.rejects(order(), /4015400/);
});

test("a client connects to a simulator that runs", async (t) => {
  const { gopay, order } = await setUp(t);
  const client = connect(`${gopay.address}/`);
  assert.equal(client.address, gopay.address);
  assert.equal((await client.pay(await order())).state, "paid");
});

test("another server is told from a simulator", async (t) => {
  const server = createServer((_, response) => response.end("<!doctype html>"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = `http://127.0.0.1:${server.address().port}`;
  await assert.rejects(connect(address).ledger(), {
    name: "SimulatorError",
    message: `GET /control/ledger: the server at ${address} is no simulator`,
  });
});
