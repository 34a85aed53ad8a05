// `cargo xtask bench app`: builds what this needs, and calls it with the options it has checked.
// Measures one build of the app, or two in turns, and prints the figures.
import { mkdtempSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { longUse } from "./long.mjs";
import { NETWORKS, endPhones } from "./phone.mjs";
import { TAPS, run } from "./run.mjs";
import { openShop } from "./shop.mjs";
import { figuresTable, longTable } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    merchant: { type: "string" },
    simulator: { type: "string" },
    dist: { type: "string" },
    chromium: { type: "string" },
    runs: { type: "string" },
    network: { type: "string" },
    cpu: { type: "string" },
    purchases: { type: "string" },
    against: { type: "string" },
    json: { type: "string" },
  },
});
const runs = Number(options.runs);
const cpu = Number(options.cpu);
const purchases = Number(options.purchases);
const settings = { chromium: options.chromium, network: NETWORKS[options.network], cpu };

// Where the figures themselves go to standard output, they are alone there.
const print = options.json === "-" ? console.error : console.log;
const say = (line) => console.error(`bench: ${line}`);
// All temporary files are in one folder, which is removed in every case.
process.env.TMPDIR = mkdtempSync(path.join(os.tmpdir(), "mini-app-bench-"));
process.on("exit", () => rmSync(process.env.TMPDIR, { recursive: true, force: true, maxRetries: 5 }));

const shops = [];
/** Failed runs: they are reported, and the others count. */
const failures = [];

async function open(name, dist) {
  const shop = await openShop({ merchant: options.merchant, simulator: options.simulator, dist });
  shops.push(shop);
  const built = statSync(path.join(dist, "index.html")).mtime.toISOString();
  return { name, ...shop, what: `${name}: ${dist}, built ${built}`, runs: [] };
}

async function targets() {
  const own = await open("dist", options.dist);
  const { against } = options;
  if (!against) return [own];
  if (/^https?:\/\//.test(against)) {
    return [own, { name: "against", address: against, what: `against: ${against}, opened as it is`, runs: [] }];
  }
  return [own, await open("against", against)];
}

/**
 * A B, B A, so that other load of the machine meets both, and so does being first: a build against its own
 * copy was 5 % slower in first place.
 */
async function measure(all) {
  for (let round = 1; round <= runs; round += 1) {
    for (const target of round % 2 ? all : all.toReversed()) {
      const measured = await run(target, settings).catch((error) => {
        failures.push(`${target.name}, run ${round}: ${error.message}`);
        say(failures.at(-1));
      });
      if (!measured) continue;
      target.runs.push(measured);
      const { cold, warm } = measured;
      say(`${target.name}, run ${round} of ${runs}: ${cold.pay.toFixed(0)} ms to pay, ${warm.pay.toFixed(0)} ms again`);
    }
  }
}

async function main() {
  // Fails before an hour of measuring if the file cannot be written.
  const file = options.json && options.json !== "-" ? openFile(options.json) : undefined;
  const all = await targets();
  const load = [os.loadavg()[0]];
  await measure(all);
  const uses = [];
  if (purchases > 0) {
    // An address may be a real shop, where a benchmark must not buy.
    for (const target of all.filter(({ control }) => control)) {
      const held = await longUse(target, purchases, options.chromium, say).catch((error) => {
        failures.push(`${target.name}, long use: ${error.message}`);
        say(failures.at(-1));
      });
      if (held) uses.push({ name: target.name, held });
    }
  }
  load.push(os.loadavg()[0]);
  if (all.some((target) => target.runs.length === 0)) throw new Error("there is nothing to tell");

  const network = options.network === "none" ? "no network limit" : options.network;
  const version = all[0].runs[0]?.version;
  const about = [
    ...all.map(({ what }) => what),
    `${runs} runs each, ${network}, processor ${cpu}x slower, ${TAPS} taps, Chromium ${version}`,
    `${os.cpus().length} cores, load ${load.map((it) => it.toFixed(1)).join(" to ")}; servers built with the dev profile`,
  ];
  if (Math.max(...load) > os.cpus().length) {
    about.push("The machine had other things to do: of these times not even the ratios say much");
  }
  print(`\n${about.join("\n")}\n`);
  print(`Median (min..max):\n\n${figuresTable(all)}`);
  for (const { name, runs: measured } of all) {
    const twice = new Set(measured.flatMap(({ cold }) => cold.repeated));
    if (twice.size > 0) print(`\n${name} asks more than once: ${[...twice].join(", ")}`);
  }
  for (const use of uses) print(`\n${longTable(use)}`);
  for (const failure of failures) print(`\nNot measured: ${failure}`);
  if (options.json) {
    const raw = all.map(({ name, what, runs: measured }) => ({ name, what, runs: measured }));
    const text = `${JSON.stringify({ date: new Date(), about, network: settings.network, cpu, failures, targets: raw, uses }, null, 1)}\n`;
    if (file === undefined) process.stdout.write(text);
    else writeFileSync(file, text);
  }
}

function openFile(name) {
  try {
    return openSync(name, "w");
  } catch (error) {
    throw new Error(`--json ${name} cannot be written: ${error.message}`);
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    Promise.allSettled([endPhones(), ...shops.map(({ end }) => end())]).finally(() => process.exit(130));
  });
}
try {
  await main();
  if (failures.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
} finally {
  await Promise.allSettled(shops.map(({ end }) => end()));
}
