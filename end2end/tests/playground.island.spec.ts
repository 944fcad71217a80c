// The playground's island: streaming, Stop, retry, copy, settings, following the answer.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

const answer = (page: Page): Locator => page.getByRole("article", { name: "Answer" }).last();

async function open(page: Page, model: string): Promise<void> {
  await page.goto(`/playground?model=${model}`);
}

async function send(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

async function over(page: Page): Promise<void> {
  await expect(answer(page)).toHaveAttribute("aria-busy", "false");
}

test("an answer comes word by word", async ({ page }) => {
  await open(page, "atlas/slow-writer");
  await send(page, "write 40 words for me");
  await expect(answer(page)).toContainText("word3");
  await expect(answer(page)).not.toContainText("word40");
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await expect(answer(page)).toContainText("word40");
  await over(page);
  await expect(page.getByRole("button", { name: "Send" })).toBeVisible();
  await expect(answer(page).locator(".metrics")).toContainText("first token");
});

test("Stop stops the call at the provider, keeps what came, and the log says so", async ({ page, upstream }) => {
  await open(page, "atlas/slow-writer");
  await send(page, "write 400 words, to be stopped");
  await expect(answer(page)).toContainText("word5");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(answer(page)).toContainText("Stopped by you. What had come is kept.");
  await expect(answer(page)).toContainText("word5");
  await expect.poll(async () => (await upstream.chats("to be stopped"))[0]?.ended?.outcome).toBe("disconnected");
  expect((await upstream.chats("to be stopped"))[0]?.ended?.after_ms).toBeLessThan(11_000);

  const address = await answer(page).getByRole("link", { name: "Open the call in the log" }).getAttribute("href");
  await page.goto(address ?? "");
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("stopped");
  await expect(page.getByRole("region", { name: "Consumption" })).toContainText("estimated by the hub");
});

test("Stop works before the first word", async ({ page, upstream }) => {
  await open(page, "atlas/fault-stall-before");
  await send(page, "stalled before anything");
  await expect.poll(async () => (await upstream.chats("stalled before")).length).toBe(1);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(answer(page)).toContainText("Stopped by you.");
  await expect.poll(async () => (await upstream.chats("stalled before"))[0]?.ended?.outcome).toBe("disconnected");
});

test("leaving the page stops the call too", async ({ page, upstream }) => {
  await open(page, "atlas/slow-writer");
  await send(page, "write 400 words to nobody");
  await expect(answer(page)).toContainText("word3");
  await page.goto("/keys");
  await expect.poll(async () => (await upstream.chats("to nobody"))[0]?.ended?.outcome).toBe("disconnected");
});

test("a failed answer can be tried again, with another model", async ({ page, upstream }) => {
  await upstream.fault("503", { model: "gpt-4o-mini" });
  await open(page, "atlas/gpt-4o-mini");
  await send(page, "Please answer");
  await expect(answer(page).getByRole("alert")).toContainText("The provider failed.");
  await upstream.heal();
  await answer(page).getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await expect(answer(page)).toContainText("You said: Please answer");
  await expect(answer(page).getByRole("alert")).toHaveCount(0);
  await page.getByRole("combobox", { name: "Model" }).selectOption("atlas/gpt-4o");
  await answer(page).getByRole("button", { name: "Try again" }).click();
  await over(page);
  await expect(answer(page)).toContainText("atlas/gpt-4o");
  await expect(page.getByRole("article", { name: "Answer" })).toHaveCount(1);
});

test("an answer that breaks off keeps what came and says so", async ({ page }) => {
  await open(page, "atlas/fault-cut-mid");
  await send(page, "write 30 words");
  await expect(answer(page).getByRole("alert")).toContainText("The provider failed.");
  await expect(answer(page)).toContainText("word1");
});

test("the conversation goes along, the system prompt first, and a new one begins empty", async ({ page, upstream }) => {
  await open(page, "atlas/gpt-4o-mini");
  await page.getByLabel("System prompt").filter({ visible: true }).fill("Be brief, marker-7731.");
  await page.getByLabel("Temperature").fill("0.5");
  await page.getByLabel("Longest answer").fill("50");
  await send(page, "First question");
  await over(page);
  await send(page, "Second question");
  await expect(answer(page)).toContainText("You said: Second question");
  await over(page);
  const seen = (await upstream.chats("marker-7731")).map((chat) => JSON.parse(chat.body) as Record<string, unknown>);
  expect(seen).toHaveLength(2);
  expect(seen[1]).toMatchObject({
    temperature: 0.5,
    max_tokens: 50,
    stream: true,
    messages: [
      { role: "system", content: "Be brief, marker-7731." },
      { role: "user", content: "First question" },
      { role: "assistant", content: "You said: First question" },
      { role: "user", content: "Second question" },
    ],
  });
  await page.getByRole("button", { name: "New conversation" }).click();
  await expect(page.getByRole("article")).toHaveCount(0);
  await expect(page.getByText("Ask a model something")).toBeVisible();
});

test("settings that cannot be sent are pointed out", async ({ page }) => {
  await open(page, "atlas/gpt-4o-mini");
  await page.getByRole("textbox", { name: "Message" }).fill("Hello");
  await page.getByLabel("Temperature").fill("9");
  await expect(page.getByText("A number from 0 to 2, such as 0.7.")).toBeVisible();
  await expect(page.getByLabel("Temperature")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
  await page.getByLabel("Temperature").fill("");
  await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
});

test("Ctrl and Enter send; an idea fills the message", async ({ page }) => {
  await open(page, "atlas/gpt-4o-mini");
  await page.getByRole("button", { name: /^Explain how HTTP streaming works/ }).click();
  const message = page.getByRole("textbox", { name: "Message" });
  await expect(message).toHaveValue(/^Explain how HTTP/);
  await message.press("Control+Enter");
  await expect(answer(page)).toContainText("You said: Explain how HTTP streaming works");
  await expect(message).toHaveValue("");
});

test("answers and code are copied as they were written", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "atlas/gpt-4o-mini");
  await send(page, "\n\n```rust\nlet x = \"<b>\";\n```\n\n**bold**");
  await over(page);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await answer(page).getByRole("button", { name: "Copy code" }).click();
  await expect.poll(clipboard).toBe('let x = "<b>";');
  await answer(page).getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(clipboard).toBe("You said: \n\n```rust\nlet x = \"<b>\";\n```\n\n**bold**");
});

test("the page follows the answer until the reader scrolls up, and again when asked to", async ({ page }) => {
  await page.setViewportSize({ width: 900, height: 420 });
  await open(page, "atlas/slow-writer");
  await send(page, "write 600 words\n\n" + "a line of the question\n\n".repeat(20));
  const toEnd = () => page.evaluate(() => document.documentElement.scrollHeight - window.scrollY - window.innerHeight);
  await expect(answer(page)).toContainText("word10");
  await expect.poll(toEnd).toBeLessThan(64);
  await page.mouse.move(300, 150);
  await page.mouse.wheel(0, -500);
  const jump = page.getByRole("button", { name: "Jump to latest" });
  await expect(jump).toBeVisible();
  const stayed = await page.evaluate(() => window.scrollY);
  const words = async () => (await answer(page).textContent())?.match(/word\d+/g)?.length ?? 0;
  const before = await words();
  await expect.poll(words).toBeGreaterThan(before + 10);
  expect(await page.evaluate(() => window.scrollY)).toBe(stayed);
  await jump.click();
  await expect.poll(toEnd).toBeLessThan(64);
  await expect(jump).toHaveCount(0);
  await page.getByRole("button", { name: "Stop" }).click();
  await over(page);
});
