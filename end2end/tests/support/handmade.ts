// A provider within the test itself, for what depends on the moment: it writes when the test says so, and notes when. It speaks as
// much of OpenAI's dialect as one streamed chat needs.
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type Page } from "@playwright/test";
import type { Hub } from "./hub.ts";

/** An answer that is being written. */
export class Answering {
  /** When the hub hung up, or the answer was over; in milliseconds since 1970. */
  readonly ended: Promise<number>;

  constructor(
    private readonly response: ServerResponse,
    private readonly model: string,
  ) {
    this.ended = new Promise((resolve) => response.once("close", () => resolve(Date.now())));
    response.setHeader("content-type", "text/event-stream");
  }

  /** Thinks aloud, as DeepSeek's reasoning models do. */
  think(...words: string[]): void {
    for (const word of words) this.say({ reasoning_content: word });
  }

  /** Writes a piece, and gives back when. */
  say(delta: object, finish: string | null = null): number {
    this.write({ choices: [{ index: 0, delta, finish_reason: finish }] });
    return Date.now();
  }

  /** Ends it, counted. */
  end(usage: object = { prompt_tokens: 8, completion_tokens: 12, total_tokens: 20 }): void {
    this.say({}, "stop");
    this.write({ choices: [], usage });
    this.response.end("data: [DONE]\n\n");
  }

  private write(more: object): void {
    this.response.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: this.model, ...more })}\n\n`);
  }
}

/** A running provider with one model, `handmade`. */
export class Handmade {
  private readonly asked: Answering[] = [];
  private arrived: () => void = () => {};

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Handmade> {
    const model = "handmade";
    const server = createServer();
    const provider = new Handmade(server);
    server.on("request", async (request, response) => {
      for await (const _ of request) continue;
      if (request.url?.endsWith("/models")) {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ object: "list", data: [{ id: model, object: "model", created: 0, owned_by: "test" }] }));
        return;
      }
      provider.asked.push(new Answering(response, model));
      provider.arrived();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return provider;
  }

  /** Where its API begins. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Connects it to the hub under this name, and opens the playground with its model as soon as the hub offers it. */
  async open(page: Page, hub: Hub, name: string): Promise<void> {
    await hub.command(["provider", "add", "--kind", "openai-compatible", "--name", name, "--base-url", this.baseUrl]);
    await expect(async () => {
      await page.goto(`/playground?model=${name}/handmade`);
      await expect(page.getByRole("combobox", { name: "Model" })).toHaveValue(`${name}/handmade`, { timeout: 500 });
    }).toPass();
  }

  /** The next question that arrives, or that has arrived and was not taken. */
  async question(): Promise<Answering> {
    for (;;) {
      const next = this.asked.shift();
      if (next) return next;
      await new Promise<void>((resolve) => (this.arrived = resolve));
    }
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
