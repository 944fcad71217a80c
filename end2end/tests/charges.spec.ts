// Calls that cost money: no credit, credit, the charge line by line, its entry in the ledger, and the settings behind it.
import { setPrice } from "./support/furnish.ts";
import { Handmade } from "./support/handmade.ts";
import { people } from "./support/house.ts";
import { fits, reachingOut, resize } from "./support/layout.ts";
import { changeSetting, signIn } from "./support/steps.ts";
import { expect, type Locator, test } from "./support/test.ts";

test.use({ stage: "equipped" });
test.describe.configure({ mode: "serial" });

const model = "atlas/gpt-4o-mini";

/** The exact amounts within something, as numbers of billionths, so that adding them is exact. */
async function amounts(within: Locator): Promise<bigint[]> {
  const texts = await within.locator("data").evaluateAll((found) => found.map((data) => data.getAttribute("value") ?? ""));
  return texts.map((text) => {
    const [whole, part = ""] = text.replace("-", "").split(".");
    const billionths = BigInt(whole + part.padEnd(12, "0"));
    return text.startsWith("-") ? -billionths : billionths;
  });
}

test("an admin makes the hub a service provider, and the frame says so", async ({ page, hub }) => {
  await setPrice(hub, model, "0.15", "0.6");
  await page.goto("/settings");
  await expect(page.getByRole("banner").getByRole("link", { name: "Mode of the hub: Enterprise" })).toBeVisible();
  await changeSetting(page, "mode", (page) => page.getByRole("radio", { name: /^Service provider/ }).check());
  await expect(page.getByText("Mode is now: Service provider.")).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Mode of the hub: Service provider" })).toBeVisible();
  await changeSetting(page, "hold-output-tokens", (page) => page.getByRole("textbox", { name: "New value" }).fill("512"));
  await changeSetting(page, "starter-credit", (page) => page.getByRole("textbox", { name: "New value" }).fill("0.25"));
  await page.goto("/audit?action=setting");
  await expect(page.getByRole("main").getByRole("row").filter({ hasText: "Setting changed" })).toHaveCount(3);
});

test("without credit a call is refused, and the page says what to do", async ({ page, hub, house, stranger, javaScriptEnabled }) => {
  const refused = await hub.chat(house.equipment.key.secret, model, "Hello");
  expect(refused.status).toBe(402);
  // Said once, with the way out as a link and no address to copy: on the call's page and in the playground.
  const ask = async (model: string) => {
    await page.goto(`/playground?model=${model}`);
    await page.getByRole("textbox", { name: "Message" }).fill("Hello");
    await page.getByRole("button", { name: javaScriptEnabled === false ? "Ask the model" : "Send" }).click();
  };
  const alert = page.getByRole("alert").filter({ visible: true });
  const short = /^There is not enough credit\. This call needs 0\.\d+ credits, 0 can be spent\. Add credit, or ask an admin for some\./;
  await page.goto(`/calls/${refused.headers.get("x-request-id")}`);
  const banner = page.getByRole("region", { name: "Summary" }).locator(".banner");
  await expect(banner).toHaveText(short);
  await expect(banner).not.toContainText("http");
  await expect(banner.getByRole("link", { name: "See your credit" })).toHaveAttribute("href", "/credits");
  await expect(page.getByRole("region", { name: "Consumption" })).toContainText("Nothing was charged.");
  await ask(model);
  await expect(alert).toHaveText(short);
  await expect(alert).not.toContainText("http");
  await expect(alert.getByRole("link", { name: "See your credit" })).toHaveAttribute("href", "/credits");
  await ask("atlas/gpt-4o");
  await expect(alert).toHaveText(/^The model has no price for this call\. It is about atlas\/gpt-4o\. An admin can publish one under Prices; until then use another model\./);
  await expect(alert.getByRole("link", { name: "Set its price" })).toHaveAttribute("href", /^\/prices\/model_/);
  await page.goto("/credits");
  await expect(page.getByText("No credit can be spent.")).toBeVisible();
  const other = await stranger();
  await signIn(other, people.member);
  await other.goto("/credits");
  await expect(other.getByText("Ask an admin for credit")).toBeVisible();
});

