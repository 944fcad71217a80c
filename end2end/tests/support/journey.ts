// The journey of `journey.spec.ts` and `postgres.script.spec.ts`: a newcomer's way from the set-up link to a call in the log
// and a conversation that is stopped.
import OpenAI, { AuthenticationError } from "openai";
import type { Page } from "@playwright/test";
import type { House } from "./house.ts";
import { addServer, createKey } from "./steps.ts";
import { expect } from "./test.ts";
import { goodCredential } from "./upstream.ts";

/** The first admin of the journey. */
export const founder = { email: "grace@example.com", password: "a compiler is a machine" };

/** Set-up link to admin: typing mistakes keep the form, the link works once. */
export async function setUp(page: Page, house: House, stranger: () => Promise<Page>): Promise<void> {
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText("Nobody can sign in yet.")).toBeVisible();

  await page.goto(house.hub.setupLink);
  await expect(page.getByRole("heading", { name: "Make the first admin" })).toBeVisible();
  await page.getByLabel("E-mail").fill(founder.email);
  await page.getByLabel("Password", { exact: true }).fill(founder.password);
  await page.getByLabel("The same password again").fill("something else entirely");
  await page.getByRole("button", { name: "Create admin" }).click();
  await expect(page.getByLabel("The same password again")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("E-mail")).toHaveValue(founder.email);

  await page.getByLabel("Password", { exact: true }).fill(founder.password);
  await page.getByLabel("The same password again").fill(founder.password);
  await page.getByRole("button", { name: "Create admin" }).click();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  await expect(page.getByText("You are the first admin of this hub.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Set-up" }).getByText("0 of 3 done")).toBeVisible();

  // Whoever else has the link comes too late.
  const late = await stranger();
  await late.goto(house.hub.setupLink);
  await expect(late.getByRole("heading", { name: "This hub is set up already" })).toBeVisible();
}

