// What the dialects and wires brought to the pages: kinds of providers, a converted call, a program that asks for a key,
// and the playground with files, tools and thoughts.
import { Thinker } from "../tests/support/thinker.ts";
import { expect, test } from "../tests/support/test.ts";
import { goodCredential } from "../tests/support/upstream.ts";
import { shoot } from "./pictures.ts";

const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

test.use({ stage: "equipped", alone: true });

for (const preset of ["anthropic", "google", "ollama"]) {
  test(`the form of ${preset}`, async ({ page }) => {
    await page.goto(`/providers/new?preset=${preset}`);
    await shoot(page, `provider-new-${preset}`);
  });
}

test("a converted call", async ({ page, hub, house, upstream }) => {
  await page.goto("/providers/new?preset=google");
  await page.getByLabel("Name in model names").fill("gemini");
  await page.getByLabel("Base URL").fill(`${new URL(upstream.baseUrl).origin}/v1beta`);
  await page.getByLabel("API key of the provider").fill(goodCredential);
  await page.getByRole("button", { name: "Add and test provider" }).click();
  await expect(page.getByRole("status").filter({ hasText: /answered in/ })).toBeVisible();
  await shoot(page, "provider-google-tested");
  const { secret } = house.equipment.key;
  await hub.knows(secret, "gemini/gemini-2.5-flash");
  const answer = await hub.chat(secret, "gemini/gemini-2.5-flash", "Hello there", { user: "somebody" });
  await answer.text();
  await page.goto(`/calls/${answer.headers.get("x-request-id")}`);
  await shoot(page, "call-converted");
  await page.goto("/models");
  await shoot(page, "models-of-two-kinds");
});

test("a program asks for a key", async ({ page, hub }) => {
  const begun = await fetch(`${hub.url}/.well-known/service/api/access-key/session`, { method: "POST", headers: { "user-agent": "aigne-cli/1.60" } });
  const { id } = (await begun.json()) as { id: string };
  const query = new URLSearchParams({ __token__: Buffer.from(id).toString("base64url"), source: "@aigne/cli connect to AIGNE hub", cli: "true" });
  await page.goto(`/.well-known/service/gen-simple-access-key?${query}`);
  await shoot(page, "connect");
  await page.getByRole("button", { name: "Approve" }).click();
  await expect(page.getByText("Go back to the program")).toBeVisible();
  await shoot(page, "connect-approved");
});

test("clients to connect", async ({ page }) => {
  await page.goto("/keys");
  const section = page.getByRole("region", { name: "Connect a client" });
  for (const client of ["Claude Code", "Codex CLI", "AIGNE"]) {
    await section.getByRole("radio", { name: client, exact: true }).check({ force: true });
    await shoot(page, `keys-${client.split(" ")[0]?.toLowerCase()}`);
  }
});

test("the playground with files and tools", async ({ page }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await page.getByLabel(/^Attach images, PDFs/).setInputFiles([
    { name: "a picture of a dot.png", mimeType: "image/png", buffer: dot },
    { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes") },
  ]);
  await page.getByRole("textbox", { name: "Message" }).fill("What do these show?");
  await shoot(page, "playground-files");
  // The settings stand aside of a wide page.
  await page.setViewportSize({ width: 1280, height: 900 });
  const settings = page.getByRole("complementary", { name: "Settings" });
  await settings.getByText("Tools", { exact: true }).click();
  await settings.getByRole("button", { name: "Insert an example" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(page.getByRole("article", { name: "Answer" }).last()).toHaveAttribute("aria-busy", "false");
  await shoot(page, "playground-tools");
});

test("the playground with thoughts", async ({ page, hub }) => {
  const thinker = await Thinker.start();
  try {
    await hub.command(["provider", "add", "--kind", "openai-compatible", "--name", "deep", "--base-url", thinker.baseUrl]);
    await expect(async () => {
      await page.goto("/playground?model=deep/thinker");
      await expect(page.getByRole("combobox", { name: "Model" })).toHaveValue("deep/thinker", { timeout: 500 });
    }).toPass();
    await page.getByRole("textbox", { name: "Message" }).fill("Seven times six?");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const answer = page.getByRole("article", { name: "Answer" }).last();
    await expect(answer.getByText("Seven times six is forty-two.")).toBeVisible();
    await shoot(page, "playground-thinking");
    thinker.answer();
    await expect(answer).toContainText("The answer is 42.");
    await shoot(page, "playground-thought");
  } finally {
    await thinker.stop();
  }
});
