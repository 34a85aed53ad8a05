// GoPay's APIs for a mini app's back end, without packages.
import { createHash, createHmac, randomUUID, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";

const env = process.env;
const privateKey = readFileSync(env.GOPAY_MERCHANT_PRIVATE_KEY_FILE, "utf8");
const gopayKey = readFileSync(env.GOPAY_PUBLIC_KEY_FILE, "utf8");
export const notificationPath = new URL(env.GOPAY_NOTIFICATION_URL).pathname;

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const now = () => `${new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`;

async function post(url, headers, body) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  return response.json();
}

/** The buyer of an auth code; undefined if GoPay refuses it. */
export async function signIn(authCode) {
  const url = `${env.GOPAY_MINI_APP_BASE_URL ?? env.GOPAY_BASE_URL}/v1/mini-apps/authorizations/token`;
  const headers = { authorization: `Basic ${env.GOPAY_AUTH_CREDENTIALS}`, "request-id": randomUUID() };
  const answer = await post(url, headers, JSON.stringify({ auth_code: authCode }));
  return answer.success ? answer.data.gopay_account_id : undefined;
}

let accessToken = { until: 0 };
async function getAccessToken() {
  if (Date.now() < accessToken.until) return accessToken.value;
  const timestamp = now();
  const answer = await post(`${env.GOPAY_BASE_URL}/v1.0/access-token/b2b`, {
    "x-client-key": env.GOPAY_CLIENT_KEY,
    "x-timestamp": timestamp,
    "x-signature": sign("sha256", Buffer.from(`${env.GOPAY_CLIENT_KEY}|${timestamp}`), privateKey).toString("base64"),
  }, '{"grantType":"client_credentials"}');
  if (!answer.accessToken) throw new Error(`access token: ${answer.responseCode} ${answer.responseMessage}`);
  accessToken = { value: answer.accessToken, until: Date.now() + (answer.expiresIn - 60) * 1000 };
  return accessToken.value;
}

async function biSnap(path, externalId, fields, isRepeated = false) {
  const [token, timestamp] = [await getAccessToken(), now()];
  // The bytes that are hashed are the bytes that are sent.
  const body = JSON.stringify(fields(token));
  const stringToSign = `POST:${path}:${token}:${sha256(body)}:${timestamp}`;
  const answer = await post(env.GOPAY_BASE_URL + path, {
    authorization: `Bearer ${token}`,
    "x-timestamp": timestamp,
    "x-signature": createHmac("sha512", env.GOPAY_CLIENT_SECRET).update(stringToSign).digest("base64"),
    "x-partner-id": env.GOPAY_PARTNER_ID,
    "x-external-id": externalId,
    "x-device-id": "merchant",
    "channel-id": "12345",
  }, body);
  if (!answer.responseCode?.startsWith("401") || isRepeated) return answer;
  // Nothing was done; GoPay may have dropped the token.
  accessToken = { until: 0 };
  return biSnap(path, externalId, fields, true);
}

/** Creates the payment of an order, whose id is both the merchant's name for it and its idempotency key. */
export async function createPayment(order) {
  const answer = await biSnap("/v1.0/debit/payment-host-to-host", order.id, (token) => ({
    partnerReferenceNo: order.id,
    chargeToken: token,
    merchantId: env.GOPAY_MERCHANT_ID,
    payOptionDetails: [{ payMethod: "GOPAY", payOption: "GOPAY", transAmount: order.amount }],
    additionalInfo: { pointOfPurchaseId: env.GOPAY_POINT_OF_PURCHASE_ID },
  }));
  if (answer.responseCode !== "2005400") throw new Error(`payment: ${answer.responseCode} ${answer.responseMessage}`);
  if (answer.partnerReferenceNo !== order.id) throw new Error("payment: the answer is about another order");
  const deeplink = `gopay://merchanttransfer${new URL(answer.webRedirectUrl).search}`;
  return { referenceNo: answer.referenceNo, deeplink };
}

/** What GoPay says about an order's payment. It knows one whose answer was lost, too. */
export async function inquire(order) {
  const fields = { originalExternalId: order.id, serviceCode: "54" };
  const answer = await biSnap("/v1.0/debit/status", randomUUID(), () => fields);
  if (answer.responseCode !== "2005500") throw new Error(`inquiry: ${answer.responseCode} ${answer.responseMessage}`);
  return { ...answer, amount: answer.transAmount };
}

/** Whether GoPay signed a notification: these headers and the bytes that came. */
export function isGenuine(headers, body) {
  const stringToSign = `POST:${notificationPath}:${sha256(body)}:${headers["x-timestamp"]}`;
  return verify("sha256", Buffer.from(stringToSign), gopayKey, Buffer.from(headers["x-signature"] ?? "", "base64"));
}
