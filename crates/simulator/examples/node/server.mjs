// A mini app's back end: sign-in, orders and notifications. Orders and sessions are in memory; keep yours in a
// database.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createPayment, inquire, isGenuine, notificationPath, signIn } from "./gopay.mjs";

const { GOPAY_MERCHANT_ID, GOPAY_MINI_APP_URL, GOPAY_NOTIFICATION_URL, GOPAY_SDK_URL, PORT } = process.env;
const file = (name) => readFileSync(new URL(`../html/${name}`, import.meta.url), "utf8");
const page = file("index.html").replace(/https:.*gp-container.min.js/, GOPAY_SDK_URL);
const script = file("shop.js");
const secure = GOPAY_MINI_APP_URL.startsWith("https:") ? "; Secure" : "";
const sessions = new Map();
const orders = new Map();
const MAX_BODY_BYTES = 64 * 1024;

const STATUS = { "00": "paid", "03": "pending", "04": "refunded", "05": "cancelled", "06": "failed", "08": "expired", "09": "rejected" };
// A payment only moves forward, so that a late, an old or a repeated notification changes nothing.
const RANK = { pending: 0, cancelled: 1, failed: 1, expired: 1, rejected: 1, paid: 2, refunded: 3 };

/** Takes over what a verified notification or the answer to an inquiry says about an order. */
function record(order, { latestTransactionStatus, originalPartnerReferenceNo, originalReferenceNo, merchantId, amount }) {
  const status = STATUS[latestTransactionStatus];
  // GoPay's key may sign for other merchants, too, and their payments may have this order's number.
  const isOurs = (merchantId ?? GOPAY_MERCHANT_ID) === GOPAY_MERCHANT_ID;
  const isOfOrder = isOurs && originalPartnerReferenceNo === order.id && originalReferenceNo === (order.referenceNo ?? originalReferenceNo);
  const isWhole = amount?.currency === order.amount.currency && Number(amount.value) === Number(order.amount.value);
  if (!status || !isOfOrder || (RANK[status] >= RANK.paid && !isWhole)) {
    console.error(`order ${order.id}: unexpected status, ids or amount`, latestTransactionStatus, originalReferenceNo, amount);
  } else if (RANK[status] > RANK[order.status]) {
    order.status = status;
  }
}

/** The fields of a notification; undefined if it is none. */
function parse(body) {
  try {
    return Object(JSON.parse(body));
  } catch {
    return undefined;
  }
}

const publicPart = ({ id, status, deeplink }) => ({ id, status, deeplink });

async function answer({ method, url, headers }, body) {
  const { pathname } = new URL(url, "http://shop");
  if (method === "OPTIONS") return [204];
  if (method === "GET" && /^\/(orders\/.*)?$/.test(pathname)) return [200, page, "text/html; charset=utf-8"];
  if (method === "GET" && pathname === "/shop.js") return [200, script, "text/javascript; charset=utf-8"];
  if (method === "POST" && pathname === notificationPath) {
    if (!isGenuine(headers, body)) return [401, { responseCode: "4015600", responseMessage: "Unauthorized. Signature" }];
    const notification = parse(body);
    if (!notification) return [400, { responseCode: "4005600", responseMessage: "Bad Request" }];
    const order = orders.get(notification.originalPartnerReferenceNo);
    if (order) record(order, notification);
    return [200, { responseCode: "2005600", responseMessage: "Request has been processed successfully" }];
  }
  if (method === "POST" && pathname === "/api/session") {
    const buyer = await signIn(JSON.parse(body).auth_code);
    if (!buyer) return [401, { error: "sign_in_refused" }];
    const session = randomUUID();
    sessions.set(session, buyer);
    return [200, {}, undefined, { "set-cookie": `session=${session}; Path=/; HttpOnly; SameSite=Lax${secure}` }];
  }
  const buyer = sessions.get(/(?:^|; )session=([^;]+)/.exec(headers.cookie)?.[1]);
  if (!buyer) return [401, { error: "signed_out" }];
  if (method === "POST" && pathname === "/api/orders") {
    // The price is the shop's. The order is kept before GoPay is asked, because the answer may be lost.
    const order = { id: randomUUID(), buyer, amount: { value: "25000.00", currency: "IDR" }, status: "pending" };
    orders.set(order.id, order);
    Object.assign(order, await createPayment(order));
    return [201, publicPart(order)];
  }
  const order = orders.get(/^\/api\/orders\/([\w-]+)$/.exec(pathname)?.[1]);
  if (method !== "GET" || order?.buyer !== buyer) return [404, { error: "not_found" }];
  // The notification may be late or lost.
  if (order.status === "pending") await inquire(order).then((answer) => record(order, answer), console.error);
  return [200, publicPart(order)];
}

/** The body of a request; undefined if it is larger than any that is expected. */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const server = createServer(async (request, response) => {
  let reply;
  try {
    const body = await read(request);
    reply = body ? await answer(request, body) : [413, { error: "too_large" }];
  } catch (error) {
    console.error(error);
    reply = [500, { error: "internal_error" }];
  }
  const [status, content, type = "application/json", headers = {}] = reply;
  response.writeHead(status, {
    "content-type": type,
    // For a page on an origin of its own, as in ../react.
    "access-control-allow-origin": new URL(GOPAY_MINI_APP_URL).origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-headers": "content-type",
    ...headers,
  });
  response.end(typeof content === "object" ? JSON.stringify(content) : content);
});
server.listen(PORT ?? new URL(GOPAY_NOTIFICATION_URL).port, "127.0.0.1", () => {
  console.log(`shop listening on http://localhost:${server.address().port}`);
});
