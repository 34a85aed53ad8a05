// The simulator as a process of its own.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { binary } from "./binary.js";
import { Simulator } from "./client.js";
import { SimulatorError } from "./error.js";

const START_TIMEOUT_MS = 30_000;
const LISTENING = /^gopay-simulator listening on (http:\S+)\r?\n/m;

class RunningSimulator extends Simulator {
  #child;
  #kill;
  #options;

  constructor(address, child, kill, options) {
    super(address);
    this.#child = child;
    this.#kill = kill;
    this.#options = options;
  }

  values() {
    const listen = new URL(this.address).host;
    const asked = ["--values", "json", ...this.#options, "--listen", listen];
    const { status, stdout, stderr } = spawnSync(binary(), asked, { encoding: "utf8" });
    if (status !== 0) throw new SimulatorError(stderr.trim());
    const { further_mini_apps: _, ...values } = JSON.parse(stdout);
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [`GOPAY_${name.toUpperCase()}`, value]));
  }

  async stop() {
    process.off("exit", this.#kill);
    if (hasEnded(this.#child)) return;
    this.#kill();
    await once(this.#child, "exit");
  }
}

const hasEnded = ({ exitCode, signalCode }) => exitCode !== null || signalCode !== null;

/** Starts a simulator, and resolves when it serves. */
export async function start({ port = 0, app, notify, keys, seed, args = [], ...rest } = {}) {
  const options = Object.entries({ "--app": app, "--notify": notify, "--keys": keys, "--seed": seed });
  const given = options.filter(([, value]) => value !== undefined).flat().map(String);
  const unknown = Object.keys(rest);
  if (unknown.length > 0) throw new SimulatorError(`start has no option ${unknown.join(", ")}`);
  const child = spawn(binary(), ["--listen", `127.0.0.1:${port}`, ...given, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test that ends without `stop` leaves no process behind.
  const kill = () => child.kill();
  process.on("exit", kill);
  try {
    const address = await listening(child);
    return new RunningSimulator(address, child, kill, [...given, ...args]);
  } catch (error) {
    process.off("exit", kill);
    kill();
    throw error;
  }
}

function listening(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (why, cause) => {
      clearTimeout(timer);
      reject(new SimulatorError(`gopay-simulator ${why}${output && `: ${output.trim()}`}`, { cause }));
    };
    const timer = setTimeout(() => fail(`does not listen within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const read = (text) => {
      output += text;
      const address = LISTENING.exec(output)?.[1];
      if (!address) return;
      clearTimeout(timer);
      // A full pipe would stop the simulator.
      child.stdout.off("data", read).resume();
      child.stderr.off("data", read).pipe(process.stderr);
      resolve(address);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", (error) => fail(`does not start: ${error.message}`, error));
    child.once("close", (code, signal) => fail(`ended with ${signal ?? `code ${code}`}`));
  });
}
