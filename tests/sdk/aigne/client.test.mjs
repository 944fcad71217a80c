// AIGNE's own client, unchanged, against the hub: it finds the hub by its document, and everything else follows.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { AIGNEHubChatModel, AIGNEHubImageModel } from "@aigne/aigne-hub";

import { Hub } from "../hub.mjs";

const hello = [{ role: "user", content: "Hello out there" }];
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const parameters = {
  type: "object",
  properties: { city: { type: "string" }, days: { type: "integer" } },
  required: ["city"],
};
const tool = (name) => ({ type: "function", function: { name, description: `Tells the ${name}`, parameters } });

let hub;
let origin;

before(async () => {
  hub = await Hub.start((hub) => {
    for (const name of ["gpt-image-1", "dall-e-3"]) hub.run(["model", "add", "--provider", "fake", "--name", name]);
  });
  origin = new URL(hub.baseURL).origin;
});

after(async () => {
  const violations = await hub.control("GET", "violations");
  await hub.end();
  assert.deepEqual(violations, []);
});

// The prefix is the client's own word for "ask the hub".
function model(name, options = {}) {
  return new AIGNEHubChatModel({ baseURL: `${origin}/`, apiKey: hub.key, model: `aignehub/fake/${name}`, ...options });
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const last = async () => JSON.parse((await hub.requests()).at(-1).body);

test("chat", async () => {
  const answer = await model("gpt-4o-mini").invoke({ messages: hello });
  assert.equal(answer.text, "You said: Hello out there");
  assert.deepEqual([answer.usage.inputTokens, answer.usage.outputTokens], [7, 5]);
  // Nobody pays here.
  assert.equal(answer.usage.aigneHubCredits, undefined);
});

test("stream", async () => {
  const stream = await model("gpt-4o-mini").invoke({ messages: hello }, { streaming: true });
  const chunks = await collect(stream);
  const pieces = chunks.map((chunk) => chunk.delta?.text?.text).filter(Boolean);
  assert.equal(pieces.join(""), "You said: Hello out there");
  assert.ok(pieces.length > 1, "piece by piece");
  const usage = chunks.map((chunk) => chunk.delta?.json?.usage).findLast(Boolean);
  assert.deepEqual([usage.inputTokens, usage.outputTokens], [7, 5]);
});

test("instructions, samples and a name", async () => {
  const messages = [{ role: "system", content: [{ type: "text", text: "Be brief." }] }, ...hello];
  await model("gpt-4o-mini").invoke({ messages, modelOptions: { temperature: 0.5, topP: 0.9, frequencyPenalty: 0.1 } });
  const sent = await last();
  assert.deepEqual(sent.messages.map((message) => message.role), ["system", "user"]);
  assert.deepEqual([sent.temperature, sent.top_p, sent.frequency_penalty], [0.5, 0.9, 0.1]);
});

for (const streaming of [false, true]) {
  test(`tools, ${streaming ? "streamed" : "whole"}`, async () => {
    const client = model("gpt-4o");
    // As an agent's loop does it: the stream is gathered by the client itself.
    const ask = async (messages) => {
      const answer = await client.invoke({ messages, tools: [tool("weather-today"), tool("traffic")] }, { streaming });
      if (!streaming) return answer;
      return (await collect(answer)).reduce((all, chunk) => ({ ...all, ...chunk.delta?.json }), {});
    };
    const { toolCalls } = await ask(hello);
    assert.deepEqual(toolCalls.map((call) => call.function.arguments), [
      { city: "Zürich 東京", days: 7 },
      { city: "Zürich 東京", days: 7 },
    ]);
    if (!streaming) assert.deepEqual(toolCalls.map((call) => call.function.name), ["weather-today", "traffic"]);
    const history = [
      ...hello,
      { role: "agent", toolCalls: toolCalls.map((call) => ({ ...call, function: { ...call.function, name: call.function.name.replace("-", "_") } })) },
      ...toolCalls.map((call, index) => ({ role: "tool", toolCallId: call.id, content: ["sunny", "calm"][index] })),
    ];
    const answer = await client.invoke({ messages: history, tools: [tool("weather-today"), tool("traffic")] });
    assert.equal(answer.text, "The tools said: sunny; calm");
  });
}

test("which tool, and one at a time", async () => {
  const tools = [tool("weather"), tool("traffic")];
  const named = await model("gpt-4o").invoke({ messages: hello, tools, toolChoice: tools[1] });
  assert.deepEqual(named.toolCalls.map((call) => call.function.name), ["traffic"]);
  const none = await model("gpt-4o").invoke({ messages: hello, tools, toolChoice: "none" });
  assert.equal(none.text, "You said: Hello out there");
  const one = await model("gpt-4o").invoke({ messages: hello, tools, modelOptions: { parallelToolCalls: false } });
  assert.equal(one.toolCalls.length, 1);
});

for (const streaming of [false, true]) {
  test(`json that obeys a schema, ${streaming ? "streamed" : "whole"}`, async () => {
    const responseFormat = { type: "json_schema", jsonSchema: { name: "weather", schema: parameters, strict: true } };
    const answer = await model("gpt-4o").invoke({ messages: hello, responseFormat }, { streaming });
    const json = streaming ? (await collect(answer)).map((chunk) => chunk.delta?.json?.json).findLast(Boolean) : answer.json;
    // The client itself has checked it.
    assert.deepEqual(json, { city: "Zürich 東京", days: 7 });
    assert.equal((await last()).response_format.json_schema.strict, true);
  });
}

test("image input", async () => {
  const content = [
    { type: "text", text: "what is this?" },
    { type: "file", data: pixel, mimeType: "image/png" },
  ];
  const answer = await model("gpt-4o").invoke({ messages: [{ role: "user", content }] });
  assert.equal(answer.text, "You said: what is this? I see 1 image.");
});

test("reasoning", async () => {
  for (const [asked, told] of [["low", "low"], [4096, "medium"]]) {
    const answer = await model("o4-mini").invoke({ messages: hello, modelOptions: { reasoningEffort: asked } });
    assert.equal(answer.text, "You said: Hello out there");
    assert.equal((await last()).reasoning_effort, told);
    assert.ok(answer.usage.outputTokens > 5, "thoughts count");
  }
});

test("models", async () => {
  // The client asks the hub of its environment, whatever its own base URL is.
  process.env.AIGNE_HUB_API_URL = origin;
  try {
    const chat = await AIGNEHubChatModel.models();
    assert.ok(chat.some((entry) => entry.provider === "fake" && entry.model === "gpt-4o" && entry.status.available));
    assert.ok(chat.every((entry) => entry.type === "chat"));
    const drawing = await AIGNEHubImageModel.models();
    assert.deepEqual(drawing.map((entry) => entry.model).sort(), ["dall-e-3", "gpt-image-1"]);
  } finally {
    delete process.env.AIGNE_HUB_API_URL;
  }
});

// A prefix that the client takes for a provider of its own makes it speak that provider's dialect to the hub.
test("a name that looks like OpenAI's goes through OpenAI's dialect", async () => {
  const client = new AIGNEHubChatModel({ baseURL: origin, apiKey: hub.key, model: "openai/fake/gpt-4o-mini" });
  const answer = await client.invoke({ messages: hello });
  assert.equal(answer.text, "You said: Hello out there");
});

test("refusals reach the client with their sentence and type", async () => {
  const refused = async (client, type, sentence) => {
    await assert.rejects(client.invoke({ messages: hello }), (error) => {
      assert.match(error.message, sentence);
      assert.equal(error.type, type);
      return true;
    });
  };
  await refused(model("gpt-9"), "NOT_FOUND", /does not exist here/);
  await refused(model("gpt-4o", { apiKey: "sk-hub-wrong" }), "UNAUTHENTICATED", /Incorrect API key/);
  await refused(model("fault-429"), "TOO_MANY_REQUESTS", /./);
  await refused(model("fault-500"), "UNAVAILABLE", /./);
  await assert.rejects(drawer("gpt-image-9").invoke({ prompt: "a cat" }), /does not exist here/);
  await assert.rejects(drawer("dall-e-3").invoke({ prompt: "a cat", n: 2 }), /integer above maximum value/);
});

const drawer = (name) =>
  new AIGNEHubImageModel({ baseURL: origin, apiKey: hub.key, model: `aignehub/fake/${name}`, modelOptions: {} });

test("it draws", async () => {
  const bytes = await drawer("gpt-image-1").invoke({
    prompt: "a small cat",
    n: 2,
    quality: "low",
    size: "1024x1024",
    outputFileType: "file",
  });
  assert.match(bytes.images[0].data, /^iVBOR/);
  assert.equal(bytes.images.length, 2);
  assert.deepEqual([bytes.usage.inputTokens, bytes.usage.outputTokens], [3, 544]);
  assert.equal(bytes.model, "gpt-image-1");
  const [sent] = (await hub.requests("/v1/images/generations")).slice(-1);
  assert.deepEqual(JSON.parse(sent.body), { model: "gpt-image-1", prompt: "a small cat", n: 2, quality: "low", size: "1024x1024" });
  const address = await drawer("dall-e-3").invoke({ prompt: "a small cat", outputFileType: "url" });
  assert.match(address.images[0].url, /^https:/);
});

test("comments that keep a stream alive are passed over", async () => {
  const stream = await model("fault-comments").invoke({ messages: hello }, { streaming: true });
  const pieces = (await collect(stream)).map((chunk) => chunk.delta?.text?.text).filter(Boolean);
  assert.equal(pieces.join(""), "You said: Hello out there");
});

test("what breaks within a stream raises, once", async () => {
  for (const fault of ["error-frame", "cut-mid", "malformed-frame"]) {
    const before = (await hub.requests()).length;
    const said = [];
    await assert.rejects(async () => {
      const stream = await model(`fault-${fault}`).invoke({ messages: hello }, { streaming: true });
      for await (const chunk of stream) said.push(chunk.delta?.text?.text ?? "");
    });
    assert.equal(said.join(""), "You said: ");
    assert.equal((await hub.requests()).length, before + 1, "the client does not ask again");
  }
});