test("a call shows its charge to the last digit, and its entry in the ledger", async ({ page, hub, house }) => {
  await hub.command(["credits", "grant", "--user", people.admin.email, "--amount", "1", "--reason", "to begin with"]);
  await expect.poll(async () => (await hub.chat(house.equipment.key.secret, model, "What is a gateway?")).status).toBe(200);
  await page.goto("/calls?state=succeeded");
  const list = page.getByRole("table", { name: "Calls" });
  await expect(list.getByRole("columnheader", { name: "Charge" })).toBeVisible();
  await list.getByRole("row").nth(1).getByRole("link").first().click();
  const bill = page.getByRole("complementary").getByRole("table", { name: "How the charge came about" });
  await expect(bill.getByRole("row").filter({ hasText: "Input" })).toContainText("0.18");
  const lines = await amounts(bill.locator("tbody"));
  // The whole, which lots have paid it, and what of it was cost and margin.
  const [total, ...paid] = await amounts(bill.locator("tfoot"));
  const [cost, margin] = paid.splice(-2);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  expect(lines.reduce((sum, line) => sum + line, 0n)).toBe(total);
  expect(cost + margin).toBe(total);
  expect(paid.reduce((sum, lot) => sum + lot, 0n)).toBe(total);
  const charge = await bill.locator(".total data").innerText();
  await page.getByRole("complementary").getByRole("link", { name: "All details" }).click();
  await page.getByRole("link", { name: "See it in the ledger" }).click();
  await expect(page).toHaveURL(/\/credits\?before=\d+#entry-\d+$/);
  const entry = page.locator("tr:target");
  await expect(entry.locator("data").first()).toHaveText(`−${charge}`);
  await page.goto("/credits");
  const today = page.getByRole("region", { name: "Today" });
  await expect(today.getByRole("row").filter({ hasText: model }).locator("data")).toHaveText(`−${charge}`);
  await expect(today).toContainText(/left at this pace/);
});

test("an admin gives a charge back, and no more than it was", async ({ page }) => {
  await page.goto("/calls?state=succeeded");
  await page.getByRole("table", { name: "Calls" }).getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("link", { name: "All details" }).click();
  const form = page.getByRole("region", { name: "Give back" });
  const most = await form.getByLabel("Amount, credits").inputValue();
  await form.getByLabel("Amount, credits").fill("1");
  await form.getByLabel("Reason").fill("the answer was cut off");
  await form.getByRole("button", { name: "Give credit back" }).click();
  await expect(page.locator(".error")).toContainText("can be given back");
  await form.getByLabel("Amount, credits").fill(most);
  await form.getByRole("button", { name: "Give credit back" }).click();
  await expect(page.getByText("credits were given back.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Give back" })).toHaveCount(0);
  await expect(page.getByRole("row").filter({ hasText: "Given back since" })).toBeVisible();
  await page.goto("/credits");
  await expect(page.getByRole("region", { name: "Balance" }).locator("data").first()).toHaveAttribute("value", "1.00");
});

test("members see their charge and nothing of the cost", async ({ page, hub, stranger }) => {
  const key = await hub.command<{ key: string }>(["key", "create", "--user", people.member.email, "--name", "notebook"]);
  await hub.command(["credits", "grant", "--user", people.member.email, "--amount", "1", "--reason", "welcome"]);
  await hub.knows(key.key, model);
  expect((await hub.chat(key.key, model, "Hello")).status).toBe(200);
  const other = await stranger();
  await signIn(other, people.member);
  await other.goto("/calls");
  await other.getByRole("table", { name: "Calls" }).getByRole("row").nth(1).getByRole("link").first().click();
  await other.getByRole("link", { name: "All details" }).click();
  await expect(other.getByText("Charged", { exact: true })).toBeVisible();
  for (const secret of ["Provider cost", "Margin", "Give back"]) await expect(other.locator("body")).not.toContainText(secret);
  await page.goto("/books");
  await page.getByRole("button", { name: "Prove the books now" }).click();
  await expect(async () => {
    await page.goto("/books");
    await expect(page.getByText("The books are sound.")).toBeVisible({ timeout: 500 });
  }).toPass();
});

