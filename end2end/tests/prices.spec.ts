// Prices: set with a margin, confirmed below cost, scheduled, never saved over what somebody else published, listed for all.
import { sql } from "./support/sqlite.ts";
import { expect, type Page, test } from "./support/test.ts";

test.use({ alone: true });

/** Presses the form's button; without scripts the first time shows what the prices come to, and the second publishes. */
async function publish(page: Page, javaScript: boolean): Promise<void> {
  if (!javaScript) {
    await page.getByRole("button", { name: "Preview price" }).click();
    await expect(page.getByText("Nothing is published yet.")).toBeVisible();
  }
  await page.getByRole("button", { name: "Publish price" }).click();
}

const cost = (page: Page, what: string) => page.getByLabel(`${what}: cost`, { exact: true });
const price = (page: Page, what: string) => page.getByLabel(`${what}: price`, { exact: true });
const history = (page: Page) => page.getByRole("region", { name: "History" }).locator("li:has(.list-head)");

// First: others schedule prices that begin before this one.
test("the public list tells what a scheduled price changes, tiers included", async ({ page }) => {
  await page.goto("/pricing");
  const rows = page.getByRole("main").locator("tbody tr");
  await expect(rows.getByText("Above 200,000 input tokens (the whole call): Input 6.00")).toBeVisible();
  // It takes them away.
  await expect(rows.getByText(/^From .*2999.*: Above 200,000 input tokens: as for shorter ones$/)).toBeVisible();
});

test("a first price is set from cost and margin", async ({ page, house, javaScriptEnabled }) => {
  await page.goto("/models?q=fault-500");
  await page.getByRole("link", { name: "No price" }).click();
  await expect(page.getByRole("heading", { name: "atlas/fault-500", level: 1 })).toBeVisible();
  expect(page.url()).toContain(house.things.models.unpriced);
  await cost(page, "Input").fill("2.50");
  await cost(page, "Output").fill("10");
  await page.getByLabel("Margin on cost").fill("12.5");
  await page.getByRole("textbox", { name: "Reason optional" }).fill("A first price");
  if (javaScriptEnabled) await expect(price(page, "Input")).toHaveAttribute("placeholder", "2.8125");
  await publish(page, javaScriptEnabled);
  await expect(page.getByText("Published. The price is in force.")).toBeVisible();
  await expect(history(page)).toHaveCount(1);
  await expect(history(page)).toContainText(/In force.*margin 12.5 %.*by ada@example.com.*Reason: A first price/s);
  await expect(history(page).getByRole("row", { name: "Input 2.50 2.8125" })).toBeVisible();
  // What is in force stands in the form again.
  await expect(cost(page, "Output")).toHaveValue("10.00");
  await expect(price(page, "Output")).toHaveAttribute("placeholder", "11.25");
  await page.goto("/models?q=fault-500");
  await expect(page.getByRole("link", { name: "No price" })).toHaveCount(0);
  await page.goto("/pricing?q=fault-500");
  await expect(page.getByRole("row").filter({ hasText: "fault-500" })).toContainText("2.8125");
});

test("selling below cost needs a yes", async ({ page, hub, house, javaScriptEnabled }) => {
  await page.goto(`/prices/${house.things.models.belowCost}`);
  const before = await history(page).count();
  await price(page, "Output").fill("0.01");
  await page.getByRole("textbox", { name: "Reason optional" }).fill("too cheap");
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Preview price" }).click();
  const group = page.getByRole("group", { name: "Below cost" });
  await expect(group).toContainText("Output: costs 1.60, sold for 0.01");
  await page.getByRole("button", { name: "Publish price" }).click();
  await expect(page.getByRole("alert")).toContainText("Not published: sold below cost");
  await expect(price(page, "Output")).toHaveValue("0.01");
  await expect(page.getByRole("textbox", { name: "Reason optional" })).toHaveValue("too cheap");
  expect(await history(page).count()).toBe(before);
  await group.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Publish price" }).click();
  await expect(page.getByText("Published.")).toBeVisible();
  await expect(history(page)).toHaveCount(before + 1);
  const listed = await hub.command<Array<{ model: string }>>(["price", "list", "--below-cost"]);
  expect(listed.map((entry) => entry.model)).toContain("atlas/gpt-4.1-mini");
});

