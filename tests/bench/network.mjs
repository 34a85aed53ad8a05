// Every request of a page with its bytes on the wire, headers included. Invariant: addresses are stored
// without queries, headers and bodies not at all.

/** The kinds of bytes, in the order in which they are printed. */
export const KINDS = ["html", "js", "wasm", "css", "api", "pictures", "gopay", "other"];

/** The kind of a request. `gopay` is every origin but `home`: the SDK, and the simulator's bridge. */
export function kindOf({ type, url, mime = "" }, home) {
  const { origin, pathname } = new URL(url);
  if (origin !== home) return "gopay";
  if (pathname.startsWith("/api/")) return "api";
  if (mime === "application/wasm" || pathname.endsWith(".wasm")) return "wasm";
  switch (type) {
    case "Document":
      return "html";
    case "Script":
      return "js";
    case "Stylesheet":
      return "css";
    case "Image":
      return "pictures";
    default:
      return "other";
  }
}

/** Starts recording. */
export class Network {
  #home;
  #requests = new Map();
  /** Seconds between the protocol's clock and the wall clock. */
  #offset;
  #changed = () => {};

  constructor(cdp, home) {
    this.#home = home;
    cdp.on("Network.requestWillBeSent", ({ requestId, request, type, timestamp, wallTime }) => {
      if (!request.url.startsWith("http")) return;
      this.#offset ??= wallTime - timestamp;
      // A redirect keeps the id.
      const earlier = this.#requests.get(requestId)?.parts ?? [];
      const { method, url } = request;
      this.#requests.set(requestId, { method, url, type, start: timestamp, parts: earlier });
      this.#changed();
    });
    cdp.on("Network.responseReceived", ({ requestId, response, timestamp }) => {
      const request = this.#requests.get(requestId);
      if (!request) return;
      request.mime = response.mimeType;
      request.cached = Boolean(response.fromDiskCache);
      request.headers = request.cached ? 0 : response.encodedDataLength;
      request.parts.push({ at: timestamp, bytes: request.headers });
    });
    cdp.on("Network.dataReceived", ({ requestId, encodedDataLength, timestamp }) => {
      this.#requests.get(requestId)?.parts.push({ at: timestamp, bytes: encodedDataLength });
    });
    cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength, timestamp }) => {
      const request = this.#requests.get(requestId);
      if (!request) return;
      // The total is exact; the parts may lack the last bytes.
      const known = request.parts.reduce((sum, { bytes }) => sum + bytes, 0);
      if (!request.cached) request.parts.push({ at: timestamp, bytes: encodedDataLength - known });
      request.end = timestamp;
      this.#changed();
    });
    cdp.on("Network.loadingFailed", ({ requestId, timestamp }) => {
      const request = this.#requests.get(requestId);
      if (request) request.end = timestamp;
      this.#changed();
    });
  }

  /** The requests finished by a time, in milliseconds of the wall clock. */
  until(wall = Infinity) {
    const moment = wall / 1000 - (this.#offset ?? 0);
    return [...this.#requests.values()]
      .filter(({ start }) => start <= moment)
      .map((it) => ({
        method: it.method,
        path: new URL(it.url).pathname,
        kind: kindOf(it, this.#home),
        bytes: it.parts.reduce((sum, { at, bytes }) => (at <= moment ? sum + bytes : sum), 0),
        headers: it.headers ?? 0,
        cached: it.cached ?? false,
        start: (it.start + this.#offset) * 1000,
        end: it.end === undefined ? null : (it.end + this.#offset) * 1000,
      }));
  }

  /** Resolves after half a second without a request, apart from endless ones. */
  quiet(patience) {
    return new Promise((resolve, reject) => {
      let timer;
      const late = setTimeout(() => {
        clearTimeout(timer);
        reject(new Error(`the page still asks for something after ${patience} ms: ${this.#open().join(", ")}`));
      }, patience);
      this.#changed = () => {
        clearTimeout(timer);
        if (this.#open().length > 0) return;
        timer = setTimeout(() => {
          clearTimeout(late);
          this.#changed = () => {};
          resolve();
        }, 500);
      };
      this.#changed();
    });
  }

  #open() {
    return [...this.#requests.values()]
      .filter(({ type, end }) => end === undefined && type !== "EventSource")
      .map(({ url }) => new URL(url).pathname);
  }
}

/** Bytes by kind and in total, and the number of requests. */
export function sums(requests) {
  const bytes = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
  for (const request of requests) bytes[request.kind] += request.bytes;
  const all = Object.values(bytes).reduce((sum, it) => sum + it, 0);
  return { requests: requests.length, bytes: { all, ...bytes } };
}

/** Addresses requested more than once, except GoPay's bridge, which has one address. */
export function repeated(requests) {
  const times = new Map();
  for (const { method, path, kind } of requests) {
    if (kind === "gopay") continue;
    const what = `${method} ${path}`;
    times.set(what, (times.get(what) ?? 0) + 1);
  }
  return [...times].filter(([, count]) => count > 1).map(([what, count]) => `${what} (${count}x)`);
}
