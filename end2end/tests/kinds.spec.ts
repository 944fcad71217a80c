// Providers of every kind: added by the form, tested against a fake that is as strict as they are, called by an OpenAI client,
// and told in the log in which words each side spoke.
import { expect, test } from "./support/test.ts";
import { goodCredential } from "./support/upstream.ts";

test.use({ stage: "equipped" });

const kinds = [
  { preset: "google", title: "Google Gemini", path: "/v1beta", model: "gemini-2.5-flash", wire: "Gemini generateContent", added: "/models/NAME:generateContent" },
  { preset: "ollama", title: "Ollama", path: "", model: "llama3.2:latest", wire: "Ollama chat", added: "/api/chat" },
];

for (const { preset, title, path, model, wire, added } of kinds) {
  test(`${title} is added, tested and called`, async ({ page, hub, house, upstream }, info) => {
    const name = `${preset}-${info.project.name === "with JavaScript" ? "js" : "plain"}`;
    await page.goto("/providers/new");
    await page.getByRole("link", { name: new RegExp(`^${title}`) }).click();
    await expect(page.getByText(`${added} is added`)).toBeVisible();
    await page.getByLabel("Name in model names").fill(name);
    await page.getByLabel("Base URL").fill(new URL(upstream.baseUrl).origin + path);
    await page.getByLabel("API key of the provider").fill(goodCredential);
    await page.getByRole("button", { name: "Add and test provider" }).click();
    await expect(page.getByRole("status").filter({ hasText: /answered in \d+ ms and lists \d+ models/ })).toBeVisible();
    await hub.knows(house.equipment.key.secret, `${name}/${model}`);
    const answer = await hub.chat(house.equipment.key.secret, `${name}/${model}`, "Hello there", { user: "somebody" });
    expect(answer.status).toBe(200);
    const call = answer.headers.get("x-request-id") ?? "";
    await page.goto(`/calls/${call}`);
    const summary = page.getByRole("region", { name: "Summary" });
    await expect(summary).toContainText(`OpenAI Chat Completions, converted to ${wire}`);
    await expect(summary).toContainText(/Left out\s*user\s*the provider has no word for it/);
  });
}

test("Anthropic's form knows where it begins", async ({ page }) => {
  await page.goto("/providers/new?preset=anthropic");
  await expect(page.getByLabel("Base URL")).toHaveValue("https://api.anthropic.com/v1");
  await expect(page.getByText("/messages is added")).toBeVisible();
  await expect(page.getByLabel("API key of the provider")).toHaveAttribute("placeholder", "sk-ant-…");
});

test("models say what they can do, and the list narrows to it", async ({ page }) => {
  const row = (name: string) => page.getByRole("table").getByRole("row").filter({ hasText: name });
  await page.goto("/models?q=gpt-4o-mini");
  await expect(row("atlas/gpt-4o-mini").getByRole("list", { name: "Can do" })).toHaveText("visiontoolsJSON schemadocuments");
  await page.goto("/models?q=slow-writer");
  await expect(row("atlas/slow-writer")).toBeVisible();
  await expect(row("atlas/slow-writer").getByRole("list", { name: "Can do" })).toHaveCount(0);
  await page.goto("/models?q=atlas");
  await page.getByRole("combobox", { name: "Can do" }).selectOption({ label: "reasoning" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/ability=reasoning/);
  await expect(row("atlas/o3")).toBeVisible();
  await expect(row("atlas/gpt-4o")).toHaveCount(0);
});
