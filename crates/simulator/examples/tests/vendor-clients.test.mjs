// Requests as GoPay's clients for PHP and Java send them, written from their source.
import assert from "node:assert/strict";
import { createHash, createHmac, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { test } from "node:test";
import { startSimulator } from "./simulator.mjs";
import { customerDetails, item, testExamples } from "./vendor-examples.mjs";

const TOKEN = "/v1.0/access-token/b2b";
const SNAP = "/snap/v1/transactions";

/** Sends headers as they are spelt; fetch would change them. */
function send(address, method, path, headers, body) {
  return new Promise((resolve, reject) => {
    const sent = request(address + path, { method, headers }, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    sent.once("error", reject).end(body);
  });
}

/** As PHP's `json_encode` escapes by default. */
const phpJson = (value) =>
  JSON.stringify(value)
    .replaceAll("/", "\\/")
    .replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** As `JSONObject` of org.json escapes; its order of fields is that of a HashMap. */
const javaJson = (value) => JSON.stringify(value).replaceAll("</", "<\\/");

const clients = {
  // It signs the unescaped body and sends the escaped one, without empty headers, which curl drops.
  "midtrans-php": {
    now: () => `${new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`,
    signed: JSON.stringify,
    sent: phpJson,
    tokenHeaders: { "Content-Type": "application/json", Accept: "application/json", "debug-id": "debugid-default" },
    headers: { "Content-Type": "application/json", Accept: "application/json", "CHANNEL-ID": "95221" },
  },
  "midtrans-java": {
    now: () => new Date().toISOString().replace("Z", "456789Z"),
    signed: javaJson,
    sent: javaJson,
    tokenHeaders: { "Content-Type": "application/json; charset=utf-8", Accept: "application/json", "debug-id": "" },
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      Accept: "application/json",
      "X-DEVICE-ID": "",
      "CHANNEL-ID": "12345",
      "debug-id": "",
    },
  },
};

/** A client of BI-SNAP, which asks for a token before each call. */
function biSnap({ now, signed, sent, tokenHeaders, headers }, address, env) {
  const privateKey = readFileSync(env.GOPAY_MERCHANT_PRIVATE_KEY_FILE, "utf8");
  return async (path, externalId, body) => {
    const timestamp = now();
    const stringToSign = Buffer.from(`${env.GOPAY_CLIENT_KEY}|${timestamp}`);
    const token = await send(address, "POST", TOKEN, {
      ...tokenHeaders,
      "X-CLIENT-KEY": env.GOPAY_CLIENT_KEY,
      "X-SIGNATURE": sign("sha256", stringToSign, privateKey).toString("base64"),
      "X-TIMESTAMP": timestamp,
    }, '{"grant_type":"client_credentials"}');
    assert.equal(token.body.responseCode, "2007300");
    const { accessToken } = token.body;
    const hash = createHash("sha256").update(signed(body)).digest("hex");
    const signature = createHmac("sha512", env.GOPAY_CLIENT_SECRET)
      .update(`POST:${path}:${accessToken}:${hash}:${timestamp}`)
      .digest("base64");
    const answer = await send(address, "POST", path, {
      ...headers,
      "X-PARTNER-ID": env.GOPAY_PARTNER_ID,
      "X-EXTERNAL-ID": externalId,
      Authorization: `Bearer ${accessToken}`,
      "X-TIMESTAMP": timestamp,
      "X-SIGNATURE": signature,
    }, sent(body));
    return answer.body;
  };
}

test("GoPay's clients for PHP and Java", async (t) => {
  const simulator = await startSimulator(t, ["--sandbox-listen", "127.0.0.1:0"]);
  // The examples name no point of purchase: they are for the sandbox.
  const { sandbox } = await simulator.send("GET", "/control/ledger");
  const { env } = simulator;

  await t.test("BI-SNAP as midtrans-php's examples call it", async () => {
    const more = {
      urlParam: [{ url: "https://www.google.com", type: "PAY_RETURN", isDeeplink: "Y" }],
      additionalInfo: { customerDetails, items: [{ ...item, url: "itemUrl" }], metadata: [] },
    };
    await testExamples(biSnap(clients["midtrans-php"], sandbox, env), simulator, "1500.0", more);
    const { entries } = await simulator.send("GET", "/control/ledger?last=1000");
    assert.ok(entries.some(({ kind, form }) => kind === "signed_over_other_bytes" && form === "compact"));
  });

  await t.test("BI-SNAP as midtrans-java's examples call it", async () => {
    await testExamples(biSnap(clients["midtrans-java"], sandbox, env), simulator, "1500");
  });

  const headers = {
    "Content-Type": "application/json",
    Accept: "application/json",
    Authorization: `Basic ${btoa("SB-Mid-server-simulator:")}`,
  };
  const snap = (body) => send(sandbox, "POST", SNAP, headers, body);
  const coreApi = (method, id, part) => send(sandbox, method, `/v2/${id}/${part}`, headers, method === "POST" ? "" : undefined);

  for (const [client, orderId, body] of [
    ["midtrans-php", 1804289383, phpJson({
      credit_card: { secure: false },
      transaction_details: { order_id: 1804289383, gross_amount: 265000 },
      item_details: [{ id: "a/1", price: 265000, quantity: 1, name: "Apel é" }],
    })],
    ["midtrans-java", "4f8a9f5e-0d9d-4c07-8f8f-1a2b3c4d5e6f", javaJson({
      transaction_details: { order_id: "4f8a9f5e-0d9d-4c07-8f8f-1a2b3c4d5e6f", gross_amount: "265000" },
      item_details: [{ id: "ID001", price: "265000", quantity: "1", name: "Sendal Karet Rumahan", brand: "Suwaslow" }],
      customer_details: { first_name: "Zaki", last_name: "ibrahim" },
    })],
  ]) {
    await t.test(`Snap and the Core API as ${client} calls them`, async () => {
      const { status, body: made } = await snap(body);
      assert.equal(status, 201, JSON.stringify(made));
      const payment = await simulator.payment(String(orderId));
      assert.equal(payment.amount.value, "265000.00");
      assert.equal((await coreApi("GET", orderId, "status")).body.status_code, "404");
      await simulator.act(payment, "leave");
      assert.equal((await coreApi("GET", orderId, "status")).body.transaction_status, "pending");
      assert.equal((await coreApi("POST", orderId, "cancel")).body.transaction_status, "cancel");
    });
  }
});
