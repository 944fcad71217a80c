// Credit: granted, looked at, prolonged, taken back, adjusted; and what the person sees of it.
import { people } from "./support/house.ts";
import { signIn } from "./support/steps.ts";
import { expect, type Page, test } from "./support/test.ts";

test.use({ stage: "owned" });
test.describe.configure({ mode: "serial" });

/** The page about the member's credit, from the list of users. */
async function open(page: Page): Promise<void> {
  await page.goto("/users?q=moss@");
  await page.getByRole("link", { name: people.member.email }).click();
  await page.getByRole("link", { name: "Lots and ledger" }).click();
  await expect(page.getByRole("heading", { name: "Credits", level: 1 })).toBeVisible();
}

const ledger = (page: Page) => page.getByRole("region", { name: "Ledger" }).getByRole("row");
const lots = (page: Page) => page.getByRole("region", { name: "Lots" }).getByRole("row");
const sum = (page: Page, region: string) => page.getByRole("region", { name: region }).locator("data");

test("an admin grants credit, once however often the form is sent", async ({ page, stranger }) => {
  await open(page);
  await expect(page.getByText("No credit yet")).toBeVisible();
  await page.getByRole("link", { name: "Grant credit" }).click();
  const grant = page.getByRole("button", { name: "Grant credit" });
  await page.getByLabel("Amount, credits").fill("1e3");
  await page.getByLabel("Reason").fill("Welcome credits");
  await page.getByLabel("Expires").fill("soon");
  await page.getByLabel("Priority").fill("9999");
  await grant.click();
  // All that is wrong is told at once, each beside its field.
  await expect(page.locator(".error")).toHaveCount(3);
  for (const field of ["Amount, credits", "Expires", "Priority"]) await expect(page.getByLabel(field)).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Expires").fill("");
  await page.getByLabel("Priority").fill("");
  await grant.click();
  await expect(page.locator(".error")).toHaveText("Write a number like 12 or 0.25, without spaces or commas.");
  await expect(page.getByLabel("Reason")).toHaveValue("Welcome credits");
  await page.getByLabel("Amount, credits").fill("0.0000000001");
  await grant.click();
  await expect(page.locator(".error")).toHaveText("No more than 9 decimals can be booked.");
  await page.getByLabel("Amount, credits").fill("5.000000001");
  await page.getByLabel("Expires").fill("soon");
  await grant.click();
  await expect(page.locator(".error")).toHaveText("Choose a moment that lies ahead, in UTC, before the last days of the year 9999.");
  await page.getByLabel("Expires").fill("40000");
  await grant.click();
  await expect(page.locator(".error")).toHaveText("A number of days is from 1 to 36500.");
  await page.getByLabel("Expires").fill("5");
  await page.getByRole("radio", { name: /^Promotion/ }).check();
  const action = (await page.getByRole("main").locator("form").getAttribute("action")) ?? "";
  const hidden = async (name: string) => (await page.locator(`input[name=${name}]`).getAttribute("value")) ?? "";
  const form = { id: await hidden("id"), once: await hidden("once"), amount: "5.000000001", kind: "promo", expires: "5", reason: "Welcome credits" };
  await grant.click();
  await expect(page.getByText("5.000000001 credits were granted. In enterprise mode nobody needs credit")).toBeVisible();
  await expect(lots(page)).toHaveCount(2);
  // The same form again, as after a second press: nothing more, and no complaint.
  for (let again = 0; again < 2; again += 1) {
    const answer = await page.request.post(action, { form, headers: { origin: new URL(page.url()).origin, accept: "text/html" } });
    expect(answer.url()).toBe(page.url());
    expect(await answer.text()).toContain("The form came before: this was booked then, and not again.");
  }
  await page.reload();
  await expect(lots(page)).toHaveCount(2);
  await expect(sum(page, "Balance").first()).toHaveAttribute("value", "5.000000001");
  // The same form with another amount, as after the browser's Back: refused, and the form that comes back has a new name.
  const changed = await page.request.post(action, { form: { ...form, amount: "7" }, headers: { origin: new URL(page.url()).origin, accept: "text/html" } });
  const refused = await changed.text();
  expect(refused).toContain("booked with other values");
  expect(refused).not.toContain(`value="${form.once}"`);
  await page.reload();
  await expect(lots(page)).toHaveCount(2);

  const other = await stranger();
  await signIn(other, people.member);
  await other.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Credits" }).click();
  await expect(sum(other, "Balance").first()).toHaveText("5.000000001");
  await expect(lots(other).nth(1)).toContainText("Welcome credits");
  await expect(lots(other).nth(1)).toContainText("promotion");
  await expect(ledger(other).nth(1)).toContainText("by an admin");
  await expect(other.locator("body")).not.toContainText(people.admin.email);
  await expect(other.getByRole("link", { name: "Grant credit" })).toHaveCount(0);
});