/** Billionths of a dollar. */
function nano(text: string): bigint {
  const [whole, part = ""] = text.split(".");
  return BigInt(whole + part.padEnd(9, "0"));
}

test("a change of a price shows what the last thirty days would have come to", async ({ page, hub, house, javaScriptEnabled }) => {
  const model = house.things.models.belowCost;
  const answer = await hub.chat(house.things.key.secret, "atlas/gpt-4.1-mini", "write 30 words please");
  await answer.text();
  const told = () => sql(hub, "SELECT count(*), sum(cost), sum(charge) FROM call WHERE model_served = 'atlas/gpt-4.1-mini'");
  await expect.poll(async () => Number((await told())[0][2])).toBeGreaterThan(0);
  const [[calls, paid, charged]] = (await told()) as [[number, number, number]];
  await page.goto(`/prices/${model}`);
  const published = await history(page).count();
  const effect = page.getByRole("table", { name: new RegExp(`under this price: ${calls} calls?$`) });
  await expect(effect).toHaveCount(0);
  /** What the calls came to and would have come to, cost and charge, when these are the prices. */
  const under = async (input: string, output: string, sold: string) => {
    await cost(page, "Input").fill(input);
    await cost(page, "Output").fill(output);
    await price(page, "Output").fill(sold);
    if (!javaScriptEnabled) await page.getByRole("button", { name: /^(Preview|Publish) price$/ }).click();
    await expect(effect).toBeVisible();
    const rows = ["Cost", "Charged"].map((name) => effect.getByRole("row", { name }).getByRole("cell"));
    return Promise.all(rows.map(async (cells) => (await cells.allTextContents()).map((text) => nano(text.split(" ")[0]))));
  };
  const once = await under("0.80", "3.20", "3.10");
  expect(once.map(([was]) => was)).toEqual([BigInt(paid), BigInt(charged)]);
  // Another price is looked at from the page anew; twice as dear is twice as much, to the last digit.
  if (!javaScriptEnabled) await page.goto(`/prices/${model}`);
  const twice = await under("1.60", "6.40", "6.20");
  expect(twice.map(([, would]) => would)).toEqual(once.map(([, would]) => 2n * would));
  // Nothing was published.
  expect(await history(page).count()).toBe(published);
});

test("a form drawn from an older version replaces nothing", async ({ page, hub, javaScriptEnabled }) => {
  const models = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  const model = models.find((model) => model.name === "atlas/o4-mini");
  await page.goto(`/prices/${model?.id}`);
  await cost(page, "Input").fill("3");
  await hub.command(["price", "set", "--model", "atlas/o4-mini", "--input-per-million", "1", "--output-per-million", "4", "--reason", "somebody else"]);
  await publish(page, javaScriptEnabled);
  await expect(page.getByRole("alert")).toContainText("somebody has published another version");
  await expect(cost(page, "Input")).toHaveValue("3");
  await expect(history(page)).toHaveCount(1);
  await expect(history(page)).toContainText("somebody else");
  // Looked at, it is published upon that one.
  await page.getByRole("button", { name: "Publish price" }).click();
  await expect(history(page)).toHaveCount(2);
});

test("going from model to model shows and saves each one's own", async ({ page, hub, javaScriptEnabled }) => {
  const models = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  const at = (name: string) => `/prices/${models.find((model) => model.name === name)?.id}`;
  await page.goto(at("atlas/gpt-4o-mini"));
  await expect(cost(page, "Input")).toHaveValue("0.15");
  await cost(page, "Input").fill("99");
  // On and back, as fast as the browser goes.
  await page.goto(at("atlas/o3"), { waitUntil: "commit" });
  await page.goto(at("atlas/text-embedding-3-large"), { waitUntil: "commit" });
  // `goBack` asks the tab for its history, which it does not always have yet.
  await page.evaluate(() => history.back());
  await expect(page.getByRole("heading", { name: "atlas/o3", level: 1 })).toBeVisible();
  await expect(cost(page, "Input")).toHaveValue("2.00");
  await expect(price(page, "Output")).toHaveValue("9.876543");
  await cost(page, "Input").fill("2.10");
  await publish(page, javaScriptEnabled);
  await expect(page.getByText("Published.")).toBeVisible();
  await expect(history(page).first()).toContainText("1 price changed");
  const of = async (name: string) => hub.command<Array<{ cost_per_million: { base: Record<string, string> } }>>(["price", "history", "--model", name]);
  expect((await of("atlas/o3"))[0]?.cost_per_million.base.input).toBe("2.10");
  for (const other of ["atlas/gpt-4o-mini", "atlas/text-embedding-3-large"]) {
    const costs = (await of(other)).map((version) => version.cost_per_million.base.input);
    expect(costs).not.toContain("99.00");
    expect(costs).not.toContain("2.10");
  }
});

