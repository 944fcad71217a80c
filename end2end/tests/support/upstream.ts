// The fake OpenAI provider (`tests/src/bin/fake-openai.rs`) and its control interface.
import { join } from "node:path";
import { Program, projectRoot } from "./process.ts";

/** The credential that the fake accepts; any other gets OpenAI's 401. */
export const goodCredential = "sk-upstream-that-is-accepted-7f3a91";

/** One request as the fake saw it. */
export interface Seen {
  method: string;
  path: string;
  body: string;
  ended: { outcome: "answered" | "broken-off" | "disconnected"; after_ms: number } | null;
}

/** A running fake provider. */
export class Upstream {
  private constructor(
    private readonly program: Program,
    /** Where its API begins. */
    readonly baseUrl: string,
    /** How many requests it had seen before, when it was lent. */
    private readonly before?: number,
  ) {}

  static async start(): Promise<Upstream> {
    const path = process.env.HUB_FAKE_OPENAI ?? join(projectRoot, "target/debug/fake-openai");
    const program = new Program(path, ["--key", goodCredential]);
    const [, url] = await program.printed(/^(http\S+)\n/);
    return new Upstream(program, url);
  }

  /** The same program lent, as if it had just been started: healed, and what arrived before is not seen. */
  async anew(): Promise<Upstream> {
    await this.heal();
    const seen = (await this.control("GET", "requests")) as Seen[];
    return new Upstream(this.program, this.baseUrl, seen.length);
  }

  /** Makes the next calls (all, or as many as `times` says) show a fault; the names are in `tests/src/upstream/fault.rs`. */
  async fault(fault: string, rule: { model?: string; times?: number } = {}): Promise<void> {
    await this.control("POST", "faults", { fault, ...rule });
  }

  /** Forgets all faults. */
  async heal(): Promise<void> {
    await this.control("DELETE", "faults");
  }

  /** Lets go what a stall holds back. */
  async release(): Promise<void> {
    await this.control("POST", "release");
  }

  /** Every chat call so far whose body contains `text`. */
  async chats(text: string): Promise<Seen[]> {
    const all = (await this.control("GET", "requests")) as Seen[];
    return all.slice(this.before).filter((seen) => seen.path.endsWith("/chat/completions") && seen.body.includes(text));
  }

  /** What arrived that must never reach a provider, ever. */
  async violations(): Promise<string[]> {
    return (await this.control("GET", "violations")) as string[];
  }

  /** Ends it, unless it was lent. */
  async stop(): Promise<void> {
    if (this.before === undefined) await this.program.stop();
  }

  private async control(method: string, what: string, body?: object): Promise<unknown> {
    const answer = await fetch(new URL(`/control/${what}`, this.baseUrl), { method, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the fake provider refused ${method} ${what}: ${await answer.text()}`);
    return answer.json();
  }
}
