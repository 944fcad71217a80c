// Settings, a change of one, the palette and the list of keys.
import { expect, test } from "../tests/support/test.ts";
import { everyLook, shoot } from "./pictures.ts";

test("settings and search", async ({ page }) => {
  for (const [name, path] of Object.entries({ settings: "/settings", setting: "/settings/change/mode", "setting-preview": "/settings/change/mode?to=service-provider", search: "/search?q=at" })) {
    await page.goto(path);
    await shoot(page, name, everyLook);
  }
});

test("the palette and the keys", async ({ page }) => {
  await page.goto("/keys");
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(page.locator("dialog.palette")).toBeVisible({ timeout: 500 });
  }).toPass();
  await shoot(page, "palette-empty", everyLook);
  await page.keyboard.type("gpt");
  await expect(page.getByRole("option").first()).toBeVisible();
  await shoot(page, "palette", everyLook);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await shoot(page, "shortcuts", everyLook);
});
