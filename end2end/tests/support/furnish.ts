// Fills a hub with what people have after a few days: providers in several states, keys, calls of every kind of end.
import type { Hub } from "./hub.ts";
import { goodCredential, type Upstream } from "./upstream.ts";

/** What was put into a hub, for tests that need its names. */
export interface Furniture {
  /** Ids of providers: answers; refuses its credential; needs none. */
  providers: { working: string; failing: string; simulated: string };
  /** The admin's key, and the secret that programs send. */
  key: Equipment["key"];
  /** The admin's revoked key. */
  revoked: { id: string; name: string };
  /** The member's key. */
  memberKey: { id: string; secret: string };
  /** A project that people share, and a bound key of the member's in it. */
  project: { id: string; key: string };
  /** Ids of calls. */
  calls: { answered: string; streamed: string; failed: string; members: string };
  /** A lot of the member's that ends soon. */
  lot: string;
  /** Ids of models: with a history and a price to come; sold below cost; without a price. */
  models: { priced: string; belowCost: string; unpriced: string };
  /** Ids of people. */
  users: { admin: string; member: string };
}

/** What a hub needs for a first call. */
export interface Equipment {
  /** The provider's id; its models are `atlas/…`. */
  provider: string;
  /** The admin's key, and the secret that programs send. */
  key: { id: string; secret: string; name: string };
}

interface Made {
  id: string;
  key: string;
}

function addProvider(hub: Hub, words: string[], credential?: string): Promise<{ id: string }> {
  return hub.command(["provider", "add", ...words, ...(credential ? ["--credential-stdin"] : [])], credential);
}

function createKey(hub: Hub, user: string, name: string): Promise<Made> {
  return hub.command<Made>(["key", "create", "--user", user, "--name", name]);
}

/** Prices of several models: plain ones, one with tiers, a history and a price to come, one below cost, one for nothing. */
async function setPrices(hub: Hub): Promise<void> {
  const set = (model: string, ...words: string[]) => hub.command(["price", "set", "--model", model, "--margin-percent", "20", ...words]);
  const first = ["--input-per-million", "2.75", "--output-per-million", "11", "--cache-read-per-million", "1.375"];
  await set("atlas/gpt-4o", ...first, "--reason", "First price", "--source", "https://prices.example/atlas");
  const dearer = ["--input-per-million", "2.50", "--output-per-million", "10", "--cache-read-per-million", "1.25", "--per-request", "0.0005"];
  const tier = ["--tier", "above=200000,input=5,output=15"];
  await set("atlas/gpt-4o", ...dearer, ...tier, "--reason", "The provider became cheaper", "--source", "https://prices.example/atlas");
  await set("atlas/gpt-4o", ...first, "--effective-from", "2999-01-01T00:00:00Z", "--reason", "Agreed for the new year");
  await set("atlas/gpt-4o-mini", "--input-per-million", "0.15", "--output-per-million", "0.6", "--cache-read-per-million", "0.075");
  await set("atlas/o3", "--input-per-million", "2", "--output-per-million", "8", "--reasoning-per-million", "8", "--sell-output-per-million", "9.876543");
  await set("atlas/gpt-4.1-mini", "--input-per-million", "0.4", "--output-per-million", "1.6", "--sell-output-per-million", "1.55", "--below-cost-ok");
  await set("atlas/text-embedding-3-small", "--input-per-million", "0.02", "--output-per-million", "0");
  await set("simulated/echo", "--input-per-million", "0", "--output-per-million", "0", "--reason", "The hub answers itself");
}

/** Connects the fake provider and makes a key. */
export async function equip(hub: Hub, upstream: Upstream): Promise<Equipment> {
  const words = ["--kind", "openai-compatible", "--name", "atlas", "--title", "Atlas Inference", "--base-url", upstream.baseUrl];
  const provider = await addProvider(hub, words, goodCredential);
  const key = await createKey(hub, "ada@example.com", "staging backend");
  await hub.knows(key.key, "atlas/gpt-4o-mini");
  return { provider: provider.id, key: { id: key.id, secret: key.key, name: "staging backend" } };
}

/** Sells a model: cost in USD per million tokens, and a margin of 20 % on top. */
export async function setPrice(hub: Hub, model: string, input: string, output: string): Promise<void> {
  await hub.command(["price", "set", "--model", model, "--input-per-million", input, "--output-per-million", output, "--margin-percent", "20"]);
}

