import { type ChildProcess, spawn } from "node:child_process";

/** A server must listen within this time, in milliseconds. */
const LISTEN_TIMEOUT_MS = 20_000;

/** A server process and its output. */
export class Server {
  readonly name: string;
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly written: string[];

  private constructor(name: string, port: number, child: ChildProcess, written: string[]) {
    this.name = name;
    this.port = port;
    this.child = child;
    this.written = written;
  }

  /** Starts a program and waits for its line `<name> listening on http://<address>:<port>`. */
  static start(
    name: string,
    program: string,
    options: string[],
    variables: Record<string, string> = {},
  ): Promise<Server> {
    const child = spawn(program, options, {
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const written: string[] = [];
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(timer);
        child.kill("SIGKILL");
        reject(new Error(`${name} ${why}:\n${written.join("")}`));
      };
      const timer = setTimeout(() => fail("does not listen"), LISTEN_TIMEOUT_MS);
      const listening = new RegExp(`^${name} listening on http://[^\\s]+:(\\d+)$`, "m");
      const read = (text: string) => {
        written.push(text);
        const port = listening.exec(written.join(""))?.[1];
        if (port) {
          clearTimeout(timer);
          resolve(new Server(name, Number(port), child, written));
        }
      };
      child.stdout.setEncoding("utf8").on("data", read);
      child.stderr.setEncoding("utf8").on("data", read);
      child.once("error", (error) => fail(error.message));
      child.once("exit", () => fail("has ended"));
    });
  }

  /** Its output so far, of both streams. */
  get output(): string {
    return this.written.join("");
  }

  /** As a browser calls it. */
  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Ends it as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGKILL");
    await gone;
  }
}
