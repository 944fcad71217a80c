// A whole errand without a mouse: sign in, make a key, copy it, disable and revoke it, sign out. The focus is always seen, and never covered.
import { people } from "./support/house.ts";
import { expect, test, type Locator, type Page } from "./support/test.ts";

test.use({ stage: "owned", role: "nobody" });

/** What holds of whatever has the focus: it is marked, and nothing lies over all of it. */
async function seen(page: Page): Promise<void> {
  const problem = await page.evaluate(() => {
    const at = document.activeElement as HTMLElement | null;
    if (!at || at === document.body) return null;
    const named = `${at.tagName}.${at.className} ${at.textContent?.trim().slice(0, 30)}`;
    const marked = (element: Element | null): boolean => {
      if (!element || element === document.body) return false;
      const framed = [undefined, "::after", "::before"].some((part) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element, part);
        return outlineStyle !== "none" && outlineWidth !== "0px";
      });
      return framed || marked(element.parentElement);
    };
    if (!marked(at)) return `no mark on ${named}`;
    const { left, right, top, bottom } = at.getBoundingClientRect();
    const points = [0.1, 0.5, 0.9].flatMap((x) => [0.1, 0.5, 0.9].map((y) => [left + (right - left) * x, top + (bottom - top) * y]));
    const free = points.some(([x, y]) => {
      const over = document.elementFromPoint(x, y);
      return over !== null && (at.contains(over) || over.contains(at) || over.closest("label") !== null);
    });
    return free ? null : `covered: ${named}`;
  });
  expect(problem).toBeNull();
}

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
    await seen(page);
  }
  throw new Error(`Tab never reached ${target}`);
}

test("sign in, make a key, copy it, disable and enable it, revoke it, sign out, by the keyboard alone", async ({ page, context }) => {
  // Each step is a press of a key, and there are hundreds.
  test.setTimeout(180_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/sign-in?next=/keys");
  await tabTo(page, page.getByLabel("E-mail"));
  await page.keyboard.type(people.admin.email);
  await tabTo(page, page.getByLabel("Password"));
  await page.keyboard.type(people.admin.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/keys");

  await tabTo(page, page.getByRole("main").getByRole("link", { name: /New key|Create/ }).first());
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/keys/new");
  await tabTo(page, page.getByLabel("Name"));
  await page.keyboard.type("by keys alone");
  await page.keyboard.press("Enter");
  const copy = page.locator(".secret").getByRole("button", { name: "Copy" });
  await expect(copy).toBeVisible();
  await tabTo(page, copy);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toMatch(/^sk-hub-/);

  // Out of use, and into it again.
  await page.goto("/keys");
  await tabTo(page, page.getByRole("link", { name: "by keys alone" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Disable key" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("The key is disabled")).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Enable key" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText("The key is enabled")).toBeVisible();

  await page.goto("/keys");
  await tabTo(page, page.getByRole("button", { name: "Revoke key “by keys alone”" }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  // What does no harm comes first, and Escape is as good.
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("button", { name: "Revoke key “by keys alone”" })).toBeFocused();
  await page.keyboard.press("Enter");
  await tabTo(page, dialog.getByRole("button", { name: "Revoke key" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("row").filter({ hasText: "by keys alone" })).toContainText("Revoked");

  await tabTo(page, page.locator("summary").filter({ hasText: "Account of " }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign out", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Sign in to AIGNE Hub" })).toBeVisible();
});

test.describe("on long pages", () => {
  test.use({ stage: "furnished", role: "admin" });

  for (const [width, height] of [[1280, 500], [360, 640]]) {
    test(`the focus is never covered on its way down and up, ${width} px wide`, async ({ page, house }) => {
      await page.setViewportSize({ width, height });
      for (const path of [`/calls?range=all&open=${house.things.calls.streamed}`, `/prices/${house.things.models.priced}`]) {
        await page.goto(path);
        for (const key of ["Tab", "Shift+Tab"]) {
          for (let step = 0; step < 50; step += 1) {
            await page.keyboard.press(key);
            await seen(page);
          }
        }
      }
    });
  }
});

test.describe("before something is lost", () => {
  test.use({ stage: "furnished", role: "admin" });

  test("Cancel has the focus first, and Escape goes the same way", async ({ page, house }) => {
    const { users, providers } = house.things;
    for (const of of [`/users/${users.member}`, `/providers/${providers.failing}`]) {
      await page.goto(`${of}/delete`);
      await expect(page.getByRole("main").getByRole("link", { name: "Cancel" })).toBeFocused();
      await page.getByLabel(/^Type “/).fill("half of it");
      // Until its island is awake, no key is heard.
      await expect(async () => {
        await page.keyboard.press("Escape");
        await expect(page).toHaveURL(of, { timeout: 500 });
      }).toPass();
    }
  });
});
