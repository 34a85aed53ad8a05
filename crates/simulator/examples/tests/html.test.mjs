import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { test } from "node:test";
import { startSimulator } from "./simulator.mjs";

/** An element of the page, which emits each text that it shows. */
class Element extends EventEmitter {
  disabled = false;
  hidden = false;
  #text = "";
  get textContent() {
    return this.#text;
  }
  set textContent(text) {
    this.#text = text;
    this.emit("text", text);
  }
  addEventListener(name, listener) {
    this.on(name, listener);
  }
  async shows(text) {
    while (this.#text !== text) await once(this, "text");
  }
}

/** What the page's script needs of a browser: its elements, its address, the container and a cookie. */
function openPage(shop, simulator) {
  const elements = { "#pay": new Element(), "#status": new Element() };
  let cookie = "";
  const browserFetch = fetch;
  Object.assign(globalThis, {
    document: { querySelector: (selector) => elements[selector] },
    location: new URL(shop),
    history: { replaceState: (state, title, address) => (globalThis.location = new URL(address, shop)) },
    gpContainer: {
      call: async (className, method, params, success, failure) => {
        const call = { class: className, method, params };
        const { kind, reply } = await simulator.send("POST", "/bridge/call", call);
        // A payment sheet stays open, as in a GoPay that never calls back.
        if (kind !== "show") (kind === "success" ? success : failure)(reply);
      },
    },
    fetch: async (address, options) => {
      const target = new URL(address, shop);
      if (target.origin !== shop) return browserFetch(address, options);
      const response = await browserFetch(target, { ...options, headers: { ...options.headers, cookie } });
      cookie = response.headers.get("set-cookie")?.split(";")[0] ?? cookie;
      return response;
    },
  });
  return { pay: elements["#pay"], status: elements["#status"] };
}

test("the page in HTML", async (t) => {
  const simulator = await startSimulator(t);
  const shop = await simulator.startShop(t, ["node", "node/server.mjs"]);

  await t.test("the page has the simulator's SDK", async () => {
    for (const address of ["/", "/orders/1"]) {
      const page = await (await fetch(shop + address)).text();
      assert.ok(page.includes(`<script src="${simulator.env.GOPAY_SDK_URL}"></script>`), address);
    }
    const sdk = await (await fetch(simulator.env.GOPAY_SDK_URL)).text();
    assert.ok(sdk.includes("window.gpContainer ="));
    assert.equal((await fetch(`${shop}/shop.js`)).headers.get("content-type"), "text/javascript; charset=utf-8");
  });

  await t.test("its script signs in, orders, and shows that the order is paid", async () => {
    const { pay, status } = openPage(shop, simulator);
    await import("../html/shop.js");
    assert.deepEqual([status.textContent, pay.disabled], ["", false]);
    pay.emit("click");
    await status.shows("Menunggu pembayaran…");
    const [, id] = /^\/orders\/(.+)$/.exec(location.pathname);
    await simulator.act(await simulator.payment(id), "pay");
    await status.shows("Lunas. Terima kasih!");
    assert.ok(pay.hidden);
  });
});
