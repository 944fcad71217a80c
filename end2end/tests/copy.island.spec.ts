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
