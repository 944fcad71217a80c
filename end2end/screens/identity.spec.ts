// The pages about identity providers, with some of them there.
import { addCompany, startCompany } from "../tests/support/identity.ts";
import { people } from "../tests/support/house.ts";
import { expect, test } from "../tests/support/test.ts";
import { everyLook, shoot } from "./pictures.ts";

test.use({ stage: "owned", role: "admin" });

test("identity providers", async ({ page, hub, watch, context, stranger }) => {
  const company = await startCompany(hub.url, watch);
  try {
    await addCompany(page, company, "groups: hub-admins = admin\notherwise = member");
    await shoot(page, "identity-provider-added");
    await page.goto("/identity-providers/new?kind=github");
    await page.getByLabel("Client id").fill("Iv1.0123456789abcdef");
    await page.getByLabel("Client secret").fill("github-secret-0123456789");
    await page.getByLabel("Save it without asking it first").check();
    await page.getByRole("button", { name: "Test and add provider" }).click();
    await expect(page.getByText("It was added and has not been tested.")).toBeVisible();
    await page.goto("/identity-providers");
    await shoot(page, "identity-providers");
    await page.goto("/identity-providers/github/edit");
    await shoot(page, "identity-provider-github");
    await page.goto("/identity-providers/company/delete");
    await shoot(page, "identity-provider-delete");
    await page.goto("/identity-providers/new?kind=oidc");
    await page.getByLabel("Name on its button").fill("Typo");
    await page.getByLabel("Name in addresses").fill("typo");
    await page.getByLabel("Issuer").fill(`${company.issuer}/nothing`);
    await page.getByLabel("Client id").fill("hub");
    await page.getByRole("button", { name: "Test and add provider" }).click();
    await expect(page.getByText(/Typo does not answer/)).toBeVisible();
    await shoot(page, "identity-provider-refused");

    company.people.ada = { email: "ada@example.com", email_verified: true };
    company.who = "ada";
    await page.goto("/account");
    await shoot(page, "account-identities-none");
    await page.getByLabel("Your password, to link Company").fill(people.admin.password);
    await page.getByRole("button", { name: "Link Company" }).click();
    await expect(page.getByText("Company is linked.")).toBeVisible();
    await shoot(page, "account-identities");

    const other = await stranger();
    await other.goto(`${hub.url}/sign-in`);
    await shoot(other, "sign-in-providers");
    await other.context().addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
    await other.reload();
    await shoot(other, "zh-sign-in-providers");
    company.people.eve = { email: "eve@evil.example", email_verified: true };
    company.who = "eve";
    await other.getByRole("button", { name: "使用 Company 登录" }).click();
    await shoot(other, "zh-sign-in-turned-away");

    await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
    await page.goto("/identity-providers/company/edit");
    await shoot(page, "zh-identity-provider", everyLook);
    await page.goto("/settings");
    await shoot(page, "zh-settings");
  } finally {
    await company.end();
  }
});
