// A dialog asks before something is done, without any script; where a browser knows no such buttons, a page asks.
import { createKey } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

test("the question is asked over the page, and No leaves everything as it is", async ({ page, javaScriptEnabled }) => {
  const name = `kept ${javaScriptEnabled !== false}`;
  await createKey(page, name);
  await page.goto("/keys");
  const button = page.getByRole("button", { name: `Revoke key “${name}”` });
  const dialog = page.getByRole("dialog", { name: `Revoke key “${name}”` });
  await expect(dialog).toBeHidden();
  await button.click();
  await expect(dialog).toBeVisible();
  await expect(page).toHaveURL("/keys");
  await expect(dialog).toContainText("refused with 401");
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toBeHidden();
  await expect(button).toBeFocused();
  await button.press("Enter");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.reload();
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("Active");
});

test("Yes does it", async ({ page, javaScriptEnabled }) => {
  const name = `gone ${javaScriptEnabled !== false}`;
  await createKey(page, name);
  await page.goto("/keys");
  await page.getByRole("button", { name: `Revoke key “${name}”` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke key", exact: true }).click();
  await expect(page.getByRole("status")).toContainText(`Key “${name}” is revoked.`);
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("Revoked");
});

test("a browser without such buttons is led to the page that asks", async ({ page, javaScriptEnabled }) => {
  const name = `asked ${javaScriptEnabled !== false}`;
  await createKey(page, name);
  // What such a browser sees of the page: it ignores the attributes.
  await page.route("/keys", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(/ command(for)?="[^"]*"/g, "") });
  });
  await page.goto("/keys");
  await page.getByRole("button", { name: `Revoke key “${name}”` }).click();
  await expect(page).toHaveURL(/\/keys\/key_\w+\/revoke\??$/);
  await page.getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByRole("status")).toContainText(`Key “${name}” is revoked.`);
});
