// Pages about mail and the ways in by a link.
import { tokenOf } from "../tests/support/mailbox.ts";
import { people } from "../tests/support/house.ts";
import { test } from "../tests/support/test.ts";
import { shoot } from "./pictures.ts";

test.use({ stage: "owned", mail: true });

test("mail", async ({ page, stranger, hub }) => {
  await hub.command(["settings", "set", "registration", "open"]);
  const other = await stranger();
  await other.goto("/sign-in");
  await shoot(other, "mail-sign-in");
  await other.goto("/forgot");
  await shoot(other, "mail-forgot");
  await other.getByLabel("E-mail").fill(people.member.email);
  await other.getByRole("button", { name: "Send the link" }).click();
  await shoot(other, "mail-forgot-sent");
  await other.goto(await tokenOf(hub, people.member.email, "/reset"));
  await shoot(other, "mail-reset");
  await other.goto("/register");
  await other.getByLabel("E-mail").fill("new@example.org");
  await other.getByRole("button", { name: "Send the link" }).click();
  await other.goto(await tokenOf(hub, "new@example.org", "/register/complete"));
  await shoot(other, "mail-register");
  await page.goto("/account");
  await shoot(page, "mail-account");
  await page.goto("/invitations/new");
  await shoot(page, "mail-invitation-new");
  await page.getByLabel("E-mail").fill("guest@example.org");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await shoot(page, "mail-invitation");
  await page.goto("/invitations");
  await shoot(page, "mail-invitations");
  await other.goto(await tokenOf(hub, "guest@example.org", "/invite"));
  await shoot(other, "mail-invite");
  await page.goto("/settings/mail");
  await shoot(page, "mail-settings");
});

test.describe("by the console", () => {
  test.use({ mail: false });
  test("settings", async ({ page }) => {
    await page.goto("/settings/mail");
    await shoot(page, "mail-settings-console");
    await page.getByLabel("Server", { exact: true }).fill("127.0.0.1");
    await page.getByLabel("Port").fill("1");
    await page.getByLabel("Sender", { exact: true }).fill("hub@example.com");
    await page.getByRole("button", { name: "Save mail" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await shoot(page, "mail-settings-failed");
    await page.goto("/welcome");
    await shoot(page, "mail-welcome");
  });
});
