// What goes with a message and what comes beside an answer: files chosen, pasted and dropped; tools that are called and
// answered; thoughts as they come.
import type { Locator, Page } from "@playwright/test";
import { Handmade } from "./support/handmade.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
const picture = (name: string) => ({ name, mimeType: "image/png", buffer: dot });
const notes = { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Notes\n\nThe gate is open.") };

const answer = (page: Page): Locator => page.getByRole("article", { name: "Answer" }).last();
const attach = (page: Page): Locator => page.getByLabel(/^Attach images, PDFs/);
const waiting = (page: Page): Locator => page.locator(".composer").getByRole("list", { name: "Files" });

async function send(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expect(answer(page)).toHaveAttribute("aria-busy", "false");
}

/** Lets go files over the page, or pastes them, as a person would. */
async function bring(page: Page, how: "drop" | "paste", name: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).evaluate(
    (field, { how, name, bytes }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
      const event =
        how === "drop"
          ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
          : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
      field.dispatchEvent(event);
    },
    { how, name, bytes: [...dot] },
  );
}

test("files go along with a message, and can be taken off before", async ({ page, upstream }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await attach(page).setInputFiles([picture("dot.png"), notes]);
  await expect(waiting(page).getByRole("listitem")).toHaveText([/dot\.png/, /notes\.md/]);
  await expect(waiting(page).locator("img")).toHaveAttribute("src", /^data:image\/png;base64,/);
  await waiting(page).getByRole("button", { name: "Remove dot.png" }).click();
  await expect(waiting(page).getByRole("listitem")).toHaveCount(1);
  await bring(page, "paste", "pasted.png");
  await bring(page, "drop", "dropped.png");
  await expect(waiting(page).getByRole("listitem")).toHaveCount(3);
  await send(page, "What do these show?");
  await expect(waiting(page)).toHaveCount(0);
  await expect(answer(page)).toContainText("The gate is open. What do these show? I see 2 images.");
  await expect(page.getByRole("article", { name: "Your message" }).getByRole("list", { name: "Files" }).getByRole("listitem")).toHaveCount(3);
  const [seen] = await upstream.chats("What do these show");
  const { messages } = JSON.parse(seen?.body ?? "{}") as { messages: Array<{ content: Array<{ type: string; image_url?: { url: string } }> }> };
  expect(messages[0]?.content.map((part) => part.type)).toEqual(["text", "image_url", "image_url", "text"]);
  expect(messages[0]?.content[1]?.image_url?.url).toBe(`data:image/png;base64,${dot.toString("base64")}`);
  // They stay part of the conversation.
  await send(page, "And once more?");
  await expect(answer(page)).toContainText("I see 2 images.");
});

test("what cannot go along is refused in words", async ({ page }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const refused = page.locator(".composer").getByRole("alert");
  await attach(page).setInputFiles({ name: "big.png", mimeType: "image/png", buffer: Buffer.alloc(7 * 1024 * 1024) });
  await expect(refused).toHaveText("“big.png” is too large: 6.3 MB at the most.");
  await attach(page).setInputFiles({ name: "a.zip", mimeType: "application/zip", buffer: Buffer.from("PK") });
  await expect(refused).toContainText("“a.zip” is no image, PDF, sound or text");
  const large = (name: string) => ({ name, mimeType: "image/png", buffer: Buffer.alloc(5 * 1024 * 1024) });
  await attach(page).setInputFiles([large("1.png"), large("2.png"), large("3.png")]);
  await expect(refused).toContainText("all files of a conversation together");
  await expect(waiting(page).getByRole("listitem")).toHaveCount(2);
});

