import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { environment } from "./environment.ts";
import { Server } from "./server.ts";
import type { Simulator } from "./simulator.ts";

/** The folder of the keys in the development configuration. */
const DEVELOPMENT_KEYS = "../../target/preview/keys";

/** The outcome of a read-only command. */
export interface Finding {
  sound: boolean;
  report: string;
}

/** A shop of the test's own: its process, its database, its keys. */
export class Merchant {
  private readonly folder: string;
  private readonly settings: Record<string, string>;
  private readonly run: (port: number) => Promise<Server>;
  private readonly servers: Server[];

  private constructor(
    folder: string,
    settings: Record<string, string>,
    run: (port: number) => Promise<Server>,
    server: Server,
  ) {
    this.folder = folder;
    this.settings = settings;
    this.run = run;
    this.servers = [server];
  }

  /**
   * Runs on the checked-in configuration, with the keys in `keys`, all else in `folder`, and
   * `more` in the part about the mini app; serves the bundle `dist`. With the address of a `sandbox`
   * it has no container.
   */
  static async start(
    folder: string,
    keys: string,
    simulator: Simulator,
    {
      more = "",
      dist = environment.dist,
      snap = false,
      sandbox = "",
    }: { more?: string; dist?: string; snap?: boolean; sandbox?: string } = {},
  ): Promise<Merchant> {
    const file = sandbox ? environment.sandboxConfig : environment.merchantConfig;
    const config = (await readFile(file, "utf8"))
      .replaceAll(DEVELOPMENT_KEYS, keys)
      .replace('"../../shop.toml"', JSON.stringify(environment.catalogue));
    await writeFile(path.join(folder, "merchant.toml"), config + more);
    const checkout = snap ? snapVariables(keys, simulator) : {};
    const settings = { ...variables(folder, simulator, sandbox), ...checkout };
    const run = (port: number) => serve(folder, settings, dist, port);
    return new Merchant(folder, settings, run, await run(0));
  }

  get server(): Server {
    return this.servers.at(-1) as Server;
  }

  get origin(): string {
    return this.server.origin;
  }

  /** The output of all its runs. */
  get output(): string {
    return this.servers.map((server) => server.output).join("");
  }

  get database(): string {
    return path.join(this.folder, "merchant.db");
  }

  /** Runs `merchant verify` on its database. */
  verify(): Promise<Finding> {
    return this.inspect("verify");
  }

  /** Runs `merchant reconcile` on its settled payments. */
  reconcile(): Promise<Finding> {
    return this.inspect("reconcile", "--settled");
  }

  private inspect(...command: string[]): Promise<Finding> {
    const env = { ...process.env, ...this.settings };
    const run = promisify(execFile)(environment.merchant, [...command, ...configured(this.folder)], { env });
    return run.then(
      ({ stdout }) => ({ sound: true, report: stdout }),
      ({ stdout, stderr }) => ({ sound: false, report: `${stdout}${stderr}` }),
    );
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  /** Restarts it with this product sold out. */
  async sellOut(product: string): Promise<void> {
    await this.changeCatalogue(`id = "${product}"\n`, "$&sold_out = true\n");
  }

  /** Restarts it with another catalogue. */
  async changeCatalogue(from: string, to: string): Promise<void> {
    const catalogue = path.join(this.folder, "catalogue.toml");
    const sold = await readFile(environment.catalogue, "utf8");
    await writeFile(catalogue, sold.replace(from, to));
    const file = path.join(this.folder, "merchant.toml");
    const config = await readFile(file, "utf8");
    await writeFile(file, config.replace(JSON.stringify(environment.catalogue), JSON.stringify(catalogue)));
    await this.kill();
    await this.restart();
  }

  /** Restarts it on the same port and database. */
  async restart(): Promise<void> {
    this.servers.push(await this.run(this.server.port));
  }
}

function configured(folder: string): string[] {
  return ["--config", path.join(folder, "merchant.toml")];
}

/** The settings that differ in every test. */
function variables(folder: string, simulator: Simulator, sandbox: string): Record<string, string> {
  const gopay = {
    MERCHANT_GOPAY_BI_SNAP_URL: simulator.origin,
    MERCHANT_GOPAY_MINI_APP_URL: simulator.origin,
    MERCHANT_GOPAY_SDK_URL: `${simulator.origin}/sdk/stable/gp-container.min.js`,
  };
  return {
    // It follows from the port.
    MERCHANT_PUBLIC_URL: "",
    MERCHANT_DATABASE_URL: `sqlite://${path.join(folder, "merchant.db")}`,
    ...(sandbox ? { MERCHANT_GOPAY_BI_SNAP_URL: sandbox } : gopay),
  };
}

/** The settings of Snap Checkout. */
function snapVariables(keys: string, simulator: Simulator): Record<string, string> {
  return {
    MERCHANT_GOPAY_CHECKOUT: "snap",
    MERCHANT_GOPAY_SNAP_URL: simulator.origin,
    MERCHANT_GOPAY_CORE_API_URL: simulator.origin,
    MERCHANT_GOPAY_SERVER_KEY_FILE: path.join(keys, "server.key"),
    MERCHANT_GOPAY_SNAP_CLIENT_KEY: "Mid-client-simulator",
  };
}

function serve(folder: string, settings: Record<string, string>, dist: string, port: number): Promise<Server> {
  return Server.start("merchant", environment.merchant, configured(folder), {
    ...settings,
    MERCHANT_LISTEN: `127.0.0.1:${port}`,
    MERCHANT_DIST: dist,
    // The log has no secret at any level.
    MERCHANT_LOG: "debug",
  });
}