test("what waits for one model's page is not shown on another's", async ({ page, house, hub }) => {
  const { priced } = house.things.models;
  const models = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  const unpriced = models.find((model) => model.name === "atlas/fault-403")?.id;
  await page.goto(`/prices/${priced}`);
  const action = (await page.locator("form:has([name=base])").getAttribute("action")) ?? "";
  const headers = { origin: hub.url, accept: "text/html" };
  // Refused, and previewed; the browser goes elsewhere before it sees the answer.
  for (const margin of ["much", "777"]) {
    const form = { model: priced, "fields[margin]": margin, "fields[cost-input]": "123" };
    const send = async () => {
      const answer = await page.request.post(action, { form, headers, maxRedirects: 0 });
      expect(answer.status()).toBe(303);
      expect(answer.headers()["location"]).toBe(`/prices/${priced}`);
    };
    await send();
    await page.goto(`/prices/${unpriced}`);
    await expect(cost(page, "Input")).toHaveValue("");
    await expect(page.getByLabel("Margin on cost")).toHaveValue("0");
    // Its own page shows it.
    await send();
    await page.goto(`/prices/${priced}`);
    await expect(cost(page, "Input")).toHaveValue("123");
    await expect(page.getByLabel("Margin on cost")).toHaveValue(margin);
  }
});

test("a price is scheduled, with tiers, and its history tells what it changes", async ({ page, house, javaScriptEnabled }) => {
  await page.goto(`/prices/${house.things.models.priced}`);
  await expect(page.getByText("Another price takes effect at 1 Jan 2999, 00:00 UTC")).toBeVisible();
  await expect(page.getByLabel("Tier 1: above input tokens")).toHaveValue("200000");
  await expect(page.getByLabel("Input in tier 1: cost")).toHaveValue("5.00");
  await page.getByLabel("Input in tier 1: cost").fill("6");
  await page.getByLabel("In force from, UTC").fill("2030-05-06T07:08");
  await publish(page, javaScriptEnabled);
  await expect(page.getByText("Published. In force from 6 May 2030, 07:08 UTC.")).toBeVisible();
  const newest = history(page).first();
  await expect(newest).toContainText(/Scheduled.*6 May 2030, 07:08 UTC/s);
  await expect(newest.getByRole("row", { name: /Input above 200,?000/ })).toContainText(/6.00.*7.20/s);
  await expect(newest).toContainText("It cannot be withdrawn. To have another price then, publish another version in force from 2030-05-06 07:08:00 UTC");
  await page.getByLabel("In force from, UTC").fill("2020-01-01T00:00");
  await publish(page, javaScriptEnabled);
  await expect(page.getByText("A price takes effect now or later.")).toBeVisible();
  // What is published now is compared with what it replaces, and is told that it does not stay.
  await page.getByLabel("In force from, UTC").fill("");
  await page.getByRole("button", { name: "Publish price" }).click();
  await expect(page.getByText("It holds until 6 May 2030, 07:08 UTC")).toBeVisible();
  await expect(page.getByText("Another price takes effect at 6 May 2030, 07:08 UTC")).toBeVisible();
  await expect(history(page).first()).toContainText("No price changed");
});

