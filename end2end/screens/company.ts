// A hub as a company of some years has it: people of every role, projects in every state, keys, limits that are half used up.
import type { Hub } from "../tests/support/hub.ts";
import { type Equipment, giveCredit } from "../tests/support/furnish.ts";
import { people } from "../tests/support/house.ts";

/** What the pictures lead to, by id. */
export interface Company {
  projects: { busy: string; long: string; unpaid: string; archived: string; empty: string };
  keys: { limited: string; bound: string; disabled: string; revoked: string };
  users: { member: string; suspended: string };
  model: string;
  provider: string;
}

const longName = "Customer correspondence of the northern and north-western sales regions";

/** Builds it in a hub with a provider. */
export async function found(hub: Hub, { provider, key }: Equipment): Promise<Company> {
  const run = hub.command.bind(hub);
  const roles = { "hildegard.von-bingen-rupertsberg@correspondence.example.com": "billing", "ying.zhang@example.com": "auditor", "o@example.com": "member", "marie-antoinette.de-la-rochefoucauld@example.com": "admin" };
  for (const [email, role] of Object.entries(roles)) await run(["user", "create", "--email", email, "--role", role, "--password-stdin"], "a password for pictures");
  const made = async (name: string, payer = people.admin.email) => (await run<{ id: string }>(["project", "create", "--name", name, "--payer", payer])).id;
  const busy = await made("Assistants");
  const long = await made(longName);
  const unpaid = await made("智能客服与知识库", "o@example.com");
  const archived = await made("Prototype 2025");
  const empty = await made("Sandbox");
  await run(["project", "archive", archived]);
  for (const [project, user, role] of [[busy, people.member.email, "admin"], [busy, "ying.zhang@example.com", "reader"], [busy, "hildegard.von-bingen-rupertsberg@correspondence.example.com", "member"], [busy, "o@example.com", "member"], [long, people.member.email, "member"], [unpaid, people.member.email, "reader"]])
    await run(["project", "member", "add", project, "--user", user, "--role", role]);

  const keyOf = (name: string, user: string, ...words: string[]) => run<{ id: string; key: string }>(["key", "create", "--user", user, "--name", name, ...words]);
  const moss = people.member.email;
  const bound = await keyOf("assistant of the night shift", moss, "--project", busy, "--model", "atlas/*", "--model", "simulated/echo", "--address", "127.0.0.0/8", "--address", "2001:db8:85a3::/48", "--expires", "30d");
  const limited = await keyOf("evaluation runs", moss, "--project", busy);
  const disabled = await keyOf("nightly batch", moss, "--project", busy);
  const revoked = await keyOf("old laptop", moss);
  await keyOf("reports", moss, "--scope", "usage", "--expires", "7d");
  await keyOf("w".repeat(80), moss, "--project", long);
  await keyOf("hildegard's notebook", "hildegard.von-bingen-rupertsberg@correspondence.example.com", "--project", busy);
  await run(["key", "disable", disabled.id]);
  await run(["key", "revoke", revoked.id]);
  await run(["key", "rotate", bound.id, "--overlap", "7d"]);

  const limit = (...words: string[]) => run(["limit", "set", ...words]);
  // First, so that the hub knows it when calls begin.
  await run(["price", "set", "--model", "atlas/gpt-4o-mini", "--input-per-million", "0.15", "--output-per-million", "0.6", "--margin-percent", "20"]);
  await limit("--key", limited.id, "--requests", "20", "--per", "day");
  await limit("--key", limited.id, "--tokens", "1000000", "--per", "hour", "--rolling");
  await limit("--key", limited.id, "--concurrent", "4");
  await limit("--key", limited.id, "--spend", "12.50", "--per", "month");
  await limit("--project", busy, "--spend", "250", "--per", "month");
  await limit("--project", busy, "--requests", "600", "--per", "minute", "--rolling");
  await limit("--user", moss, "--spend", "0.0001", "--per", "total");
  await limit("--user", moss, "--requests", "15", "--per", "day");
  await limit("--model", "atlas/gpt-4o", "--requests", "0", "--per", "hour");
  await limit("--provider", "atlas", "--tokens", "2000000", "--per", "minute");

  await run(["credits", "grant", "--user", people.admin.email, "--amount", "120", "--expires", "365d", "--reason", "Budget of the year"]);
  await giveCredit(hub, moss);
  await hub.knows(limited.key, "atlas/gpt-4o-mini");
  for (let number = 1; number <= 14; number += 1) await (await hub.chat(limited.key, number % 5 ? "atlas/gpt-4o-mini" : "atlas/fault-500", `Question ${number} of the evaluation`)).text();
  await (await hub.chat(key.secret, "atlas/gpt-4o-mini", "Hello")).text();
  const users = await run<Array<{ id: string; email: string }>>(["user", "list"]);
  const user = (email: string) => users.find((person) => person.email === email)?.id ?? "";
  const models = await run<Array<{ id: string; name: string }>>(["model", "list"]);
  return {
    projects: { busy, long, unpaid, archived, empty },
    keys: { limited: limited.id, bound: bound.id, disabled: disabled.id, revoked: revoked.id },
    users: { member: user(moss), suspended: user("o@example.com") },
    model: models.find((model) => model.name === "atlas/gpt-4o")?.id ?? "",
    provider,
  };
}
