import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { missing, ordersOf, startSimulator, testOrders } from "./simulator.mjs";

const extensions = "exit(extension_loaded('curl') && extension_loaded('openssl') ? 0 : 1);";

test("the back end in PHP", { skip: missing("php", "-r", extensions) }, async (t) => {
  const simulator = await startSimulator(t);
  const ORDERS_DIR = mkdtempSync(path.join(tmpdir(), "gopay-orders-"));
  t.after(() => rmSync(ORDERS_DIR, { recursive: true }));
  const shop = await simulator.startShop(t, ["php", "-S", "127.0.0.1:0", "php/server.php"], { ORDERS_DIR });
  await testOrders(t, simulator, ordersOf(shop));
});
