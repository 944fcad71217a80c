// The playground both ways: streamed by its island, or as a plain form where no scripts run. What else the island does is in
// `playground.island.spec.ts`.
import type { Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

async function ask(page: Page, scripts: boolean, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: scripts ? "Send" : "Ask the model" }).click();
}

test("a question is answered, with tokens and times, and stands in the log", async ({ page, javaScriptEnabled }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await ask(page, javaScriptEnabled !== false, "Hello <b>playground</b>");
  const chat = page.getByRole("main").locator("article");
  await expect(chat.filter({ visible: true }).last()).toContainText("You said: Hello <b>playground</b>");
  await expect(chat.filter({ visible: true }).last()).toContainText("atlas/gpt-4o-mini");
  await expect(page.locator(".metrics").filter({ visible: true })).toContainText(/in all.*[1-9]\d* in, [1-9]\d* out/);
  const address = await page.getByRole("link", { name: "Open the call in the log" }).getAttribute("href");
  await page.goto(address ?? "");
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("Playground");
  await expect(page.getByRole("region", { name: "Consumption" })).toContainText("exact, by the provider");
});

test("who goes elsewhere before the answer stops the call at the provider", async ({ page, upstream, javaScriptEnabled }) => {
  const scripts = javaScriptEnabled !== false;
  await page.goto("/playground?model=atlas/fault-stall-before");
  await page.getByRole("textbox", { name: "Message" }).fill("given up at once");
  await page.getByRole("button", { name: scripts ? "Send" : "Ask the model" }).click({ noWaitAfter: true });
  await expect.poll(async () => (await upstream.chats("given up")).length).toBeGreaterThan(0);
  await page.goto("/keys");
  await expect.poll(async () => (await upstream.chats("given up")).map((chat) => chat.ended?.outcome)).toEqual(["disconnected"]);
});

test("a failed answer says why", async ({ page, javaScriptEnabled }) => {
  await page.goto("/playground?model=atlas/fault-500");
  await ask(page, javaScriptEnabled !== false, "Hello");
  await expect(page.getByRole("alert").filter({ visible: true })).toContainText("The provider failed. Try again, or use another model for now.");
});

test("what was said is gone with the page", async ({ page, javaScriptEnabled }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await ask(page, javaScriptEnabled !== false, "Keep this to yourself");
  await expect(page.getByText("You said: Keep this to yourself").filter({ visible: true })).toBeVisible();
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await expect(page.getByText("Keep this to yourself")).toHaveCount(0);
});
