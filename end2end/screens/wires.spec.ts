// What the dialects and wires brought to the pages: kinds of providers, a converted call, a program that asks for a key.
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
