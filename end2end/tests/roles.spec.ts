// Roles beyond admin and member, seen from their own side: an auditor, somebody who keeps the books, an admin who looks as a member,
// and somebody who is deleted.
import { people } from "./support/house.ts";
import { signIn } from "./support/steps.ts";
import { type Page, expect, test } from "./support/test.ts";

test.use({ alone: true });
test.describe.configure({ mode: "serial" });

const ines = { email: "ines@example.com", password: "reads all of it, changes nothing" };
const bo = { email: "bo@example.com", password: "counts every last nano" };
const gone = { email: "gone@example.com", password: "here for a short while" };

/** An admin adds somebody in the console. */
async function add(page: Page, who: { email: string; password: string }, role: string, name?: string): Promise<void> {
  await page.goto("/users/new");
  await page.getByLabel("E-mail").fill(who.email);
  if (name) await page.getByLabel("Name").fill(name);
  await page.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await page.getByLabel("First password").fill(who.password);
  await page.getByRole("button", { name: "Add user" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(who.email);
}

const navigation = (page: Page) => page.getByRole("navigation", { name: "Main" }).getByRole("link");

/** The page opens and holds no form that posts. */
async function readsOnly(page: Page, path: string): Promise<void> {
  expect((await page.goto(path))?.status(), path).toBe(200);
  await expect(page.locator("main form[method=post]"), path).toHaveCount(0);
}

test("an auditor sees everything, and no way to change it", async ({ page, stranger, watch, house }) => {
  await add(page, ines, "Auditor", "Ines the auditor");
  const other = await stranger();
  await signIn(other, ines);
  await expect(navigation(other)).toHaveText([/AIGNE Hub/, "Overview", "Calls", "Providers", "Models", "Prices", "Users", "Sign-in", "Books", "Audit", "Settings", "API keys", "Projects", "Price list", "Account"]);
  const { providers, models, users, calls, lot, key } = house.things;
  const member = `/users/${users.member}`;
  const read = ["/", "/calls?range=all", `/calls/${calls.answered}`, "/providers", `/providers/${providers.working}`, `/providers/${providers.failing}`, "/models", `/models?provider=${providers.working}`, "/prices", `/prices/${models.priced}`, "/identity-providers", "/users", member, `${member}/credits`, `${member}/credits/lots/${lot}`, "/books", "/audit", "/settings", "/search?q=a", "/keys"];
  for (const path of read) await readsOnly(other, path);
  await expect(other.getByRole("row").filter({ hasText: key.name })).toContainText(people.admin.email);
  await other.goto("/calls?range=all");
  await expect(other.getByRole("table", { name: "Calls" })).toContainText(people.member.email);
  await other.goto("/audit");
  await expect(other.getByRole("status").filter({ hasText: /^Chain intact, [\d,]+ entries\.$/ })).toBeVisible();

  watch.expectStatus(403);
  const changing = ["/identity-providers/new", "/providers/new", `/providers/${providers.working}/edit`, `/providers/${providers.working}/delete`, "/users/new", `${member}/delete`, `${member}/credits/grant`, `${member}/credits/adjust`, "/keys/new", `/keys/${key.id}/revoke`, "/playground", "/connect", "/settings/change/mode"];
  for (const path of changing) {
    expect((await other.goto(path))?.status(), path).toBe(403);
    await expect(other.getByRole("heading", { level: 1 }), path).toHaveText("Your role does not show this");
  }
  // Their own matters stay theirs.
  await other.goto("/account");
  await expect(other.getByRole("button", { name: "Change password" })).toBeVisible();
});

test("who keeps the books sees money and no secret, and grants credit", async ({ page, stranger, watch, house }) => {
  await add(page, bo, "Billing");
  const other = await stranger();
  await signIn(other, bo);
  await expect(navigation(other)).toHaveText([/AIGNE Hub/, "Overview", "Calls", "Prices", "Users", "Books", "Settings", "Playground", "API keys", "Projects", "Credits", "Price list", "Account"]);
  const { users, models, calls, key, memberKey } = house.things;
  await other.goto("/users?q=moss");
  await other.getByRole("link", { name: people.member.email }).click();
  await expect(other.getByRole("region", { name: "API keys" })).toHaveCount(0);
  await expect(other.getByRole("button", { name: "Change role" })).toHaveCount(0);
  await other.getByRole("link", { name: "Grant credit" }).click();
  await other.getByLabel("Amount, credits").fill("2.5");
  await other.getByLabel("Reason").fill("For the conference");
  await other.getByRole("button", { name: "Grant credit" }).click();
  await expect(other.getByRole("region", { name: "Ledger" })).toContainText("For the conference");
  await other.goto(`/prices/${models.priced}`);
  await expect(other.getByRole("button", { name: /price/ })).toBeVisible();
  await other.goto("/settings");
  await expect(other.getByRole("link", { name: "Change Mode" })).toBeVisible();
  // Who comes in is an admin's matter, and so is what the server was started with.
  await expect(other.getByRole("link", { name: "Change Passwords" })).toHaveCount(0);
  await expect(other.getByText("HUB_LISTEN")).toHaveCount(0);
  // Everybody's calls, with what they cost, and without the credential.
  await other.goto(`/calls/${calls.answered}`);
  await expect(other.getByRole("heading", { level: 1, name: "Call" })).toBeVisible();
  await expect(other.locator("main")).not.toContainText("production");
  await other.goto("/keys?all=1").catch(() => undefined);

  watch.expectStatus(403);
  for (const path of ["/providers", "/models", "/audit", "/users/new", `/users/${users.member}/delete`, "/keys?all=1", "/settings/change/registration"]) {
    expect((await other.goto(path))?.status(), path).toBe(403);
  }
  watch.expectStatus(404);
  for (const path of [`/keys/${key.id}/revoke`, `/keys/${memberKey.id}/created`]) {
    expect((await other.goto(path))?.status(), path).toBe(404);
  }
});

test("an admin sees the console as a member does, and can change nothing meanwhile", async ({ page, watch, house }) => {
  await page.goto(`/users/${house.things.users.member}`);
  await page.getByRole("button", { name: "View as this user" }).click();
  const banner = page.getByRole("status").filter({ hasText: `You see the console as ${people.member.email} (member). Nothing can be changed.` });
  for (const path of ["/", "/calls?range=all", "/keys", "/credits", "/playground", "/account"]) {
    await page.goto(path);
    await expect(banner, path).toBeVisible();
    await expect(page.getByRole("button", { name: "Leave this view" }), path).toBeVisible();
  }
  await expect(navigation(page)).toHaveText([/AIGNE Hub/, "Overview", "Calls", "Playground", "API keys", "Projects", "Credits", "Price list", "Account"]);
  await page.goto("/calls?range=all");
  await expect(page.getByRole("table", { name: "Calls" }).getByRole("row")).toHaveCount(3);
  watch.expectStatus(403);
  expect((await page.goto("/users"))?.status()).toBe(403);
  await expect(banner).toBeVisible();

  await page.goto("/keys/new");
  await page.getByLabel("Name").fill("not mine");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByText("You see the console as somebody else, and can change nothing meanwhile.")).toBeVisible();
  await page.goto("/keys");
  await expect(page.getByRole("main")).not.toContainText("not mine");

  await page.getByRole("button", { name: "Leave this view" }).click();
  await expect(page.getByText("You see the console as yourself again")).toBeVisible();
  await expect(banner).toHaveCount(0);
  await page.goto("/audit?action=user");
  const rows = page.getByRole("main").getByRole("row");
  await expect(rows.filter({ hasText: "Console seen as somebody else" })).toContainText(people.member.email);
  await expect(rows.filter({ hasText: "That view left" })).toContainText(people.member.email);
});

test("a deleted user is gone, and the books stay", async ({ page, stranger, hub }) => {
  await add(page, gone, "Member", "Somebody on the way");
  const other = await stranger();
  await signIn(other, gone);
  const key = await hub.command<{ key: string }>(["key", "create", "--user", gone.email, "--name", "robot"]);
  await hub.knows(key.key, "simulated/echo");
  await hub.command(["credits", "grant", "--user", gone.email, "--amount", "3", "--reason", "Paid in cash"]);

  await page.goto("/users?q=on+the+way");
  await page.getByRole("link", { name: gone.email }).click();
  const person = page.url();
  await page.getByRole("link", { name: "Delete user…" }).click();
  await page.getByLabel(/to confirm/).fill("somebody else");
  await page.getByRole("button", { name: "Delete user" }).click();
  await expect(page.locator(".error")).toHaveText("The name you typed does not match.");
  await page.getByLabel(/to confirm/).fill(gone.email);
  await page.getByRole("button", { name: "Delete user" }).click();
  await expect(page.getByRole("status").filter({ hasText: "The user was deleted." })).toBeVisible();

  await other.goto("/keys");
  await expect(other).toHaveURL(/\/sign-in/);
  expect((await hub.chat(key.key, "simulated/echo", "Hello")).status).toBe(401);
  await page.goto("/users?q=gone");
  await expect(page.getByText("Nobody matches")).toBeVisible();
  await page.goto("/users?state=deleted");
  await expect(page.getByRole("main").getByRole("row")).toHaveCount(2);
  await page.goto(`${person}/credits`);
  await expect(page.getByRole("region", { name: "Ledger" })).toContainText("Paid in cash");
  // The address is free.
  await add(page, gone, "Member");
});