test("a person's page is whole: lots, ledger, keys and calls, with the way to all", async ({ page }) => {
  await page.goto("/users?q=moss@");
  await page.getByRole("link", { name: people.member.email }).click();
  await expect(lots(page).nth(1)).toContainText("Welcome credits");
  await expect(ledger(page).nth(1)).toContainText("Welcome credits");
  for (const name of ["API keys", "Calls"]) await expect(page.getByRole("region", { name, exact: true })).toBeVisible();
  await page.getByRole("link", { name: "Whole ledger" }).click();
  await expect(page).toHaveURL(/\/credits#ledger$/);
});

test("a lot is prolonged, and taken back as far as it goes", async ({ page }) => {
  await open(page);
  await lots(page).getByRole("link", { name: "Welcome credits", exact: true }).click();
  await page.getByLabel("New end").fill("2");
  const prolong = page.getByRole("region", { name: "Prolong" });
  await prolong.getByLabel("Reason").fill("holidays");
  await prolong.getByRole("button", { name: "Prolong lot" }).click();
  await expect(page.locator(".error")).toHaveText(/can only be put off/);
  await page.getByLabel("New end").fill("2031-01-31T00:00");
  await prolong.getByRole("button", { name: "Prolong lot" }).click();
  await expect(page.getByText("The lot lives until 31 Jan 2031.")).toBeVisible();
  await expect(lots(page).nth(1)).toContainText("31 Jan 2031");
  await expect(ledger(page).nth(1)).toContainText("Prolonged");
  await expect(ledger(page).nth(1)).toContainText("lot “Welcome credits”, until 31 Jan 2031, 00:00 UTC");

  // Nothing is no answer: an end that was taken away does not come back. Browsers keep the form; whoever sends it all the same is told.
  await lots(page).getByRole("link", { name: "Prolong or void Welcome credits" }).click();
  await expect(page.getByLabel("New end")).toHaveAttribute("required");
  const action = (await prolong.locator("form").getAttribute("action")) ?? "";
  const names = ["id", "lot", "once"];
  const values = await Promise.all(names.map((name) => prolong.locator(`input[name=${name}]`).getAttribute("value")));
  const form = { ...Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""])), expires: " ", reason: "by mistake" };
  const answer = await page.request.post(action, { form, headers: { origin: new URL(page.url()).origin, accept: "text/html" } });
  expect(await answer.text()).toContain("Say when it ends, or write “never”");
  await page.reload();
  await expect(page.getByRole("region", { name: "Lot", exact: true })).toContainText("31 Jan 2031");
  await page.getByLabel("New end").fill("never");
  await prolong.getByLabel("Reason").fill("for good");
  await prolong.getByRole("button", { name: "Prolong lot" }).click();
  await expect(page.getByText("The lot never expires now.")).toBeVisible();
  await expect(ledger(page).nth(1)).toContainText("lot “Welcome credits”, never expires");

  await lots(page).getByRole("link", { name: "Welcome credits", exact: true }).click();
  const away = page.getByRole("region", { name: "Void" });
  await away.getByRole("button", { name: "Void lot" }).click();
  // Browsers that validate keep the form; others are told.
  await away.getByLabel("Reason").fill("typed into the wrong account");
  await away.getByRole("button", { name: "Void lot" }).click();
  await expect(page.getByText("The lot was voided.")).toBeVisible();
  await expect(ledger(page).nth(1)).toContainText("typed into the wrong account");
  // What it is stands there at every width, the one that has no column for it included.
  for (const width of [1280, 1000, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(ledger(page).filter({ hasText: "typed into the wrong account" }).getByText("Voided").filter({ visible: true })).toHaveCount(1);
    await expect(ledger(page).filter({ hasText: "typed into the wrong account" })).toContainText("lot “Welcome credits”");
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect(ledger(page).nth(1).locator("data").first()).toHaveText("−5.000000001");
  await expect(sum(page, "Balance").first()).toHaveText("0");
});

