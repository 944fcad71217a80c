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

test("where the clipboard is closed, the text is selected for the person to copy", async ({ page }) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("no"));
  });
  const secret = await createKey(page, "selected");
  await page.locator(".secret").getByRole("button", { name: "Copy" }).click();
  const chosen = () =>
    page.evaluate(() => {
      const field = document.activeElement as HTMLInputElement;
      return field.value?.slice(field.selectionStart ?? 0, field.selectionEnd ?? 0);
    });
  await expect.poll(chosen).toBe(secret);
  await page.locator(".code").first().getByRole("button", { name: "Copy" }).click();
  await expect.poll(() => page.evaluate(() => getSelection()?.toString())).toContain("/v1/chat/completions");
});
