// Pages about mail and the ways in by a link.
import { tokenOf } from "../tests/support/mailbox.ts";
import { people } from "../tests/support/house.ts";
import type { Hub } from "../tests/support/hub.ts";
import { type Page, test } from "../tests/support/test.ts";
import { shoot, twoLooks } from "./pictures.ts";

test.use({ stage: "owned", mail: true });

/** The open page in Chinese, as the visitor's menu would have it. */
async function chinese(page: Page, hub: Hub, name: string): Promise<void> {
  await page.context().addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
  await page.reload();
  await shoot(page, `zh-${name}`, twoLooks);
  await page.context().clearCookies({ name: "hub_language" });
  await page.reload();
}

test("mail", async ({ page, stranger, hub }) => {
  test.setTimeout(300_000);
  await hub.command(["settings", "set", "registration", "open"]);
  const other = await stranger();
  await other.goto("/sign-in");
  await shoot(other, "mail-sign-in");
  await chinese(other, hub, "mail-sign-in");
  await other.goto("/forgot");
  await shoot(other, "mail-forgot");
  await chinese(other, hub, "mail-forgot");
  await other.getByLabel("E-mail").fill(people.member.email);
  await other.getByRole("button", { name: "Send the link" }).click();
  await shoot(other, "mail-forgot-sent");
  await chinese(other, hub, "mail-forgot-sent");
  await other.goto(await tokenOf(hub, people.member.email, "/reset"));
  await shoot(other, "mail-reset");
  await chinese(other, hub, "mail-reset");
  await other.goto("/register");
  await other.getByLabel("E-mail").fill("new@example.org");
  await other.getByRole("button", { name: "Send the link" }).click();
  await other.goto(await tokenOf(hub, "new@example.org", "/register/complete"));
  await shoot(other, "mail-register");
  await chinese(other, hub, "mail-register");
  await other.getByLabel("Password", { exact: true }).fill("a password by mail");
  await other.getByLabel("The same password again").fill("another one");
  await other.getByRole("button", { name: "Make the account" }).click();
  await shoot(other, "mail-register-refused");
  await other.getByLabel("Password", { exact: true }).fill("a password by mail");
  await other.getByLabel("The same password again").fill("a password by mail");
  await other.getByRole("button", { name: "Make the account" }).click();
  await shoot(other, "mail-welcome-new");
  await chinese(other, hub, "mail-welcome-new");
  await page.goto("/account");
  await shoot(page, "mail-account");
  await chinese(page, hub, "mail-account");
  await page.getByRole("button", { name: "Send a mail to verify it" }).click();
  await shoot(page, "mail-account-asked");
  await page.goto(await tokenOf(hub, people.admin.email, "/confirm"));
  await shoot(page, "mail-confirm");
  await chinese(page, hub, "mail-confirm");
  await page.getByRole("button", { name: "This address is mine" }).click();
  await shoot(page, "mail-confirmed");
  await page.goto("/invitations/new");
  await shoot(page, "mail-invitation-new");
  await chinese(page, hub, "mail-invitation-new");
  await page.getByLabel("E-mail").fill("guest@example.org");
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await shoot(page, "mail-invitation");
  await page.goto("/invitations");
  await shoot(page, "mail-invitations");
  await chinese(page, hub, "mail-invitations");
  await other.goto(await tokenOf(hub, "guest@example.org", "/invite"));
  await shoot(other, "mail-invite");
  await chinese(other, hub, "mail-invite");
  await page.goto("/settings/mail");
  await shoot(page, "mail-settings");
  await chinese(page, hub, "mail-settings");
});

test.describe("by the console", () => {
  test.use({ mail: false });
  test("settings", async ({ page }) => {
    await page.goto("/settings/mail");
    await shoot(page, "mail-settings-console");
    await page.getByLabel("Server", { exact: true }).fill("127.0.0.1");
    await page.getByRole("textbox", { name: "Port" }).fill("1");
    await page.getByLabel("Sender", { exact: true }).fill("hub@example.com");
    await page.getByRole("button", { name: "Save mail" }).click();
    await page.getByRole("button", { name: "Send a test" }).click();
    await shoot(page, "mail-settings-failed");
    await page.goto("/welcome");
    await shoot(page, "mail-welcome");
  });
});
