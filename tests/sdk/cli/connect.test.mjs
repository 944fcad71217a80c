// `aigne hub connect` itself: the command line as npm gives it, in a home of its own, with a browser that only notes the
// address; a person approves in the console, and the key that the command line keeps calls a model.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { eventually, Hub } from "../hub.mjs";
import { Browser } from "../visitor.mjs";

const program = fileURLToPath(new URL("node_modules/@aigne/cli/dist/cli.js", import.meta.url));
const source = "@aigne/cli connect to AIGNE hub";

let hub;
let origin;
let home;

before(async () => {
  hub = await Hub.start();
  origin = new URL(hub.baseURL).origin;
  home = mkdtempSync(path.join(tmpdir(), "aigne-cli-"));
  // Its other commands make this folder before they connect; `hub connect` does not, and then cannot keep the key.
  mkdirSync(path.join(home, ".aigne"));
  // What `xdg-open` calls, where there is no desktop. Whole at once: it is moved to where the test looks.
  writeFileSync(path.join(home, "browser"), `#!/bin/sh\nprintf %s "$1" >"${home}/opening" && mv "${home}/opening" "${home}/opened"\n`);
  chmodSync(path.join(home, "browser"), 0o755);
});

after(async () => {
  await hub.end();
  rmSync(home, { recursive: true, force: true });
});

// Runs the command line to its end. Without CI and NODE_ENV, in which it only plays at connecting.
function aigne(...words) {
  const environment = { PATH: process.env.PATH, HOME: home, BROWSER: path.join(home, "browser"), NO_COLOR: "1" };
  const child = spawn(process.execPath, [program, ...words], { cwd: home, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (said.text += text));
  const over = new Promise((resolve) => child.once("close", (code) => resolve({ code, text: said.text })));
  return { child, said, over };
}

test("approved: the command line keeps the key, lists the hub, and the key calls", async (t) => {
  const connecting = aigne("hub", "connect", origin);
  t.after(() => connecting.child.kill());
  const opened = path.join(home, "opened");
  const address = await eventually(() => {
    assert.equal(connecting.child.exitCode, null, connecting.said.text);
    return existsSync(opened) && readFileSync(opened, "utf8");
  });
  const asked = new URL(address);
  assert.equal(asked.origin, origin);
  assert.equal(asked.pathname, "/.well-known/service/gen-simple-access-key");
  assert.equal(asked.searchParams.get("source"), source);

  const browser = new Browser(origin);
  await browser.signIn("/");
  const id = Buffer.from(asked.searchParams.get("__token__"), "base64").toString();
  const done = await browser.answer(`${asked.pathname}${asked.search}`, id, source, "approve");
  assert.match(done.text, /Go back to the program/);
  const { code, text } = await connecting.over;
  assert.equal(code, 0, text);
  assert.ok(text.includes(`✓ Hub ${origin} connected successfully.`), text);

  const listed = await aigne("hub", "list").over;
  assert.match(listed.text, new RegExp(`${origin}\\s*│\\s*YES`));
  const kept = readFileSync(path.join(home, ".aigne/aigne-hub-connected.yaml"), "utf8");
  const key = kept.match(/sk-hub-[\w-]{43}/)[0];
  const answer = await fetch(`${origin}/v1/chat/completions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "fake/gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] }),
  });
  assert.equal((await answer.json()).choices[0].message.content, "You said: Hello");
  assert.ok(hub.run(["key", "list"]).some((entry) => entry.name === source));
});
