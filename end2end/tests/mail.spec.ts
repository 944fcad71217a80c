// The ways in by a link of a mail: a new password, registration, an invitation. Mail goes into a folder.
import { people } from "./support/house.ts";
import { tokenOf } from "./support/mailbox.ts";
import { fillSignIn, signIn } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned", mail: true });
test.describe.configure({ mode: "serial" });

test("a lost password is replaced by the link of a mail", async ({ stranger, hub }) => {
  const page = await stranger();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Forgot the password?" }).click();
  await page.getByLabel("E-mail").fill(people.member.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  await page.goto(await tokenOf(hub, people.member.email, "/reset"));
  await expect(page.getByText(people.member.email)).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill("short but not so short");
  await page.getByLabel("The same password again").fill("another one");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.locator(".error")).toHaveText("The two passwords differ. Type the same one twice.");
  await page.getByLabel("Password", { exact: true }).fill("a password by mail");
  await page.getByLabel("The same password again").fill("a password by mail");
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByText("Your password is set.")).toBeVisible();
  await fillSignIn(page, { ...people.member, password: "a password by mail" });
  await expect(page).toHaveURL("/");
});

test("somebody registers, proves the address, and is shown how to begin", async ({ stranger, hub }) => {
  await hub.command(["settings", "set", "registration", "open"]);
  const page = await stranger();
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "Make one" }).click();
  await page.getByLabel("E-mail").fill("new@example.org");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
  const link = await tokenOf(hub, "new@example.org", "/register/complete");
  await page.goto(link);
  await page.getByLabel("Name").fill("Neu <b>Mann</b>");
  await page.getByLabel("Password", { exact: true }).fill("a password by mail");
  await page.getByLabel("The same password again").fill("a password by mail");
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByRole("heading", { name: "Welcome to AIGNE Hub" })).toBeVisible();
  await page.getByRole("link", { name: "Create API key" }).click();
  await expect(page).toHaveURL("/keys/new");
  await page.goto("/account");
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
  const other = await stranger();
  await other.goto(link);
  await expect(other.getByRole("heading", { name: "This link is not valid any more" })).toBeVisible();
  await hub.command(["settings", "set", "registration", "closed"]);
});

test("an admin invites, sees the link once, and the guest comes", async ({ page, stranger, hub }) => {
  await page.goto("/users");
  await page.getByRole("link", { name: "Invitations" }).click();
  await page.getByRole("link", { name: "Invite somebody" }).first().click();
  await page.getByLabel("E-mail").fill("guest@example.org");
  await page.getByRole("radio", { name: /^Member/ }).check();
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await expect(page.getByText("a mail is on its way")).toBeVisible();
  const shown = await page.getByLabel("The link of the invitation").inputValue();
  expect(shown).toContain(`${hub.url}/invite?token=`);
  await page.reload();
  await expect(page.getByLabel("The link of the invitation")).toHaveCount(0);
  const mailed = await tokenOf(hub, "guest@example.org", "/invite");
  expect(`${hub.url}${mailed}`).not.toBe(shown);
  const guest = await stranger();
  await guest.goto(shown);
  await expect(guest.getByText("guest@example.org as member")).toBeVisible();
  await guest.getByLabel("Name").fill("Guest");
  await guest.getByLabel("Password", { exact: true }).fill("a password by mail");
  await guest.getByLabel("The same password again").fill("a password by mail");
  await guest.getByRole("button", { name: "Accept the invitation" }).click();
  await expect(guest).toHaveURL("/welcome");
  await guest.goto(mailed);
  await expect(guest.getByRole("heading", { name: "This link is not valid any more" })).toBeVisible();
  await page.reload();
  await expect(page.getByText("Accepted")).toBeVisible();
});

test("the page of mail says who set it, and tests it", async ({ page, stranger, hub, watch }) => {
  await page.goto("/settings");
  await page.getByRole("link", { name: "how mail is sent" }).click();
  await expect(page.getByText("Said by the configuration")).toBeVisible();
  await page.getByRole("textbox", { name: "To" }).fill("ada@example.org");
  await page.getByRole("button", { name: "Send a test" }).click();
  await expect(page.getByText("The server has taken the mail to ada@example.org")).toBeVisible();
  await expect(page.getByRole("row", { name: /guest@example\.org/ })).toContainText("Sent");
  const other = await stranger();
  await signIn(other, { ...people.member, password: "a password by mail" });
  watch.expectStatus(403);
  expect((await other.goto("/settings/mail"))?.status()).toBe(403);
});
