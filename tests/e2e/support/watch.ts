import type { BrowserContext, Request } from "@playwright/test";

const SIGN_IN = "/api/session";

const pathOf = (request: Request) => new URL(request.url()).pathname;

/**
 * Errors of a browser: console errors (such as a violation of the Content-Security-Policy), uncaught
 * errors, answers with a status from 400 on, and unanswered requests. Also collects secrets, and where
 * they must not appear.
 */
export class Watch {
  readonly errors: string[] = [];
  readonly addresses: string[] = [];
  /** Bodies of answers with a status from 400 on. */
  private readonly refusals: Promise<string>[] = [];
  readonly secrets = new Set<string>();
  private readonly contexts: BrowserContext[] = [];
  private readonly sessions: Promise<string | null | undefined>[] = [];
  private readonly signIns = new Set<Request>();
  /** Orders that are read with the session that a sign-in is about to end; the app reads them again after it. */
  private readonly early = new WeakSet<Request>();

  observe(context: BrowserContext): void {
    this.contexts.push(context);
    context.on("console", (message) => {
      // The browser's own line for an answer that is among the errors already.
      const repeated = message.text().startsWith("Failed to load resource");
      if (message.type() === "error" && !repeated) {
        this.errors.push(`console: ${message.text()}`);
      }
    });
    context.on("weberror", (error) => {
      this.errors.push(`uncaught: ${error.error().message}`);
    });
    context.on("request", (request) => {
      this.addresses.push(request.url());
      if (pathOf(request) === SIGN_IN) this.signIns.add(request);
      const isRead = request.method() === "GET" && pathOf(request).startsWith("/api/orders");
      if (isRead && this.signIns.size > 0) this.early.add(request);
      const authCode = /"auth_code":"([^"]+)"/.exec(request.postData() ?? "")?.[1];
      if (authCode) this.secrets.add(authCode);
    });
    // Of answers that came whole: of one that was cut off, the headers may never be known.
    context.on("requestfinished", (request) => {
      if (!this.signIns.delete(request)) return;
      const cookie = request.response().then(async (response) => {
        const value = await response?.headerValue("set-cookie");
        return /^[^=]*=([^;]+)/.exec(value ?? "")?.[1];
      });
      const token = request.response().then((response) => response?.headerValue("session-token"));
      this.sessions.push(cookie, token);
    });
    context.on("response", (response) => {
      const request = response.request();
      // An answer to a page that is gone has no body any more.
      if (response.status() >= 400) this.refusals.push(response.text().catch(() => ""));
      if (response.status() < 400 || (response.status() === 401 && this.early.has(request))) return;
      this.errors.push(`${response.status()} ${request.method()} ${pathOf(request)}`);
    });
    context.on("requestfailed", (request) => {
      this.signIns.delete(request);
      const why = request.failure()?.errorText ?? "";
      // A page that is left or reloaded drops its requests.
      if (why !== "net::ERR_ABORTED") {
        this.errors.push(`${why} ${request.method()} ${pathOf(request)}`);
      }
    });
  }

  /** The bodies of all refusals. */
  async refused(): Promise<string> {
    return (await Promise.all(this.refusals)).join("\n");
  }

  /** The codes of test buyers in the browser's storage. */
  async testBuyers(): Promise<string[]> {
    const storage = await Promise.all(this.contexts.map((context) => context.storageState()));
    return storage
      .flatMap(({ origins }) => origins.flatMap(({ localStorage }) => localStorage))
      .filter(({ name }) => name === "test-buyer")
      .map(({ value }) => value);
  }

  /** The pages' storage and cookies. Reading it also waits for every earlier event. */
  async storage(): Promise<string> {
    for (const session of await Promise.all(this.sessions)) {
      if (session) this.secrets.add(session);
    }
    const kept: string[] = [];
    for (const context of this.contexts) {
      for (const page of context.pages()) {
        for (const frame of page.frames()) {
          if (!frame.url().startsWith("http")) continue;
          try {
            const text = frame.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
            kept.push(await text);
          } catch (error) {
            // GoPay's sheet closes once it has been paid in: a frame that is gone keeps nothing. That it is
            // gone is known when the page has answered once more.
            await page.evaluate(() => {});
            if (!frame.isDetached()) throw error;
          }
        }
      }
    }
    return kept.join("\n");
  }
}
