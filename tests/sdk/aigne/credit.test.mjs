// Credit as AIGNE's client meets it: what a call cost, and where to buy more.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { AIGNEHubChatModel } from "@aigne/aigne-hub";

import { email, Hub } from "../hub.mjs";

const messages = [{ role: "user", content: "Hello out there" }];

let hub;
let origin;

before(async () => {
  hub = await Hub.start((hub) => {
    hub.run(["settings", "set", "mode", "service-provider"]);
    const rates = ["--input-per-million", "487.651", "--output-per-million", "1013.377"];
    hub.run(["price", "set", "--model", "fake/gpt-4o-mini", ...rates]);
  });
  origin = new URL(hub.baseURL).origin;
});

after(() => hub.end());

const get = async (path) => {
  const answer = await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${hub.key}` } });
  return answer.json();
};

test("too little credit, more of it, and what is left", async () => {
  const model = new AIGNEHubChatModel({ baseURL: origin, apiKey: hub.key, model: "aignehub/fake/gpt-4o-mini" });
  await assert.rejects(model.invoke({ messages }), (error) => {
    assert.equal(error.type, "NOT_ENOUGH");
    assert.match(error.message, /Add credit at http/);
    return true;
  });
  const status = await get("/api/v2/status?model=fake/gpt-4o-mini");
  assert.deepEqual([status.available, status.code, status.type], [false, 402, "NOT_ENOUGH"]);
  assert.match(status.link, /\/credits$/);

  hub.run(["credits", "grant", "--user", email, "--amount", "1", "--reason", "one credit"]);
  assert.deepEqual(await get("/api/v2/status?model=fake/gpt-4o-mini"), { available: true });
  const { usage } = await model.invoke({ messages });
  // 7 × 0.000487651 + 5 × 0.001013377
  assert.deepEqual([usage.aigneHubCredits, usage.creditPrefix], [0.008480442, "$"]);
  const chunks = [];
  for await (const chunk of await model.invoke({ messages }, { streaming: true })) chunks.push(chunk);
  const streamed = chunks.map((chunk) => chunk.delta?.json?.usage).findLast(Boolean);
  assert.equal(streamed.aigneHubCredits, 0.008480442);

  const info = await get("/api/user/info");
  assert.equal(info.user.email, email);
  assert.deepEqual([info.enableCredit, info.creditPrefix], [true, "$"]);
  assert.deepEqual(info.creditBalance, { balance: "0.983039116", total: "1.00", grantCount: 1, pendingCredit: "0.00" });
  const balance = await get("/api/user/credit/balance");
  // In the smallest units, as the original's pages read it: 0.983039116 × 10^10.
  assert.deepEqual(
    [balance.balance, balance.total, balance.pendingCredit, balance.grantCount],
    ["9830391160", "10000000000", "0", 1],
  );
  assert.deepEqual([balance.currency.symbol, balance.currency.decimal], ["USD", 10]);
  const grants = await get("/api/user/credit/grants?page=1&pageSize=10");
  assert.deepEqual([grants.count, grants.list[0].remaining_amount, grants.list[0].status], [1, "0.983039116", "granted"]);
  const transactions = await get("/api/user/credit/transactions?pageSize=2");
  assert.deepEqual(transactions.list.map((line) => line.credit_amount), ["0.008480442", "0.008480442"]);
  assert.equal(transactions.count, 3);
  assert.match(await get("/api/user/credit/payment-link"), /\/credits$/);

  const [listed] = await get("/api/ai/models?type=chat");
  assert.deepEqual(
    [listed.key, listed.input_credits_per_token, listed.output_credits_per_token],
    ["fake/gpt-4o-mini", "0.000487651", "0.001013377"],
  );
});
