// A hub of a test's own: the real binary on a free port over a fresh database, and its command line.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Program, bareEnvironment, projectRoot } from "./process.ts";

const binary = process.env.HUB_BINARY ?? join(projectRoot, "target/debug/aigne-hub");

/** How a hub is started. */
export interface Start {
  /** Its database; a SQLite file in its folder when there is none. */
  database?: string;
  /** Further words on the command line. */
  words?: string[];
  /** Its mail goes into a folder. */
  mail?: boolean;
  /** The folder of a hub that rests: this one begins as a copy of it. */
  from?: string;
}

/** A running hub. */
export class Hub {
  private constructor(
    private program: Program,
    /** The folder that holds its files. */
    readonly folder: string,
    private readonly environment: Record<string, string>,
    /** Its origin, without a slash at the end. */
    readonly url: string,
    /** The link that makes the first admin, as the terminal showed it. */
    readonly setupLink: string,
  ) {}

  static async start({ database, words = [], mail = false, from }: Start = {}): Promise<Hub> {
    const folder = await mkdtemp(join(tmpdir(), "hub-browser-"));
    if (from) await cp(from, folder, { recursive: true });
    const environment = {
      HUB_LISTEN: "127.0.0.1:0",
      HUB_DATA_DIR: folder,
      HUB_DATABASE_URL: database ?? `sqlite://${join(folder, "hub.db")}`,
      HUB_LOG: "warn",
      HUB_DRAIN_SECONDS: "0",
      ...(mail && { HUB_MAIL_FOLDER: join(folder, "mail"), HUB_MAIL_FROM: "The Hub <hub@example.com>" }),
    };
    const program = new Program(binary, ["serve", ...words], { folder, environment });
    try {
      const [, url] = await program.printed(/^listening on (http:\/\/\S+)\n/);
      // A hub that somebody has set up offers that to nobody.
      const [link] = from ? [""] : await program.printed(/http:\/\/\S+\/setup\?token=\S+/);
      return new Hub(program, folder, environment, url, link);
    } catch (error) {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** What it printed on the terminal. */
  get printed(): string {
    return this.program.out;
  }

  /** What it logged. */
  get log(): string {
    return this.program.log;
  }

  /** Milliseconds that processors have spent on the server so far. */
  get cpu(): number {
    return this.program.cpu();
  }

  /** Runs a command of the command line beside the server, and gives back its JSON. */
  command<Result = Record<string, unknown>>(words: string[], input = ""): Promise<Result> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: { ...bareEnvironment(), ...this.environment } };
      const child = execFile(binary, [...words, "--json"], options, (error, out, complaint) => {
        if (error) reject(new Error(`\`${words.join(" ")}\` failed: ${complaint || error.message}`));
        else resolve(JSON.parse(out) as Result);
      });
      // One that reads nothing may have ended before; how it ended is told above.
      child.stdin?.on("error", () => {}).end(input);
    });
  }

  /** Waits until the server has seen what the command line changed: it accepts `key` and offers `model`. */
  async knows(key: string, model: string): Promise<void> {
    for (const end = Date.now() + 10_000; Date.now() < end; await pause(20)) {
      const answer = await fetch(`${this.url}/v1/models/${model}`, { headers: { authorization: `Bearer ${key}` } });
      await answer.text();
      if (answer.ok) return;
    }
    throw new Error(`the hub does not offer ${model} to this key; log:\n${this.log}`);
  }

  /** Sends a chat with an API key, as any program would. */
  async chat(key: string, model: string, text: string, more: object = {}): Promise<Response> {
    return fetch(`${this.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: text }], ...more }),
    });
  }

  /** Ends it from one moment to the next, as a power cut would, and starts it anew at the same address. */
  async crash(): Promise<void> {
    await this.program.kill();
    const environment = { ...this.environment, HUB_LISTEN: new URL(this.url).host };
    this.program = new Program(binary, ["serve"], { folder: this.folder, environment });
    await this.program.printed(/^listening on (http:\/\/\S+)\n/);
  }

  /** Ends it in good order, and gives back its folder, which is kept. */
  async rest(): Promise<string> {
    await this.program.stop();
    return this.folder;
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
