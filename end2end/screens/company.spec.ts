// Projects, keys, limits, people and their places in a company with many of each: full lists, long names, every state.
import { createKey } from "../tests/support/steps.ts";
import { expect, type Page, test } from "../tests/support/test.ts";
import { type Company, found } from "./company.ts";
import { everyLook, shoot, twoLooks } from "./pictures.ts";

test.use({ stage: "equipped", alone: true });
test.describe.configure({ mode: "serial" });

let company: Company;

/** What an admin does on pages and no command does: somebody is suspended, applications are given to a project. */
async function arrange(page: Page): Promise<void> {
  const { projects, users } = company;
  for (const name of ["z8iaTranslator", "z2qa7rinTKuUCeEPKeRxVnnHVYNYyKA8hHMxx"]) {
    await page.goto(`/projects/${projects.busy}`);
    await page.getByLabel("Application", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Add application" }).click();
    await expect(page.getByRole("cell", { name, exact: true })).toBeVisible();
  }
  await page.goto(`/users/${users.suspended}`);
  await page.getByRole("button", { name: "Suspend user" }).click();
  await expect(page.getByText("The user is suspended")).toBeVisible();
  for (const email of ["grace.hopper@example.org", "somebody.with.a.rather.long.name@department.example.org"]) {
    await page.goto("/invitations/new");
    await page.getByLabel("E-mail").fill(email);
    await page.getByRole("button", { name: "Invite", exact: true }).click();
    await expect(page.getByLabel("The link of the invitation")).toBeVisible();
  }
}

const pages = (): Record<string, string> => {
  const { projects, keys, users, model, provider } = company;
  return {
    projects: "/projects",
    project: `/projects/${projects.busy}`,
    "project-long": `/projects/${projects.long}`,
    "project-unpaid": `/projects/${projects.unpaid}`,
    "project-archived": `/projects/${projects.archived}`,
    "project-empty": `/projects/${projects.empty}`,
    "project-edit": `/projects/${projects.busy}/edit`,
    "project-archive": `/projects/${projects.long}/archive`,
    keys: "/keys?all=1",
    "keys-filtered": `/keys?all=1&project=${projects.busy}`,
    "key-new": `/keys/new?project=${projects.busy}`,
    "key-limited": `/keys/${keys.limited}`,
    "key-bound": `/keys/${keys.bound}`,
    "key-disabled": `/keys/${keys.disabled}`,
    "key-gone": `/keys/${keys.revoked}`,
    "limits-key": `/limits/key/${keys.limited}`,
    "limits-project": `/limits/project/${projects.busy}`,
    "limits-user": `/limits/user/${users.member}`,
    "limits-none": `/limits/project/${projects.empty}`,
    "limits-model": `/limits/model/${model}`,
    provider: `/providers/${provider}`,
    users: "/users",
    user: `/users/${users.member}`,
    "user-suspended": `/users/${users.suspended}`,
    invitations: "/invitations",
    search: "/search?q=a",
    audit: "/audit",
    "audit-projects": "/audit?action=project",
  };
};

test("by an admin", async ({ page, hub, house }) => {
  test.setTimeout(400_000);
  company = await found(hub, house.equipment);
  await arrange(page);
  for (const [name, path] of Object.entries(pages())) {
    await page.goto(path);
    await shoot(page, `company-${name}`, everyLook);
  }
  await page.goto("/audit?action=limit");
  await page.getByRole("main").locator("tbody a").first().click();
  await shoot(page, "company-audit-open", everyLook);
  await page.goto("/keys");
  await createKey(page, "a key that is shown once");
  await shoot(page, "company-key-shown", everyLook);
});

test("by an admin in Chinese", async ({ page, hub, context }) => {
  test.setTimeout(400_000);
  await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
  for (const [name, path] of Object.entries(pages())) {
    await page.goto(path);
    await shoot(page, `zh-company-${name}`, twoLooks);
  }
  await page.goto("/keys/new");
  await page.getByLabel("名称").fill("只显示一次的密钥");
  await page.getByRole("button", { name: "创建密钥" }).click();
  await shoot(page, "zh-company-key-shown", twoLooks);
  await page.keyboard.press("Control+k");
  await shoot(page, "zh-company-palette", twoLooks);
});

test.describe("of a member", () => {
  test.use({ role: "member" });
  test("by a member", async ({ page }) => {
    test.setTimeout(200_000);
    const { projects, keys } = company;
    for (const [name, path] of Object.entries({ home: "/", projects: "/projects", project: `/projects/${projects.busy}`, "project-read": `/projects/${projects.unpaid}`, keys: "/keys", "key-new": "/keys/new", "key-limited": `/keys/${keys.limited}`, "limits-key": `/limits/key/${keys.limited}`, account: "/account" })) {
      await page.goto(path);
      await shoot(page, `company-member-${name}`, twoLooks);
    }
  });
});
