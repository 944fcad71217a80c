// What is printed: the content on white, without what only a screen can use; and a theme and a language that are there from the
// first moment on. (`ux.md` E30)
import { fits } from "./support/layout.ts";
import { expect, type Page, test } from "./support/test.ts";

test.use({ role: "member" });

/** Chooses a theme in the top bar. */
async function choose(page: Page, theme: string): Promise<void> {
  await page.getByLabel("Theme", { exact: true }).click();
  await page.getByRole("button", { name: theme, exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme.toLowerCase());
}

/** What each frame of a page has been drawn in, from the first one on: ground and language. Runs within the page. */
function watchFrames(): void {
  const seen: string[] = [];
  Object.assign(window, { seen });
  const look = () => {
    const drawn = `${getComputedStyle(document.documentElement).backgroundColor} ${document.documentElement.lang}`;
    if (!seen.includes(drawn)) seen.push(drawn);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

test("a chosen theme and language are there with the first frame, on every page and after a visit elsewhere", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.addInitScript(watchFrames);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await page.goto("/keys");
  const light = await ground();
  await choose(page, "Dark");
  expect(await ground()).not.toBe(light);
  const dark = await ground();
  await page.getByRole("button", { name: "中文", exact: true }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  for (const path of ["/keys", "/calls", "/credits", "/pricing", "/playground"]) {
    await page.goto(path);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen), path).toEqual([`${dark} zh-CN`]);
  }
});

for (const theme of ["Light", "Dark"]) {
  test(`pages print on white without what a screen is for, chosen theme ${theme}`, async ({ page, house }) => {
    await page.goto("/keys");
    await choose(page, theme);
    for (const path of ["/credits", "/calls?range=all", `/calls/${house.things.calls.members}`, "/pricing"]) {
      await page.goto(path);
      await page.emulateMedia({ media: "print" });
      const colours = await page.evaluate(() => {
        const { backgroundColor } = getComputedStyle(document.documentElement);
        return { scheme: getComputedStyle(document.documentElement).colorScheme, backgroundColor };
      });
      expect(colours, path).toEqual({ scheme: "light", backgroundColor: "rgb(255, 255, 255)" });
      for (const gone of [".sidebar", ".topbar", ".skip-link", ".filters", ".pager", ".page-actions"]) {
        for (const part of await page.locator(gone).all()) await expect(part, `${path}: ${gone}`).toBeHidden();
      }
      await expect(page.getByRole("heading", { level: 1 }), path).toBeVisible();
      // As wide as an A4 sheet between its margins.
      await fits(page, `${path} in print`, [718]);
      await page.emulateMedia({ media: "screen" });
    }
  });
}

test("a call and one's credit take no more than two sheets", async ({ page, house }) => {
  for (const path of [`/calls/${house.things.calls.members}`, "/credits"]) {
    await page.goto(path);
    const paper = (await page.pdf({ format: "A4" })).toString("latin1");
    expect(paper.match(/\/Type\s*\/Page\b(?!s)/g)?.length, path).toBeLessThanOrEqual(2);
  }
});