/** Lots of several kinds, and changes of them. Gives back the lot that ends soon. */
export async function giveCredit(hub: Hub, user: string): Promise<string> {
  const change = (words: string[], reason: string) => hub.command<{ lot: string }>(["credits", ...words, "--user", user, "--reason", reason]);
  const welcome = await change(["grant", "--amount", "5", "--kind", "promo", "--expires", "5d"], "Welcome credits");
  await change(["grant", "--amount", "0.5", "--kind", "correction", "--expires", "90d"], "Refund, failed images");
  await change(["grant", "--amount", "50", "--kind", "paid", "--expires", "365d"], "Bank transfer of 12 March, invoice 2041");
  const mistake = await change(["grant", "--amount", "25"], "Granted by mistake");
  await change(["void", "--lot", mistake.lot], "That was for somebody else");
  await change(["adjust", "--amount=-0.421472"], "Counted twice");
  await change(["adjust", "--amount", "0.000000776"], "The last digits");
  return welcome.lot;
}

/** Adds providers in trouble, revoked and other people's keys, and calls. */
export async function furnish(hub: Hub, upstream: Upstream, { provider, key }: Equipment): Promise<Furniture> {
  const failing = await addProvider(hub, ["--preset", "openai", "--base-url", upstream.baseUrl, "--model", "gpt-5-mini"], "sk-wrong-credential-000000000000");
  const simulated = await addProvider(hub, ["--kind", "simulated", "--name", "simulated", "--title", "Simulated"]);
  const revoked = await createKey(hub, "ada@example.com", "old laptop");
  await hub.command(["key", "revoke", revoked.id]);
  await setPrice(hub, "atlas/gpt-4o", "2.5", "10");
  await setPrice(hub, "atlas/gpt-4o-mini", "0.15", "0.6");
  const memberKey = await createKey(hub, "moss@example.com", "notebook");
  await hub.knows(memberKey.key, "simulated/echo");

  const project = await hub.command<{ id: string }>(["project", "create", "--name", "Assistants", "--payer", "ada@example.com"]);
  await hub.command(["project", "member", "add", project.id, "--user", "moss@example.com", "--role", "admin"]);
  const bounds = ["--model", "simulated/*", "--address", "127.0.0.0/8", "--expires", "90d"];
  const bound = await hub.command<Made>(["key", "create", "--user", "moss@example.com", "--name", "assistant", "--project", project.id, ...bounds]);
  await hub.knows(bound.key, "simulated/echo");
  await hub.command(["key", "rotate", bound.id, "--overlap", "7d"]);
  await hub.command(["limit", "set", "--key", bound.id, "--spend", "5", "--per", "day"]);
  await hub.command(["limit", "set", "--key", bound.id, "--requests", "60", "--per", "minute", "--rolling"]);

  await setPrices(hub);
  const named = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  const model = (name: string) => named.find((model) => model.name === name)?.id ?? "";

  const call = async (model: string, text: string, more: object = {}, secret = key.secret) => {
    const answer = await hub.chat(secret, model, text, more);
    await answer.text().catch(() => "");
    return answer.headers.get("x-request-id") ?? "";
  };
  for (let number = 1; number <= 24; number += 1) await call("simulated/echo", `Question ${number} of a batch`);
  const calls = {
    answered: await call("atlas/gpt-4o-mini", "What is a gateway?"),
    streamed: await call("atlas/gpt-4o", "write 60 words please", { stream: true, stream_options: { include_usage: true } }),
    failed: await call("atlas/fault-500", "Hello?"),
    members: await call("simulated/echo", "An echo for me", {}, memberKey.key),
  };
  await call("simulated/echo", "An echo for the project", {}, bound.key);
  await call("openai/gpt-5-mini", "Refused by its credential");
  await call("atlas/gpt-4o", "Too hot", { temperature: 9 });
  await call("atlas/fault-ends-early", "Half an answer", { stream: true });
  await call("simulated/text", "Tell me something", { stream: true });

  const lot = await giveCredit(hub, "moss@example.com");
  await hub.command(["verify-ledger"]);
  const users = await hub.command<Array<{ id: string; email: string }>>(["user", "list"]);
  const user = (email: string) => users.find((person) => person.email === email)?.id ?? "";
  return {
    providers: { working: provider, failing: failing.id, simulated: simulated.id },
    key,
    revoked: { id: revoked.id, name: "old laptop" },
    memberKey: { id: memberKey.id, secret: memberKey.key },
    project: { id: project.id, key: bound.id },
    calls,
    lot,
    models: { priced: model("atlas/gpt-4o"), belowCost: model("atlas/gpt-4.1-mini"), unpriced: model("atlas/fault-500") },
    users: { admin: user("ada@example.com"), member: user("moss@example.com") },
  };
}
