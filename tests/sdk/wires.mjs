// What the clients for Node ask of a provider of every wire, whatever they speak: `every` makes the tests, a client says how it asks.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Hub } from "./hub.mjs";

export const data =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
const weather = { city: "Zürich 東京", days: 7 };

// What answers in each wire: in words and with tools, about pictures, with thoughts.
const wires = {
  chat: ["fake/gpt-4o", "fake/gpt-4o", "fake/o4-mini"],
  responses: ["own/codex-gpt-4o", "own/codex-gpt-4o", "own/codex-o4-mini"],
  claude: ["claude/claude-haiku-4-5", "claude/claude-haiku-4-5", "claude/claude-haiku-4-5"],
  gem: ["gem/gemini-2.5-flash", "gem/gemini-2.5-flash", "gem/gemini-2.5-flash"],
  oll: ["oll/llama3.2:latest", "oll/llama3.2-vision", "oll/qwen3:latest"],
};

export async function collect(stream) {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
}

// `clients` gives for a hub each client by its name: `says(text, picture)` a turn, `results([id, name, text]…)` turns, and
// `ask({ model, turns, streamed, tools, json, think, limit })` an answer: `text`, `calls` (id, name, arguments), `thoughts`, `counted`, `turns`.
export function every(names, clients) {
  let hub;
  let made;

  before(async () => {
    hub = await Hub.start();
    made = clients(hub);
    assert.deepEqual(Object.keys(made), names);
  });

  after(async () => {
    const violations = await hub.control("GET", "violations");
    await hub.end();
    assert.deepEqual(violations, []);
  });

  for (const name of names) {
    for (const [wire, [plain, seeing, thinking]] of Object.entries(wires)) {
      for (const streamed of [false, true]) {
        const title = (what) => `${what}: ${name} to ${wire}, ${streamed ? "streamed" : "whole"}`;

        test(title("words"), async () => {
          const client = made[name];
          const answer = await client.ask({ model: plain, turns: [client.says("Hello out there")], streamed });
          assert.equal(answer.text, "You said: Hello out there");
          // Gemini thinks unasked, and that is counted with the answer.
          assert.deepEqual(answer.counted, [7, wire === "gem" ? 5 + 64 : 5]);
        });

        test(title("tools and their results"), async () => {
          const client = made[name];
          const asked = { model: plain, streamed, tools: ["weather", "traffic"] };
          const turns = [client.says("Both?")];
          const first = await client.ask({ ...asked, turns });
          assert.deepEqual(first.calls.map(([, ...call]) => call), [["weather", weather], ["traffic", weather]]);
          const [one, two] = first.calls;
          assert.notEqual(one[0], two[0]);
          turns.push(...first.turns, ...client.results([one[0], "weather", "sunny"], [two[0], "traffic", "calm"]));
          assert.equal((await client.ask({ ...asked, turns })).text, "The tools said: sunny; calm");
        });

        test(title("a picture and a schema"), async () => {
          const client = made[name];
          const picture = await client.ask({ model: seeing, turns: [client.says("what is this?", true)], streamed });
          assert.equal(picture.text, "You said: what is this? I see 1 image.");
          const answer = await client.ask({ model: plain, turns: [client.says("Weather?")], streamed, json: true });
          assert.deepEqual(answer.json ?? JSON.parse(answer.text), weather);
        });

        test(title("thoughts that go back with a result"), async () => {
          const client = made[name];
          const asked = { model: thinking, streamed, tools: ["weather"], think: true, limit: 4000 };
          const turns = [client.says("Weather?")];
          const first = await client.ask({ ...asked, turns });
          assert.deepEqual(first.calls.map(([, ...call]) => call), [["weather", weather]]);
          // OpenAI's chat shows nothing of what it thinks.
          assert.equal(Boolean(first.thoughts), wire !== "chat");
          // A provider that signs its thoughts refuses to go on without them, or with others.
          turns.push(...first.turns, ...client.results([first.calls[0][0], "weather", "sunny"]));
          assert.equal((await client.ask({ ...asked, turns })).text, "The tools said: sunny");
        });
      }
    }
  }
}
