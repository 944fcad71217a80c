// Signing in by a real identity provider: an admin adds it, somebody who never saw the hub comes in by it, an account is linked.
import { addCompany, startCompany, type Company } from "./support/identity.ts";
import { complaints } from "./support/complaints.ts";
import { people } from "./support/house.ts";
import { changeSetting, signIn, signOut } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned", role: "admin" });
test.describe.configure({ mode: "serial" });

test("from adding a provider to the first sign-in by it, and out again", async ({ page, hub, watch, stranger, javaScriptEnabled }) => {
  test.slow();
  const company: Company = await startCompany(hub.url, watch);
  try {
    await addCompany(page, company, "groups: hub-admins = admin\notherwise = member");
    await expect(page.getByText(`${hub.url}/sign-in/company/callback`)).toBeVisible();
    // The secret is gone from the page for good.
    await expect(page.getByLabel("Client secret")).toHaveValue("");
    if (javaScriptEnabled) {
      expect(await complaints(page)).toEqual([]);
      for (const path of ["/identity-providers", "/identity-providers/company/delete"]) {
        await page.goto(path);
        expect(await complaints(page)).toEqual([]);
      }
    }
    await changeSetting(page, "registration", (page) => page.getByRole("radio", { name: /^Open/ }).check());
    await expect(page.getByText("Who may register is now: Open.")).toBeVisible();

    // Somebody who never saw the hub.
    company.people.grace = { email: "grace@example.com", email_verified: true, groups: ["staff"] };
    company.who = "grace";
    const grace = await stranger();
    await grace.goto(`${hub.url}/keys`);
    await grace.getByRole("button", { name: "Continue with Company" }).click();
    await expect(grace).toHaveURL(`${hub.url}/keys`);
    await expect(grace.getByText("Your account was made, and you sign in to it by Company from now on.")).toBeVisible();
    await grace.goto(`${hub.url}/account`);
    const linked = grace.getByRole("region", { name: "Sign-in by providers" });
    await expect(linked.getByRole("listitem")).toContainText("grace@example.com");
    await linked.getByRole("button", { name: "Unlink Company, grace@example.com" }).click();
    await expect(grace.getByText("This is your only way to sign in.")).toBeVisible();

    // Out of both, and back as an admin, since the company says so now.
    await grace.locator("summary").filter({ hasText: "Account of " }).click();
    await grace.getByRole("button", { name: "Sign out", exact: true }).click();
    await grace.getByRole("button", { name: "Sign out there too" }).click();
    await expect(grace).toHaveURL(`${hub.url}/sign-in`);
    company.people.grace.groups = ["hub-admins"];
    await grace.getByRole("button", { name: "Continue with Company" }).click();
    await expect(grace.getByRole("navigation", { name: "Main" })).toBeAttached();
    await grace.goto(`${hub.url}/users`);
    await expect(grace.getByRole("heading", { level: 1 })).toHaveText("Users");

    // Who is turned away reads why, in place.
    company.people.eve = { email: "eve@evil.example", email_verified: true };
    company.who = "eve";
    const eve = await stranger();
    await eve.goto(`${hub.url}/sign-in`);
    await eve.getByRole("button", { name: "Continue with Company" }).click();
    await expect(eve.getByRole("alert")).toHaveText("People of evil.example cannot sign in by Company.");

    // Somebody who has a password links, and uses it.
    company.people.moss = { email: people.member.email, email_verified: true };
    company.who = "moss";
    const moss = await stranger();
    await moss.goto(`${hub.url}/sign-in`);
    await moss.getByRole("button", { name: "Continue with Company" }).click();
    await expect(moss.getByRole("alert")).toContainText(`There is already an account with ${people.member.email}`);
    await moss.getByLabel("E-mail").fill(people.member.email);
    await moss.getByLabel("Password").fill(people.member.password);
    await moss.getByRole("button", { name: "Sign in" }).click();
    await expect(moss.getByRole("navigation", { name: "Main" })).toBeAttached();
    await moss.goto(`${hub.url}/account`);
    await moss.getByLabel("Your password, to link Company").fill(people.member.password);
    await moss.getByRole("button", { name: "Link Company" }).click();
    await expect(moss.getByText("Company is linked. You can sign in by it from now on.")).toBeVisible();

    // A provider that is down keeps nobody from the page, nor from a password.
    company.down();
    const admin = await stranger();
    await admin.goto(`${hub.url}/sign-in`);
    await expect(admin.getByRole("button", { name: "Continue with Company" })).toBeVisible();
    await admin.getByLabel("E-mail").fill(people.admin.email);
    await admin.getByLabel("Password").fill(people.admin.password);
    await admin.getByRole("button", { name: "Sign in" }).click();
    await expect(admin.getByRole("navigation", { name: "Main" })).toBeAttached();
    await signOut(admin);
  } finally {
    await company.end();
  }
});

test("a provider is disabled and deleted, when its name is typed", async ({ page, hub, stranger }) => {
  // The company of the test before is gone; what is stored of it is not.
  await page.goto("/identity-providers");
  await page.getByRole("link", { name: "Company", exact: true }).click();
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByText(/Company does not answer/)).toBeVisible();
  await page.getByRole("button", { name: "Disable provider" }).click();
  await expect(page.getByText("It is disabled: nobody signs in by it.")).toBeVisible();
  const other = await stranger();
  await other.goto(`${hub.url}/sign-in`);
  await expect(other.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expect(other.getByRole("button", { name: /Continue/ })).toHaveCount(0);
  await page.getByRole("link", { name: "Delete provider" }).click();
  await page.getByLabel("Type “company” to confirm").fill("company");
  await page.getByRole("button", { name: "Delete provider" }).click();
  await expect(page.getByText("The identity provider was deleted")).toBeVisible();
  await signIn(other, people.admin);
});
