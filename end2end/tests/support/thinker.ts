// A provider that thinks aloud before it answers, as DeepSeek's reasoning models do: `reasoning_content` in the deltas first,
// then `content`. It waits to be told before it goes on, so that a test can look at each moment.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A running provider with one model, `thinker`. */
export class Thinker {
  private release: () => void = () => {};
  private readonly mayAnswer: Promise<void>;

  private constructor(private readonly server: Server) {
    this.mayAnswer = new Promise((resolve) => (this.release = resolve));
  }

  static async start(): Promise<Thinker> {
    const server = createServer();
    const thinker = new Thinker(server);
    server.on("request", async (request, response) => {
      for await (const _ of request) continue;
      if (request.url?.endsWith("/models")) {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ object: "list", data: [{ id: "thinker", object: "model", created: 0, owned_by: "test" }] }));
        return;
      }
      response.setHeader("content-type", "text/event-stream");
      const say = (delta: object, finish: string | null = null) => {
        const chunk = { id: "c", object: "chat.completion.chunk", created: 0, model: "thinker", choices: [{ index: 0, delta, finish_reason: finish }] };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      };
      for (const word of ["Seven ", "times ", "six ", "is ", "forty-two."]) say({ reasoning_content: word });
      await thinker.mayAnswer;
      say({ content: "The answer is 42." });
      say({}, "stop");
      const usage = { prompt_tokens: 8, completion_tokens: 12, total_tokens: 20, completion_tokens_details: { reasoning_tokens: 6 } };
      response.write(`data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "thinker", choices: [], usage })}\n\n`);
      response.end("data: [DONE]\n\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return thinker;
  }

  /** Where its API begins. */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Lets every answer go on after its thoughts. */
  answer(): void {
    this.release();
  }

  async stop(): Promise<void> {
    this.answer();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
