// Setting up clients: under the list of keys with a placeholder, beside a new key with the key itself. The tabs need no script.
import { createKey } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

test("each kind of client has its tab, and the key stands in every text", async ({ page, hub }, info) => {
  const secret = await createKey(page, `clients ${info.project.name}`);
  const section = page.getByRole("region", { name: "Connect a client" });
  const shown = section.locator("pre").filter({ visible: true });
  const open = (client: string) => section.getByRole("radio", { name: client, exact: true }).check({ force: true });
  await expect(shown).toHaveCount(2);
  await expect(shown.first()).toContainText(`curl ${hub.url}/v1/chat/completions`);
  await expect(shown.last()).toContainText(`curl ${hub.url}/v1/messages`);
  await expect(shown.last()).toContainText(`x-api-key: ${secret}`);
  await open("Python");
  await expect(shown.first()).toContainText(`base_url="${hub.url}/v1"`);
  await expect(shown.last()).toContainText(`base_url="${hub.url}"`);
  await open("JavaScript");
  await expect(shown.last()).toContainText("@anthropic-ai/sdk");
  await open("Claude Code");
  await expect(shown).toHaveCount(1);
  await expect(shown).toContainText(`export ANTHROPIC_BASE_URL='${hub.url}'`);
  await expect(shown).toContainText(`export ANTHROPIC_AUTH_TOKEN='${secret}'`);
  await open("Codex CLI");
  await expect(section.getByLabel("~/.codex/config.toml")).toContainText('wire_api = "responses"');
  await expect(shown.last()).toContainText(secret);
  await open("AIGNE");
  await expect(shown.first()).toHaveText(`aigne hub connect ${hub.url}`);
  await expect(shown.last()).toContainText(secret);
});

test("the list of keys says the same without a key", async ({ page }) => {
  await page.goto("/keys");
  const section = page.getByRole("region", { name: "Connect a client" });
  await expect(section.locator("pre").filter({ visible: true }).first()).toContainText("YOUR_KEY");
  // By the keyboard, as with any group of radio buttons.
  await section.getByRole("radio", { name: "curl" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(section.getByRole("radio", { name: "Python" })).toBeChecked();
  await expect(section.locator("pre").filter({ visible: true }).first()).toContainText("from openai import OpenAI");
});
