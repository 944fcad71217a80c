// Settings: every value with its source, a search, and a change that is looked at before it is made.
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned" });
test.describe.configure({ mode: "serial" });

test("each value says where it comes from and what sets it", async ({ page, hub }) => {
  await page.goto("/settings");
  const row = (title: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
  await expect(row("Mode")).toContainText("Enterprise");
  await expect(row("Mode")).toContainText("Source: Default");
  await expect(row("Listen address")).toContainText("HUB_LISTEN, in the file listen");
  await expect(row("Listen address")).toContainText("Source: Environment HUB_LISTEN");
  await expect(row("Public address")).toContainText(hub.url);
  await expect(row("Log level")).toContainText("warn");
  await expect(row("Largest request")).toContainText("32MB");
  // The secret one is named and never shown, and what only the start sets has no button.
  await expect(row("Master key")).toContainText("master.key");
  await expect(row("Listen address").getByRole("link")).toHaveCount(0);
  await expect(page.getByRole("link", { name: /^Change / })).toHaveCount(7);
});

test("the search works by a visit", async ({ page }) => {
  await page.goto("/settings?q=hub_log");
  await expect(page.getByRole("heading", { level: 3 })).toHaveText(["Log level", "Log format"]);
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["Server"]);
  await page.getByRole("searchbox", { name: "Search settings" }).fill("no such thing at all");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("heading", { name: "No setting like that" })).toBeVisible();
  await page.getByRole("link", { name: "Show all settings" }).click();
  await expect(page.getByRole("heading", { name: "Mode" })).toBeVisible();
});

test("a change is shown with its meaning before it is made, and stands in the audit", async ({ page }) => {
  await page.goto("/settings");
  await page.getByRole("link", { name: "Change Starter credit" }).click();
  await page.getByRole("textbox", { name: "New value" }).fill("-1");
  await page.getByRole("button", { name: "Look at the change" }).click();
  const field = page.getByRole("textbox", { name: "New value" });
  await expect(field).toHaveValue("-1");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(`[id="${await field.getAttribute("aria-describedby")}"]`)).toContainText("not below zero");
  await page.getByRole("textbox", { name: "New value" }).fill("0");
  await page.getByRole("button", { name: "Look at the change" }).click();
  await expect(page.getByText("It has this value already")).toBeVisible();
  await page.getByRole("textbox", { name: "New value" }).fill("2.5");
  await page.getByRole("button", { name: "Look at the change" }).click();
  const preview = page.getByRole("region", { name: "This will change" });
  await expect(preview.locator("del")).toHaveText("0.00");
  await expect(preview.locator("ins")).toHaveText("2.50");
  await expect(preview).toContainText("People who come from now on get 2.50 credits.");
  // Looking changes nothing.
  await page.goto("/settings?q=starter-credit");
  await expect(page.getByRole("listitem").filter({ visible: true })).toContainText("0.00");
  await page.goBack();
  await preview.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("Starter credit is now: 2.50.")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "starter-credit" })).toContainText("Source: Saved");
  await page.goto("/audit?action=setting");
  await page.getByRole("main").locator("tbody a").first().click();
  await expect(page.getByRole("complementary").locator("del")).toHaveText("0.00");
  await expect(page.getByRole("complementary").locator("ins")).toHaveText("2.50");
});

test("a page from before somebody else's change changes nothing", async ({ page, hub }) => {
  await page.goto("/settings/change/hold-output-tokens?to=100");
  await expect(page.locator("del")).toHaveText("2048");
  await hub.command(["settings", "set", "hold-output-tokens", "300"]);
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("alert")).toContainText("Somebody has changed this setting in the meantime");
  // What stands there now is what would be changed.
  await expect(page.locator("del")).toHaveText("300");
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByText("Tokens held for an answer is now: 100.")).toBeVisible();
});

test("what would lock everybody out is refused where it was asked for", async ({ page }) => {
  await page.goto("/settings/change/local-passwords?to=off");
  await expect(page.getByText("Nobody can sign in by password any more, admins included.")).toBeVisible();
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto("/settings?q=local-passwords");
  await expect(page.getByRole("listitem").filter({ visible: true })).toContainText("On");
});
