// The official Node SDK's Responses and legacy completions against the hub: with OpenAI's own provider behind it, where bytes pass,
// and with others, where everything is written anew.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import OpenAI from "openai";

import { eventually, Hub } from "./hub.mjs";

const schema = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city", "days"],
  additionalProperties: false,
};
const tool = (name) => ({ type: "function", name, parameters: schema, strict: true });
const calls = (response) => response.output.filter((item) => item.type === "function_call");
const models = ["own/gpt-4o", "fake/gpt-4o"];
const input = "Hello out there";

let hub;
let client;

before(async () => {
  hub = await Hub.start();
  client = new OpenAI({ baseURL: hub.baseURL, apiKey: hub.key, maxRetries: 0 });
});

after(async () => {
  const violations = await hub.control("GET", "violations");
  await hub.end();
  assert.deepEqual(violations, []);
});

async function collect(stream) {
  const events = [];
  for await (const event of stream) events.push(event);
  return events;
}

for (const model of models) {
  test(`create: ${model}`, async () => {
    const { data, response } = await client.responses.create({ model, input }).withResponse();
    assert.equal(data.output_text, "You said: Hello out there");
    assert.equal(data.usage.total_tokens, 12);
    const row = await hub.call(response.headers.get("x-request-id"));
    assert.deepEqual([row.state, row.usage.input_uncached, row.usage.output_text], ["succeeded", 7, 5]);
  });

  test(`stream: ${model}`, async () => {
    const events = await collect(await client.responses.create({ model, input, stream: true }));
    assert.deepEqual(events.map((event) => event.sequence_number), [...events.keys()]);
    assert.equal(events[0].type, "response.created");
    assert.equal(events.at(-1).type, "response.completed");
  });

  test(`stream that is gathered: ${model}`, async () => {
    const stream = client.responses.stream({ model, input });
    let text = "";
    stream.on("response.output_text.delta", (event) => (text += event.delta));
    const final = await stream.finalResponse();
    assert.equal(text, "You said: Hello out there");
    assert.equal(final.output_text, text);
    assert.equal(final.usage.output_tokens, 5);
  });

  test(`tools, several at once, and their answers: ${model}`, async () => {
    const tools = [tool("weather"), tool("traffic")];
    const turns = [{ role: "user", content: "Both?" }];
    const first = await client.responses.stream({ model, input: turns, tools }).finalResponse();
    assert.deepEqual(calls(first).map((call) => [call.name, JSON.parse(call.arguments).days]), [["weather", 7], ["traffic", 7]]);
    const outputs = calls(first).map((call) => ({ type: "function_call_output", call_id: call.call_id, output: call.name }));
    const second = await client.responses.create({ model, input: [...turns, ...first.output, ...outputs], tools });
    assert.equal(second.output_text, "The tools said: weather; traffic");
  });

  test(`structured output: ${model}`, async () => {
    const format = { type: "json_schema", name: "weather", schema, strict: true };
    const answer = await client.responses.parse({ model, input, text: { format } });
    assert.deepEqual(answer.output_parsed ?? JSON.parse(answer.output_text), { city: "Zürich 東京", days: 7 });
  });
}

test("an answer that the provider keeps goes on", async () => {
  const first = await client.responses.create({ model: models[0], input });
  const second = await client.responses.create({ model: models[0], input, previous_response_id: first.id });
  assert.equal(second.previous_response_id, first.id);
  await assert.rejects(
    client.responses.create({ model: models[1], input, previous_response_id: first.id }),
    (error) => error.status === 400 && error.param === "previous_response_id",
  );
});

for (const provider of ["own", "fake"]) {
  for (const fault of ["error-frame", "bare-error", "cut-mid", "malformed-frame", "ends-early"]) {
    test(`a broken stream ends with response.failed: ${provider}, ${fault}`, async () => {
      const stream = client.responses.stream({ model: `${provider}/fault-${fault}`, input });
      const final = await stream.finalResponse();
      assert.equal(final.status, "failed");
      assert.ok(final.error.code && final.error.message);
    });
  }

  test(`cancel: ${provider}`, async () => {
    const asked = { model: `${provider}/slow-writer`, input: `write 3000 words for node and ${provider}`, stream: true };
    const stream = await client.responses.create(asked);
    for await (const event of stream) {
      if (event.type === "response.output_text.delta" && event.delta.includes("word3")) break;
    }
    stream.controller.abort();
    await eventually(async () => {
      const records = await hub.control("GET", "requests");
      return records.find((record) => record.body.includes(`for node and ${provider}`) && record.ended?.outcome === "disconnected");
    });
  });
}

for (const model of ["own/gpt-3.5-turbo-instruct", models[1]]) {
  test(`legacy completions: ${model}`, async () => {
    const whole = await client.completions.create({ model, prompt: "Once upon", max_tokens: 50 });
    assert.equal(whole.choices[0].text, "You said: Once upon");
    const options = { stream: true, stream_options: { include_usage: true }, max_tokens: 50 };
    const chunks = await collect(await client.completions.create({ model, prompt: "Once upon", ...options }));
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.text ?? "").join(""), "You said: Once upon");
    assert.deepEqual(chunks.at(-1).usage, whole.usage);
  });
}
