// What stands on a page only after somebody did something.
import { execFileSync } from "node:child_process";
import { addServer, createKey, fillSignIn } from "../tests/support/steps.ts";
import { Handmade } from "../tests/support/handmade.ts";
import { expect, test } from "../tests/support/test.ts";
import { everyLook, shoot, shootOne } from "./pictures.ts";

test.describe("a new hub", () => {
  test.use({ stage: "new", role: "nobody" });

  test("set-up", async ({ page, hub }) => {
    await page.goto("/sign-in");
    await shoot(page, "sign-in-nobody-yet");
    await page.goto(hub.setupLink);
    await shoot(page, "setup");
    await page.getByLabel("E-mail").fill("grace@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a compiler is a machine");
    await page.getByLabel("The same password again").fill("something else");
    await page.getByRole("button", { name: "Create admin" }).click();
    await shoot(page, "setup-refused");
  });
});

test.describe("a stranger", () => {
  test.use({ role: "nobody" });

  test("a wrong password", async ({ page }) => {
    await page.goto("/sign-in");
    await fillSignIn(page, { email: "ada@example.com", password: "not the password" });
    await expect(page.locator(".error, [role=alert]").first()).toBeVisible();
    await shoot(page, "sign-in-refused");
  });
});

test.describe("on the way", () => {
  test.use({ stage: "equipped" });

  test("half set up", async ({ page }) => {
    await page.goto("/");
    await shoot(page, "home-checklist");
  });

  test("a new key", async ({ page }) => {
    await createKey(page, "notebook");
    await shoot(page, "key-created");
    await page.goto("/keys");
    await page.getByRole("button", { name: "Revoke key “notebook”" }).click();
    for (const look of everyLook) await shootOne(page, "key-revoke-dialog", look, true);
    await page.getByRole("dialog").getByRole("button", { name: "Revoke key", exact: true }).click();
    await shoot(page, "keys-after-revoking");
  });

  test("a provider in trouble", async ({ page }) => {
    await addServer(page, "nowhere", "Nowhere", "http://127.0.0.1:9/v1", "sk-whatever-000");
    await shoot(page, "provider-refused");
  });

  test("a test that passes", async ({ page, house }) => {
    await page.goto(`/providers/${house.equipment.provider}`);
    await page.getByRole("button", { name: /^Test/ }).first().click();
    await expect(page.getByRole("status").first()).toBeVisible();
    await shoot(page, "provider-tested");
  });

  test("refused forms", async ({ page }) => {
    await page.goto("/providers/new?preset=compatible");
    await page.getByLabel("Name for people").fill("Twice");
    await page.getByLabel("Name in model names").fill("atlas");
    await page.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
    await page.getByRole("button", { name: "Add and test provider" }).click();
    await expect(page.locator(".error")).toBeVisible();
    await shoot(page, "provider-new-refused");
    await page.goto("/account");
    await page.getByLabel("Current password").fill("not my password");
    await page.getByLabel("New password", { exact: true }).fill("another long password");
    await page.getByLabel(/again/).fill("another long password");
    await page.getByRole("button", { name: "Change password" }).click();
    await expect(page.locator(".error")).toBeVisible();
    await shoot(page, "account-refused");
  });

  test("an open change, and a credential on its way out", async ({ page, house }) => {
    await page.goto("/audit?action=provider");
    await page.getByRole("main").locator("tbody a").first().click();
    await shoot(page, "audit-open");
    await page.goto(`/providers/${house.equipment.provider}`);
    await page.getByRole("button", { name: /^Delete / }).first().click();
    for (const look of everyLook) await shootOne(page, "credential-delete-dialog", look, true);
    await page.goto((await page.locator("a[href*='/credentials/'][href$='/delete']").first().getAttribute("href")) ?? "");
    await shoot(page, "credential-delete");
  });

  test("menus", async ({ page }) => {
    await page.goto("/keys");
    await page.locator("summary").filter({ hasText: "Account of " }).click();
    for (const look of everyLook) await shootOne(page, "menu-person", look, true);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto("/keys");
    await page.getByRole("button", { name: "Menu" }).click();
    for (const look of everyLook.filter((look) => look.width === 360)) await shootOne(page, "menu-navigation", look, true);
  });

  test("focus", async ({ page }) => {
    await page.goto("/calls");
    for (let stop = 1; stop <= 22; stop += 1) await page.keyboard.press("Tab");
    for (const look of everyLook) await shootOne(page, "focus", look, true);
  });

  test("a conversation", async ({ page, upstream }) => {
    await page.goto("/playground?model=atlas/gpt-4o-mini");
    const message = page.getByRole("textbox", { name: "Message" });
    const send = async (text: string, model?: string) => {
      if (model) await page.getByRole("combobox", { name: "Model" }).selectOption(model);
      await message.fill(text);
      await page.getByRole("button", { name: "Send" }).click();
    };
    const over = () => expect(page.getByRole("article", { name: "Answer" }).last()).toHaveAttribute("aria-busy", "false");
    const looks = async (name: string) => {
      for (const look of everyLook) await shootOne(page, name, look, true);
    };
    await send("Compare two ways to store passwords.\n\n| Way | Cost | Safe |\n|---|---|---|\n| argon2id | 40 ms | yes |\n| SHA-256 | 1 µs | no |\n\n```rust\nlet hash = argon2.hash_password(password, &salt)?;\n```\n\n1. Salt each one.\n2. Measure on *your* machine, with `criterion`.\n\n> What is slow for us is slower for them.");
    await over();
    await looks("playground-answered");
    await upstream.fault("stall-mid");
    await send("And in a table of one million rows, what would that take in all?");
    await expect(page.getByRole("article", { name: "Answer" }).last()).toContainText("answering");
    await looks("playground-streaming");
    await page.getByRole("button", { name: "Stop" }).click();
    await over();
    await looks("playground-stopped");
    await upstream.heal();
    await send("And when the provider is down?", "atlas/fault-500");
    await over();
    await looks("playground-failed");
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel("Temperature").filter({ visible: true }).fill("9");
    for (const look of everyLook.filter((look) => look.width === 360)) await shootOne(page, "playground-settings", look, true);
  });

  test("a dialogue without scripts", async ({ browser, house, hub }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: hub.url, storageState: await house.state("admin") });
    const page = await context.newPage();
    await page.goto("/playground?model=atlas/gpt-4o-mini");
    await page.getByRole("textbox", { name: "Message" }).fill("Hello without scripts");
    for (const look of everyLook) await shootOne(page, "playground-no-script", look);
    await context.close();
  });
});

