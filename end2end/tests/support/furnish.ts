// Fills a hub with what people have after a few days: providers in several states, keys, calls of every kind of end.
import type { Hub } from "./hub.ts";
import { goodCredential, type Upstream } from "./upstream.ts";

/** What was put into a hub, for tests that need its names. */
export interface Furniture {
  /** Ids of providers: answers; refuses its credential; needs none. */
  providers: { working: string; failing: string; simulated: string };
  /** The admin's key, and the secret that programs send. */
  key: { id: string; secret: string; name: string };
  /** The admin's revoked key. */
  revoked: { id: string; name: string };
  /** The member's key. */
  memberKey: { id: string; secret: string };
  /** Ids of calls. */
  calls: { answered: string; streamed: string; failed: string; members: string };
  /** Ids of people. */
  users: { admin: string; member: string };
}

interface Made {
  id: string;
  key: string;
}

export async function furnish(hub: Hub, upstream: Upstream): Promise<Furniture> {
  const provider = (words: string[], credential?: string) =>
    hub.command<{ id: string }>(["provider", "add", ...words, ...(credential ? ["--credential-stdin"] : [])], credential);
  const working = await provider(["--kind", "openai-compatible", "--name", "atlas", "--title", "Atlas Inference", "--base-url", upstream.baseUrl], goodCredential);
  const failing = await provider(["--preset", "openai", "--base-url", upstream.baseUrl, "--model", "gpt-5-mini"], "sk-wrong-credential-000000000000");
  const simulated = await provider(["--kind", "simulated", "--name", "simulated", "--title", "Simulated"]);

  const create = (user: string, name: string) => hub.command<Made>(["key", "create", "--user", user, "--name", name]);
  const key = await create("ada@example.com", "staging backend");
  const revoked = await create("ada@example.com", "old laptop");
  await hub.command(["key", "revoke", revoked.id]);
  const memberKey = await create("moss@example.com", "notebook");

  await hub.knows(key.key, "atlas/gpt-4o-mini");
  await hub.knows(memberKey.key, "simulated/echo");
  const call = async (secret: string, model: string, text: string, more: object = {}) => {
    const answer = await hub.chat(secret, model, text, more);
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  const answered = await call(key.key, "atlas/gpt-4o-mini", "What is a gateway?");
  const streamed = await call(key.key, "atlas/gpt-4o", "write 60 words please", { stream: true, stream_options: { include_usage: true } });
  const failed = await call(key.key, "atlas/fault-500", "Hello?");
  const members = await call(memberKey.key, "simulated/echo", "An echo for me");
  await call(key.key, "openai/gpt-5-mini", "Refused by its credential");
  await call(key.key, "atlas/gpt-4o", "", { temperature: 9 });
  await call(key.key, "atlas/fault-ends-early", "Half an answer", { stream: true });
  await call(key.key, "simulated/text", "Tell me something", { stream: true });
  for (let number = 1; number <= 24; number += 1) await call(key.key, "simulated/echo", `Question ${number} of a batch`);

  const users = await hub.command<Array<{ id: string; email: string }>>(["user", "list"]);
  const user = (email: string) => users.find((person) => person.email === email)?.id ?? "";
  return {
    providers: { working: working.id, failing: failing.id, simulated: simulated.id },
    key: { id: key.id, secret: key.key, name: "staging backend" },
    revoked: { id: revoked.id, name: "old laptop" },
    memberKey: { id: memberKey.id, secret: memberKey.key },
    calls: { answered, streamed, failed, members },
    users: { admin: user("ada@example.com"), member: user("moss@example.com") },
  };
}
