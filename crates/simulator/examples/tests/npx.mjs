// Stands for `npx --yes gopay-simulator@VERSION`: runs the simulator of the test.
import { spawnSync } from "node:child_process";

const [yes, program, ...options] = process.argv.slice(2);
if (yes !== "--yes" || !/^gopay-simulator@\d+\.\d+\.\d+$/.test(program)) {
  throw new Error(`npx ${yes} ${program}`);
}
const { status } = spawnSync(process.env.GOPAY_SIMULATOR_BINARY, options, { stdio: "inherit" });
process.exit(status);
