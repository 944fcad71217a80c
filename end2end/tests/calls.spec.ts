// The log of calls: filters, pages and the open row live in the address.
import { expect, test, type Page } from "./support/test.ts";

test("filters stand in the address and survive a reload", async ({ page }) => {
  await page.goto("/calls");
  const rows = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await page.getByLabel("Part of the model's name").fill("gpt-4o");
  await page.getByLabel("State", { exact: true }).selectOption({ label: "Succeeded" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/model=gpt-4o/);
  await expect(page).toHaveURL(/state=succeeded/);
  await expect(rows).toHaveCount(2);
  await page.reload();
  await expect(rows).toHaveCount(2);
  await expect(page.getByLabel("Part of the model's name")).toHaveValue("gpt-4o");
  // What was left empty is not in the address.
  await expect(page).not.toHaveURL(/=(&|$)/);
  await page.getByLabel("Range").selectOption({ label: "Last 7 days" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/range=7d/);
  await expect(page).toHaveURL(/model=gpt-4o/);
  await expect(rows).toHaveCount(2);
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(rows).toHaveCount(33);
});

test("dates are asked for when they are wanted, and seldom filters are folded away", async ({ page, house }) => {
  await page.goto("/calls");
  const from = page.getByLabel("From, UTC");
  await expect(from).toBeHidden();
  await page.getByLabel("Range").selectOption({ label: "From – until" });
  await expect(from).toBeVisible();
  await from.fill("2020-01-01T00:00");
  await page.getByLabel("Until, UTC").fill("2020-02-01T00:00");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/range=custom&from=2020-01-01T00%3A00&until=2020-02-01T00%3A00$/);
  await expect(page.getByRole("heading", { name: "No call matches" })).toBeVisible();
  await page.getByRole("link", { name: "Search all time" }).click();

  const provider = page.getByLabel("Provider", { exact: true });
  await expect(provider).toBeHidden();
  await page.locator("summary").filter({ hasText: "More" }).click();
  await provider.selectOption({ label: "Atlas Inference" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(new RegExp(`provider=${house.things.providers.working}`));
  await expect(page.getByRole("table", { name: "Calls" }).locator("tbody tr")).toHaveCount(5);
  // What counts is not hidden.
  await expect(provider).toBeVisible();
});

test("one address holds five filters, the range, the size and the open row, elsewhere too", async ({ page, browser, house, hub, javaScriptEnabled }) => {
  const { providers, calls, users } = house.things;
  const address = `/calls?range=30d&state=succeeded&model=gpt&provider=${providers.working}&user=${users.admin}&endpoint=chat&size=25&open=${calls.streamed}`;
  const rows = (page: Page) => page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await page.goto(address);
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole("complementary")).toContainText(calls.streamed);
  const texts = await rows(page).locator("td:first-child").allTextContents();
  await page.reload();
  await expect(rows(page).locator("td:first-child")).toHaveText(texts);
  await expect(page.getByRole("complementary")).toContainText(calls.streamed);
  const other = await browser.newContext({ storageState: await house.state("admin"), baseURL: hub.url, javaScriptEnabled });
  const elsewhere = await other.newPage();
  await elsewhere.goto(page.url());
  await expect(rows(elsewhere).locator("td:first-child")).toHaveText(texts);
  await expect(elsewhere.getByRole("complementary")).toContainText(calls.streamed);
  await other.close();
});

test("Back closes the open row, and then gives back the filters before", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 500 });
  await page.goto("/calls?range=7d");
  await page.goto("/calls?range=7d&state=succeeded");
  const rows = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await rows.nth(14).scrollIntoViewIfNeeded();
  await rows.nth(14).getByRole("link").first().click();
  await expect(page.getByRole("complementary")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("complementary")).toHaveCount(0);
  // The list stands where it stood.
  await expect(rows.nth(14)).toBeInViewport();
  await page.goBack();
  await expect(page.getByLabel("State", { exact: true })).toHaveValue("");
  await expect(page.getByLabel("Range")).toHaveValue("7d");
});

test("the size of a page is a link away", async ({ page }) => {
  await page.goto("/calls");
  const sizes = page.getByRole("navigation", { name: "Rows a page" });
  await expect(sizes.getByRole("link", { name: "50" })).toHaveAttribute("aria-current", "true");
  await sizes.getByRole("link", { name: "25" }).click();
  await expect(page).toHaveURL(/size=25/);
  await expect(page.getByRole("table", { name: "Calls" }).locator("tbody tr")).toHaveCount(25);
  await page.getByLabel("Range").selectOption({ label: "All time" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/size=25/);
});

test("a row opens beside the list, and its neighbours are a link away", async ({ page, house }) => {
  await page.goto("/calls?model=gpt-4o");
  const rows = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await rows.nth(1).getByRole("link").click();
  await expect(page).toHaveURL(/model=gpt-4o.*open=call_/);
  const peek = page.getByRole("complementary");
  const first = await peek.getByRole("heading", { level: 2 }).textContent();
  await expect(rows.nth(1)).toHaveAttribute("aria-current", "true");
  await page.reload();
  await expect(peek.getByRole("heading", { level: 2 })).toHaveText(first ?? "");
  await peek.getByRole("link", { name: "Older call" }).click();
  await expect(rows.nth(2)).toHaveAttribute("aria-current", "true");
  await peek.getByRole("link", { name: "Newer call" }).click();
  await expect(peek.getByRole("heading", { level: 2 })).toHaveText(first ?? "");
  await peek.getByRole("link", { name: "Close" }).click();
  await expect(peek).toHaveCount(0);
  await expect(page).toHaveURL(/model=gpt-4o/);
});

test("pages follow each other and come back", async ({ page }) => {
  await page.goto("/calls?size=25");
  const rows = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await expect(rows).toHaveCount(25);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(8);
  await expect(page.getByRole("link", { name: "Older" })).toHaveCount(0);
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows).toHaveCount(25);
});

test("a failed call says whose fault it was and what to do", async ({ page, house }) => {
  await page.goto(`/calls/${house.things.calls.failed}`);
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("The provider failed.");
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("Try again, or use another model for now.");
  await page.goto("/calls?model=gpt-5-mini");
  await page.getByRole("table", { name: "Calls" }).locator("tbody a").first().click();
  await expect(page.getByRole("complementary")).toContainText("The hub's set-up for this provider does not work.");
  await page.goto(`/providers/${house.things.providers.failing}`);
  await expect(page.getByRole("alert")).toContainText("Incorrect API key provided");
  await expect(page.locator("body")).not.toContainText("sk-wrong-credential");
});
