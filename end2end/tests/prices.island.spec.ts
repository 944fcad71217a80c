// The form for a price, alive: prices follow while somebody types, and a yes is a yes to what stood there.
import { expect, test } from "./support/test.ts";

test.beforeEach(async ({ page, house }) => {
  await page.goto(`/prices/${house.things.models.unpriced}`);
});

/** The same numbers each time, from 0 to below `end`. */
function* dice(end: number): Generator<number, never> {
  for (let state = 7; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield Math.floor((state / 2 ** 31) * end);
  }
}

test("each of twenty models in a row shows its own values, though others were typed before", async ({ page, hub }) => {
  const models = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  // Cost of input and output, as `furnish.ts` has set them.
  const costs: Record<string, [string, string]> = {
    "atlas/gpt-4o-mini": ["0.15", "0.60"],
    "atlas/o3": ["2.00", "8.00"],
    "atlas/gpt-4.1-mini": ["0.40", "1.60"],
    "atlas/text-embedding-3-small": ["0.02", "0.00"],
    "atlas/fault-500": ["", ""],
    "atlas/gpt-4o": ["2.50", "10.00"],
  };
  const names = Object.keys(costs);
  const roll = dice(names.length);
  for (let turn = 0; turn < 20; turn += 1) {
    const name = names[roll.next().value];
    await page.goto(`/prices/${models.find((model) => model.name === name)?.id}`, { waitUntil: "commit" });
    await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
    const fields = [page.getByLabel("Input: cost", { exact: true }), page.getByLabel("Output: cost", { exact: true })];
    for (const [at, field] of fields.entries()) {
      await expect(field, `${turn}: ${name}`).toHaveValue(costs[name][at]);
      await field.fill(`${turn}.99`);
    }
    await page.getByLabel("Margin on cost").fill(String(turn));
  }
});

test("cost, margin and price move together", async ({ page }) => {
  const row = page.getByRole("row", { name: /^Input/ }).first();
  const [cost, price] = [row.getByLabel("Input: cost"), row.getByLabel("Input: price")];
  await cost.fill("0.15");
  await expect(price).toHaveAttribute("placeholder", "0.15");
  await page.getByRole("button", { name: "20 %" }).click();
  await expect(price).toHaveAttribute("placeholder", "0.18");
  await expect(row).toContainText("20 %");
  await price.fill("0.30");
  await expect(row).toContainText("100 %");
  await page.getByLabel("Margin on cost").fill("50");
  await expect(row).toContainText("100 %");
  await price.fill("");
  await expect(price).toHaveAttribute("placeholder", "0.225");
  await expect(row).toContainText("50 %");
});

test("a yes to selling below cost is gone when the prices change", async ({ page }) => {
  const [cost, price] = [page.getByLabel("Output: cost"), page.getByLabel("Output: price")];
  await cost.fill("10");
  await price.fill("9");
  const group = page.getByRole("group", { name: "Below cost" });
  await group.getByRole("checkbox").check();
  await price.fill("1");
  await expect(group).toContainText("sold for 1.00");
  await expect(group.getByRole("checkbox")).not.toBeChecked();
  await price.fill("10");
  await expect(group).toHaveCount(0);
});

test("a tier that is begun makes room for another", async ({ page }) => {
  await page.locator("summary").filter({ hasText: "Other prices for long prompts" }).click();
  await page.getByLabel("Tier 1: above input tokens").fill("1000");
  await page.locator("summary").filter({ hasText: "Another tier" }).click();
  await page.getByLabel("Tier 2: above input tokens").fill("1000");
  await expect(page.getByText("Two tiers have this threshold.")).toBeVisible();
  await expect(page.locator("summary").filter({ hasText: "Another tier" })).toHaveCount(2);
});

test("what is wrong with a margin or a threshold stands under its field, which keeps its width", async ({ page }) => {
  await page.locator("summary").filter({ hasText: "Other prices for long prompts" }).click();
  for (const [name, right, wrong, sentence] of [
    ["Margin on cost", "12", "12x", "Write a number like 2.50, without spaces or commas."],
    ["Tier 1: above input tokens", "12", "12k", "Write a whole number like 200000, without spaces or commas."],
  ] as const) {
    const field = page.getByLabel(name);
    await field.fill(right);
    const before = await field.boundingBox();
    await field.fill(wrong);
    const error = page.getByText(sentence);
    await expect(error).toBeVisible();
    const [after, told] = [await field.boundingBox(), await error.boundingBox()];
    expect(after?.width, name).toBe(before?.width);
    expect(told?.y, name).toBeGreaterThanOrEqual((after?.y ?? 0) + (after?.height ?? 0));
    await field.fill("");
  }
});

test("what the last thirty days would have come to follows what is typed, and other thresholds", async ({ page, house }) => {
  // The model of the calls that every house has.
  await page.goto(`/prices/${house.things.models.priced}`);
  const effect = page.getByRole("table", { name: /The last 30 days under this price: \d+ calls?/ });
  const charged = effect.getByRole("row", { name: "Charged" }).getByRole("cell").nth(1);
  const input = page.getByLabel("Output: cost", { exact: true });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/past")) asked.push(request.url());
  });
  await input.fill("20");
  await expect(effect).toBeVisible();
  const first = await charged.textContent();
  await input.fill("40");
  await expect(charged).not.toHaveText(first ?? "");
  expect(asked, "a price is worked out here").toHaveLength(1);
  // Above one token lies every call.
  const second = await charged.textContent();
  await page.getByLabel("Tier 1: above input tokens").fill("1");
  await expect.poll(() => asked.length).toBe(2);
  await expect(charged).not.toHaveText(second ?? "");
  // As it began there is nothing to tell.
  await page.getByLabel("Tier 1: above input tokens").fill("200000");
  await input.fill("10.00");
  await expect(effect).toHaveCount(0);
});

test("the public list copies a model's name", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/pricing");
  await page.getByRole("button", { name: "Copy atlas/gpt-4o-mini" }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe("atlas/gpt-4o-mini");
});
