// The copy buttons on pages that the server renders.
import { createKey } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

test("a new key and its snippets are copied whole", async ({ page, context, hub }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const secret = await createKey(page, "copied");
  await page.locator(".secret").getByRole("button", { name: "Copy" }).click();
  await expect.poll(clipboard).toBe(secret);
  await expect(page.locator(".secret").getByRole("button", { name: "Copied" })).toBeVisible();
  await page.locator(".code").first().getByRole("button", { name: "Copy" }).click();
  await expect.poll(clipboard).toContain(`curl ${hub.url}/v1/chat/completions`);
});

/** Ways in which a browser has no clipboard for us. They run within the page. */
const closed = {
  "refuses": () => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
  },
  "is not there, as on plain http": () => {
    Object.defineProperty(Navigator.prototype, "clipboard", { value: undefined });
  },
};

for (const [how, close] of Object.entries(closed)) test(`where the clipboard ${how}, the text is selected, and a hint says what to do`, async ({ page }) => {
  await page.addInitScript(close);
  const hint = page.getByRole("status").filter({ hasText: "Selected: copy it with Ctrl C or ⌘ C" });
  const secret = await createKey(page, "selected");
  await page.locator(".secret").getByRole("button", { name: "Copy" }).click();
  const chosen = () =>
    page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      return field.value?.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
    });
  await expect.poll(chosen).toBe(secret);
  await expect(hint).toBeVisible();
  await page.locator(".code").first().getByRole("button", { name: "Copy" }).click();
  const selected = () => page.evaluate(() => getSelection()?.toString());
  await expect.poll(selected).toContain("/v1/chat/completions");
  // Beside a name in a list, and beside what came after the page.
  await page.goto("/models?q=gpt-4o-mini");
  await page.getByRole("button", { name: "Copy atlas/gpt-4o-mini" }).click();
  await expect.poll(selected).toBe("atlas/gpt-4o-mini");
  await expect(hint).toBeVisible();
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  await page.getByRole("textbox", { name: "Message" }).fill("Copy me");
  await page.getByRole("button", { name: "Send" }).click();
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer).toHaveAttribute("aria-busy", "false");
  await answer.getByRole("button", { name: "Copy answer" }).click();
  await expect.poll(selected).toContain("You said: Copy me");
  await expect(hint).toBeVisible();
});
