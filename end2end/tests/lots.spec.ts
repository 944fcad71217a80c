// Credit that is about to end: said on top of the page, with the way to the lots, which stand in the order in which they are used.
// (`ux.md` E16, E18)
import { expect, test } from "./support/test.ts";

test.use({ role: "member" });

test("what ends within a week is said on top, with the way to its lot", async ({ page }) => {
  await page.goto("/credits");
  const banner = page.getByRole("status").filter({ hasText: "credits expire by" });
  await expect(banner).toContainText("4.578528 credits expire by");
  await banner.getByRole("link", { name: "See which" }).click();
  await expect(page).toHaveURL(/\/credits#lots$/);
  const lots = page.getByRole("region", { name: "Lots" });
  await expect(lots).toBeInViewport();
  // Order, kind, left and total, end; what ends first is used first.
  const rows = lots.getByRole("row");
  await expect(rows.nth(1)).toContainText(/1.*Welcome credits.*promotion.*4\.578528 \/\s+5\.00.*in [45] days/s);
  await expect(rows.nth(2)).toContainText(/2.*Refund, failed images.*correction.*0\.50 \/\s+0\.50/s);
  await expect(rows.nth(4)).toContainText(/4.*Bank transfer.*paid.*50\.00 \/\s+50\.00/s);
});

test("every digit of money is there: nothing is rounded up, nothing small is nothing, and what goes out has a minus", async ({ page }) => {
  await page.goto("/credits");
  const balance = page.getByRole("region", { name: "Balance" }).locator("data").first();
  await expect(balance).toHaveText("55.078528776");
  await expect(page.getByRole("region", { name: "Lots" }).getByRole("row").filter({ hasText: "The last digits" })).toContainText("0.000000776");
  const change = (what: string) => page.getByRole("region", { name: "Ledger" }).getByRole("row").filter({ hasText: what }).locator("data").first();
  await expect(change("The last digits")).toHaveText("+0.000000776");
  await expect(change("Counted twice")).toHaveText("−0.421472");
  await expect(change("That was for somebody else")).toHaveText("−25.00");
});
