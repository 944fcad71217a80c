// The official Node SDK against the hub, unchanged but for base URL and key.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import OpenAI from "openai";

import { eventually, Hub } from "./hub.mjs";

const messages = [{ role: "user", content: "Hello out there" }];
const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
const tool = (name) => ({ type: "function", function: { name, parameters: schema, strict: true } });

let hub;
let client;

before(async () => {
  hub = await Hub.start((hub) => {
    for (const name of ["gpt-image-1", "dall-e-3"]) hub.run(["model", "add", "--provider", "own", "--name", name]);
  });
  client = new OpenAI({ baseURL: hub.baseURL, apiKey: hub.key, maxRetries: 0 });
});

after(async () => {
  const violations = await hub.control("GET", "violations");
  await hub.end();
  assert.deepEqual(violations, []);
});

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const text = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");

test("chat", async () => {
  const { data, response } = await client.chat.completions
    .create({ model: "fake/gpt-4o-mini", messages })
    .withResponse();
  assert.equal(data.choices[0].message.content, "You said: Hello out there");
  assert.equal(data.usage.total_tokens, 12);
  const row = await hub.call(response.headers.get("x-request-id"));
  assert.deepEqual([row.state, row.usage.input_uncached, row.usage.output_text], ["succeeded", 7, 5]);
});

test("stream", async () => {
  const options = { stream: true, stream_options: { include_usage: true } };
  const chunks = await collect(await client.chat.completions.create({ model: "fake/gpt-4o-mini", messages, ...options }));
  assert.equal(text(chunks), "You said: Hello out there");
  assert.equal(chunks.at(-1).usage.completion_tokens, 5);
  const without = await collect(await client.chat.completions.create({ model: "fake/gpt-4o-mini", messages, stream: true }));
  assert.ok(without.every((chunk) => !chunk.usage && chunk.choices.length > 0));
});

test("stream helper", async () => {
  const stream = client.chat.completions.stream({ model: "fake/gpt-4o-mini", messages });
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, "You said: Hello out there");
});

test("tools", async () => {
  const tools = [tool("weather")];
  const answer = await client.chat.completions.create({ model: "fake/gpt-4o", messages, tools });
  const [call] = answer.choices[0].message.tool_calls;
  assert.deepEqual(JSON.parse(call.function.arguments), { city: "Zürich 東京", days: 7 });
  const result = { role: "tool", tool_call_id: call.id, content: "sunny" };
  const conversation = [...messages, answer.choices[0].message, result];
  const again = await client.chat.completions.create({ model: "fake/gpt-4o", messages: conversation, tools });
  assert.equal(again.choices[0].message.content, "The tools said: sunny");
});

test("parallel tools", async () => {
  const tools = [tool("weather"), tool("traffic")];
  const answer = await client.chat.completions.create({ model: "fake/gpt-4o", messages, tools });
  const names = (calls) => calls.map((call) => call.function.name);
  assert.deepEqual(names(answer.choices[0].message.tool_calls), ["weather", "traffic"]);
  const final = await client.chat.completions.stream({ model: "fake/gpt-4o", messages, tools }).finalChatCompletion();
  assert.deepEqual(names(final.choices[0].message.tool_calls), ["weather", "traffic"]);
  assert.ok(final.choices[0].message.tool_calls.every((call) => JSON.parse(call.function.arguments).days === 7));
});

test("json_schema", async () => {
  const response_format = { type: "json_schema", json_schema: { name: "weather", strict: true, schema } };
  const answer = await client.chat.completions.parse({ model: "fake/gpt-4o", messages, response_format });
  assert.deepEqual(JSON.parse(answer.choices[0].message.content), { city: "Zürich 東京", days: 7 });
});

test("image input", async () => {
  const content = [
    { type: "text", text: "what is this?" },
    { type: "image_url", image_url: { url: pixel } },
  ];
  const answer = await client.chat.completions.create({ model: "fake/gpt-4o", messages: [{ role: "user", content }] });
  assert.equal(answer.choices[0].message.content, "You said: what is this? I see 1 image.");
});

test("embeddings", async () => {
  const input = ["one", "two"];
  const answer = await client.embeddings.create({ model: "fake/text-embedding-3-small", input, dimensions: 16 });
  assert.deepEqual(answer.data.map((entry) => entry.embedding.length), [16, 16]);
});

test("models", async () => {
  const ids = (await collect(client.models.list())).map((model) => model.id);
  assert.ok(ids.includes("fake/gpt-4o"));
  // The SDK escapes the slash in the name.
  assert.equal((await client.models.retrieve("fake/gpt-4o")).id, "fake/gpt-4o");
  await assert.rejects(client.models.retrieve("fake/gpt-9"), OpenAI.NotFoundError);
});

