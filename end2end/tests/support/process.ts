// Starts a program of ours, reads what it prints, and ends it with the test worker. Used by `hub.ts` and `upstream.ts`.
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the whole project. */
export const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** A running program. */
export class Program {
  /** Everything it has printed so far. */
  out = "";
  /** Everything it has logged so far. */
  log = "";
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly killWithUs = () => this.child.kill("SIGKILL");
  private heard: () => void = () => {};

  constructor(path: string, words: string[], options: { folder?: string; environment?: Record<string, string> } = {}) {
    this.child = spawn(path, words, {
      cwd: options.folder,
      env: { ...bareEnvironment(), ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
      this.heard();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.log += text));
    this.ended = new Promise((resolve) => {
      this.child.once("error", (error) => {
        this.log += `${path} could not be started: ${error.message}\n`;
        resolve();
      });
      this.child.once("exit", () => resolve());
    });
    void this.ended.then(() => this.heard());
    process.once("exit", this.killWithUs);
  }

  /** Milliseconds that processors have spent on it, as the system counts them: in hundredths of a second. */
  cpu(): number {
    // Behind the name, which may hold anything: the state is the third field, times in user and system the 14th and 15th.
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  /** Waits until the program has printed what is looked for; fails with its log when it ends first. */
  async printed(wanted: RegExp): Promise<RegExpMatchArray> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), 20_000)));
    try {
      for (;;) {
        const found = this.out.match(wanted);
        if (found) return found;
        if (this.over) throw new Error(`the program ended before it printed ${wanted}; log:\n${this.log}`);
        const next = await Promise.race([late, new Promise<"more">((resolve) => (this.heard = () => resolve("more")))]);
        if (next === "late") throw new Error(`nothing like ${wanted} was printed within 20 s; log:\n${this.log}`);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether it has ended. */
  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    process.removeListener("exit", this.killWithUs);
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** Asks it to end, and ends it when it does not within five seconds. */
  async stop(): Promise<void> {
    process.removeListener("exit", this.killWithUs);
    if (this.over) return;
    this.child.kill("SIGTERM");
    const hurry = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    await this.ended;
    clearTimeout(hurry);
  }
}

/** What a program needs of our surroundings, without any setting of the person who runs the tests. */
export function bareEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("HUB_") && name !== "DATABASE_URL");
  return Object.fromEntries(kept) as Record<string, string>;
}
