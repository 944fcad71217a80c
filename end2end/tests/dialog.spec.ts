// A dialog asks before something is done, without any script; in browsers that open no dialogs by themselves a page asks.
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
  await expect(page.getByRole("status").filter({ hasText: `Key “${name}” is revoked.` })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: name })).toContainText("Revoked");
});

test("a browser that opens no dialogs by itself is led to the page that asks", async ({ page, javaScriptEnabled }) => {
  const name = `asked ${javaScriptEnabled !== false}`;
  await createKey(page, name);
  // What such a browser makes of the style sheet.
  let rules = 0;
  await page.route("**/pkg/hub.css*", async (route) => {
    const answer = await route.fetch();
    const parts = (await answer.text()).split("not selector(:popover-open)");
    rules = parts.length - 1;
    await route.fulfill({ response: answer, body: parts.join("selector(:popover-open)") });
  });
  await page.goto("/keys");
  expect(rules).toBeGreaterThan(0);
  const question = { name: `Revoke key “${name}”` };
  await expect(page.getByRole("button", question)).toBeHidden();
  await page.getByRole("link", question).click();
  await expect(page.getByRole("heading", { ...question, level: 1 })).toBeVisible();
  await page.getByRole("button", { name: "Revoke key", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: `Key “${name}” is revoked.` })).toBeVisible();
});
