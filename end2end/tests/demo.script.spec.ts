// What `serve --demo` brings along is nobody's set-up: the checklist counts only what people did, and one admin can finish it.
import { House } from "./support/house.ts";
import { call, connect, setUp } from "./support/journey.ts";
import { expect, test as base } from "./support/test.ts";

const test = base.extend({
  house: async ({}, use) => {
    const house = await House.empty({ words: ["--demo"] });
    await use(house);
    await house.leave();
  },
});

test.use({ stage: "new" });

test("the demo's own provider, key, person and call tick off nothing", async ({ page, house, hub, stranger }) => {
  const [key] = hub.printed.match(/sk-hub-[\w-]{43}/) ?? [];
  const answer = await hub.chat(key ?? "", "simulated/echo", "As the printed line does");
  expect(await answer.json()).toMatchObject({ choices: [{ message: { content: "As the printed line does" } }] });

  await setUp(page, house, stranger);
  const checklist = page.getByRole("region", { name: "Set-up" });
  await expect(checklist.getByText("0 of 3 done")).toBeVisible();
  await expect(checklist.getByRole("listitem").filter({ hasText: "Add a second person" }).getByRole("img", { name: "Optional" })).toBeVisible();
  // The call is there all the same.
  await expect(page.getByRole("region", { name: "Recent calls" }).getByRole("row").filter({ hasText: "simulated" })).toHaveCount(1);

  await connect(page, house);
  await page.goto("/");
  await expect(checklist.getByText("1 of 3 done")).toBeVisible();
  await call(page, house);
  await page.goto("/");
  await expect(page.getByRole("region", { name: "Recent calls" })).toContainText("gpt-4o");
  await expect(checklist).toHaveCount(0);
});