/** A provider with a credential that its upstream refuses, then with a good one. */
export async function connect(page: Page, house: House): Promise<void> {
  const upstream = await house.upstream();
  await addServer(page, "atlas", "Atlas", upstream.baseUrl, "sk-mistyped-0000");
  await expect(page.getByRole("alert").filter({ hasText: "answered 401" })).toContainText("Incorrect API key");
  await expect(page.locator("body")).not.toContainText("sk-mistyped-0000");

  const form = page.getByRole("region", { name: "Add another credential" });
  await form.getByLabel("What you call it").fill("production");
  await form.getByLabel("API key of the provider").fill(goodCredential);
  await form.getByRole("button", { name: "Add and test credential" }).click();
  await expect(page.getByRole("status").filter({ hasText: /^Atlas answered in \d+ ms and lists \d+ models\. They are enabled\.$/ })).toBeVisible();
  await expect(page.getByRole("region", { name: "Models", exact: true }).getByText(/^atlas\//).first()).toBeVisible();

  // The one that fails goes, so that calls do not try it.
  await page.getByRole("button", { name: "Delete first" }).click();
  await page.getByRole("dialog", { name: "Delete credential “first”?" }).getByRole("button", { name: "Delete credential" }).click();
  await expect(page.getByText("The credential was deleted.")).toBeVisible();

  await page.goto("/models?q=gpt-4o");
  await expect(page.getByRole("row").filter({ hasText: "atlas/gpt-4o-mini" })).toContainText("Enabled");
}

/** A key that is shown once, and the official SDK with it. Gives back the secret. */
export async function call(page: Page, house: House): Promise<string> {
  const secret = await createKey(page, "notebook");
  expect(secret).toMatch(/^sk-hub-[\w-]{43}$/);
  await expect(page.locator('pre[aria-label="curl"]')).toContainText(secret);
  await page.reload();
  await expect(page.locator("body")).not.toContainText(secret);
  await expect(page.getByText("was shown once and cannot be shown again")).toBeVisible();

  const client = new OpenAI({ baseURL: `${house.hub.url}/v1`, apiKey: secret, maxRetries: 0 });
  const answer = await client.chat.completions.create({
    model: "atlas/gpt-4o-mini",
    messages: [{ role: "user", content: "Hello from the SDK" }],
  });
  expect(answer.choices[0].message.content).toBe("You said: Hello from the SDK");
  const stream = await client.chat.completions.create({
    model: "atlas/gpt-4o",
    stream: true,
    messages: [{ role: "user", content: "write 12 words" }],
  });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  expect(text).toContain("word12");
  return secret;
}

/** The calls with their tokens and times, and one of them in detail. */
export async function lookUp(page: Page): Promise<void> {
  await page.goto("/calls");
  const rows = page.getByRole("table", { name: "Calls" }).getByRole("row");
  await expect(rows.filter({ hasText: "gpt-4o-mini" })).toContainText("notebook");
  const row = rows.filter({ hasText: "gpt-4o-mini" });
  await expect(row).toContainText("200");
  await expect(row).toContainText(/[1-9]\d* \/ [1-9]\d*/);
  await expect(row).toContainText(/\d (ms|µs|s)/);
  await row.getByRole("link").first().click();
  await expect(page).toHaveURL(/[?&]open=call_/);
  const peek = page.getByRole("complementary");
  await expect(peek).toContainText("exact, by the provider");
  await expect(peek).toContainText("Timeline");
  await page.reload();
  await expect(peek).toContainText("exact, by the provider");
  await peek.getByRole("link", { name: "All details" }).click();
  await expect(page.getByRole("heading", { name: "Call", level: 1 })).toBeVisible();
  await expect(page.getByRole("region", { name: "Consumption" })).toContainText("Tokens in");
}

/** The playground answers: word by word, or as a whole where no scripts run. The answer stands in the log. */
export async function converse(page: Page, scripts: boolean): Promise<void> {
  await ask(page, scripts, "gpt-4o", "write 12 words for the playground");
  const answer = page.getByRole("main").locator("article").filter({ visible: true }).last();
  await expect(answer).toContainText("word12");
  await expect(answer.locator(".metrics")).toContainText(/first token.*in all/);
  const address = await answer.getByRole("link", { name: "Open the call in the log" }).getAttribute("href");
  await page.goto(address ?? "");
  await expect(page.getByRole("region", { name: "Summary" })).toContainText("Playground");
}

/** Stop in the middle of an answer, or the browser's own where no scripts run: the provider's call ends, the log says so. */
export async function stop(page: Page, house: House, scripts: boolean): Promise<void> {
  const [upstream, text] = [await house.upstream(), "write 400 words, to be stopped"];
  await ask(page, scripts, "slow-writer", text);
  if (scripts) {
    const answer = page.getByRole("article", { name: "Answer" });
    await expect(answer).toContainText("word5");
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(answer).toContainText("Stopped by you. What had come is kept.");
  } else {
    await expect.poll(async () => (await upstream.chats(text)).length).toBe(1);
    await page.goto("/keys");
  }
  await expect.poll(async () => (await upstream.chats(text)).map((chat) => chat.ended?.outcome)).toEqual(["disconnected"]);
  const row = page.getByRole("table", { name: "Calls" }).getByRole("row").filter({ hasText: "slow-writer" });
  await expect(async () => {
    await page.goto("/calls?state=cancelled");
    await expect(row).toHaveCount(1, { timeout: 500 });
  }).toPass();
}

async function ask(page: Page, scripts: boolean, model: string, text: string): Promise<void> {
  await page.goto(`/playground?model=atlas/${model}`);
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: scripts ? "Send" : "Ask the model" }).click({ noWaitAfter: true });
}

/** The key is revoked; the next request is refused. */
export async function revoke(page: Page, house: House, secret: string): Promise<void> {
  await page.goto("/keys");
  await page.getByRole("button", { name: "Revoke key “notebook”" }).click();
  await page.getByRole("dialog", { name: "Revoke key “notebook”" }).getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByText("Key “notebook” is revoked.")).toBeVisible();
  const client = new OpenAI({ baseURL: `${house.hub.url}/v1`, apiKey: secret, maxRetries: 0 });
  await expect(client.models.list()).rejects.toThrow(AuthenticationError);
}
