// What the people of a company do: somebody who never saw the hub comes in by the identity provider, is given a role, makes a key
// with a daily budget and uses it from the official SDK until it refuses; an auditor sees all of that and can change none of it.
import OpenAI, { APIError } from "openai";
import { setPrice } from "./support/furnish.ts";
import { people } from "./support/house.ts";
import { type Company, addCompany, startCompany } from "./support/identity.ts";
import { changeSetting } from "./support/steps.ts";
import { expect, type Page, test } from "./support/test.ts";

test.use({ stage: "equipped" });

const model = "atlas/gpt-4o-mini";
const budget = "0.25";
const grace = "grace@example.com";

/** Somebody of the company opens the hub for the first time and signs in by it. */
async function comeIn(page: Page, url: string, company: Company, name: string, groups: string[]): Promise<void> {
  company.people[name] = { email: `${name}@example.com`, email_verified: true, groups };
  company.who = name;
  await page.goto(url);
  await page.getByRole("button", { name: "Continue with Company" }).click();
  await expect(page.getByText("Your account was made, and you sign in to it by Company from now on.")).toBeVisible();
}

/** Calls with the key until a call is refused. */
async function useUp(url: string, apiKey: string): Promise<{ answered: number; refused: APIError }> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
  for (let answered = 0; answered < 200; answered += 1) {
    try {
      const messages = [{ role: "user" as const, content: "Hello" }];
      const answer = await client.chat.completions.create({ model, max_tokens: 20, messages });
      expect(answer.choices[0].message.content).toBe("You said: Hello");
    } catch (refused) {
      if (refused instanceof APIError) return { answered, refused };
      throw refused;
    }
  }
  throw new Error("the budget never ended");
}

/** Where the form for this function on the page is sent to. */
async function actionOf(page: Page, path: string, name: string): Promise<string> {
  await page.goto(path);
  const action = await page.locator(`form[action$="/${name}"]`).first().getAttribute("action");
  if (!action) throw new Error(`${path} has no form for ${name}`);
  return action;
}

