// One's own account: password, sessions, language, theme.
import { people } from "./support/house.ts";
import { fillSignIn, signIn, signOut } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned", role: "nobody" });
test.describe.configure({ mode: "serial" });

test("the language is kept by the account, and back", async ({ page, stranger }) => {
  await signIn(page, people.member);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await page.goto("/account");
  await page.getByRole("region", { name: "Language and theme" }).getByLabel("Language").selectOption({ label: "中文" });
  await page.getByRole("button", { name: "Use language" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("账号");
  await page.goto("/keys");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("API 密钥");

  // In another browser the account brings it along.
  const other = await stranger();
  await signIn(other, people.member, "主导航");
  await other.goto("/keys");
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("API 密钥");

  await page.getByRole("group", { name: "语言" }).getByRole("button", { name: "English" }).click();
  await expect(page).toHaveURL("/keys");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("API keys");
});

test("the theme comes with the page itself, so nothing flashes", async ({ page }) => {
  await signIn(page, people.member);
  await page.goto("/account");
  const background = () => page.locator("html").evaluate((page) => getComputedStyle(page).backgroundColor);
  const light = await background();
  await page.getByRole("main").locator("label").filter({ hasText: "Dark" }).click();
  await expect(page.getByRole("radio", { name: "Dark" })).toBeChecked();
  await page.getByRole("button", { name: "Use theme" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const answer = await page.goto("/keys");
  expect(await answer?.text()).toMatch(/<html[^>]* data-theme="dark"/);
  expect(await background()).not.toBe(light);

  await signOut(page);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await signIn(page, people.member);
  await page.getByLabel("Theme", { exact: true }).click();
  await page.getByRole("button", { name: "Like the system" }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme", /./);
});

test("other sessions are listed and ended", async ({ page, stranger }) => {
  const [second, third] = [await stranger(), await stranger()];
  for (const browser of [page, second, third]) await signIn(browser, people.admin);
  await page.goto("/account");
  const sessions = page.getByRole("region", { name: "Where you are signed in" });
  await expect(sessions.getByRole("listitem")).toHaveCount(3);
  await expect(sessions.getByRole("listitem").first()).toContainText("this session");
  await expect(sessions.getByRole("listitem").first()).toContainText("Chrome on Linux");
  await sessions.getByRole("button", { name: /^Sign out Chrome/ }).first().click();
  await expect(page.getByText("That session is signed out.")).toBeVisible();
  await expect(sessions.getByRole("listitem")).toHaveCount(2);
  await sessions.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(sessions.getByRole("listitem")).toHaveCount(1);
  for (const browser of [second, third]) {
    await browser.goto("/keys");
    await expect(browser).toHaveURL(/\/sign-in/);
  }
});

test("a new password ends the sessions elsewhere, and the old one no longer works", async ({ page, stranger }) => {
  const elsewhere = await stranger();
  await signIn(page, people.admin);
  await signIn(elsewhere, people.admin);
  await page.goto("/account");
  const fill = async (current: string, fresh: string, repeated: string) => {
    await page.getByLabel("Current password").fill(current);
    await page.getByLabel("New password", { exact: true }).fill(fresh);
    await page.getByLabel("The new password again").fill(repeated);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  const fresh = "a much better password";
  await fill("wrong password", fresh, fresh);
  await expect(page.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
  await fill(people.admin.password, fresh, "another one altogether");
  await expect(page.getByLabel("The new password again")).toHaveAttribute("aria-invalid", "true");
  await fill(people.admin.password, fresh, fresh);
  await expect(page.getByText("Your password is changed.")).toBeVisible();
  await page.goto("/keys");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("API keys");

  await elsewhere.goto("/keys");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await fillSignIn(elsewhere, people.admin);
  await expect(elsewhere.locator(".error")).toBeVisible();
  await fillSignIn(elsewhere, { ...people.admin, password: fresh });
  await expect(elsewhere).toHaveURL("/keys");

  await page.goto("/account");
  await page.getByRole("button", { name: "Sign out everywhere", exact: true }).click();
  await expect(page).toHaveURL("/sign-in");
  await elsewhere.goto("/keys");
  await expect(elsewhere).toHaveURL(/\/sign-in/);
});