test("a file that the chosen model does not read is warned about, and goes along all the same", async ({ page, hub, upstream }) => {
  const models = ["gpt-3.5-turbo", "gpt-4-turbo", "mystery"].flatMap((name) => ["--model", name]);
  await hub.command(["provider", "add", "--kind", "openai-compatible", "--name", "plain", "--base-url", upstream.baseUrl, ...models]);
  const choose = (model: string) => page.getByRole("combobox", { name: "Model" }).selectOption(model);
  await expect(async () => {
    await page.goto("/playground?model=plain/gpt-3.5-turbo");
    await expect(page.getByRole("combobox", { name: "Model" })).toHaveValue("plain/gpt-3.5-turbo", { timeout: 500 });
    // The hub may have looked while the models were still being added.
    await expect(page.getByRole("option", { name: "plain/mystery" })).toBeAttached({ timeout: 500 });
  }).toPass();
  const warning = page.locator(".composer").getByRole("status");
  await attach(page).setInputFiles([notes]);
  await expect(waiting(page).getByRole("listitem")).toHaveCount(1);
  await expect(warning).toBeEmpty();
  const pdf = { name: "plan.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") };
  await attach(page).setInputFiles([picture("dot.png"), pdf]);
  await expect(warning).toContainText("plain/gpt-3.5-turbo reads no images and no PDFs");
  await choose("plain/gpt-4-turbo");
  await expect(warning).toContainText("plain/gpt-4-turbo reads no PDFs");
  await choose("plain/mystery");
  await expect(warning).toBeEmpty();
  await waiting(page).getByRole("button", { name: "Remove plan.pdf" }).click();
  await choose("atlas/gpt-4o-mini");
  await send(page, "What is this?");
  await expect(answer(page)).toContainText("I see 1 image");
  await expect(warning).toBeEmpty();
  // It goes along with the next question too.
  await choose("plain/gpt-3.5-turbo");
  await expect(warning).toContainText("plain/gpt-3.5-turbo reads no images, as far as is known");
  await page.getByRole("button", { name: "New conversation" }).click();
  await expect(warning).toBeEmpty();
});

test("a question takes as much along as was promised", async ({ page }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const large = (name: string) => ({ name, mimeType: "image/png", buffer: Buffer.alloc(5_900_000, 7) });
  await attach(page).setInputFiles([large("1.png"), large("2.png")]);
  await expect(waiting(page).getByRole("listitem")).toHaveCount(2);
  await send(page, "How large?");
  await expect(answer(page)).toContainText("I see 2 images.");
});

test("tools are offered, called and answered", async ({ page, upstream }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const settings = page.getByRole("complementary", { name: "Settings" });
  await settings.getByText("Tools", { exact: true }).click();
  await settings.getByLabel("Tools as JSON").fill("{}");
  await expect(settings.getByText("A JSON list in which each tool has a name.")).toBeVisible();
  await page.getByRole("textbox", { name: "Message" }).fill("How is the weather?");
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await settings.getByRole("button", { name: "Insert an example" }).click();
  await send(page, "How is the weather?");
  const call = answer(page).getByRole("region", { name: "Call of get_weather" });
  await expect(call.getByLabel("Arguments")).toContainText('"city":');
  await expect(answer(page)).not.toContainText("The model sent no text.");
  await call.getByLabel("Result").fill("21 degrees and clear");
  await answer(page).getByRole("button", { name: "Send results" }).click();
  await expect(answer(page)).toContainText("The tools said: 21 degrees and clear");
  await expect(page.getByRole("article", { name: "Your message" })).toHaveCount(1);
  const chats = await upstream.chats("How is the weather");
  const { messages } = JSON.parse(chats.at(-1)?.body ?? "{}") as { messages: Array<Record<string, unknown>> };
  expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "tool"]);
  expect(messages[2]?.tool_call_id).toBe((messages[1]?.tool_calls as Array<{ id: string }>)[0]?.id);
});

test("thoughts are shown as they come, and folded away by the answer", async ({ page, hub }) => {
  const provider = await Handmade.start();
  try {
    await provider.open(page, hub, "deep");
    await page.getByRole("textbox", { name: "Message" }).fill("Seven times six?");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const answering = await provider.question();
    answering.think("Seven ", "times ", "six ", "is ", "forty-two.");
    await expect(answer(page).getByText("Seven times six is forty-two.")).toBeVisible();
    await expect(answer(page).getByText("Thinking", { exact: true })).toBeVisible();
    answering.say({ content: "The answer is 42." });
    answering.end();
    await expect(answer(page)).toContainText("The answer is 42.");
    await expect(answer(page).getByText("Seven times six is forty-two.")).toBeHidden();
    await answer(page).getByText("Thoughts", { exact: true }).click();
    await expect(answer(page).getByText("Seven times six is forty-two.")).toBeVisible();
  } finally {
    await provider.stop();
  }
});