test("another tier rule is told, and a tier takes no price that is never charged", async ({ page, hub, javaScriptEnabled }) => {
  const { id } = await hub.command<{ id: string }>(["model", "add", "--provider", "simulated", "--name", "tiered"]);
  const prices = ["--input-per-million", "1", "--output-per-million", "2", "--tier", "above=1000,input=3,output=4"];
  await hub.command(["price", "set", "--model", "simulated/tiered", ...prices]);
  await page.goto(`/prices/${id}`);
  const [output, cached] = [page.getByLabel("Output in tier 1: cost"), page.getByLabel("Cache read in tier 1: cost")];
  const reasoning = page.getByLabel("Reasoning in tier 1: cost");
  await expect(reasoning).toBeVisible();
  const rule = page.getByLabel("A tier prices");
  await rule.selectOption({ label: "Only the input beyond it" });
  const wrong = page.getByText("of the input beyond it a tier prices input alone.");
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Preview price" }).click();
  // What is typed already is told to be wrong, and nothing more is asked for.
  await expect(wrong).toHaveCount(1);
  await expect(output).toHaveAttribute("aria-invalid", "true");
  await expect(cached).toBeVisible();
  await expect(reasoning).toBeHidden();
  await output.fill("");
  await page.getByRole("button", { name: "Publish price" }).click();
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Publish price" }).click();
  await expect(page.getByText("Published.")).toBeVisible();
  const newest = history(page).first();
  await expect(newest).toContainText("1 price and the tier rule changed");
  await expect(newest.getByRole("row", { name: "A tier prices" })).toContainText("The whole call Only the input beyond it");
  // The rule alone.
  await rule.selectOption({ label: "The whole call" });
  await publish(page, javaScriptEnabled);
  await expect(history(page)).toHaveCount(3);
  await expect(history(page).first()).toContainText("The tier rule changed");
});

test("what no endpoint counts is not offered, and kept where it has a price", async ({ page, hub, house }) => {
  await page.goto(`/prices/${house.things.models.unpriced}`);
  await expect(page.locator("summary").filter({ hasText: /^More: audio, images$/ })).toHaveCount(1);
  await expect(cost(page, "Audio in")).toHaveCount(1);
  for (const what of ["Second", "Characters"]) await expect(cost(page, what)).toHaveCount(0);
  const { id } = await hub.command<{ id: string }>(["model", "add", "--provider", "simulated", "--name", "spoken"]);
  await hub.command(["price", "set", "--model", "simulated/spoken", "--input-per-million", "1", "--per-second", "0.006"]);
  await page.goto(`/prices/${id}`);
  await expect(cost(page, "Second")).toBeVisible();
  await expect(cost(page, "Second")).toHaveValue("0.006");
  await expect(cost(page, "Characters")).toHaveCount(0);
});

test("what is sold without a cost is told before and after it is published", async ({ page, house, javaScriptEnabled }) => {
  await page.goto(`/prices/${house.things.models.unpriced}`);
  await cost(page, "Input").fill("1");
  await cost(page, "Output").fill("");
  await price(page, "Output").fill("2");
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Preview price" }).click();
  await expect(page.getByText("No cost for output: of calls that use it the hub will know no cost and no margin.")).toBeVisible();
  await page.getByRole("button", { name: "Publish price" }).click();
  await expect(page.getByText("Published.")).toBeVisible();
  // Where it replaces another it begins two seconds later.
  await expect(async () => {
    await page.goto("/prices?q=fault-500");
    await expect(page.getByRole("main").locator("tbody tr")).toContainText("No cost for output", { timeout: 500 });
  }).toPass();
});

test("what is no price is marked where it was typed", async ({ page, house, javaScriptEnabled }) => {
  await page.goto(`/prices/${house.things.models.priced}`);
  await cost(page, "Cache read").fill("1,25");
  if (javaScriptEnabled) await expect(page.getByText("Write a number like 2.50, without spaces or commas.")).toBeVisible();
  await page.getByRole("button", { name: javaScriptEnabled ? "Publish price" : "Preview price" }).click();
  await expect(page.getByRole("alert")).toContainText("some fields hold no price");
  await expect(cost(page, "Cache read")).toHaveValue("1,25");
  await expect(cost(page, "Cache read")).toHaveAttribute("aria-invalid", "true");
});