test("credit is adjusted both ways, never below nothing", async ({ page }) => {
  await open(page);
  const adjust = async (way: string, amount: string, reason: string) => {
    await page.getByRole("link", { name: "Adjust", exact: true }).click();
    await page.getByRole("radio", { name: way }).check();
    await page.getByLabel("Amount, credits").fill(amount);
    await page.getByLabel("Reason").fill(reason);
    await page.getByRole("button", { name: "Adjust credit" }).click();
  };
  await adjust("Add", "0.000776", "the last digits");
  await expect(page.getByText("Adjusted. The balance after it is 0.000776.")).toBeVisible();
  await adjust("Take", "1", "too much");
  await expect(page.locator(".error")).toHaveText("This needs 1.00 credits and 0.000776 can be spent.");
  await page.getByLabel("Amount, credits").fill("0.000001");
  await page.getByRole("button", { name: "Adjust credit" }).click();
  await expect(page.getByText("Adjusted. The balance after it is 0.000775.")).toBeVisible();
  // Never a rounded zero, and what goes out carries a minus.
  await expect(ledger(page).nth(1).locator("data").first()).toHaveText("−0.000001");
  await expect(ledger(page).nth(2).locator("data").first()).toHaveText("+0.000776");
});

test("today's lines add up, and the ledger comes as a file", async ({ page }) => {
  await open(page);
  const today = page.getByRole("region", { name: "Today" });
  const value = async (row: string) => Number(await today.getByRole("row").filter({ hasText: row }).locator("data").getAttribute("value"));
  const lines = await Promise.all(["At 00:00 UTC", "Granted", "Adjusted", "Voided", "Calls"].map(value));
  expect(lines.reduce((all, line) => all + line, 0)).toBeCloseTo(await value("Now"), 9);
  const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
  const file = await page.request.get(href ?? "");
  expect(file.headers()["content-type"]).toContain("text/csv");
  const rows = (await file.text()).trim().split("\r\n");
  expect(rows[0]).toBe("number,booked_at,kind,change,balance,debt,call,model,key,reason,actor,project,debt_change,lot,lot_expires_at");
  expect(rows[1]).toMatch(/^1,[^,]+Z,grant,5\.000000001,5\.000000001,0\.00,,,,Welcome credits,ada@example\.com,,0\.00,lot_[^,]+,[^,]+Z$/);
  expect(rows).toHaveLength(7);
  const lot = rows[1].split(",").at(-2);
  expect(rows[2]).toMatch(new RegExp(`^2,.*,${lot},2031-01-31T00:00:00Z$`));
  for (const row of rows.slice(3, 5)) expect(row).toMatch(new RegExp(`,${lot},$`));
});

test("a blocked account says so to both", async ({ page, stranger }) => {
  await open(page);
  const panel = page.getByRole("region", { name: "Admission of calls" });
  await panel.getByLabel("Reason").fill("looks stolen");
  await panel.getByRole("button", { name: "Block account" }).click();
  await expect(page.getByText("The account is blocked.")).toBeVisible();
  await expect(page.getByText("This account is blocked")).toBeVisible();
  // So do the list of users, which tells what each can spend, and the head of the person's page.
  await page.goto("/users");
  const row = page.getByRole("main").locator("tbody tr").filter({ hasText: people.member.email });
  await expect(row).toContainText("calls blocked");
  await expect(row.locator("data")).toHaveText("0.000775");
  await row.getByRole("link").first().click();
  await expect(page.getByRole("main").locator(".page-head")).toContainText("calls blocked");
  await page.getByRole("link", { name: "Lots and ledger" }).click();
  const other = await stranger();
  await signIn(other, people.member);
  await other.goto("/credits");
  await expect(other.getByText("Your account is blocked: new calls are refused. Ask an admin.")).toBeVisible();
  await panel.getByLabel("Reason").fill("it was not");
  await panel.getByRole("button", { name: "Unblock account" }).click();
  await expect(page.getByText("The account is unblocked.")).toBeVisible();
});

test("the audit tells who did what", async ({ page }) => {
  await page.goto("/audit?action=credit");
  const rows = page.getByRole("main").getByRole("row");
  for (const what of ["Credit granted", "Lot prolonged", "Lot voided", "Credit adjusted"]) {
    await expect(rows.filter({ hasText: what }).first()).toContainText(people.admin.email);
  }
});

test.describe("to a member", () => {
  test.use({ role: "member" });

  test("the credit of others is closed", async ({ page, hub, watch }) => {
    const users = await hub.command<Array<{ id: string; email: string }>>(["user", "list"]);
    const admin = users.find((user) => user.email === people.admin.email)?.id;
    for (const path of [`/users/${admin}/credits`, `/users/${admin}/credits/grant`, `/users/${admin}/credits/ledger.csv`]) {
      watch.expectStatus(403);
      expect((await page.goto(path))?.status(), path).toBe(403);
    }
  });
});
