// GoPay's payments through midtrans-client, the vendor's own client, with nothing changed but its base URLs.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import midtransClient from "midtrans-client";
import ApiConfig from "midtrans-client/lib/apiConfig.js";

const env = process.env;
const { CoreApi, Snap, SnapBi, SnapBiConfig } = midtransClient;

// The client has two environments; the sandbox's host is now the simulator's.
SnapBiConfig.SNAP_BI_SANDBOX_BASE_URL = env.GOPAY_BASE_URL;
ApiConfig.SNAP_SANDBOX_BASE_URL = `${env.GOPAY_BASE_URL}/snap/v1`;
ApiConfig.CORE_SANDBOX_BASE_URL = env.GOPAY_BASE_URL;

SnapBiConfig.snapBiClientId = env.GOPAY_CLIENT_KEY;
SnapBiConfig.snapBiPrivateKey = readFileSync(env.GOPAY_MERCHANT_PRIVATE_KEY_FILE, "utf8");
SnapBiConfig.snapBiClientSecret = env.GOPAY_CLIENT_SECRET;
SnapBiConfig.snapBiPartnerId = env.GOPAY_PARTNER_ID;
SnapBiConfig.snapBiChannelId = "12345";
SnapBiConfig.snapBiPublicKey = readFileSync(env.GOPAY_PUBLIC_KEY_FILE, "utf8");

const snapKeys = { isProduction: false, serverKey: env.GOPAY_SERVER_KEY, clientKey: env.GOPAY_SNAP_CLIENT_KEY };
export const snap = new Snap(snapKeys);
export const coreApi = new CoreApi(snapKeys);

/** The client answers a refusal like a success: look at `responseCode`. */
const directDebit = (body) => SnapBi.directDebit().withBody(body);

/** Creates the payment of an order, whose id is its X-EXTERNAL-ID, too. */
export const createPayment = (orderId, amount) =>
  directDebit({
    partnerReferenceNo: orderId,
    chargeToken: "",
    merchantId: env.GOPAY_MERCHANT_ID,
    payOptionDetails: [{ payMethod: "GOPAY", payOption: "GOPAY_WALLET", transAmount: amount }],
    additionalInfo: { pointOfPurchaseId: env.GOPAY_POINT_OF_PURCHASE_ID },
  }).createPayment(orderId);

export const getStatus = (orderId) =>
  directDebit({ originalExternalId: orderId, serviceCode: "54" }).getStatus(randomUUID());

export const cancel = (orderId) => directDebit({ originalExternalId: orderId }).cancel(randomUUID());

/** Repeats the same refund under the same number. */
export const refund = (orderId, refundNo, amount, reason) =>
  directDebit({
    originalExternalId: orderId,
    originalPartnerReferenceNo: orderId,
    partnerRefundNo: refundNo,
    refundAmount: amount,
    reason,
  }).refund(randomUUID());

/** The body is the notification's text. The client takes it parsed, and writes it again to verify it. */
export function isGenuine(headers, body) {
  return SnapBi.notification()
    .withNotificationPayload(JSON.parse(body))
    .withSignature(headers["x-signature"] ?? "")
    .withTimeStamp(headers["x-timestamp"])
    .withNotificationUrlPath(new URL(env.GOPAY_NOTIFICATION_URL).pathname)
    .isWebhookNotificationVerified();
}
