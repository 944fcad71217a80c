// Providers after they were added: changed, moved, disabled, deleted; and their models.
import { addServer } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";
import { goodCredential } from "./support/upstream.ts";

test.use({ stage: "equipped" });
test.describe.configure({ mode: "serial" });

test("a refused form keeps what was typed, but no secret", async ({ page }) => {
  await page.goto("/providers/new?preset=compatible");
  await page.getByLabel("Name for people").fill("Twice");
  await page.getByLabel("Name in model names").fill("atlas");
  await page.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
  await page.getByLabel("API key of the provider").fill("sk-do-not-keep-me");
  await page.getByText("Time limits and clients that leave").click();
  await page.getByLabel("Until connected, s").fill("7.5");
  await page.getByRole("button", { name: "Add and test provider" }).click();
  await expect(page.getByLabel("Name in model names")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(".error")).toContainText("Another provider has this name already.");
  await expect(page.getByLabel("Name for people")).toHaveValue("Twice");
  await expect(page.getByLabel("Base URL")).toHaveValue("http://127.0.0.1:9/v1");
  await expect(page.locator('[name="connect"]')).toHaveValue("7.5");
  await expect(page.getByLabel("API key of the provider")).toHaveValue("");
  expect(await page.content()).not.toContain("sk-do-not-keep-me");
});

test("an unreachable server is kept and says why it cannot be reached", async ({ page }) => {
  await addServer(page, "nowhere", "Nowhere", "http://127.0.0.1:9/v1", "sk-whatever-000");
  await expect(page.getByRole("alert").first()).toContainText("Nowhere gave no answer");
  await page.goto("/providers");
  await expect(page.getByRole("row").filter({ hasText: "Nowhere" })).toContainText("Failing");
});

test("the order can be changed", async ({ page }) => {
  await page.goto("/providers");
  const names = page.getByRole("main").locator("tbody .row-link");
  await expect(names).toHaveText(["Atlas Inference", "Nowhere"]);
  await page.getByRole("button", { name: "Move Nowhere up" }).click();
  await expect(names).toHaveText(["Nowhere", "Atlas Inference"]);
  await expect(page.getByRole("button", { name: "Move Nowhere up" })).toBeDisabled();
});

test("a disabled provider refuses calls, an enabled one takes them", async ({ page, hub, house }) => {
  const { provider, key } = house.equipment;
  await page.goto(`/providers/${provider}`);
  await page.getByRole("button", { name: "Disable Atlas Inference" }).click();
  await expect(page.getByText("The provider is disabled.")).toBeVisible();
  expect((await hub.chat(key.secret, "atlas/gpt-4o", "Hello")).status).toBe(404);
  await page.getByRole("button", { name: "Enable Atlas Inference" }).click();
  await expect(page.getByText("The provider is enabled.")).toBeVisible();
  expect((await hub.chat(key.secret, "atlas/gpt-4o", "Hello")).status).toBe(200);
});

test("models are found, disabled, enabled, typed in and deleted", async ({ page, hub, house }) => {
  const { key } = house.equipment;
  await page.goto("/models");
  await page.getByLabel("Search models").fill("GPT-4O-M");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/q=GPT-4O-M/);
  const rows = page.getByRole("main").locator("tbody tr");
  await expect(rows).toHaveCount(1);
  await page.getByRole("button", { name: "Disable atlas/gpt-4o-mini" }).click();
  await expect(page.getByText("atlas/gpt-4o-mini is disabled.")).toBeVisible();
  await expect(page).toHaveURL(/q=GPT-4O-M/);
  expect((await hub.chat(key.secret, "atlas/gpt-4o-mini", "Hello")).status).toBe(404);
  await page.getByRole("navigation", { name: "Show" }).getByRole("link", { name: /^Enabled/ }).click();
  await expect(page.getByRole("heading", { name: "No model matches" })).toBeVisible();
  await page.getByRole("navigation", { name: "Show" }).getByRole("link", { name: /^Disabled/ }).click();
  await page.getByRole("button", { name: "Enable atlas/gpt-4o-mini" }).click();
  await expect(page.getByText("atlas/gpt-4o-mini is enabled.")).toBeVisible();
  expect((await hub.chat(key.secret, "atlas/gpt-4o-mini", "Hello")).status).toBe(200);

  await page.goto("/models?q=typed");
  const panel = page.getByRole("region", { name: "Type in a model" });
  await panel.getByLabel("Provider", { exact: true }).selectOption({ label: "Atlas Inference" });
  await panel.getByLabel("Name at the provider").fill("typed-by-hand");
  await panel.getByRole("button", { name: "Add model" }).click();
  await expect(page.getByText("The model atlas/typed-by-hand was added.")).toBeVisible();
  await expect(rows).toContainText(["typed in"]);
  await page.getByLabel("More for atlas/typed-by-hand").click();
  await page.getByRole("button", { name: "Delete model" }).click();
  await expect(page.getByText("atlas/typed-by-hand was deleted.")).toBeVisible();
});

