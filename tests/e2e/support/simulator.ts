import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { environment } from "./environment.ts";
import { Server } from "./server.ts";

/** A payment at GoPay. */
export interface Payment {
  reference_no: string;
  partner_reference_no: string;
  external_id: string;
  mini_app: string;
  amount: { value: string; currency: string };
  way: "bi_snap" | "snap";
  state: "pending" | "paid" | "cancelled" | "failed" | "expired";
  /** In Jakarta's time. */
  settled_at?: string;
}

/** An event at GoPay; `kind` says which fields it has. */
export interface Entry {
  at: string;
  kind: string;
  [field: string]: unknown;
}

/** All events at GoPay, whose record of the money is the truth. */
export interface Ledger {
  payments: Payment[];
  entries: Entry[];
  /** What the mini-app API gave and showed, by buyer. */
  buyers: Record<string, unknown>;
  mini_apps: { id: string; app: string; point_of_purchase_id: string }[];
  /** The address of the sandbox, if the simulator plays it. */
  sandbox: string | null;
}

/** The merchant's answer to a notification that the test sent. */
export interface Answered {
  http_status: number;
  body: string;
}

/** A GoPay of the test's own, and its control API. */
export class Simulator {
  readonly server: Server;
  private readonly keys: string;

  private constructor(server: Server, keys: string) {
    this.server = server;
    this.keys = keys;
  }

  static async start(keys: string, more: string[] = []): Promise<Simulator> {
    const nobody = "http://localhost:1";
    const options = ["--listen", "127.0.0.1:0", "--keys", keys, "--app", nobody, "--notify", nobody, ...more];
    return new Simulator(await Server.start("gopay-simulator", environment.simulator, options), keys);
  }

  get origin(): string {
    return this.server.origin;
  }

  /** Tells it where the shop is. */
  async setMerchant(merchant: string): Promise<void> {
    await this.call("PUT", "merchant", { app: merchant, notify: merchant });
  }

  /** Sets what an entry of the order history opens. */
  async setOrderHistory(shape: string): Promise<void> {
    await this.call("PUT", "merchant", { order_history: shape });
  }

  async ledger(): Promise<Ledger> {
    return (await this.call("GET", "ledger")) as Ledger;
  }

  async payments(): Promise<Payment[]> {
    return (await this.ledger()).payments;
  }

  /** The one payment there is. */
  async payment(): Promise<Payment> {
    const payments = await this.payments();
    const [payment] = payments;
    if (!payment || payments.length > 1) {
      throw new Error(`there are ${payments.length} payments, and one was expected`);
    }
    return payment;
  }

  /** The events of one kind, oldest first. */
  async entries(kind: string): Promise<Entry[]> {
    return (await this.ledger()).entries.filter((entry) => entry.kind === kind);
  }

  async act(payment: Payment, act: "pay" | "cancel" | "fail" | "expire" | "leave"): Promise<void> {
    await this.call("POST", `payments/${payment.reference_no}/${act}`);
  }

  /** Removes every fault; the record stays. */
  async clearFaults(): Promise<void> {
    await this.setScenario("default");
    await this.call("PUT", "faults", []);
  }

  async setScenario(scenario: string): Promise<void> {
    await this.call("PUT", "scenario", { name: scenario });
  }

  /** Sets how its container answers; other switches return to their defaults. */
  async setContainer(container: Record<string, string | boolean>): Promise<void> {
    await this.call("PUT", "container", container);
  }

  /** Sets how its mini-app API is configured; other settings return to their defaults. */
  async setMiniApp(settings: Record<string, unknown>): Promise<void> {
    await this.call("PUT", "mini-app", settings);
  }

  /**
   * Calls the mini-app API for budi, as the merchant does from a further mini app, or the first;
   * returns the answer's data.
   */
  async miniAppApi(method: string, part: string, body?: unknown, app?: { id: string; origin: string }): Promise<unknown> {
    const login = { class: "GPMiniAppAuth", method: "getAuthCode" };
    const { reply } = (await this.send("POST", "bridge/call", login, app && { origin: app.origin })) as {
      reply: { data: { authCode: string } };
    };
    const file = path.join(this.keys, app ? `auth.${app.id}.credentials` : "auth.credentials");
    const credentials = (await readFile(file, "utf8")).trim();
    const granted = (await this.send(
      "POST",
      "v1/mini-apps/authorizations/token",
      { auth_code: reply.data.authCode },
      { authorization: `Basic ${credentials}` },
    )) as { data: { auth_token: string } };
    const headers = { authorization: `Bearer ${granted.data.auth_token}`, "request-id": randomUUID() };
    return ((await this.send(method, `v1/mini-apps/${part}`, body, headers)) as { data?: unknown }).data;
  }

  async notifications(mode: "send" | "withhold" | "delay"): Promise<void> {
    await this.call("PUT", "notifications", { mode });
  }

  /** Sends what was delayed, and answers when the merchant has. */
  async release(): Promise<void> {
    await this.call("POST", "notifications/release");
  }

  async repeat(payment: Payment, status?: string): Promise<Answered> {
    return (await this.call(
      "POST",
      `notifications/${payment.reference_no}/repeat`,
      status && { status },
    )) as Answered;
  }

  async forge(payment: Payment, how: string): Promise<Answered> {
    const forgery = { ref: payment.reference_no, how };
    return (await this.call("POST", "notifications/forge", forgery)) as Answered;
  }

  async advance(seconds: number): Promise<void> {
    await this.call("POST", "clock/advance", { seconds });
  }

  private call(method: string, part: string, body?: unknown): Promise<unknown> {
    return this.send(method, `control/${part}`, body);
  }

  private async send(
    method: string,
    part: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.server.port}/${part}`, {
      method,
      headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} /${part}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }
}
