import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { test } from "node:test";
import { install, startSimulator } from "./simulator.mjs";
import { CANCEL, PAYMENT, REFUND, STATUS, testExamples } from "./vendor-examples.mjs";

const AMOUNT = { value: "25000.00", currency: "IDR" };

test("midtrans-client", async (t) => {
  install("midtrans-client");
  const simulator = await startSimulator(t, ["--sandbox-listen", "127.0.0.1:0"]);
  Object.assign(process.env, simulator.env);
  const gopay = await import("../midtrans-client/gopay.mjs");

  const verified = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const isGenuine = gopay.isGenuine(request.headers, body);
    if (isGenuine) verified.push(JSON.parse(body).latestTransactionStatus);
    response.writeHead(isGenuine ? 200 : 401).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  await simulator.send("PUT", "/control/merchant", { notify: `http://127.0.0.1:${server.address().port}` });

  await t.test("a payment is created, paid, notified and refunded", async () => {
    const orderId = randomUUID();
    const created = await gopay.createPayment(orderId, AMOUNT);
    assert.equal(created.responseCode, "2005400");
    assert.match(created.webRedirectUrl, /^https:\/\/gopay.co.id\/app\/merchanttransfer\?tref=/);
    assert.equal((await gopay.getStatus(orderId)).latestTransactionStatus, "03");

    const payment = await simulator.payment(orderId);
    for (const how of ["unsigned", "foreign_key", "tampered"]) {
      assert.equal((await simulator.forge(payment, how)).http_status, 401, how);
    }
    assert.deepEqual(verified, []);
    await simulator.act(payment, "pay");
    assert.deepEqual(verified, ["00"]);
    const paid = await gopay.getStatus(orderId);
    assert.deepEqual([paid.latestTransactionStatus, paid.transAmount], ["00", AMOUNT]);

    const part = { value: "10000.00", currency: "IDR" };
    const refund = () => gopay.refund(orderId, `${orderId}-1`, part, "Sold out / habis");
    assert.equal((await refund()).responseCode, "2005800");
    const { refundNo } = await refund();
    const { latestTransactionStatus, refundHistory } = await gopay.getStatus(orderId);
    assert.equal(latestTransactionStatus, "04");
    assert.deepEqual(refundHistory.map((entry) => entry.refundNo), [refundNo]);
  });

  await t.test("a payment is cancelled", async () => {
    const orderId = randomUUID();
    await gopay.createPayment(orderId, AMOUNT);
    assert.equal((await gopay.cancel(orderId)).responseCode, "2005700");
    assert.equal((await gopay.getStatus(orderId)).latestTransactionStatus, "05");
    assert.equal((await gopay.cancel(orderId)).responseCode, "4035715");
  });

  const snapTransaction = async () => {
    const order_id = randomUUID();
    const { token, redirect_url } = await gopay.snap.createTransaction({
      transaction_details: { order_id, gross_amount: 25_000 },
      enabled_payments: ["gopay"],
      gopay: { pop_id: process.env.GOPAY_POINT_OF_PURCHASE_ID },
    });
    assert.equal(redirect_url, `${simulator.address}/snap/v4/redirection/${token}`);
    return { order_id, token };
  };
  const choose = ({ token }) => simulator.send("POST", `/web/payments/${token}/open`);

  await t.test("a Snap transaction is created, paid and refunded", async () => {
    const transaction = await snapTransaction();
    const { order_id } = transaction;
    await assert.rejects(gopay.coreApi.transaction.status(order_id), { httpStatusCode: "404" });
    await simulator.act(await simulator.payment(order_id), "pay");
    assert.equal((await gopay.coreApi.transaction.status(order_id)).transaction_status, "settlement");
    const refund = { refund_key: `${order_id}-1`, amount: 10_000, reason: "Sold out" };
    const refunded = await gopay.coreApi.transaction.refundDirect(order_id, refund);
    assert.deepEqual([refunded.status_code, refunded.refund_amount], ["200", "10000.00"]);
  });

  await t.test("a Snap transaction is cancelled, or expires", async () => {
    for (const [end, status] of [["cancel", "cancel"], ["expire", "expire"]]) {
      const transaction = await snapTransaction();
      await choose(transaction);
      const { transaction_status } = await gopay.coreApi.transaction[end](transaction.order_id);
      assert.equal(transaction_status, status);
    }
  });

  await t.test("its examples are accepted in the sandbox", async () => {
    const { sandbox } = await simulator.send("GET", "/control/ledger");
    const { default: midtransClient } = await import("../midtrans-client/node_modules/midtrans-client/index.js");
    const { SnapBi, SnapBiConfig } = midtransClient;
    SnapBiConfig.SNAP_BI_SANDBOX_BASE_URL = sandbox;
    const methods = { [PAYMENT]: "createPayment", [STATUS]: "getStatus", [CANCEL]: "cancel", [REFUND]: "refund" };
    const call = (path, externalId, body) => SnapBi.directDebit().withBody(body)[methods[path]](externalId);
    await testExamples(call, simulator, "1500");
  });
});
