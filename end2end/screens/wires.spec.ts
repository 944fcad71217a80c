// What the dialects and wires brought to the pages: kinds of providers, a converted call, a program that asks for a key.
import { Handmade } from "../tests/support/handmade.ts";
import { expect, test } from "../tests/support/test.ts";
import { goodCredential } from "../tests/support/upstream.ts";
import { shoot } from "./pictures.ts";

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

for (const [preset, path] of [
  ["anthropic", "/v1"],
  ["ollama", ""],
  ["openai", "/v1"],
]) {
  test(`${preset} is added and tested`, async ({ page, upstream }) => {
    await page.goto(`/providers/new?preset=${preset}`);
    await page.getByLabel("Name in model names").fill(`my-${preset}`);
    await page.getByLabel("Base URL").fill(new URL(upstream.baseUrl).origin + path);
    await page.getByLabel("API key of the provider").fill(goodCredential);
    await page.getByRole("button", { name: "Add and test provider" }).click();
    await expect(page.getByRole("status").filter({ hasText: /answered in/ })).toBeVisible();
    await shoot(page, `provider-${preset}-tested`);
    await page.goto("/models");
    await shoot(page, `models-of-${preset}`);
  });
}

test("clients are set up", async ({ page }) => {
  await page.goto("/keys");
  const section = page.getByRole("region", { name: "Connect a client" });
  const words = await section.getByRole("radio").evaluateAll((all) => all.map((one) => one.parentElement?.textContent?.trim() ?? ""));
  for (const [at] of words.entries()) {
    await section.getByRole("radio").nth(at).check({ force: true });
    await shoot(page, `client-${at}`);
  }
});

test("files, a call of a tool and thoughts in the playground", async ({ page, hub }) => {
  const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");
  const answer = page.getByRole("article", { name: "Answer" }).last();
  const wide = async () => page.setViewportSize({ width: 1280, height: 900 });
  const ask = async (text: string) => {
    await wide();
    await page.getByRole("textbox", { name: "Message" }).fill(text);
    await page.getByRole("button", { name: "Send", exact: true }).click();
  };
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await page.getByLabel(/^Attach images/).setInputFiles([
    { name: "dot.png", mimeType: "image/png", buffer: dot },
    { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes") },
  ]);
  await shoot(page, "playground-files-waiting");
  await ask("What do these show?");
  await expect(answer).toHaveAttribute("aria-busy", "false");
  await shoot(page, "playground-files-sent");
  await wide();
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const settings = page.getByRole("complementary", { name: "Settings" });
  await settings.getByText("Tools", { exact: true }).click();
  await settings.getByRole("button", { name: "Insert an example" }).click();
  await ask("How is the weather?");
  await expect(answer.getByRole("region", { name: "Call of get_weather" })).toBeVisible();
  await shoot(page, "playground-tool-called");
  const provider = await Handmade.start();
  await provider.open(page, hub, "deep");
  await ask("Seven times six?");
  const answering = await provider.question();
  answering.think("Seven ", "times ", "six ", "is ", "forty-two.");
  await expect(answer.getByText("Seven times six is forty-two.")).toBeVisible();
  await shoot(page, "playground-thinking");
  await wide();
  answering.say({ content: "The answer is 42." });
  answering.end();
  await expect(answer).toContainText("The answer is 42.");
  await answer.getByText("Thoughts", { exact: true }).click();
  await shoot(page, "playground-thoughts");
  await provider.stop();
});

test("the price of a model that draws", async ({ page, hub, house }) => {
  await hub.command(["model", "add", "--provider", "atlas", "--name", "dall-e-3"]);
  await hub.knows(house.equipment.key.secret, "atlas/dall-e-3");
  await page.goto("/models?q=dall-e-3");
  await page.getByRole("link", { name: "No price" }).click();
  await page.getByLabel("Image 1024x1024 standard: cost", { exact: true }).fill("0.04");
  await page.getByLabel("Margin on cost").fill("25");
  await shoot(page, "price-of-pictures");
});
