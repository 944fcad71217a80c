// The price of a model that draws: a field for each size and quality, and what a picture of each then costs whoever draws it.
import { expect, type Page, test } from "./support/test.ts";

test.use({ stage: "equipped", alone: true });

const cost = (page: Page, what: string) => page.getByLabel(`${what}: cost`, { exact: true });
const price = (page: Page, what: string) => page.getByLabel(`${what}: price`, { exact: true });

test("pictures are priced by size and quality, and paid by that", async ({ page, hub, house, javaScriptEnabled }) => {
  await hub.command(["model", "add", "--provider", "atlas", "--name", "dall-e-3"]);
  const { secret } = house.equipment.key;
  await hub.knows(secret, "atlas/dall-e-3");
  await page.goto("/models?q=dall-e-3");
  await page.getByRole("link", { name: "No price" }).click();
  await expect(page.getByRole("heading", { name: "atlas/dall-e-3", level: 1 })).toBeVisible();
  // Each kind stands among the main prices, in view, and is sold by the piece.
  for (const kind of ["1024x1024 standard", "1024x1792 standard", "1792x1024 hd"]) {
    await expect(cost(page, `Image ${kind}`)).toBeVisible();
    await expect(page.getByRole("row", { name: `Image ${kind}` })).toContainText("each");
  }
  await cost(page, "Image 1024x1024 standard").fill("0.04");
  await cost(page, "Image 1792x1024 hd").fill("much");
  await page.getByLabel("Margin on cost").fill("25");
  if (javaScriptEnabled) {
    await expect(price(page, "Image 1024x1024 standard")).toHaveAttribute("placeholder", "0.05");
    await expect(page.getByText("Write a number like 2.50, without spaces or commas.")).toBeVisible();
  } else {
    await page.getByRole("button", { name: "Preview price" }).click();
    await expect(page.getByText("Write a number like 2.50, without spaces or commas.")).toBeVisible();
    // What was typed stands there still.
    await expect(cost(page, "Image 1792x1024 hd")).toHaveValue("much");
  }
  await cost(page, "Image 1792x1024 hd").fill("0.12");
  await price(page, "Image 1792x1024 hd").fill("0.20");
  const publish = page.getByRole("button", { name: "Publish price" });
  await publish.click();
  if (!javaScriptEnabled) {
    // What was put right is shown with what it comes to before it is published.
    await expect(page.getByText("Nothing is published yet.")).toBeVisible();
    await expect(page.getByRole("row", { name: /^Image 1792x1024 hd/ })).toContainText("66.66 %");
    await publish.click();
  }
  await expect(page.getByText("Published. The price is in force.")).toBeVisible();
  const history = page.getByRole("region", { name: "History" });
  await expect(history.getByRole("row", { name: /^Image 1024x1024 standard.*0\.04 0\.05/ })).toBeVisible();
  await expect(history.getByRole("row", { name: /^Image 1792x1024 hd.*0\.12 0\.20/ })).toBeVisible();
  await expect(cost(page, "Image 1792x1024 hd")).toHaveValue("0.12");
  await page.goto("/pricing?q=dall-e-3");
  await expect(page.getByRole("row").filter({ hasText: "dall-e-3" })).toContainText("0.05");

  const draw = async (more: object) => {
    const body = JSON.stringify({ model: "atlas/dall-e-3", prompt: "a small cat", ...more });
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    const answer = await fetch(`${hub.url}/v1/images/generations`, { method: "POST", headers, body });
    expect(answer.status, await answer.clone().text()).toBe(200);
    return answer.headers.get("x-request-id") ?? "";
  };
  for (const [more, kind, charge] of [
    [{}, "1024x1024", "0.05"],
    [{ size: "1792x1024", quality: "hd" }, "1792x1024", "0.20"],
  ] as const) {
    await page.goto(`/calls/${await draw(more)}`);
    await expect(page.getByRole("main")).toContainText(kind);
    await expect(page.getByRole("main")).toContainText(charge);
  }
});

test("pictures of a kind that no list names are priced, and what they cost in tokens is looked at", async ({ page, hub, javaScriptEnabled }) => {
  const { id } = await hub.command<{ id: string }>(["model", "add", "--provider", "atlas", "--name", "my-sdxl"]);
  await page.goto(`/prices/${id}`);
  const kind = page.getByLabel("Pictures of another kind");
  const image = "Image 512x512 auto";
  const add = async (text: string) => {
    await kind.fill(text);
    await page.getByRole("button", { name: javaScriptEnabled ? "Add" : /^(Preview|Publish) price$/ }).click();
  };
  await add("512x512");
  await expect(page.getByText("Write it like 512x512/auto.")).toBeVisible();
  await expect(kind).toHaveAttribute("aria-invalid", "true");
  await expect(kind).toHaveValue("512x512");
  await add("512x512/auto");
  await expect(kind).toHaveValue("");
  await expect(cost(page, image)).toBeVisible();
  if (javaScriptEnabled) await expect(cost(page, image)).toBeFocused();
  // The provider bills tokens: a picture of 1,290 of them at 40 a million is more than a cent.
  await cost(page, "Output").fill("40");
  await price(page, image).fill("0.01");
  const publish = page.getByRole("button", { name: "Publish price" });
  if (!javaScriptEnabled) await publish.click();
  const below = page.getByRole("group", { name: "Below cost" });
  await expect(below).toContainText(`${image}: costs 0.0516, sold for 0.01, when a picture has 1,290 tokens, as is usual`);
  await publish.click();
  await expect(page.getByRole("alert")).toContainText("Not published: sold below cost");
  // By the piece it has a cost of its own, and a margin like everything else.
  await cost(page, "Output").fill("");
  await cost(page, image).fill("0.02");
  await price(page, image).fill("");
  await page.getByLabel("Margin on cost").fill("50");
  if (javaScriptEnabled) await expect(price(page, image)).toHaveAttribute("placeholder", "0.03");
  await publish.click();
  if (!javaScriptEnabled) await publish.click();
  await expect(page.getByText("Published. The price is in force.")).toBeVisible();
  await expect(page.getByRole("region", { name: "History" }).getByRole("row", { name: /^Image 512x512 auto.*0\.02 0\.03/ })).toBeVisible();
  await page.goto("/prices?q=my-sdxl");
  await expect(page.getByRole("main").locator("tbody tr")).toContainText("Priced");
  await page.goto("/pricing?q=my-sdxl");
  await expect(page.getByRole("row").filter({ hasText: "my-sdxl" })).toContainText("Image 512x512 auto 0.03 each");
});
