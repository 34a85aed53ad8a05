import assert from "node:assert/strict";
import { test } from "node:test";
import { ordersOf, startSimulator, testOrders } from "./simulator.mjs";

test("the back end in Node", async (t) => {
  const simulator = await startSimulator(t);
  // As in production, where the mini-app API has a host of its own.
  const GOPAY_MINI_APP_BASE_URL = simulator.address.replace("127.0.0.1", "localhost");
  const shop = await simulator.startShop(t, ["node", "node/server.mjs"], { GOPAY_MINI_APP_BASE_URL });

  const signIn = async (authCode) => {
    const body = JSON.stringify({ auth_code: authCode });
    const response = await fetch(`${shop}/api/session`, { method: "POST", body });
    return { status: response.status, cookie: response.headers.get("set-cookie")?.split(";")[0] };
  };
  const { cookie } = await signIn(await simulator.authCode());
  const orders = ordersOf(shop, { cookie });
  await testOrders(t, simulator, orders);

  await t.test("an order is its buyer's only", async () => {
    const id = await orders.create();
    const siti = await signIn(await simulator.authCode("siti"));
    for (const [other, status] of [[siti.cookie, 404], ["session=unknown", 401], ["", 401]]) {
      const response = await fetch(`${shop}/api/orders/${id}`, { headers: { cookie: other } });
      assert.equal(response.status, status);
    }
  });

  await t.test("a body that is too large is not read", async () => {
    const body = "x".repeat(100_000);
    assert.equal((await fetch(`${shop}/v1.0/debit/notify`, { method: "POST", body })).status, 413);
  });

  await t.test("an auth code signs in once", async () => {
    const authCode = await simulator.authCode();
    assert.equal((await signIn(authCode)).status, 200);
    assert.equal((await signIn(authCode)).status, 401);
  });

  await t.test("the deeplink of another order is not shown", async () => {
    await simulator.send("PUT", "/control/faults", [{ on: "payment", do: "other_order" }]);
    const response = await fetch(`${shop}/api/orders`, { method: "POST", headers: { cookie } });
    assert.equal(response.status, 500);
  });
});