test("what one has to spend stands in the navigation of every page", async ({ page, stranger, hub }) => {
  const purse = (of: typeof page) => of.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^To spend/ });
  await page.goto("/calls");
  const { spendable } = await hub.command<{ spendable: string }>(["credits", "balance", "--user", people.admin.email]);
  await expect(purse(page).locator("data")).toHaveAttribute("value", spendable);
  await purse(page).click();
  await expect(page).toHaveURL("/credits");
  const other = await stranger();
  await signIn(other, people.member);
  await expect(purse(other).locator("data")).toHaveAttribute("value", /^0\.99/);
});

test("usage that makes no sense is refused, and an admin is told where to look", async ({ page, hub, house, upstream }) => {
  await upstream.fault("usage-nonsense", { times: 1 });
  const answer = await hub.chat(house.equipment.key.secret, model, "Count this");
  const call = answer.headers.get("x-request-id") ?? "";
  expect(answer.status).toBe(200);
  await page.goto("/books");
  await page.getByRole("region", { name: "Calls to look at" }).getByRole("link", { name: "Report not believed" }).click();
  await expect(page).toHaveURL(/concern=doubted/);
  const rows = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await rows.getByRole("link").first().click();
  const peek = page.getByRole("complementary");
  await expect(peek.getByRole("heading", { level: 2 })).toHaveText(call);
  await expect(peek).toContainText("What the provider reported makes no sense");
  await expect(peek.getByLabel("Usage as the provider told it")).toContainText('"prompt_tokens": -5');
});