test("error classes of the caller", async () => {
  const ask = (model, more = {}, with_ = client) => with_.chat.completions.create({ model, messages, ...more });
  const stranger = new OpenAI({ baseURL: hub.baseURL, apiKey: "sk-hub-wrong", maxRetries: 0 });
  await assert.rejects(ask("fake/gpt-4o", {}, stranger), (error) => {
    assert.ok(error instanceof OpenAI.AuthenticationError);
    assert.equal(error.code, "invalid_api_key");
    assert.match(error.requestID, /^call_/);
    return true;
  });
  await assert.rejects(ask("fake/gpt-9"), (error) => {
    assert.ok(error instanceof OpenAI.NotFoundError);
    assert.deepEqual([error.code, error.param], ["model_not_found", "model"]);
    return true;
  });
  await assert.rejects(ask("fake/gpt-4o", { temperature: 9 }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "temperature");
    return true;
  });
});

for (const [fault, kind, status, code] of [
  ["429", "RateLimitError", 429, "provider_rate_limited"],
  ["500", "InternalServerError", 502, "provider_failed"],
  ["503", "InternalServerError", 503, "provider_overloaded"],
  ["403", "InternalServerError", 502, "provider_permission_denied"],
  ["quota", "InternalServerError", 502, "provider_quota_exhausted"],
  // What the provider finds wrong with the request is the caller's, in the provider's own words.
  ["413", "APIError", 413, "request_entity_too_large"],
  ["422", "UnprocessableEntityError", 422, "unprocessable_entity"],
]) {
  test(`provider's fault ${fault}`, async () => {
    await assert.rejects(client.chat.completions.create({ model: `fake/fault-${fault}`, messages }), (error) => {
      assert.ok(error instanceof OpenAI[kind], error.constructor.name);
      assert.deepEqual([error.status, error.code], [status, code]);
      return true;
    });
  });
}

test("a broken stream throws", async () => {
  for (const fault of ["error-frame", "cut-mid", "malformed-frame"]) {
    const stream = await client.chat.completions.create({ model: `fake/fault-${fault}`, messages, stream: true });
    const chunks = [];
    await assert.rejects(async () => {
      for await (const chunk of stream) chunks.push(chunk);
    }, OpenAI.APIError);
    assert.equal(text(chunks), "You said: ");
  }
});

test("cancel", async () => {
  const words = [{ role: "user", content: "write 3000 words" }];
  const { data: stream, response } = await client.chat.completions
    .create({ model: "fake/slow-writer", messages: words, stream: true })
    .withResponse();
  let said = "";
  for await (const chunk of stream) {
    said += chunk.choices[0].delta.content ?? "";
    if (said.includes("word3")) break;
  }
  stream.controller.abort();
  const left = (record) => record.ended?.outcome === "disconnected" && record.body.includes("write 3000 words");
  await eventually(async () => (await hub.requests()).find(left));
  const id = response.headers.get("x-request-id");
  const row = await eventually(async () => [await hub.call(id)].find((row) => row.state !== "open"));
  assert.deepEqual([row.state, row.usage_source], ["cancelled", "estimated"]);
});

test("it draws", async () => {
  const counted = await client.images.generate({ model: "own/gpt-image-1", prompt: "a small cat", n: 2, quality: "low", size: "1024x1024" });
  assert.deepEqual([counted.data.length, counted.usage.output_tokens], [2, 544]);
  assert.equal(Buffer.from(counted.data[0].b64_json, "base64").subarray(1, 4).toString(), "PNG");
  const address = await client.images.generate({ model: "own/dall-e-3", prompt: "a small cat" });
  assert.match(address.data[0].url, /^https:/);
});

for (const wrong of [{ n: 0 }, { n: 11 }, { n: "two" }, { size: "7x7" }, { size: 1024 }, { quality: "ultra" }, { prompt: "" }, { prompt: 7 }, { stream: true }, { output_format: "bmp" }]) {
  test(`it does not draw ${JSON.stringify(wrong)}`, async () => {
    const asked = client.images.generate({ model: "own/gpt-image-1", prompt: "a small cat", ...wrong });
    await assert.rejects(asked, (error) => error instanceof OpenAI.BadRequestError && error.param === Object.keys(wrong)[0]);
  });
}

test("it draws nothing with models that do not", async () => {
  for (const model of ["own/gpt-4o", "claude/claude-haiku-4-5"]) {
    const asked = client.images.generate({ model, prompt: "a small cat" });
    await assert.rejects(asked, (error) => error instanceof OpenAI.BadRequestError && error.param === "model", model);
  }
});
