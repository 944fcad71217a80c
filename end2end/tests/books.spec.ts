// The proof of the books: run by a press, kept, and shown with what it found.
import { giveCredit } from "./support/furnish.ts";
import { people } from "./support/house.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned" });
test.describe.configure({ mode: "serial" });

test("the books are proved by a press", async ({ page, hub }) => {
  await giveCredit(hub, people.member.email);
  await page.goto("/books");
  await expect(page.getByText("The books were never proved")).toBeVisible();
  await page.getByRole("button", { name: "Prove the books now" }).click();
  await expect(page.getByText("The proof has begun.")).toBeVisible();
  await expect(async () => {
    await page.goto("/books");
    await expect(page.getByText("The books are sound.")).toBeVisible({ timeout: 500 });
  }).toPass();
  const totals = page.getByRole("region", { name: "Chart of accounts" });
  await expect(totals.getByRole("row").filter({ hasText: "Credit of accounts" })).toContainText("−55.078528776");
  await expect(totals.locator("footer data")).toHaveText("0");
  await expect(page.getByRole("region", { name: "Runs" }).getByRole("row").nth(1)).toContainText(people.admin.email);
});

test("a run of the command line stands there too", async ({ page, hub }) => {
  await hub.command(["verify-ledger", "--since", "1d"]);
  await page.goto("/books");
  const newest = page.getByRole("region", { name: "Runs" }).getByRole("row").nth(1);
  await expect(newest).toContainText("sound");
  await expect(newest).toContainText("since");
  await expect(newest).toContainText("command line");
});

test.describe("to a member", () => {
  test.use({ role: "member" });

  test("the books are closed", async ({ page, watch }) => {
    watch.expectStatus(403);
    expect((await page.goto("/books"))?.status()).toBe(403);
  });
});