test("a call that a crash has cut off is listed as unbilled, with its estimated cost", async ({ page, hub, house, watch }) => {
  watch.allow(/^failed request/);
  const running = await hub.chat(house.equipment.key.secret, "atlas/gpt-4o-mini", "write 40000 words", { stream: true, max_tokens: 9_000 });
  const call = running.headers.get("x-request-id") ?? "";
  await running.body?.getReader().read();
  await hub.crash();
  await expect(async () => {
    await page.goto("/books");
    await page.getByRole("region", { name: "Calls to look at" }).getByRole("link", { name: "Unbilled" }).click({ timeout: 500 });
  }).toPass();
  const row = page.getByRole("table", { name: "Calls" }).locator("tbody tr");
  await expect(row.getByTitle("not charged; estimated cost")).toBeVisible();
  await row.getByRole("link").first().click();
  const peek = page.getByRole("complementary");
  await expect(peek.getByRole("heading", { level: 2 })).toHaveText(call);
  await expect(peek).toContainText("Estimated cost");
  await page.getByLabel("To look at").selectOption({ label: "Ended late" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("No call matches")).toBeVisible();
});

test("a charge of long figures stays within its panel at every width", async ({ page, hub, house }) => {
  const provider = await Handmade.start();
  const asked = "long/handmade";
  await hub.command(["provider", "add", "--kind", "openai-compatible", "--name", "long", "--base-url", provider.baseUrl]);
  const costs = ["--input-per-million", "3", "--output-per-million", "15", "--cache-read-per-million", "0.30", "--per-request", "0"];
  await hub.command(["price", "set", "--model", asked, ...costs, "--cache-write-5m-per-million", "3.75", "--margin-percent", "17.5"]);
  await hub.command(["credits", "grant", "--user", people.admin.email, "--amount", "3", "--reason", "for long figures"]);
  await hub.knows(house.equipment.key.secret, asked);
  const answer = hub.chat(house.equipment.key.secret, asked, "word ".repeat(123_457), { stream: true, max_tokens: 5_000 });
  // Who is refused asks no provider.
  const refused = answer.then(async (told) => (told.ok ? provider.question() : Promise.reject(new Error(await told.text()))));
  const answering = await Promise.race([provider.question(), refused]);
  answering.say({ content: "Done." });
  const details = { prompt_tokens_details: { cached_tokens: 100_001 }, completion_tokens_details: { reasoning_tokens: 2_000 } };
  answering.end({ prompt_tokens: 123_457, completion_tokens: 4_321, total_tokens: 127_778, ...details });
  const answered = await answer;
  const call = answered.headers.get("x-request-id") ?? "";
  await answered.text();
  await provider.stop();
  for (const path of [`/calls/${call}`, `/calls?open=${call}`]) {
    await page.goto(path);
    const bill = page.getByRole("table", { name: "How the charge came about" });
    // Prices are printed as all money is: grouped, and nothing as nothing.
    await expect(bill.getByRole("row").filter({ hasText: "Cache read" })).toContainText(/100,001 ×\s+0\.3525/);
    await expect(bill.getByRole("row").filter({ hasText: "Call" })).toContainText(/1 ×\s+0 each/);
    const widths = [1280, 1440, 1920, 768, 360, 320];
    await fits(page, path, widths);
    for (const width of widths) {
      await resize(page, width);
      expect.soft(await reachingOut(page.locator(".panel:has(.sum), .peek")), `${path} at ${width} px`).toEqual([]);
    }
    await resize(page, 1280);
  }
});

test("lots of large sums stay within their panel, and their names have room", async ({ page, hub }) => {
  const large = ["--amount", "12345.678901234", "--kind", "paid", "--expires", "365d"];
  await hub.command(["credits", "grant", "--user", people.admin.email, ...large, "--reason", "Bank transfer of 12 March, invoice 2041"]);
  const users = await hub.command<Array<{ id: string; email: string }>>(["user", "list"]);
  const admin = users.find((user) => user.email === people.admin.email)?.id;
  const path = `/users/${admin}/credits`;
  // Names as people have them: keys after what they are for, addresses after whom they belong to.
  const key = "production_backend_of_the_customer_correspondence_service_north_europe_west1";
  const long = "maximiliane.schwarzenberger@versicherungsgesellschaft.example.com";
  const made = await hub.command<{ key: string }>(["key", "create", "--user", people.admin.email, "--name", key]);
  await hub.knows(made.key, model);
  expect((await hub.chat(made.key, model, "a long name")).status).toBe(200);
  const { id } = await hub.command<{ id: string }>(["user", "create", "--email", long, "--password-stdin"], "a password of hers");
  await hub.command(["credits", "grant", "--user", long, ...large, "--reason", "a long address"]);
  for (const place of ["/credits", `/users/${id}/credits`, `/users/${id}/credits/grant`, `/users/${id}/credits/adjust`, `/users/${id}`, "/users"]) {
    await page.goto(place);
    await expect(page.getByText(place === "/credits" ? key : long).filter({ visible: true }).first()).toBeVisible();
    await fits(page, place, [1280, 360]);
  }
  await resize(page, 1280);
  await page.goto(path);
  const lots = page.getByRole("region", { name: "Lots" });
  const about = lots.getByRole("row").filter({ hasText: "Bank transfer" }).locator(".cell-lead > small");
  await resize(page, 1280);
  expect((await about.boundingBox())?.height, "one line").toBeLessThan(24);
  const widths = [1280, 1440, 1920, 768, 360, 320];
  await fits(page, path, widths);
  for (const width of widths) {
    await resize(page, width);
    expect.soft(await reachingOut(lots), `at ${width} px`).toEqual([]);
  }
});