test("from the first sign-in to a budget that is used up, and an auditor who sees it all", async ({ page, hub, watch, stranger }) => {
  test.slow();
  await setPrice(hub, model, "1000", "1000");
  const company = await startCompany(hub.url, watch);
  const her = await stranger();
  const auditor = await stranger();
  try {
    await addCompany(page, company, "groups: auditors = auditor");
    await changeSetting(page, "registration", (page) => page.getByRole("radio", { name: /^Open/ }).check());

    const { project, person } = await test.step("she comes in by the company, and an admin gives her a role", async () => {
      await comeIn(her, hub.url, company, "grace", ["staff"]);
      await expect(her.getByRole("heading", { name: "Welcome to AIGNE Hub", level: 1 })).toBeVisible();
      await expect(her.getByText(`You are signed in as ${grace}.`)).toBeVisible();

      await page.goto("/projects/new");
      await page.getByLabel("Name", { exact: true }).fill("Assistants");
      await page.getByLabel("Who pays").fill(people.admin.email);
      await page.getByRole("button", { name: "Create project" }).click();
      await page.getByLabel("E-mail").fill(grace);
      await page.locator("#people select").last().selectOption("admin");
      await page.getByRole("button", { name: "Add person" }).click();
      await expect(page.getByText(`${grace} is in the project.`)).toBeVisible();
      const project = new URL(page.url()).pathname;
      await page.goto("/users?q=grace@");
      await page.getByRole("link", { name: grace }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(grace);
      return { project, person: new URL(page.url()).pathname };
    });

    const { secret, key } = await test.step("she makes a key in it, with a budget for each day", async () => {
      await her.goto(`${hub.url}/projects`);
      await her.getByRole("main").getByRole("link", { name: "Assistants" }).click();
      await her.getByRole("main").getByRole("link", { name: "New key" }).click();
      await her.getByLabel("Name", { exact: true }).fill("assistant");
      await her.getByRole("button", { name: "Create key" }).click();
      const secret = await her.getByLabel("The new key").inputValue();
      await her.goto(`${hub.url}/keys`);
      await her.getByRole("link", { name: "Key “assistant”" }).click();
      await expect(her.getByRole("heading", { level: 1 })).toHaveText("assistant");
      const key = new URL(her.url()).pathname;
      await her.getByRole("link", { name: "Change limits" }).click();
      await her.getByLabel("What is limited").selectOption("spend");
      await her.getByLabel("Window", { exact: true }).selectOption("day");
      await her.getByLabel("At most").fill(budget);
      await her.getByRole("button", { name: "Add limit" }).click();
      await expect(her.getByText("The limit holds from the next call on.")).toBeVisible();
      return { secret, key };
    });

    const answered = await test.step("the SDK is refused when the budget is used up, and told why", async () => {
      const { answered, refused } = await useUp(hub.url, secret);
      expect(answered).toBeGreaterThan(2);
      expect([refused.status, refused.code]).toEqual([402, "spend_limit_reached"]);
      expect(refused.message).toMatch(/The limit of this key is 0\.25 spend per day: 0\.\d+ are used, and this call needs 0\.\d+\. Try again in \d+ seconds\./);
      const { limit } = refused.error as { limit: Record<string, string> };
      expect([limit.on, limit.measure, limit.window, limit.limit]).toEqual(["key", "spend", "day", budget]);
      expect(Number(limit.used)).toBeLessThanOrEqual(Number(budget));
      expect(Number(limit.used) + Number(limit.needed)).toBeGreaterThan(Number(budget));
      expect(Number(refused.headers?.get("retry-after"))).toBeGreaterThan(0);
      // She sees how it stands.
      await her.goto(hub.url + key);
      await expect(her.getByRole("region", { name: "Limits" }).getByRole("row").nth(1)).toContainText(/Spend per day.*0\.25/i);
      return answered;
    });

    const id = key.replace("/keys/", "");
    const [user, place] = [person.replace("/users/", ""), project.replace("/projects/", "")];
    // What is sent without a form: its address, as those find it who have one.
    const forced = [
      [await actionOf(her, `${hub.url}/limits/key/${id}`, "set_limit"), { subject: id, measure: "spend", window: "day", most: "1000" }],
      [await actionOf(her, `${hub.url}${key}/revoke`, "revoke_key"), { id }],
      [await actionOf(her, `${hub.url}${key}/delete`, "delete_key"), { id, typed: "assistant" }],
      [await actionOf(her, `${hub.url}/keys/new`, "create_key"), { name: "mine", project: place }],
      [await actionOf(page, person, "set_user_role"), { id: user, role: "owner" }],
      [await actionOf(page, person, "suspend_user"), { id: user, suspended: "true" }],
      [await actionOf(page, project, "add_member"), { id: place, email: "ines@example.com", role: "admin" }],
      [await actionOf(page, `${project}/archive`, "archive_project"), { id: place, typed: "Assistants" }],
    ] as const;

    await test.step("an auditor, who comes by the company too, sees all of it", async () => {
      await comeIn(auditor, hub.url, company, "ines", ["auditors"]);
      const read = async (path: string) => {
        expect((await auditor.goto(hub.url + path))?.status(), path).toBe(200);
        await expect(auditor.locator("main form[method=post]"), path).toHaveCount(0);
        return auditor.getByRole("main");
      };
      await expect((await read("/users")).getByRole("row").filter({ hasText: grace })).toContainText("Member");
      await expect(await read(person)).toContainText("assistant");
      const members = (await read(project)).getByRole("region", { name: "People" }).getByRole("row");
      await expect(members.filter({ hasText: grace })).toContainText("Project admin");
      await expect((await read("/keys")).getByRole("row").filter({ hasText: "assistant" })).toContainText(grace);
      const limits = (await read(key)).getByRole("region", { name: "Limits" }).getByRole("row").nth(1);
      await expect(limits).toContainText(/Spend per day.*0\.25/i);
      await expect((await read(`/limits/key/${id}`)).getByRole("row").nth(1)).toContainText("0.25");
      for (const [state, count] of [["succeeded", answered], ["failed", 1]] as const) {
        const calls = (await read(`/calls?user=${user}&state=${state}&range=all&size=100`)).getByRole("table", { name: "Calls" });
        await expect(calls.getByRole("row").filter({ hasText: grace }), state).toHaveCount(count);
      }
      for (const [action, words] of [["user.register", /grace/], ["project.add_member", /Assistants/], ["key.create", /assistant/], ["limit.create", /assistant/]] as const) {
        await expect((await read(`/audit?action=${action}`)).getByRole("row").filter({ hasText: words }), action).toHaveCount(1);
      }
      const change = (await read("/audit?action=limit")).getByRole("row").nth(1);
      await expect(change).toContainText(grace);
      await change.getByRole("link").first().click();
      await expect(auditor.getByRole("complementary").locator("ins").filter({ hasText: budget })).toHaveCount(1);
    });

    await test.step("and can change none of it, whatever is sent", async () => {
      const told = async () => {
        const [users, keys, projects, limits] = await Promise.all([["user", "list"], ["key", "list"], ["project", "list"], ["limit", "list", "--key", id]].map((words) => hub.command<Record<string, unknown>[]>(words)));
        // When somebody was last seen moves by looking.
        return [users.map(({ email, role, state, suspended }) => ({ email, role, state, suspended })), keys.map(({ last_used_at, ...key }) => key), projects, limits];
      };
      const before = await told();
      await page.goto("/audit");
      const entries = page.getByRole("status").filter({ hasText: /^Chain intact, [\d,]+ entries\.$/ });
      const written = await entries.innerText();
      for (const [action, form] of forced) {
        for (const accept of ["text/html", "*/*"]) {
          const answer = await auditor.request.post(hub.url + action, { form, headers: { accept, origin: hub.url }, maxRedirects: 0 });
          expect(answer.status(), `${action} as ${accept}`).toBe(403);
        }
      }
      expect(await told()).toEqual(before);
      await page.goto("/audit");
      expect(await entries.innerText()).toBe(written);
      // Her key stands where it stood: known, and at its limit.
      const { answered, refused } = await useUp(hub.url, secret);
      expect([answered, refused.code]).toEqual([0, "spend_limit_reached"]);
    });
  } finally {
    await company.end();
  }
});
