// The list of changes: narrowed by what, by whom, to what and when, in pages, all of it in the address.
import { expect, test } from "./support/test.ts";

test.use({ alone: true });

test("changes are found by actor, action, subject and time", async ({ page }) => {
  await page.goto("/audit");
  const rows = page.getByRole("table", { name: "Changes" }).locator("tbody tr");
  await expect(rows.filter({ hasText: "API key revoked" })).toHaveCount(1);

  await page.getByLabel("Action").selectOption({ label: "API keys: everything" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/\?range=all&action=key$/);
  await expect(rows).toHaveCount(6);
  await page.getByLabel("Action").selectOption({ label: "API key made" });
  await page.getByLabel("Name or id of what was changed").fill("OLD laptop");
  await page.getByLabel("Who did it").fill("command line");
  await page.getByLabel("Range").selectOption({ label: "Last hour" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("old laptop");
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel("Who did it")).toHaveValue("command line");

  await page.getByLabel("Who did it").fill("ada@");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("heading", { name: "No change matches" })).toBeVisible();
  await page.getByRole("main").getByRole("link", { name: "Clear filters" }).last().click();
  await expect(page).toHaveURL(/\/audit\?range=1h$/);
  await expect(rows.first()).toBeVisible();
});

test("an id finds everything about its thing", async ({ page, house }) => {
  await page.goto(`/audit?subject=${house.things.revoked.id}`);
  const rows = page.getByRole("table", { name: "Changes" }).locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await rows.first().getByRole("link").click();
  await expect(page).toHaveURL(/subject=key_\w+&open=/);
  const peek = page.getByRole("complementary");
  await expect(peek.getByRole("heading", { name: "API key revoked" })).toBeVisible();
  await peek.getByRole("link", { name: "Older change" }).click();
  await expect(peek.getByRole("heading", { name: "API key made" })).toBeVisible();
  // What was made was nothing before.
  await expect(peek.getByRole("columnheader", { name: "Before" })).toHaveCount(0);
  await peek.getByRole("link", { name: "Newer change" }).click();
  await expect(peek.getByRole("heading", { name: "API key revoked" })).toBeVisible();
});

test("pages of changes follow each other within the filters", async ({ page, hub }) => {
  for (let number = 1; number <= 27; number += 1) await hub.command(["key", "create", "--user", "moss@example.com", "--name", `bulk ${number}`]);
  await page.goto("/audit?subject=bulk&size=25");
  const rows = page.getByRole("table", { name: "Changes" }).locator("tbody tr");
  await expect(rows).toHaveCount(25);
  await expect(rows.first()).toContainText("bulk 27");
  await expect(page.getByText("25 of 27 changes")).toBeVisible();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toContainText("bulk 1");
  await page.getByRole("link", { name: "Newer" }).click();
  await expect(rows).toHaveCount(25);
});