test("another address drops the credentials and says so", async ({ page, house, upstream }) => {
  const { provider } = house.equipment;
  await page.goto(`/providers/${provider}/edit`);
  await expect(page.getByText("Another scheme, host or port drops the credential")).toBeVisible();
  await page.getByLabel("Name for people").fill("Atlas II");
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByText("Atlas II was saved.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Credentials" }).getByText("default", { exact: true })).toBeVisible();

  await page.goto(`/providers/${provider}/edit`);
  await page.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByText("so its credential was dropped")).toBeVisible();
  await expect(page.getByRole("heading", { name: "No credential" })).toBeVisible();

  await page.goto(`/providers/${provider}/edit`);
  await page.getByLabel("Base URL").fill(upstream.baseUrl);
  await page.getByRole("button", { name: "Save provider" }).click();
  const form = page.getByRole("region", { name: "Add credential" });
  await form.getByLabel("What you call it").fill("again");
  await form.getByLabel("API key of the provider").fill(goodCredential);
  await form.getByRole("button", { name: "Add and test credential" }).click();
  await expect(page.getByText("accepted the credential “again”")).toBeVisible();
});

test("a credential is tested, disabled and enabled", async ({ page, house }) => {
  await page.goto(`/providers/${house.equipment.provider}`);
  await page.getByRole("button", { name: "Test again" }).click();
  await expect(page.getByText("accepted the credential “again”")).toBeVisible();
  await page.getByRole("button", { name: "Disable again" }).click();
  await expect(page.getByText("The credential is disabled.")).toBeVisible();
  await page.getByRole("button", { name: "Enable again" }).click();
  await expect(page.getByText("The credential is enabled.")).toBeVisible();
});

test("a simulated provider needs nothing and says what it is", async ({ page, hub, house }) => {
  await page.goto("/providers/new");
  await page.getByRole("link", { name: /^Simulated/ }).click();
  await expect(page.getByLabel("Base URL")).toHaveCount(0);
  await page.getByRole("button", { name: "Add provider" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Simulated");
  const answer = await hub.chat(house.equipment.key.secret, "simulated/echo", "Hello echo");
  expect((await answer.json()).choices[0].message.content).toBe("Hello echo");
});

test("a provider is deleted only by typing its name", async ({ page, hub, house }) => {
  const { provider, key } = house.equipment;
  await page.goto(`/providers/${provider}`);
  await page.getByRole("link", { name: "Delete provider…" }).click();
  await expect(page.getByRole("main").getByRole("link", { name: "Cancel" })).toBeFocused();
  await page.getByLabel("Type “atlas” to confirm").fill("Atlas II");
  await page.getByRole("button", { name: "Delete provider" }).click();
  await expect(page.locator(".error")).toBeVisible();
  await page.getByLabel("Type “atlas” to confirm").fill("atlas");
  await page.getByRole("button", { name: "Delete provider" }).click();
  await expect(page).toHaveURL("/providers");
  await expect(page.getByRole("main").locator("tbody .row-link")).toHaveText(["Nowhere", "Simulated"]);
  expect((await hub.chat(key.secret, "atlas/gpt-4o", "Hello")).status).toBe(404);
});
