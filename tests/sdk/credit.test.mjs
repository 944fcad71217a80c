// One credit, spent by parallel streams of the official Node SDK until there is none: not a nano-USD is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import OpenAI from "openai";

import { email, Hub } from "./hub.mjs";

const model = "fake/gpt-4o-mini";
// In nano-USD for a token: a million of them cost 487.651 and 1013.377 USD.
const price = { input: 487_651n, output: 1_013_377n };
const credit = 1_000_000_000n;

let hub;
let client;

before(async () => {
  hub = await Hub.start((hub) => {
    hub.run(["settings", "set", "mode", "service-provider"]);
    const rates = ["--input-per-million", "487.651", "--output-per-million", "1013.377"];
    hub.run(["price", "set", "--model", model, ...rates]);
  });
  client = new OpenAI({ baseURL: hub.baseURL, apiKey: hub.key, maxRetries: 0 });
});

after(() => hub.end());

// A decimal string in nano-USD.
function nano(text) {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole) * credit + BigInt(part.padEnd(9, "0"));
}

const sum = (amounts) => amounts.reduce((all, one) => all + one, 0n);

// Streams one after the other until the hub says that there is no more credit: what they cost, and what it said.
async function spend() {
  const paid = [];
  for (;;) {
    try {
      const stream = await client.chat.completions.create({
        model,
        messages: [{ role: "user", content: "write 20 words" }],
        max_tokens: 30,
        stream: true,
        stream_options: { include_usage: true },
      });
      let usage;
      for await (const chunk of stream) usage = chunk.usage ?? usage;
      paid.push(BigInt(usage.prompt_tokens) * price.input + BigInt(usage.completion_tokens) * price.output);
    } catch (refused) {
      if (!(refused instanceof OpenAI.APIError)) throw refused;
      if (refused.status !== 402 || !refused.error.credit.waiting_helps) return { paid, refused };
      // What the other streams hold may yet be free.
      assert.ok(refused.headers.get("retry-after"));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

test("one credit is spent to the last nano", async () => {
  const messages = [{ role: "user", content: "Hello" }];
  await assert.rejects(client.chat.completions.create({ model, messages }), { status: 402 });

  hub.run(["credits", "grant", "--user", email, "--amount", "1", "--reason", "one credit"]);
  const ends = await Promise.all(Array.from({ length: 6 }, spend));

  const paid = ends.flatMap((end) => end.paid);
  const balance = hub.run(["credits", "balance", "--user", email]);
  const left = nano(balance.balance);
  assert.deepEqual([nano(balance.held), nano(balance.debt)], [0n, 0n]);
  assert.equal(sum(paid) + left, credit);
  assert.ok(paid.length >= 20);
  for (const { refused } of ends) {
    const told = [refused.status, refused.type, refused.code];
    assert.deepEqual(told, [402, "insufficient_quota", "insufficient_credits"]);
    assert.equal(nano(refused.error.credit.spendable), left);
    assert.ok(nano(refused.error.credit.needed) > left);
    assert.match(refused.error.credit.url, /\/credits$/);
  }

  // The hub tells the same: by day and model, by call, by account, and in its books.
  const usage = await hub.get("usage");
  assert.ok(usage.data.every((entry) => entry.model === model));
  assert.equal(sum(usage.data.map((entry) => nano(entry.charge))), sum(paid));
  assert.equal(nano((await hub.get("credits")).balance), left);
  const charges = hub.run(["call", "list", "--limit", "1000"]).map((call) => call.charge);
  assert.equal(sum(charges.filter(Boolean).map(nano)), sum(paid));
  assert.deepEqual(hub.run(["verify-ledger"]).findings, []);
});
