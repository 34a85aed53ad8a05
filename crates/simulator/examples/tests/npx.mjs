// Stands for `npx --yes gopay-simulator@VERSION`: runs the simulator of the test, and prints its values.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { makeKeys, values } from "./simulator.mjs";

const [yes, program, ...options] = process.argv.slice(2);
if (yes !== "--yes" || !/^gopay-simulator@\d+\.\d+\.\d+$/.test(program)) {
  throw new Error(`npx ${yes} ${program}`);
}
const { values: given } = parseArgs({
  args: options,
  options: { keys: { type: "string" }, listen: { type: "string" }, values: { type: "string" } },
});
if (given.values === "env") {
  const found = values(given.keys, `http://${given.listen.replace("127.0.0.1", "localhost")}`);
  for (const [name, value] of Object.entries(found)) console.log(`${name}=${value}`);
} else {
  makeKeys(given.keys);
  const { status } = spawnSync(process.env.GOPAY_SIMULATOR_BINARY, options, { stdio: "inherit" });
  process.exit(status);
}
