// Browsers that Playwright does not drive: old Chromiums and WebKit. Each has one page and the smallest
// driver that a purchase needs.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { expect } from "@playwright/test";

/** The size of a cheap phone's screen. */
const SIZE = { width: 360, height: 740 };

/** The page, or the frame that covers it. */
export type Place = "page" | "frame";

/** A browser with one page. */
export interface Engine {
  open(url: string): Promise<void>;
  /** The expression's value as JSON; undefined while the place does not exist. */
  evaluate(expression: string, place: Place): Promise<unknown>;
  tap(point: { x: number; y: number }): Promise<void>;
  close(): Promise<void>;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

/** The first line that a program writes. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", () => reject(new Error("it has ended")));
    (child.stdout as Readable).setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A message of the DevTools protocol. Its content is checked where it is used. */
interface Message {
  id?: number;
  method?: string;
  params?: any;
  result?: any;
  error?: { message: string };
  sessionId?: string;
}

/** A Chromium, by the DevTools protocol. */
export class Chromium implements Engine {
  private readonly child: ChildProcess;
  private readonly profile: string;
  private readonly answers = new Map<number, (answer: Message) => void>();
  private contexts: { session: string; id: number; place: Place }[] = [];
  private sent = 0;
  private page = { session: "", target: "" };

  private constructor(child: ChildProcess, profile: string) {
    this.child = child;
    this.profile = profile;
    let rest = "";
    (child.stdio[4] as Readable).setEncoding("utf8").on("data", (text: string) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.handle(JSON.parse(message));
    });
    child.once("exit", () => {
      for (const answer of this.answers.values()) answer({ error: { message: "the browser has ended" } });
    });
  }

  static async launch(program: string, options: string[] = []): Promise<Chromium> {
    const profile = await mkdtemp(path.join(tmpdir(), "mini-app-engine-"));
    const all = [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe"],
      ...[`--user-data-dir=${profile}`, `--window-size=${SIZE.width},${SIZE.height}`, ...options],
    ];
    const child = spawn(program, all, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    const engine = new Chromium(child, profile);
    const { targetId } = await engine.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await engine.send("Target.attachToTarget", { targetId, flatten: true });
    engine.page = { session: sessionId, target: targetId };
    await engine.attach(sessionId);
    return engine;
  }

  /** Attaches to a page, or to a frame in its own process. */
  private async attach(session: string): Promise<void> {
    const frames = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await Promise.all([
      this.send("Runtime.enable", {}, session),
      this.send("Target.setAutoAttach", frames, session),
    ]);
  }

  private handle({ id, method, params, result, error, sessionId: session = "" }: Message): void {
    if (id !== undefined) {
      this.answers.get(id)?.({ result, error });
      this.answers.delete(id);
      return;
    }
    switch (method) {
      case "Target.attachedToTarget":
        // A frame may be gone again before it answers.
        if (params.targetInfo.type === "iframe") this.attach(params.sessionId).catch(() => {});
        break;
      case "Target.detachedFromTarget":
        this.contexts = this.contexts.filter((it) => it.session !== params.sessionId);
        break;
      case "Runtime.executionContextCreated": {
        const { id, auxData } = params.context;
        const isPage = session === this.page.session && auxData.frameId === this.page.target;
        if (auxData.isDefault) this.contexts.unshift({ session, id, place: isPage ? "page" : "frame" });
        break;
      }
      case "Runtime.executionContextDestroyed":
        this.contexts = this.contexts.filter((it) => it.session !== session || it.id !== params.executionContextId);
        break;
      case "Runtime.executionContextsCleared":
        this.contexts = this.contexts.filter((it) => it.session !== session);
        break;
    }
  }

  private async send(method: string, params: object = {}, sessionId?: string): Promise<any> {
    const id = ++this.sent;
    const answer = new Promise<Message>((resolve) => this.answers.set(id, resolve));
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async open(url: string): Promise<void> {
    await this.send("Page.navigate", { url }, this.page.session);
  }

  async evaluate(expression: string, place: Place): Promise<unknown> {
    const context = this.contexts.find((it) => it.place === place);
    if (!context) return undefined;
    const params = { expression, contextId: context.id, returnByValue: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", params, context.session).catch((error) => {
      // The page has been left in the meantime.
      if (/context|session/i.test(error.message)) return { result: {} };
      throw error;
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  async tap({ x, y }: { x: number; y: number }): Promise<void> {
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 }, this.page.session);
    }
  }

  async close(): Promise<void> {
    await kill(this.child);
    await rm(this.profile, { recursive: true, force: true });
  }
}

/** WebKit in its driver's browser, by WebDriver, on a virtual screen. */
export class WebKit implements Engine {
  private readonly processes: ChildProcess[];
  /** The driver's, and then the session's. */
  private address: string;

  private constructor(processes: ChildProcess[], address: string) {
    this.processes = processes;
    this.address = address;
  }

  static async launch(program: string): Promise<WebKit> {
    const screen = spawn("Xvfb", ["-displayfd", "1", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
    const env = { ...process.env, DISPLAY: `:${await firstLine(screen)}`, GDK_BACKEND: "x11" };
    const port = await freePort();
    const driver = spawn(program, [`--port=${port}`], { env, stdio: "ignore" });
    const engine = new WebKit([driver, screen], `http://127.0.0.1:${port}`);
    const listens = () => fetch(`${engine.address}/status`).then(({ ok }) => ok, () => false);
    await expect.poll(listens, "WebKit's driver listens").toBe(true);
    const { sessionId } = await engine.send("session", { capabilities: {} });
    engine.address += `/session/${sessionId}`;
    await engine.send("window/rect", SIZE);
    return engine;
  }

  private async send(path: string, body: object): Promise<any> {
    const response = await fetch(`${this.address}/${path}`, { method: "POST", body: JSON.stringify(body) });
    const { value } = (await response.json()) as { value: any };
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  async open(url: string): Promise<void> {
    await this.send("url", { url });
  }

  async evaluate(expression: string, place: Place): Promise<unknown> {
    await this.send("frame", { id: null });
    if (place === "frame") {
      if (!(await this.run("frames.length"))) return undefined;
      await this.send("frame", { id: 0 });
    }
    return this.run(expression);
  }

  private run(expression: string): Promise<unknown> {
    return this.send("execute/sync", { script: `return ${expression}`, args: [] });
  }

  async tap({ x, y }: { x: number; y: number }): Promise<void> {
    const actions = [
      { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.send("actions", { actions: [{ type: "pointer", id: "finger", actions }] });
  }

  async close(): Promise<void> {
    await fetch(this.address, { method: "DELETE" });
    for (const process of this.processes) await kill(process);
  }
}
