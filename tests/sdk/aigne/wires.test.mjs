// AIGNE's own client, unchanged, at every wire.

import { AIGNEHubChatModel } from "@aigne/aigne-hub";

import { collect, data, every, schema } from "../wires.mjs";

every(["aigne"], (hub) => ({
  aigne: {
    says: (text, picture) => ({
      role: "user",
      content: [{ type: "text", text }, ...(picture ? [{ type: "file", data, mimeType: "image/png" }] : [])],
    }),
    results: (...results) => results.map(([id, , content]) => ({ role: "tool", toolCallId: id, content })),
    async ask({ model, turns, streamed, tools, json, think, limit }) {
      const client = new AIGNEHubChatModel({ baseURL: `${hub.address}/`, apiKey: hub.key, model: `aignehub/${model}` });
      const asked = {
        messages: turns,
        ...(tools && { tools: tools.map((name) => ({ type: "function", function: { name, parameters: schema } })) }),
        ...(json && { responseFormat: { type: "json_schema", jsonSchema: { name: "weather", schema, strict: true } } }),
        modelOptions: { ...(think && { reasoningEffort: "high" }), ...(limit && { maxTokens: limit }) },
      };
      let answer = await client.invoke(asked, { streaming: streamed });
      // A stream's members that are text grow, others are told anew.
      if (streamed) {
        const told = (all, { delta }) => {
          const texts = Object.entries(delta?.text ?? {}).map(([name, more]) => [name, (all[name] ?? "") + more]);
          return { ...all, ...Object.fromEntries(texts), ...delta?.json };
        };
        answer = (await collect(answer)).reduce(told, {});
      }
      const toolCalls = answer.toolCalls ?? [];
      return {
        ...answer,
        calls: toolCalls.map((call) => [call.id, call.function.name, call.function.arguments]),
        counted: [answer.usage.inputTokens, answer.usage.outputTokens],
        turns: [{ role: "agent", content: answer.text, toolCalls }],
      };
    },
  },
}));
