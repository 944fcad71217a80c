// The ways through the frame of a page: by the keyboard, and on a telephone.
import { expect, test } from "./support/test.ts";

test("the keyboard reaches the content first", async ({ page }) => {
  await page.goto("/calls");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("on a telephone the navigation opens and leads on", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  const navigation = page.getByRole("navigation", { name: "Main" });
  await expect(navigation).toBeHidden();
  await page.getByRole("button", { name: "Menu" }).click();
  await expect(navigation).toBeVisible();
  await navigation.getByRole("link", { name: "API keys" }).click();
  await expect(page).toHaveURL("/keys");
});
