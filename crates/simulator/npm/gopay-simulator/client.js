// The client of the simulator's control API.

import { SimulatorError } from "./error.js";

const NOTIFICATION_TIMEOUT_MS = 10_000;

/** The client of a simulator that runs at this address. */
export const connect = (address) => new Simulator(address);

export class Simulator {
  constructor(address) {
    this.address = new URL(address).origin;
  }

  get sdkUrl() {
    return `${this.address}/sdk/stable/gp-container.min.js`;
  }

  pay(order) {
    return this.#act(order, "pay");
  }

  cancel(order) {
    return this.#act(order, "cancel");
  }

  fail(order) {
    return this.#act(order, "fail");
  }

  expire(order) {
    return this.#act(order, "expire");
  }

  leave(order) {
    return this.#act(order, "leave");
  }

  open(order, { buyer } = {}) {
    return this.#act(order, "open", { buyer });
  }

  refund(order, { amount } = {}) {
    return this.#act(order, "refund", { amount });
  }

  ledger() {
    return this.#call("GET", "ledger");
  }

  notifications(mode) {
    return this.#call("PUT", "notifications", { mode });
  }

  release() {
    return this.#call("POST", "notifications/release");
  }

  repeat(order, changes = {}) {
    return this.#call("POST", `notifications/${encodeURIComponent(order)}/repeat`, changes);
  }

  forge(order, how, { status } = {}) {
    return this.#call("POST", "notifications/forge", { ref: order, how, status });
  }

  setScenario(name) {
    return this.#call("PUT", "scenario", { name });
  }

  setFaults(faults) {
    return this.#call("PUT", "faults", faults);
  }

  setSdkFaults(faults) {
    return this.#call("PUT", "sdk-faults", faults);
  }

  setOutcomes(outcomes) {
    return this.#call("PUT", "outcomes", outcomes);
  }

  setBuyer(id, buyer) {
    return this.#call("PUT", `buyers/${encodeURIComponent(id)}`, buyer);
  }

  releaseFaults() {
    return this.#call("POST", "faults/release");
  }

  setContainer(switches) {
    return this.#call("PUT", "container", switches);
  }

  setCheckout(switches) {
    return this.#call("PUT", "checkout", switches);
  }

  setRefunds(behaviour) {
    return this.#call("PUT", "refunds", behaviour);
  }

  setMiniApp(settings) {
    return this.#call("PUT", "mini-app", settings);
  }

  setMerchant(addresses) {
    return this.#call("PUT", "merchant", addresses);
  }

  keys() {
    return this.#call("GET", "keys");
  }

  setKeys(keys) {
    return this.#call("PUT", "keys", keys);
  }

  advanceClock(seconds) {
    return this.#call("POST", "clock/advance", { seconds });
  }

  setClock(aheadSeconds) {
    return this.#call("PUT", "clock", { ahead_seconds: aheadSeconds });
  }

  exchanges({ last = 50, secrets = "mask" } = {}) {
    return this.#call("GET", `exchanges?${new URLSearchParams({ last, secrets })}`);
  }

  setup() {
    return this.#call("GET", "setup");
  }

  setUp(setup) {
    return this.#call("PUT", "setup", setup);
  }

  replay(exchanges) {
    return this.#call("POST", "notifications/replay", exchanges);
  }

  recording() {
    return this.#call("GET", "recording");
  }

  replayRecording(recording) {
    return this.#call("POST", "recording/replay", recording);
  }

  reset() {
    return this.#call("POST", "reset");
  }

  async waitForNotification(order, { status, timeout = NOTIFICATION_TIMEOUT_MS } = {}) {
    const signal = AbortSignal.timeout(timeout);
    let seen;
    let cause;
    try {
      // The first event comes at once, and one after each change: no change is missed.
      const events = await this.#fetch("GET", "events", undefined, signal);
      for await (const _ of events.body) {
        seen = notificationsOf(order, await this.#call("GET", "ledger", undefined, signal));
        const found = seen.findLast(({ latest_transaction_status: its }) => status === undefined || its === status);
        if (found) return found;
      }
    } catch (error) {
      cause = error;
    }
    const why = signal.aborted ? missing(status, timeout, seen) : `no simulator answers at ${this.address}`;
    throw new SimulatorError(`waiting for a notification about ${order}: ${why}`, { cause });
  }

  #act(order, act, body) {
    return this.#call("POST", `payments/${encodeURIComponent(order)}/${act}`, body);
  }

  async #call(method, path, body, signal) {
    const called = `${method} /control/${path}`;
    let response;
    let text;
    try {
      response = await this.#fetch(method, path, body, signal);
      text = await response.text();
    } catch (cause) {
      throw new SimulatorError(`${called}: no simulator answers at ${this.address}`, { cause });
    }
    const answer = parse(text);
    const { ok, status } = response;
    if (!ok) {
      const reason = answer?.error ?? text;
      throw new SimulatorError(`${called}: ${status} ${reason}`, { status, reason });
    }
    if (answer === undefined && text !== "") {
      throw new SimulatorError(`${called}: the server at ${this.address} is no simulator`);
    }
    return answer;
  }

  #fetch(method, path, body, signal) {
    return fetch(`${this.address}/control/${path}`, {
      method,
      signal,
      headers: body && { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** GoPay's own notifications about an order that the merchant has answered, oldest first. */
function notificationsOf(order, { payments, entries }) {
  const isOrder = (payment) => [payment.reference_no, payment.partner_reference_no].includes(order);
  const references = payments.filter(isOrder).map(({ reference_no }) => reference_no);
  const isGenuine = ({ kind, nature }) => kind === "notification_tried" && nature === "genuine";
  return entries.filter((entry) => isGenuine(entry) && references.includes(entry.reference_no));
}

function missing(status, timeout, seen = []) {
  const wanted = status === undefined ? "none" : `none with status ${status}`;
  const statuses = seen.map(({ latest_transaction_status: its }) => its).join(", ") || "none";
  return `${wanted} within ${timeout} ms; seen: ${statuses}`;
}