test.describe("calls of every end", () => {
  test.use({ alone: true });

  test("left early, and still running", async ({ page, house, hub }) => {
    const { key } = house.things;
    const leave = new AbortController();
    const asked = { method: "POST", headers: { authorization: `Bearer ${key.secret}`, "content-type": "application/json" } };
    const body = (text: string) => JSON.stringify({ model: "atlas/slow-writer", stream: true, messages: [{ role: "user", content: text }] });
    const answer = await fetch(`${hub.url}/v1/chat/completions`, { ...asked, body: body("write 400 words"), signal: leave.signal });
    const left = answer.headers.get("x-request-id");
    await answer.body?.getReader().read();
    leave.abort();
    const staying = new AbortController();
    const running = await fetch(`${hub.url}/v1/chat/completions`, { ...asked, body: body("write 4000 words"), signal: staying.signal });
    await running.body?.getReader().read();
    await page.goto("/calls");
    await shoot(page, "calls-running");
    await page.goto(`/calls/${running.headers.get("x-request-id")}`);
    await shoot(page, "call-running");
    await expect(async () => {
      await page.goto(`/calls/${left}`);
      await expect(page.getByRole("region", { name: "Summary" })).toContainText("left early", { timeout: 500 });
    }).toPass();
    await shoot(page, "call-left-early");
    staying.abort();
  });

  test("a page that failed", async ({ page, watch, hub }) => {
    watch.allow(/^status 500: GET /);
    watch.expectStatus(500);
    // Takes a table away under the running hub.
    const script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('ALTER TABLE audit RENAME TO elsewhere')";
    execFileSync("python3", ["-c", script, `${hub.folder}/hub.db`]);
    await page.goto("/audit");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("could not make this page");
    await shoot(page, "failed");
  });
});

test.describe("in the playground", () => {
  test.use({ stage: "equipped" });

  const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

  test("files, tools and thoughts", async ({ page, hub }) => {
    const looks = async (name: string) => {
      for (const look of everyLook) await shootOne(page, name, look, true);
    };
    const answer = page.getByRole("article", { name: "Answer" }).last();
    const over = () => expect(answer).toHaveAttribute("aria-busy", "false");
    await page.goto("/playground?model=atlas/gpt-4o-mini");
    await page.getByLabel(/^Attach images/).setInputFiles([
      { name: "floor plan of the second storey, revised.png", mimeType: "image/png", buffer: dot },
      { name: "tenancy agreement.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(482_000) },
      { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes") },
    ]);
    await page.getByLabel(/^Attach images/).setInputFiles({ name: "backup.zip", mimeType: "application/zip", buffer: Buffer.from("PK") });
    await page.getByRole("textbox", { name: "Message" }).fill("Which rooms does the agreement name that the plan does not show?");
    await looks("playground-files");
    await page.locator(".composer").getByRole("button", { name: "Remove tenancy agreement.pdf" }).click();
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await over();
    await page.setViewportSize({ width: 1280, height: 900 });
    const settings = page.getByRole("complementary", { name: "Settings" });
    await settings.getByText("Tools", { exact: true }).click();
    await settings.getByRole("button", { name: "Insert an example" }).click();
    await looks("playground-tools-offered");
    await page.getByRole("textbox", { name: "Message" }).fill("And how is the weather there?");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await over();
    await answer.getByLabel("Result").fill("21 degrees and clear");
    await looks("playground-tools-called");
    await answer.getByRole("button", { name: "Send results" }).click();
    await over();
    await looks("playground-tools-answered");
    const provider = await Handmade.start();
    await provider.open(page, hub, "deep");
    await page.getByRole("textbox", { name: "Message" }).fill("Seven times six?");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const answering = await provider.question();
    answering.think("Seven ", "times ", "six ", "is ", "forty-two.");
    await expect(answer.getByText("forty-two")).toBeVisible();
    await looks("playground-thinking");
    answering.say({ content: "The answer is 42." });
    answering.end();
    await over();
    await looks("playground-thought");
    await provider.stop();
  });

  test("setting up clients", async ({ page }) => {
    await createKey(page, "notebook");
    for (const client of ["curl", "Claude Code", "Codex CLI", "AIGNE"]) {
      await page.getByRole("radio", { name: client, exact: true }).check({ force: true });
      await shoot(page, `connect-${client.toLowerCase().replace(" ", "-")}`);
    }
  });
});
