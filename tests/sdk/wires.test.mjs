// The official SDKs for Node, OpenAI's in both its dialects and Anthropic's, at every wire.

import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

import { data, every, schema } from "./wires.mjs";

const pixel = `data:image/png;base64,${data}`;
const parsed = (call) => JSON.parse(call);

function chat(client) {
  return {
    says: (text, picture) => ({
      role: "user",
      content: [{ type: "text", text }, ...(picture ? [{ type: "image_url", image_url: { url: pixel } }] : [])],
    }),
    results: (...results) => results.map(([id, , content]) => ({ role: "tool", tool_call_id: id, content })),
    async ask({ model, turns, streamed, tools, json, think, limit }) {
      const asked = {
        model,
        messages: turns,
        ...(tools && { tools: tools.map((name) => ({ type: "function", function: { name, parameters: schema, strict: true } })) }),
        ...(json && { response_format: { type: "json_schema", json_schema: { name: "weather", schema, strict: true } } }),
        ...(think && { reasoning_effort: "high" }),
        ...(limit && { max_completion_tokens: limit }),
      };
      const stream = () => client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
      const { choices, usage } = await (streamed ? stream().finalChatCompletion() : client.chat.completions.create(asked));
      const { message } = choices[0];
      return {
        text: message.content ?? "",
        calls: (message.tool_calls ?? []).map((call) => [call.id, call.function.name, parsed(call.function.arguments)]),
        thoughts: message.reasoning_content,
        counted: [usage.prompt_tokens, usage.completion_tokens],
        // What the helper has read of it is not the provider's.
        turns: [JSON.parse(JSON.stringify(message, (name, value) => (name.startsWith("parsed") ? undefined : value)))],
      };
    },
  };
}

function responses(client) {
  return {
    says: (text, picture) => ({
      role: "user",
      content: [{ type: "input_text", text }, ...(picture ? [{ type: "input_image", image_url: pixel, detail: "auto" }] : [])],
    }),
    results: (...results) => results.map(([id, , output]) => ({ type: "function_call_output", call_id: id, output })),
    async ask({ model, turns, streamed, tools, json, think, limit }) {
      const asked = {
        model,
        input: turns,
        store: false,
        ...(tools && { tools: tools.map((name) => ({ type: "function", name, parameters: schema, strict: true })) }),
        ...(json && { text: { format: { type: "json_schema", name: "weather", schema, strict: true } } }),
        ...(think && { reasoning: { effort: "high", summary: "auto" }, include: ["reasoning.encrypted_content"] }),
        ...(limit && { max_output_tokens: limit }),
      };
      const answer = await (streamed ? client.responses.stream(asked).finalResponse() : client.responses.create(asked));
      const of = (type) => answer.output.filter((item) => item.type === type);
      return {
        text: answer.output_text,
        calls: of("function_call").map((call) => [call.call_id, call.name, parsed(call.arguments)]),
        thoughts: of("reasoning").flatMap((item) => item.summary.map((part) => part.text)).join(""),
        counted: [answer.usage.input_tokens, answer.usage.output_tokens],
        turns: answer.output,
      };
    },
  };
}

function messages(client) {
  return {
    says: (text, picture) => ({
      role: "user",
      content: [{ type: "text", text }, ...(picture ? [{ type: "image", source: { type: "base64", media_type: "image/png", data } }] : [])],
    }),
    results: (...results) => [
      { role: "user", content: results.map(([id, , content]) => ({ type: "tool_result", tool_use_id: id, content })) },
    ],
    async ask({ model, turns, streamed, tools, json, think, limit = 500 }) {
      const asked = {
        model,
        messages: turns,
        max_tokens: limit,
        ...(tools && { tools: tools.map((name) => ({ name, input_schema: schema })) }),
        ...(json && { output_config: { format: { type: "json_schema", schema } } }),
        ...(think && { thinking: { type: "enabled", budget_tokens: 2000 } }),
      };
      const { content, usage } = await (streamed ? client.messages.stream(asked).finalMessage() : client.messages.create(asked));
      const of = (type, read) => content.filter((block) => block.type === type).map(read);
      return {
        text: of("text", (block) => block.text).join(""),
        calls: of("tool_use", (block) => [block.id, block.name, block.input]),
        thoughts: of("thinking", (block) => block.thinking).join(""),
        counted: [usage.input_tokens, usage.output_tokens],
        turns: [{ role: "assistant", content }],
      };
    },
  };
}

every(["chat", "responses", "messages"], (hub) => {
  const openai = new OpenAI({ baseURL: hub.baseURL, apiKey: hub.key, maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: hub.address, apiKey: hub.key, maxRetries: 0 });
  return { chat: chat(openai), responses: responses(openai), messages: messages(anthropic) };
});
