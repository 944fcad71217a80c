// What another price would have made of the last 30 days, in both languages.
import { expect, test } from "../tests/support/test.ts";
import { shoot, twoLooks } from "./pictures.ts";

test.use({ stage: "furnished" });

test("the effect of a price", async ({ page, house }) => {
  const { priced, unpriced, belowCost } = house.things.models;
  await page.goto(`/prices/${priced}`);
  await page.getByLabel("Output: cost", { exact: true }).fill("12.5");
  await expect(page.getByRole("table", { name: /The last 30 days/ })).toBeVisible();
  await shoot(page, "price-effect");
  await page.getByLabel("Output: cost", { exact: true }).fill("");
  await expect(page.getByText("has no price in this version")).toBeVisible();
  await shoot(page, "price-effect-unpriced", twoLooks);
  await page.goto(`/prices/${belowCost}`);
  await page.getByLabel("Output: cost", { exact: true }).fill("2");
  await expect(page.getByText("had no calls to be charged in the last 30 days")).toBeVisible();
  await shoot(page, "price-effect-none", twoLooks);
  await page.context().addCookies([{ name: "hub_language", value: "zh-CN", url: house.hub.url }]);
  await page.goto(`/prices/${priced}`);
  await page.locator('[name="fields[cost-output]"]').fill("12.5");
  await expect(page.locator(".rates-effect table")).toBeVisible();
  await shoot(page, "price-effect-zh", twoLooks);
  expect(unpriced).toBeTruthy();
});
