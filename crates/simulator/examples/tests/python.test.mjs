import { test } from "node:test";
import { missing, ordersOf, startSimulator, testOrders } from "./simulator.mjs";

test("the back end in Python", { skip: missing("python3", "-c", "import cryptography") }, async (t) => {
  const simulator = await startSimulator(t);
  const shop = await simulator.startShop(t, ["python3", "python/server.py"]);
  await testOrders(t, simulator, ordersOf(shop));
});
