// The official Anthropic SDK for Node against the hub, unchanged but for base URL and key: with Anthropic's provider behind it,
// where bytes pass, and with OpenAI's, where everything is written anew.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import Anthropic from "@anthropic-ai/sdk";

import { eventually, Hub } from "./hub.mjs";

const messages = [{ role: "user", content: "Hello out there" }];
const data =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const passed = "claude/claude-opus-4-6";
const models = [passed, "fake/gpt-4o"];
const input_schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
};
const tool = (name) => ({ name, input_schema });

let hub;
let client;

before(async () => {
  hub = await Hub.start();
  client = new Anthropic({ baseURL: hub.address, apiKey: hub.key, maxRetries: 0 });
});

after(async () => {
  const violations = await hub.control("GET", "violations");
  await hub.end();
  assert.deepEqual(violations, []);
});

for (const model of models) {
  test(`messages, ${model}`, async () => {
    const { data: answer, response } = await client.messages.create({ model, max_tokens: 100, messages }).withResponse();
    assert.deepEqual(answer.content.map((block) => [block.type, block.text]), [["text", "You said: Hello out there"]]);
    assert.deepEqual([answer.stop_reason, answer.usage.input_tokens, answer.usage.output_tokens], ["end_turn", 7, 5]);
    const row = await hub.call(response.headers.get("x-request-id"));
    assert.deepEqual([row.state, row.usage.input_uncached, row.usage.output_text], ["succeeded", 7, 5]);
  });

  test(`the stream helper, ${model}`, async () => {
    const texts = [];
    const stream = client.messages.stream({ model, max_tokens: 100, messages }).on("text", (text) => texts.push(text));
    const final = await stream.finalMessage();
    assert.equal(texts.join(""), "You said: Hello out there");
    assert.equal(final.content[0].text, "You said: Hello out there");
    assert.deepEqual([final.usage.input_tokens, final.usage.output_tokens], [7, 5]);
  });

  test(`parallel tools, ${model}`, async () => {
    const options = { model, max_tokens: 500, tools: [tool("weather"), tool("traffic")] };
    const answer = await client.messages.stream({ ...options, messages }).finalMessage();
    assert.equal(answer.stop_reason, "tool_use");
    const input = { city: "Zürich 東京", days: 7 };
    assert.deepEqual(answer.content.map((call) => [call.name, call.input]), [["weather", input], ["traffic", input]]);
    const results = answer.content.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: call.name }));
    const turns = [...messages, { role: "assistant", content: answer.content }, { role: "user", content: results }];
    const again = await client.messages.create({ ...options, messages: turns });
    assert.equal(again.content[0].text, "The tools said: weather; traffic");
  });

  test(`a tool without arguments, ${model}`, async () => {
    const tools = [{ name: "now", input_schema: { type: "object", properties: {} } }];
    const answer = await client.messages.stream({ model, max_tokens: 100, messages, tools }).finalMessage();
    assert.deepEqual(answer.content.map((call) => [call.name, call.input]), [["now", {}]]);
  });

  test(`an image, ${model}`, async () => {
    const source = { type: "base64", media_type: "image/png", data };
    const content = [{ type: "text", text: "what is this?" }, { type: "image", source }];
    const answer = await client.messages.create({ model, max_tokens: 100, messages: [{ role: "user", content }] });
    assert.equal(answer.content[0].text, "You said: what is this? I see 1 image.");
  });

  test(`a cancelled stream, ${model}`, async () => {
    const slow = `${model.split("/")[0]}/slow-writer`;
    const words = [{ role: "user", content: "write 3000 words" }];
    const { data: stream, response } = await client.messages
      .create({ model: slow, max_tokens: 5000, messages: words, stream: true })
      .withResponse();
    let text = "";
    for await (const event of stream) {
      text += event.delta?.text ?? "";
      if (text.includes("word3")) break;
    }
    const id = response.headers.get("x-request-id");
    const row = await eventually(async () => {
      const found = await hub.call(id);
      return found.state !== "open" && found;
    });
    assert.equal(row.state, "cancelled");
  });
}

test("thinking with its signature", async () => {
  const thinking = { type: "adaptive", display: "summarized" };
  const options = { model: passed, max_tokens: 4000, thinking, tools: [tool("weather")] };
  const answer = await client.messages.stream({ ...options, messages }).finalMessage();
  assert.deepEqual(answer.content.map((block) => block.type), ["thinking", "tool_use"]);
  assert.equal(answer.content[0].thinking, "Let me think about this.");
  const result = { type: "tool_result", tool_use_id: answer.content[1].id, content: "sunny" };
  const turns = [...messages, { role: "assistant", content: answer.content }, { role: "user", content: [result] }];
  const again = await client.messages.create({ ...options, messages: turns });
  assert.equal(again.content[1].text, "The tools said: sunny");
});

test("tokens are counted and models listed", async () => {
  assert.equal((await client.messages.countTokens({ model: passed, messages })).input_tokens, 7);
  assert.equal((await client.messages.countTokens({ model: "fake/gpt-4o", messages })).input_tokens, 8);
  const ids = [];
  for await (const model of client.models.list({ limit: 7 })) ids.push(model.id);
  assert.ok(ids.includes(passed) && ids.includes("fake/gpt-4o") && new Set(ids).size === ids.length);
});

for (const [provider, fault, kind, status, type] of [
  ["claude", "429", Anthropic.RateLimitError, 429, "rate_limit_error"],
  ["fake", "429", Anthropic.RateLimitError, 429, "rate_limit_error"],
  ["claude", "503", Anthropic.InternalServerError, 503, "overloaded_error"],
  ["fake", "500", Anthropic.InternalServerError, 502, "api_error"],
  ["claude", "quota", Anthropic.InternalServerError, 502, "api_error"],
]) {
  test(`fault ${fault} of ${provider}`, async () => {
    const call = client.messages.create({ model: `${provider}/fault-${fault}`, max_tokens: 100, messages });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof kind);
      assert.deepEqual([error.status, error.error.error.type], [status, type]);
      return true;
    });
  });
}

for (const provider of ["claude", "fake"]) {
  for (const fault of ["error-frame", "cut-mid", "malformed-frame", "ends-early"]) {
    test(`a stream with ${fault} of ${provider} fails`, async () => {
      let text = "";
      const stream = client.messages.stream({ model: `${provider}/fault-${fault}`, max_tokens: 100, messages });
      stream.on("text", (piece) => (text += piece));
      await assert.rejects(stream.finalMessage(), Anthropic.APIError);
      assert.equal(text, "You said: ");
    });
  }
}

test("a wrong key", async () => {
  const wrong = new Anthropic({ baseURL: hub.address, apiKey: "sk-ant-wrong", maxRetries: 0 });
  await assert.rejects(wrong.messages.create({ model: passed, max_tokens: 5, messages }), Anthropic.AuthenticationError);
});
