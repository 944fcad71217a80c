// axe, light and dark, wide and narrow, on what is no place of its own (those are in `places.script.spec.ts`): a hub that is new,
// pages behind links, and what stands on a page for a moment.
import { complaints } from "./support/complaints.ts";
import { tokenOf } from "./support/mailbox.ts";
import { people } from "./support/house.ts";
import { addServer, createKey } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ mode: "parallel" });

test.describe("a new hub", () => {
  test.use({ stage: "new", role: "nobody" });

  test("sign-in without anybody", async ({ page }) => {
    await page.goto("/sign-in");
    expect(await complaints(page)).toEqual([]);
  });

  test("set-up", async ({ page, hub }) => {
    await page.goto(hub.setupLink);
    expect(await complaints(page)).toEqual([]);
  });
});

test.describe("behind the links of mails", () => {
  test.use({ stage: "owned", mail: true, role: "nobody" });

  test("a new password", async ({ page, hub }) => {
    await page.goto("/forgot");
    expect(await complaints(page)).toEqual([]);
    await page.getByLabel("E-mail").fill(people.member.email);
    await page.getByRole("button", { name: "Send the link" }).click();
    await expect(page.getByRole("heading", { name: "Look into your mailbox" })).toBeVisible();
    expect(await complaints(page)).toEqual([]);
    await page.goto(await tokenOf(hub, people.member.email, "/reset"));
    expect(await complaints(page)).toEqual([]);
  });

  test("registration and invitation", async ({ page, hub }) => {
    await hub.command(["settings", "set", "registration", "open"]);
    await page.goto("/register");
    expect(await complaints(page)).toEqual([]);
    await page.getByLabel("E-mail").fill("new@example.org");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.goto(await tokenOf(hub, "new@example.org", "/register/complete"));
    expect(await complaints(page)).toEqual([]);
    const { link } = await hub.command<{ link: string }>(["user", "invite", "--email", "guest@example.org"]);
    // A command does not know on which port this hub listens.
    await page.goto(new URL(link).pathname + new URL(link).search);
    expect(await complaints(page)).toEqual([]);
  });
});

test.describe("mail and invitations", () => {
  test.use({ stage: "owned", mail: true });

  test("their pages with something on them", async ({ page, hub }) => {
    const { invitation } = await hub.command<{ invitation: { id: string } }>(["user", "invite", "--email", "two@example.org"]);
    await tokenOf(hub, "two@example.org", "/invite");
    for (const path of ["/settings/mail", "/invitations", `/invitations/${invitation.id}`, "/account"]) {
      await page.goto(path);
      expect(await complaints(page)).toEqual([]);
    }
  });
});

test.describe("what stands on a page for a moment", () => {
  test.use({ stage: "equipped" });

  test("a new key", async ({ page }) => {
    await createKey(page, "for axe");
    expect(await complaints(page)).toEqual([]);
  });

  test("a request to connect", async ({ page, hub }) => {
    const answer = await fetch(`${hub.url}/.well-known/service/api/access-key/session`, { method: "POST" });
    const { id } = (await answer.json()) as { id: string };
    await page.goto(`/connect?token=${id}&source=AIGNE`);
    await expect(page.getByRole("button", { name: "Approve" })).toBeVisible();
    expect(await complaints(page)).toEqual([]);
  });

  test("a refused form", async ({ page }) => {
    await page.goto("/providers/new?preset=compatible");
    await page.getByLabel("Name for people").fill("Twice");
    await page.getByLabel("Name in model names").fill("atlas");
    await page.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
    await page.getByRole("button", { name: "Add and test provider" }).click();
    await expect(page.locator(".error")).toBeVisible();
    expect(await complaints(page)).toEqual([]);
  });

  test("a provider with trouble, and its notice", async ({ page }) => {
    await addServer(page, `nowhere-${Date.now()}`, "Nowhere", "http://127.0.0.1:9/v1", "sk-whatever-000");
    expect(await complaints(page)).toEqual([]);
  });

  test("a credential on its way out", async ({ page, house }) => {
    await page.goto(`/providers/${house.equipment.provider}`);
    await page.getByRole("button", { name: /^Delete / }).first().click();
    await expect(page.getByRole("dialog").getByRole("button", { name: "Delete credential" })).toBeVisible();
    expect(await complaints(page)).toEqual([]);
    await page.goto((await page.locator("a[href*='/credentials/'][href$='/delete']").first().getAttribute("href")) ?? "");
    await expect(page.getByRole("heading", { name: /^Delete credential/, level: 1 })).toBeVisible();
    expect(await complaints(page)).toEqual([]);
  });

  test("filters unfolded, dates asked for", async ({ page }) => {
    await page.goto("/calls");
    await page.locator("summary").filter({ hasText: "More" }).click();
    await page.getByLabel("Range").selectOption({ label: "From – until" });
    expect(await complaints(page)).toEqual([]);
  });

  test("an open change", async ({ page }) => {
    await page.goto("/audit");
    await page.getByRole("main").locator("tbody a").first().click();
    await expect(page.getByRole("complementary")).toBeVisible();
    expect(await complaints(page)).toEqual([]);
  });

  test("an open menu", async ({ page }) => {
    await page.goto("/keys");
    await page.getByLabel("Theme", { exact: true }).click();
    expect(await complaints(page)).toEqual([]);
  });

  test("a conversation in the playground", async ({ page }) => {
    await page.goto("/playground?model=atlas/gpt-4o-mini");
    const send = async (text: string) => {
      await page.getByRole("textbox", { name: "Message" }).fill(text);
      await page.getByRole("button", { name: "Send" }).click();
      await expect(page.getByRole("article", { name: "Answer" }).last()).toHaveAttribute("aria-busy", "false");
    };
    await send("\n\n# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {}\n```\n\n- [x] done\n\n[a link](https://example.com) and `code`");
    await page.getByRole("combobox", { name: "Model" }).selectOption("atlas/fault-500");
    await send("This one fails");
    await page.getByLabel("Temperature").filter({ visible: true }).fill("9");
    expect(await complaints(page)).toEqual([]);
  });
});