test("the list is narrowed by state, provider and name", async ({ page }) => {
  await page.goto("/prices");
  const rows = page.getByRole("main").locator("tbody tr");
  await page.getByRole("navigation", { name: "Show" }).getByRole("link", { name: /^Below cost/ }).click();
  await expect(page).toHaveURL("/prices?state=below-cost");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(/gpt-4.1-mini.*Below cost/s);
  await page.getByRole("navigation", { name: "Show" }).getByRole("link", { name: /^No price/ }).click();
  await page.getByLabel("Provider", { exact: true }).selectOption({ label: "OpenAI" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(rows.filter({ hasNotText: "openai/" })).toHaveCount(0);
  await expect(rows.filter({ hasNotText: "No price" })).toHaveCount(0);
  await page.goto("/prices?q=GPT-4O-mini");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(/0\.15.*→.*0\.18/s);
  await rows.getByRole("link").click();
  await expect(page).toHaveURL(/\/prices\/model_/);
});

test("a long list is read page by page", async ({ page }) => {
  await page.goto("/prices");
  const rows = page.getByRole("main").locator("tbody tr");
  await expect(rows).toHaveCount(50);
  const first = await rows.first().innerText();
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page).toHaveURL(/\/prices\?after=/);
  await expect(rows.last()).toContainText("simulated/");
  await page.getByRole("link", { name: "Back" }).click();
  await expect(page).not.toHaveURL(/after=/);
  await expect(rows).toHaveCount(50);
  expect(await rows.first().innerText()).toBe(first);
});

test("the prices of a model that is gone stay", async ({ page, hub }) => {
  const { id } = await hub.command<{ id: string }>(["model", "add", "--provider", "simulated", "--name", "gone"]);
  await hub.command(["price", "set", "--model", "simulated/gone", "--input-per-million", "4", "--output-per-million", "5", "--reason", "while it was there"]);
  await hub.command(["price", "set", "--model", "simulated/gone", "--input-per-million", "9", "--effective-from", "2999-01-01T00:00:00Z"]);
  await page.goto("/models?q=simulated/gone");
  await page.getByLabel("More for simulated/gone").click();
  await page.getByRole("button", { name: "Delete model" }).click();
  await expect(page.getByText("simulated/gone was deleted.")).toBeVisible();
  await page.goto(`/prices/${id}`);
  await expect(page.getByText("This model is gone.")).toBeVisible();
  await expect(history(page).last()).toContainText("while it was there");
  // Nothing of it is in force or to come, and nothing can be published for it.
  await expect(history(page)).toHaveCount(2);
  for (const version of await history(page).all()) await expect(version).toContainText("Model gone");
  await expect(history(page).filter({ hasText: /Scheduled|In force|publish another/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /price/ })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "simulated/gone", level: 1 })).toBeVisible();
});

test("anybody may read the price list, and sees no cost", async ({ stranger, hub }) => {
  const page = await stranger();
  await page.goto(`${hub.url}/pricing`);
  await expect(page.getByRole("heading", { name: "Price list", level: 1 })).toBeVisible();
  const rows = page.getByRole("main").locator("tbody tr");
  const row = rows.filter({ hasText: "atlas/gpt-4o-mini" });
  await expect(row).toContainText("0.18");
  const html = await page.content();
  for (const secret of ["margin", "cost", "Cost", "0.15<", ">15<"]) expect(html.toLowerCase(), secret).not.toContain(secret.toLowerCase());
  await page.getByRole("link", { name: "Input" }).click();
  await expect(page).toHaveURL(`${hub.url}/pricing?sort=input`);
  await expect(rows.first()).toContainText("simulated/echo");
  await page.getByRole("link", { name: "Input" }).click();
  await expect(page).toHaveURL(`${hub.url}/pricing?sort=input&down=1`);
  await expect(rows.last()).toContainText("simulated/echo");
  await page.getByLabel("Provider", { exact: true }).selectOption({ label: "Atlas Inference" });
  await page.getByLabel("Search models").fill("embedding");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/sort=input/);
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to AIGNE Hub" })).toBeVisible();
});

test("on a phone the price list is sorted by links above its cards", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/pricing?q=atlas");
  const rows = page.getByRole("main").locator("tbody tr");
  const sort = page.getByRole("navigation", { name: "Sort by" });
  await expect(page.getByRole("columnheader")).toHaveCount(0);
  await expect(sort.getByRole("link", { name: "Model" })).toHaveAttribute("aria-current", "true");
  await sort.getByRole("link", { name: "Output" }).click();
  await expect(page).toHaveURL("/pricing?q=atlas&sort=output");
  const first = await rows.first().innerText();
  await sort.getByRole("link", { name: "Output, ascending" }).click();
  await expect(page).toHaveURL("/pricing?q=atlas&sort=output&down=1");
  expect(await rows.first().innerText()).not.toBe(first);
  await expect(sort.getByRole("link", { name: "Output, descending" })).toBeVisible();
  // Where there are heads they sort, and nothing stands there twice.
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect(sort).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Output" })).toHaveCount(1);
});
