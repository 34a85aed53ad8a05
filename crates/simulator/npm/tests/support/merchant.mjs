// A merchant of the tests: its keys, its payments, and where it receives notifications.

import { createHash, createHmac, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const CLIENT_KEY = "G000000001-SNAP";
const MERCHANT_ID = "G000000001";
const POINT_OF_PURCHASE_ID = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1";

const now = () => new Date(Date.now() + 7 * 3_600_000).toISOString().replace(/\.\d+Z$/, "+07:00");

async function post(address, headers, body) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${address}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Makes a payment of Rp25.000 at this simulator, with the keys of this folder; returns GoPay's reference number. */
export async function makePayment(address, keys, orderId = `ORDER-${randomUUID()}`) {
  const key = (name) => readFileSync(path.join(keys, name), "utf8").trim();
  const requested = now();
  const signature = sign("sha256", Buffer.from(`${CLIENT_KEY}|${requested}`), key("merchant.pem"));
  const { accessToken } = await post(
    `${address}/v1.0/access-token/b2b`,
    { "x-client-key": CLIENT_KEY, "x-timestamp": requested, "x-signature": signature.toString("base64") },
    JSON.stringify({ grantType: "client_credentials" }),
  );
  const endpoint = "/v1.0/debit/payment-host-to-host";
  const transAmount = { value: "25000.00", currency: "IDR" };
  const body = JSON.stringify({
    partnerReferenceNo: orderId,
    chargeToken: accessToken,
    merchantId: MERCHANT_ID,
    payOptionDetails: [{ payMethod: "GOPAY", payOption: "GOPAY", transAmount }],
    additionalInfo: { pointOfPurchaseId: POINT_OF_PURCHASE_ID },
  });
  const sent = now();
  const hash = createHash("sha256").update(body).digest("hex");
  const toSign = `POST:${endpoint}:${accessToken}:${hash}:${sent}`;
  const { referenceNo } = await post(
    address + endpoint,
    {
      authorization: `Bearer ${accessToken}`,
      "x-timestamp": sent,
      "x-signature": createHmac("sha512", key("client.secret")).update(toSign).digest("base64"),
      "x-partner-id": MERCHANT_ID,
      "x-external-id": randomUUID(),
      "channel-id": "12345",
      "x-device-id": "test",
    },
    body,
  );
  return referenceNo;
}

/** Receives notifications: keeps each body, and answers with 200. */
export async function receive(t) {
  const bodies = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    bodies.push(JSON.parse(body));
    response.end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { bodies, address: `http://127.0.0.1:${server.address().port}` };
}
