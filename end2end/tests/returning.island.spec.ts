// Back leads to a page as it was left: where it stood, and with the focus on the link that was followed. (`ux.md` E9)
import { expect, test } from "./support/test.ts";

test("Back closes the open row, and focus and scroll are where they were", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.goto("/calls?range=7d");
  await page.goto("/calls?range=7d&state=succeeded");
  const links = page.getByRole("table", { name: "Calls" }).locator("tbody .row-link");
  await links.nth(14).focus();
  const stood = await page.evaluate(() => scrollY);
  expect(stood).toBeGreaterThan(0);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("complementary")).toHaveCount(0);
  await expect(links.nth(14)).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(stood);
  // Forth again, and Back from a page of its own.
  await page.goForward();
  await page.getByRole("link", { name: "All details" }).click();
  await expect(page.getByRole("heading", { name: "Call", level: 1 })).toBeVisible();
  await page.goBack();
  await page.goBack();
  await expect(links.nth(14)).toBeFocused();
  await page.goBack();
  await expect(page.getByLabel("State", { exact: true })).toHaveValue("");
  await expect(page.locator("body")).toBeFocused();
});
