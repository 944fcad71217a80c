// The search of the settings with each letter that is typed.
import { expect, test } from "./support/test.ts";

test("typing narrows the page at once, without a visit", async ({ page }) => {
  await page.goto("/settings");
  const visits: string[] = [];
  // A sign that is drawn for the first time is no visit.
  page.on("request", (request) => !request.url().endsWith(".svg") && visits.push(request.url()));
  const titles = page.getByRole("heading", { level: 3 });
  const field = page.getByRole("searchbox", { name: "Search settings" });
  await expect(titles.first()).toBeVisible();
  const all = await titles.count();
  await expect(async () => {
    await field.fill("");
    await field.fill("credit star");
    await expect(titles).toHaveText(["Starter credit", "Days that starter credit lives"], { timeout: 500 });
  }).toPass();
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["Credits and money"]);
  await expect(page.getByRole("status").filter({ hasText: "2 match" })).toBeAttached();
  await field.fill("nothing like this");
  await expect(page.getByRole("heading", { name: "No setting like that" })).toBeVisible();
  await field.fill("监听");
  await expect(titles).toHaveText(["Listen address"]);
  await field.fill("");
  await expect(page.getByRole("heading", { name: "No setting like that" })).toBeHidden();
  await expect(titles).toHaveCount(all);
  expect(visits).toEqual([]);
});
