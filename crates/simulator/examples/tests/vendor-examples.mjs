// The examples of GoPay's own clients, whose calls of BI-SNAP the simulator has to accept.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

export const PAYMENT = "/v1.0/debit/payment-host-to-host";
export const STATUS = "/v1.0/debit/status";
export const CANCEL = "/v1.0/debit/cancel";
export const REFUND = "/v1.0/debit/refund";

const address = (city) => ({
  firstName: "Merchant",
  lastName: "Operation",
  phone: "+6281932358123",
  address: "Pasaraya Blok M",
  city,
  postalCode: "12160",
  countryCode: "IDN",
});
export const customerDetails = {
  firstName: "Zoë",
  lastName: "Operation",
  email: "merchant-ops@midtrans.com",
  phone: "+6281932358123",
  billingAddress: address("Jakarta"),
  shippingAddress: address("Jakarta"),
};
const urlParam = { url: "https://midtrans-test.com/api/notification", type: "PAY_RETURN", isDeeplink: "N" };
/** An article of the examples. */
export const item = {
  id: "8143fc4f-ec05-4c55-92fb-620c212f401e",
  price: { value: "1500.00", currency: "IDR" },
  quantity: 1,
  name: "test item name",
  brand: "test item brand",
  category: "test item category",
  merchantName: "Merchant Operation",
};

/** The example of a payment. Node's and Java's say `validUpTo` 2030, which GoPay's page does not allow. */
const payment = (env, externalId, value, more) => ({
  partnerReferenceNo: externalId,
  chargeToken: "",
  merchantId: env.GOPAY_MERCHANT_ID,
  urlParam,
  validUpTo: new Date(Date.now() + 600_000).toISOString(),
  payOptionDetails: [{ payMethod: "GOPAY", payOption: "GOPAY_WALLET", transAmount: { value, currency: "IDR" } }],
  additionalInfo: { customerDetails, items: [item] },
  ...more,
});
/** The examples' calls: payments, inquiries by either id, a cancellation, and refunds. */
export async function testExamples(call, simulator, value, more) {
  const pay = async () => {
    const externalId = randomUUID();
    const created = await call(PAYMENT, externalId, payment(simulator.env, externalId, value, more));
    assert.equal(created.responseCode, "2005400", created.responseMessage);
    assert.deepEqual(created.additionalInfo.grossAmount, { value: "1500.00", currency: "IDR" });
    return { externalId, referenceNo: created.referenceNo };
  };
  const status = (body) => call(STATUS, randomUUID(), { ...body, serviceCode: "54", additionalInfo: [] });
  const refundAmount = { value: "100.00", currency: "IDR" };

  const { externalId, referenceNo } = await pay();
  await simulator.act({ reference_no: referenceNo }, "pay");
  assert.equal((await status({ originalReferenceNo: referenceNo })).latestTransactionStatus, "00");
  for (const body of [
    { originalReferenceNo: referenceNo, reason: "some-reason", additionalInfo: [], refundAmount },
    { originalExternalId: externalId, partnerRefundNo: `${externalId}-1`, reason: "some-reason", refundAmount },
  ]) {
    assert.equal((await call(REFUND, randomUUID(), body)).responseCode, "2005800");
  }
  assert.equal((await status({ originalExternalId: externalId })).refundHistory.length, 2);

  const other = await pay();
  assert.equal((await call(CANCEL, randomUUID(), { originalExternalId: other.externalId })).responseCode, "2005700");
  assert.equal((await status({ originalReferenceNo: other.referenceNo })).latestTransactionStatus, "05");
}
