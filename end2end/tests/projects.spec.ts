// Projects: made by an admin, kept by a project admin, used by a member's key; and a key that is bound, rotated, switched and deleted.
import { people } from "./support/house.ts";
import { signIn } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });
test.describe.configure({ mode: "serial" });

let project = "";

test("an admin makes a project and puts somebody into it, who keeps it", async ({ page, stranger, watch }) => {
  await page.goto("/projects");
  await page.getByRole("link", { name: "New project" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Assistants");
  await page.getByLabel("Who pays").fill("nobody@example.com");
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page.locator(".error")).toContainText("There is no such user.");
  await page.getByLabel("Who pays").fill(people.admin.email);
  await page.getByRole("button", { name: "Create project" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Assistants");
  project = new URL(page.url()).pathname;

  const other = await stranger();
  await signIn(other, people.member);
  watch.expectStatus(404);
  expect((await other.goto(project))?.status()).toBe(404);
  await page.getByLabel("E-mail").fill(people.member.email);
  await page.locator("#people select").last().selectOption("admin");
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page.getByText(`${people.member.email} is in the project.`)).toBeVisible();

  expect((await other.goto(project))?.status()).toBe(200);
  await other.getByRole("link", { name: "Edit project" }).click();
  await other.getByLabel("Name", { exact: true }).fill("Helpers");
  await other.getByRole("button", { name: "Save project" }).click();
  await expect(other.getByRole("heading", { level: 1 })).toHaveText("Helpers");
  // Their own account they may name, nobody else's.
  await other.getByRole("link", { name: "Edit project" }).click();
  await other.getByLabel("Who pays").fill(people.member.email);
  await other.getByRole("button", { name: "Save project" }).click();
  await expect(other.getByText("Paid by")).toBeVisible();
  await other.getByRole("link", { name: "Edit project" }).click();
  await other.getByLabel("Who pays").fill(people.admin.email);
  await other.getByRole("button", { name: "Save project" }).click();
  await expect(other.locator(".error")).toContainText("Your role does not allow this.");
});

test("a member makes a bound key in it, rotates it, switches it off and on, and deletes it", async ({ stranger, hub }) => {
  const page = await stranger();
  await signIn(page, people.member);
  await page.goto(project);
  await page.getByRole("main").getByRole("link", { name: "New key" }).click();
  await page.getByLabel("Name", { exact: true }).fill("assistant");
  await expect(page.getByLabel("Project")).toHaveValue(/^proj_/);
  await page.locator("summary", { hasText: "More options" }).click();
  await page.getByLabel("Allowed models").fill("gpt-4o");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.locator(".error")).toContainText("A model is written as provider/model");
  await page.getByLabel("Allowed models").fill("atlas/gpt-4o-mini");
  await page.getByLabel("Allowed addresses").fill("127.0.0.0/8");
  await page.getByLabel("Expires").selectOption("30d");
  await page.getByRole("button", { name: "Create key" }).click();
  const first = await page.getByLabel("The new key").inputValue();
  expect((await hub.chat(first, "atlas/gpt-4o-mini", "Hello")).status).toBe(200);
  expect((await hub.chat(first, "atlas/gpt-4o", "Hello")).status).toBe(403);

  await page.goto("/keys");
  await page.getByRole("link", { name: "Key “assistant”" }).click();
  await page.getByLabel("The present secret works on").selectOption("0");
  await page.getByRole("button", { name: "Rotate key" }).click();
  const second = await page.getByLabel("The new key").inputValue();
  expect(second).not.toBe(first);
  expect((await hub.chat(first, "atlas/gpt-4o-mini", "Hello")).status).toBe(401);
  expect((await hub.chat(second, "atlas/gpt-4o-mini", "Hello")).status).toBe(200);

  await page.goto("/keys");
  await page.getByRole("link", { name: "Key “assistant”" }).click();
  await page.getByRole("button", { name: "Disable key" }).click();
  await expect(page.getByText("The key is disabled")).toBeVisible();
  expect((await hub.chat(second, "atlas/gpt-4o-mini", "Hello")).status).toBe(401);
  await page.getByRole("button", { name: "Enable key" }).click();
  await expect(page.getByText("The key is enabled again.")).toBeVisible();
  await page.getByLabel("Allowed models").fill("");
  await page.getByRole("button", { name: "Save key" }).click();
  await expect(page.getByText("The key was changed.")).toBeVisible();
  expect((await hub.chat(second, "atlas/gpt-4o", "Hello")).status).toBe(200);

  await page.getByRole("link", { name: "Delete key" }).click();
  await page.getByLabel("Type “assistant” to confirm").fill("assistant");
  await page.getByRole("button", { name: "Delete key" }).click();
  await expect(page.getByText("Key “assistant” is deleted.")).toBeVisible();
  expect((await hub.chat(second, "atlas/gpt-4o", "Hello")).status).toBe(401);
});

test("an application belongs to one project, and the project ends", async ({ page }) => {
  await page.goto(project);
  await page.getByLabel("Application", { exact: true }).fill("z8ia-test");
  await page.getByRole("checkbox", { name: /^This project's account pays/ }).check();
  await page.getByRole("button", { name: "Add application" }).click();
  await expect(page.getByRole("cell", { name: "z8ia-test", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Remove z8ia-test" }).click();
  await expect(page.getByText("no longer belongs")).toBeVisible();
  await page.getByRole("link", { name: "Archive project" }).click();
  await page.getByLabel("Type “Helpers” to confirm").fill("Helpers");
  await page.getByRole("button", { name: "Archive project" }).click();
  await expect(page.getByText("The project is archived.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Add person" })).toHaveCount(0);
});
