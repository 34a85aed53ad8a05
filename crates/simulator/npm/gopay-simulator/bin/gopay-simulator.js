#!/usr/bin/env node
// Runs the binary, and hands on arguments, signals and exit code.

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { binary } from "../binary.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const fail = (error) => {
  console.error(`gopay-simulator: ${error.message}`);
  process.exitCode = 1;
};

try {
  const child = spawn(binary(), process.argv.slice(2), { stdio: "inherit" });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on("error", fail);
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
} catch (error) {
  fail(error);
}
