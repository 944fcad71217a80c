// What the palette finds, as a page: for whoever runs no scripts, and for addresses that are shared.
import { people } from "./support/house.ts";
import { expect, test } from "./support/test.ts";

test("people, keys, models, providers, pages and a call are found", async ({ page, house }) => {
  const { calls, users, key } = house.things;
  const titles = page.getByRole("main").getByRole("listitem").getByRole("link");
  await page.goto("/search?q=moss");
  await expect(titles).toHaveText([people.member.email]);
  await titles.click();
  await expect(page).toHaveURL(`/users/${users.member}`);
  await page.goto("/search?q=STAGING");
  await expect(page.getByRole("listitem").filter({ hasText: key.name })).toContainText(people.admin.email);
  await page.goto("/search?q=gpt-4o-mini");
  await expect(titles).toContainText(["atlas/gpt-4o-mini"]);
  await page.goto(`/search?q=${calls.members}`);
  await expect(titles).toHaveText([calls.members]);
  await page.goto("/search?q=prov");
  await expect(page.getByRole("region", { name: "Pages" }).getByRole("link")).toHaveText(["Providers"]);
  await page.goto("/search?q=" + encodeURIComponent("提供商"));
  await expect(page.getByRole("region", { name: "Pages" }).getByRole("link")).toHaveText(["Providers"]);
});

test("the signs of a pattern are letters", async ({ page }) => {
  for (const words of ["%", "%%%", "mo_s", "a%a", "\\"]) {
    await page.goto(`/search?q=${encodeURIComponent(words)}`);
    await expect(page.getByRole("heading", { name: `Nothing is called “${words}”` }), words).toBeVisible();
  }
});

test.describe("to a member", () => {
  test.use({ role: "member" });

  test("nothing of others is found", async ({ page, house }) => {
    const { calls, key } = house.things;
    for (const words of [people.admin.email, key.name, key.id, calls.answered, "Atlas Inference", "Settings"]) {
      await page.goto(`/search?q=${words}`);
      await expect(page.getByRole("heading", { name: `Nothing is called “${words}”` }), words).toBeVisible();
    }
    // One's own key and call, and what can be called.
    await page.goto("/search?q=notebook");
    await expect(page.getByRole("region", { name: "API keys" }).getByRole("link")).toHaveText(["notebook"]);
    await page.goto(`/search?q=${calls.members}`);
    await expect(page.getByRole("region", { name: "Calls" }).getByRole("link")).toHaveText([calls.members]);
    await page.goto("/search?q=gpt-4o-mini");
    await expect(page.getByRole("region", { name: "Models" }).getByRole("link")).toHaveText(["atlas/gpt-4o-mini"]);
  });
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the button of the top bar leads there", async ({ page }) => {
    await page.goto("/keys");
    await page.getByRole("banner").getByRole("button", { name: "Search or jump to" }).click();
    await expect(page).toHaveURL(/\/search\??$/);
    await page.getByRole("searchbox", { name: "Search everything" }).fill("audit");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("main").getByRole("link", { name: "Audit" }).click();
    await expect(page).toHaveURL("/audit");
  });
});
