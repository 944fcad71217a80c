// The command palette and the keys that act anywhere.
import { complaints } from "./support/complaints.ts";
import { people } from "./support/house.ts";
import { expect, test, type Page } from "./support/test.ts";

const palette = (page: Page) => page.getByRole("dialog", { name: "Search or jump to" });
const field = (page: Page) => palette(page).getByRole("combobox");

/** Opens a page and presses keys until its islands are awake to hear them. */
async function open(page: Page, path = "/keys"): Promise<void> {
  await page.goto(path);
  await expect(async () => {
    await page.keyboard.press("Control+k");
    await expect(palette(page)).toBeVisible({ timeout: 500 });
  }).toPass();
}

test("Ctrl-K opens it within 100 ms, Escape closes it and gives the focus back", async ({ page }) => {
  await open(page);
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  const opener = page.getByRole("link", { name: "New key" }).first();
  await opener.focus();
  // Measured in the page, from the key to the open dialog: what the browser itself takes, not how busy the machine is.
  await page.evaluate(() => {
    const opened = new Promise<boolean>((told) => {
      addEventListener("keydown", ({ key }) => key === "k" && setTimeout(() => told(document.querySelector("dialog.palette:modal") !== null)));
    });
    Object.assign(window, { opened });
  });
  await page.keyboard.press("Control+k");
  expect(await page.evaluate(() => (window as unknown as { opened: Promise<boolean> }).opened), "open in the same turn").toBe(true);
  await expect(field(page)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(opener).toBeFocused();
});

test("arrows and Enter lead to people, keys, models and a call", async ({ page, house }) => {
  const { users, key, calls } = house.things;
  const go = async (words: string, title: string, address: string | RegExp) => {
    await open(page);
    await page.keyboard.type(words);
    const option = palette(page).getByRole("option").filter({ hasText: title });
    await expect(option).toBeVisible();
    for (let step = 0; step < 20 && (await option.getAttribute("aria-selected")) !== "true"; step += 1) await page.keyboard.press("ArrowDown");
    await expect(field(page)).toHaveAttribute("aria-activedescendant", (await option.getAttribute("id")) ?? "");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(address);
  };
  await go("moss", people.member.email, `/users/${users.member}`);
  await go("staging", key.name, `/keys/${key.id}`);
  await go("text-embedding-3-small", "atlas/text-embedding-3-small", /\/prices\/model_/);
  await go(calls.streamed, calls.streamed, `/calls/${calls.streamed}`);
  await go("setti", "Settings", "/settings");
  // What was opened comes first the next time, the last one on top.
  await open(page);
  const first = palette(page).getByRole("group", { name: "Recent" }).getByRole("option");
  await expect(first).toContainText(["Settings", calls.streamed, "atlas/text-embedding-3-small", key.name, people.member.email]);
  await expect(first.first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await expect(palette(page).getByRole("option").last()).toHaveAttribute("aria-selected", "true");
});

test("an answer to what is no longer typed is never shown", async ({ page }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  let late: Promise<unknown> = Promise.resolve();
  await page.route(/find\?words=moss&?$/, async (route) => {
    await held;
    late = route.continue();
  });
  await open(page);
  const asked = page.waitForRequest(/find\?words=moss&?$/);
  await page.keyboard.type("moss");
  await asked;
  await expect(palette(page).getByRole("status")).toHaveText("Searching …");
  await field(page).fill("notebook");
  await expect(palette(page).getByRole("option").filter({ hasText: "notebook" })).toBeVisible();
  const answered = page.waitForResponse(/find\?words=moss&?$/);
  release();
  await answered;
  await late;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await expect(palette(page).getByRole("option").filter({ hasText: people.member.email })).toHaveCount(1);
  await expect(palette(page).getByRole("option")).toHaveCount(1);
  await expect(palette(page).getByRole("group")).toHaveText([/^API keysnotebook/]);
});

test("fast typing asks once, and nothing found is said", async ({ page }) => {
  await open(page);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/palette/find/")) asked.push(request.url());
  });
  await field(page).fill("x");
  await field(page).fill("xy");
  await field(page).fill("xyz%_nothing");
  await expect(palette(page).getByRole("status")).toHaveText("Nothing is called “xyz%_nothing”, or nothing that you may see.");
  expect(asked).toHaveLength(1);
});

test("a slash goes into the page's search, but not while somebody types", async ({ page }) => {
  await open(page, "/users");
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  const search = page.getByRole("main").getByRole("searchbox");
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("");
  await page.keyboard.type("a/b?");
  await expect(search).toHaveValue("a/b?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeHidden();
  // Where there is nothing to search, the key stays the browser's.
  await open(page, "/keys/new");
  await page.keyboard.press("Escape");
  await page.getByLabel("Name").blur();
  await page.keyboard.press("/");
  await expect(page.getByLabel("Name")).not.toBeFocused();
});

test("a question mark lists the keys, and those of one letter can be switched off", async ({ page }) => {
  await open(page, "/users");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(keys.getByRole("row")).toHaveCount(6);
  await keys.getByRole("switch").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await expect(page.getByRole("main").getByRole("searchbox")).not.toBeFocused();
  await page.keyboard.press("?");
  await expect(keys).toBeHidden();
  // Chords act all the same, and the palette leads to the list.
  await page.keyboard.press("Control+k");
  await palette(page).getByRole("button", { name: "Keyboard shortcuts" }).click();
  await expect(keys).toBeVisible();
  await keys.getByRole("switch").check();
  await keys.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("/");
  await expect(page.getByRole("main").getByRole("searchbox")).toBeFocused();
});

test("axe has no complaint about either dialog", async ({ page }) => {
  await open(page);
  await field(page).fill("gpt");
  await expect(palette(page).getByRole("option").first()).toBeVisible();
  expect(await complaints(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  expect(await complaints(page)).toEqual([]);
});

test.describe("to a member, in Chinese", () => {
  test.use({ role: "member" });

  test("it lists their pages and finds nothing of others", async ({ page, context, hub, house }) => {
    await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
    await page.goto("/keys");
    const chinese = page.getByRole("dialog", { name: "搜索或跳转" });
    await expect(async () => {
      await page.keyboard.press("Control+k");
      await expect(chinese).toBeVisible({ timeout: 500 });
    }).toPass();
    await expect(chinese.getByRole("option")).toHaveText(["概览", "调用", "试用", "API 密钥", "项目", "额度", "价目表", "账号"]);
    for (const words of [people.admin.email, house.things.key.name, house.things.calls.answered]) {
      await chinese.getByRole("combobox").fill(words);
      await expect(chinese.getByRole("status")).toHaveText(`没有找到“${words}”，或你无权查看。`);
    }
    await chinese.getByRole("combobox").fill("notebook");
    await expect(chinese.getByRole("option")).toHaveText([/^notebook/]);
  });
});
