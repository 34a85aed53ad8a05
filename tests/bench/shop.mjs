// A shop for the benchmark: merchant and simulator on free ports, with their keys and database in a
// temporary folder.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A server must listen within this time, in milliseconds. */
const LISTEN_TIMEOUT_MS = 30_000;

const root = path.resolve(fileURLToPath(import.meta.url), "../../..");

/** The folder of the keys in the checked-in configuration. */
const DEVELOPMENT_KEYS = "../../target/preview/keys";

/** Starts the servers with the bundle in `dist`. `end` ends them. */
export async function openShop({ merchant, simulator, dist }) {
  const folder = await mkdtemp(path.join(tmpdir(), "shop-"));
  const servers = [];
  const end = async () => {
    await Promise.all(servers.map((server) => server.end()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await promisify(execFile)(merchant, ["keygen", "--dir", folder]);
    // Told where the shop is as soon as that is known.
    const nobody = "http://localhost:1";
    const gopay = await listen("gopay-simulator", simulator, [
      ...["--listen", "127.0.0.1:0", "--keys", folder, "--app", nobody, "--notify", nobody],
    ]);
    servers.push(gopay);

    const config = path.join(folder, "merchant.toml");
    const checkedIn = await readFile(path.join(root, "crates/merchant/merchant.toml"), "utf8");
    const own = checkedIn
      .replaceAll(DEVELOPMENT_KEYS, folder)
      .replace('"../../shop.toml"', JSON.stringify(path.join(root, "shop.toml")));
    await writeFile(config, own);
    const back = await listen("merchant", merchant, ["--config", config], {
      MERCHANT_LISTEN: "127.0.0.1:0",
      // It follows from the port.
      MERCHANT_PUBLIC_URL: "",
      MERCHANT_DIST: dist,
      MERCHANT_DATABASE_URL: `sqlite://${path.join(folder, "merchant.db")}`,
      MERCHANT_GOPAY_BI_SNAP_URL: gopay.origin,
      MERCHANT_GOPAY_MINI_APP_URL: gopay.origin,
      MERCHANT_GOPAY_SDK_URL: `${gopay.origin}/sdk/stable/gp-container.min.js`,
      MERCHANT_LOG: "error",
    });
    servers.push(back);
    const control = async (method, place, body) => {
      const response = await fetch(`${gopay.origin}/control/${place}`, {
        method,
        headers: { "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`${method} /control/${place}: ${response.status} ${await response.text()}`);
      return response;
    };
    await control("PUT", "merchant", { app: back.origin, notify: back.origin });
    return { address: `${back.origin}/?add=kopi-susu`, control, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts a program and waits for its line `<name> listening on http://<address>:<port>`. */
function listen(name, program, options, variables = {}) {
  const child = spawn(program, options, {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("close", resolve));
  const end = () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
    return gone.then(() => clearTimeout(timer));
  };
  return new Promise((resolve, reject) => {
    let written = "";
    const fail = (why) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${name} ${why}:\n${written}`));
    };
    const timer = setTimeout(() => fail("does not listen"), LISTEN_TIMEOUT_MS);
    const listening = new RegExp(`^${name} listening on http://[^\\s]+:(\\d+)$`, "m");
    let port;
    const read = (text) => {
      // Further output is read and dropped.
      if (port) return;
      written += text;
      port = listening.exec(written)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve({ origin: `http://localhost:${port}`, end });
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", (error) => fail(error.message));
    child.once("exit", () => fail("has ended"));
  });
}
