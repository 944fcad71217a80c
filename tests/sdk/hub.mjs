// A hub over a fake provider, each a process of its own, for the tests of the Node SDK.
// The binaries are those of cargo's debug folder, or HUB_TEST_BINARY / HUB_BINARY for the hub.

import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const project = path.resolve(import.meta.dirname, "../..");
const credential = "sk-fake-upstream-0123456789abcdef";
export const email = "sdk@example.test";
export const password = "a long sdk password";
const patience = 20_000;

function program(name) {
  const named = process.env.HUB_TEST_BINARY || process.env.HUB_BINARY;
  if (name === "aigne-hub" && named) return named;
  return path.resolve(project, process.env.CARGO_TARGET_DIR || "target", "debug", name);
}

// Starts a program and gives it with its first line of output.
async function start(command, options = {}) {
  const child = spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "inherit"], ...options });
  for await (const line of createInterface({ input: child.stdout })) {
    // Whatever it prints later must not fill the pipe.
    child.stdout.resume();
    return { child, greeting: line };
  }
  throw new Error(`${command[0]} ended at its start`);
}

function end({ child }) {
  return new Promise((resolve) => {
    child.once("exit", resolve);
    child.kill("SIGTERM");
  });
}

// A hub with a user, a key and the providers `fake`, `own` (OpenAI itself), `claude`, `gem` and `oll`; `prepare` does more before the server starts.
export class Hub {
  static async start(prepare = () => {}, database = undefined) {
    const hub = new Hub();
    hub.folder = mkdtempSync(path.join(tmpdir(), "hub-sdk-"));
    hub.fake = await start([program("fake-openai"), "--key", credential]);
    hub.environment = {
      PATH: process.env.PATH,
      HUB_LISTEN: "127.0.0.1:0",
      HUB_DATA_DIR: hub.folder,
      HUB_LOG: "off",
      HUB_DRAIN_SECONDS: "1",
      ...(database && { HUB_DATABASE_URL: database }),
    };
    hub.run(["user", "create", "--email", email, "--role", "admin", "--password-stdin"], password);
    hub.key = hub.run(["key", "create", "--user", email, "--name", "sdk"]).key;
    // Beside those that it lists: models that see, and that only answer responses.
    for (const [name, kind, more] of [
      ["fake", "openai-compatible", []],
      ["own", "openai", ["codex-gpt-4o", "codex-o4-mini"]],
      ["claude", "anthropic", []],
      ["gem", "google", []],
      ["oll", "ollama", ["llama3.2-vision"]],
    ]) {
      // The last two put in their own version.
      const address = ["gem", "oll"].includes(name) ? hub.fake.greeting.replace(/\/v1$/, "") : hub.fake.greeting;
      const where = ["--name", name, "--base-url", address, "--credential-stdin"];
      const models = more.flatMap((model) => ["--model", model]);
      hub.run(["provider", "add", "--kind", kind, ...where, ...models], credential);
    }
    prepare(hub);
    hub.server = await start([program("aigne-hub"), "serve", "--json"], { env: hub.environment, cwd: hub.folder });
    hub.address = JSON.parse(hub.server.greeting).address;
    hub.baseURL = `${hub.address}/v1`;
    await hub.control("POST", "forbid", { text: hub.key });
    return hub;
  }

  // Runs a command of the hub and gives its answer.
  run(args, typed = "") {
    const options = { input: `${typed}\n`, env: this.environment, cwd: this.folder, encoding: "utf8" };
    const done = spawnSync(program("aigne-hub"), [...args, "--json"], options);
    if (done.status !== 0) throw new Error(`aigne-hub ${args.join(" ")}: ${done.error ?? done.stderr}`);
    return JSON.parse(done.stdout);
  }

  // Tells the fake provider to do something, or asks what it saw.
  async control(method, what, body) {
    const address = this.fake.greeting.replace(/\/v1$/, "");
    const answer = await fetch(`${address}/control/${what}`, { method, body: body && JSON.stringify(body) });
    return answer.json();
  }

  // The requests that reached the provider at this path.
  async requests(path = "/v1/chat/completions") {
    const all = await this.control("GET", "requests");
    return all.filter((record) => record.path === path);
  }

  // The hub's own record of a call.
  async call(id) {
    return this.get(`calls/${id}`);
  }

  // What the hub itself tells the owner of the key.
  async get(path) {
    const answer = await fetch(`${this.baseURL}/${path}`, { headers: { Authorization: `Bearer ${this.key}` } });
    return answer.json();
  }

  async end() {
    await end(this.server);
    await end(this.fake);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Waits until `find` gives something, and gives that.
export async function eventually(find) {
  const limit = Date.now() + patience;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > limit) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// The databases that a test can run on: a SQLite file, and a new one on the PostgreSQL that `tools/postgres.sh` has started.
export function databases() {
  const server = process.env.HUB_TEST_POSTGRES_URL;
  if (!server) return [["SQLite", undefined]];
  const programs = spawnSync(path.join(project, "tools/find-postgres.sh"), { encoding: "utf8" }).stdout.trim();
  const name = `sdk_${randomBytes(6).toString("hex")}`;
  const made = spawnSync(path.join(programs, "psql"), ["-X", "-q", "-d", server, "-c", `CREATE DATABASE ${name}`], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stderr);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return [["SQLite", undefined], ["PostgreSQL", url.href]];
}
