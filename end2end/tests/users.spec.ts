// People: added, promoted, suspended, given a password; and what the audit says about it.
import { people } from "./support/house.ts";
import { fillSignIn, signIn } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });
test.describe.configure({ mode: "serial" });

const lin = { email: "lin@example.com", password: "first password of lin" };

test("an admin adds a person, who can sign in at once", async ({ page, stranger }) => {
  await page.goto("/users/new");
  await page.getByLabel("E-mail").fill(people.member.email);
  await page.getByLabel("First password").fill(lin.password);
  await page.getByRole("button", { name: "Add user" }).click();
  await expect(page.locator(".error")).toHaveText("Somebody already signs in with this address.");
  await expect(page.getByLabel("First password")).toHaveValue("");

  await page.getByLabel("E-mail").fill(lin.email);
  await page.getByLabel("First password").fill(lin.password);
  await page.getByRole("button", { name: "Add user" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(lin.email);
  await expect(page.getByText(`${lin.email} can sign in now.`)).toBeVisible();

  const other = await stranger();
  await signIn(other, lin);
  await expect(other.getByRole("navigation", { name: "Main" }).getByText("Operate")).toHaveCount(0);
});

test("a new role acts on the next request", async ({ page, stranger, watch }) => {
  const other = await stranger();
  await signIn(other, lin);
  watch.expectStatus(403);
  expect((await other.goto("/users"))?.status()).toBe(403);
  await page.goto("/users?q=lin@");
  await page.getByRole("link", { name: lin.email }).click();
  await page.getByRole("radio", { name: /^Admin/ }).check();
  await page.getByRole("button", { name: "Change role" }).click();
  await expect(page.getByText("The role was changed.")).toBeVisible();
  expect((await other.goto("/users"))?.status()).toBe(200);
});

test("a suspended person is signed out and their key refused, until they are activated", async ({ page, stranger, hub }) => {
  const key = await hub.command<{ key: string }>(["key", "create", "--user", lin.email, "--name", "robot"]);
  await hub.knows(key.key, "atlas/gpt-4o-mini");
  const other = await stranger();
  await signIn(other, lin);
  await page.goto("/users?q=lin@");
  await page.getByRole("link", { name: lin.email }).click();
  await page.getByRole("button", { name: "Suspend user" }).click();
  await expect(page.getByText("The user is suspended")).toBeVisible();
  await other.goto("/keys");
  await expect(other).toHaveURL(/\/sign-in/);
  await fillSignIn(other, lin);
  await expect(other.locator(".error")).toHaveText("E-mail or password is wrong.");
  const refused = await hub.chat(key.key, "atlas/gpt-4o-mini", "Hello");
  expect(refused.status).toBe(401);

  await page.getByRole("button", { name: "Activate user" }).click();
  await expect(page.getByText("The user is active again.")).toBeVisible();
  expect((await hub.chat(key.key, "atlas/gpt-4o-mini", "Hello")).status).toBe(200);

  await page.getByRole("region", { name: "API keys" }).getByRole("button", { name: /^Revoke/ }).click();
  await expect(page.getByText("The key is revoked.")).toBeVisible();
  expect((await hub.chat(key.key, "atlas/gpt-4o-mini", "Hello")).status).toBe(401);
});

test("an admin's new password ends the person's sessions", async ({ page, stranger }) => {
  const other = await stranger();
  await signIn(other, lin);
  await page.goto("/users?q=lin@");
  await page.getByRole("link", { name: lin.email }).click();
  await page.getByLabel("New password").fill("second password of lin");
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByText("The password was set and all their sessions ended.")).toBeVisible();
  await other.goto("/keys");
  await fillSignIn(other, lin);
  await expect(other.locator(".error")).toBeVisible();
  await fillSignIn(other, { ...lin, password: "second password of lin" });
  await expect(other).toHaveURL("/keys");
});

test("the last owner cannot be suspended", async ({ page }) => {
  await page.goto("/users?q=lin@");
  await page.getByRole("link", { name: lin.email }).click();
  await page.getByRole("radio", { name: /^Member/ }).check();
  await page.getByRole("button", { name: "Change role" }).click();
  await page.goto("/users?q=ada@");
  await page.getByRole("link", { name: people.admin.email }).click();
  await page.getByRole("button", { name: "Suspend user" }).click();
  await expect(page.getByRole("alert")).toContainText("This is the last active owner.");
  await page.goto("/users");
  await expect(page.getByRole("row").filter({ hasText: people.admin.email })).toContainText("Active");
});

test("the audit tells who did what, with before and after", async ({ page }) => {
  await page.goto("/audit?action=user");
  const rows = page.getByRole("main").getByRole("row");
  await expect(rows.filter({ hasText: "User suspended" })).toContainText(people.admin.email);
  await rows.filter({ hasText: "Role changed" }).first().getByRole("link").click();
  await expect(page).toHaveURL(/action=user&open=/);
  const peek = page.getByRole("complementary");
  await expect(peek.getByRole("heading", { name: "Role changed" })).toBeVisible();
  await expect(peek.locator("del")).toHaveText("admin");
  await expect(peek.locator("ins")).toHaveText("member");
  await page.reload();
  await expect(peek.locator("ins")).toHaveText("member");
  await peek.getByRole("link", { name: "Close" }).click();
  await expect(peek).toHaveCount(0);
  for (const secret of [lin.password, "second password of lin"]) await expect(page.locator("body")).not.toContainText(secret);
});
