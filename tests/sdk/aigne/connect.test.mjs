// `aigne hub connect`, request by request as its command line makes them, and a person who approves in the console without
// JavaScript. What decrypts the key is the library that the command line uses.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";

import { AIGNEHubChatModel } from "@aigne/aigne-hub";
import AES from "crypto-js/aes.js";
import utf8 from "crypto-js/enc-utf8.js";

import { Hub } from "../hub.mjs";
import { Browser } from "../visitor.mjs";

const source = "@aigne/cli connect to AIGNE hub";
const session = "/.well-known/service/api/access-key/session";

let hub;
let origin;

before(async () => {
  hub = await Hub.start();
  origin = new URL(hub.baseURL).origin;
});

after(() => hub.end());

// The command line takes nothing but a success.
async function request(path, method = "GET", headers = {}) {
  const answer = await fetch(`${origin}${path}`, { method, headers });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

const poll = (id, count = 0) => request(`${session}?sid=${id}`, "GET", { "X-Request-Count": String(count) });

function decrypt({ accessKeySecret, accessKeyId, challenge }) {
  const passphrase = crypto.pbkdf2Sync(challenge, accessKeyId, 256, 32, "sha512").toString("hex");
  return AES.decrypt(accessKeySecret, passphrase).toString(utf8);
}

const page = (id) => {
  const query = new URLSearchParams({
    __token__: Buffer.from(id).toString("base64url"),
    source,
    closeOnSuccess: "true",
    cli: "true",
    appName: " AIGNE CLI",
  });
  return `/.well-known/service/gen-simple-access-key?${query}`;
};

test("approved: the key comes once, decrypts, and calls", async () => {
  const document = await request("/__blocklet__.js?type=json");
  const did = "z8ia3xzq2tMq8CRHfaXj1BTYJyYnEcHbqP8cJ";
  assert.equal(document.componentMountPoints.find((point) => point.did === did).mountPoint, "/");

  const begun = await request(session, "POST");
  assert.match(begun.challenge, /^[0-9a-f]{48}$/);
  const waiting = await poll(begun.id);
  assert.deepEqual([waiting.challenge, waiting.accessKeyId ?? "", waiting.accessKeySecret ?? ""], [begun.challenge, "", ""]);

  // Strangers sign in first, and come back.
  const browser = new Browser(origin);
  const gate = await browser.open(page(begun.id));
  assert.match(gate.path, /^\/sign-in\?next=/);
  const asked = await browser.signIn(decodeURIComponent(gate.path.split("next=")[1]));
  assert.match(asked.path, /^\/connect\?token=/);
  assert.match(asked.text, /“@aigne\/cli connect to AIGNE hub” asks for a key of yours/);
  assert.match(asked.text, /127\.0\.0\.1/);
  const done = await browser.answer(page(begun.id), begun.id, source, "approve");
  assert.match(done.text, /Go back to the program/);

  const first = await poll(begun.id, 1);
  assert.match(first.accessKeySecret, /^U2FsdGVkX1/);
  const second = await poll(begun.id, 2);
  await request(`${session}?sid=${begun.id}`, "DELETE");
  const key = decrypt(second);
  assert.match(key, /^sk-hub-/);
  assert.equal(decrypt(first), key);
  await assert.rejects(poll(begun.id, 3), /^Error: 404/);
  const again = await browser.answer(page(begun.id), begun.id, source, "approve").catch((error) => error);
  assert.ok(again instanceof TypeError, "there is no form any more");

  const model = new AIGNEHubChatModel({ baseURL: origin, apiKey: key, model: "aignehub/fake/gpt-4o-mini" });
  const { text } = await model.invoke({ messages: [{ role: "user", content: "Hello" }] });
  assert.equal(text, "You said: Hello");
  const named = hub.run(["key", "list"]).find((entry) => entry.id === second.accessKeyId);
  assert.equal(named.name, source);
});

test("denied: the program hears it and gets nothing", async () => {
  const begun = await request(session, "POST");
  const browser = new Browser(origin);
  await browser.signIn("/");
  const done = await browser.answer(page(begun.id), begun.id, source, "deny");
  assert.match(done.text, /The program got no key/);
  await assert.rejects(poll(begun.id), /^Error: 403 .*denied in the console/);
});

test("another site cannot approve", async () => {
  const begun = await request(session, "POST");
  const browser = new Browser(origin);
  await browser.signIn("/");
  const answer = await fetch(`${origin}/do/app/pages/connect/actions/approve_connection`, {
    method: "POST",
    headers: {
      cookie: [...browser.cookies].map((pair) => pair.join("=")).join("; "),
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "cross-site",
    },
    body: new URLSearchParams({ token: begun.id, source, name: source }).toString(),
    redirect: "manual",
  });
  assert.equal(answer.status, 403);
  assert.equal((await poll(begun.id)).accessKeyId ?? "", "");
});
