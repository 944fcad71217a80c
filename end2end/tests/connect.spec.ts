// A program asks for a key, and a person answers in the console.
import type { Hub } from "./support/hub.ts";
import { expect, test } from "./support/test.ts";

const session = "/.well-known/service/api/access-key/session";
const source = "@aigne/cli connect to AIGNE hub";

interface Session {
  id: string;
  accessKeyId?: string;
  accessKeySecret?: string;
}

/** As the program begins: the session, and the page that it opens. */
async function begin(hub: Hub): Promise<Session & { page: string }> {
  const answer = await fetch(`${hub.url}${session}`, { method: "POST", headers: { "user-agent": "test-program/1" } });
  const begun = (await answer.json()) as Session;
  const token = Buffer.from(begun.id).toString("base64url");
  const query = new URLSearchParams({ __token__: token, source, closeOnSuccess: "true", cli: "true" });
  return { ...begun, page: `/.well-known/service/gen-simple-access-key?${query}` };
}

const poll = (hub: Hub, id: string) => fetch(`${hub.url}${session}?sid=${id}`);

test.use({ alone: true });

test("approve", async ({ page, hub }) => {
  const begun = await begin(hub);
  await page.goto(begun.page);
  const main = page.getByRole("main");
  await expect(main.getByRole("heading", { level: 1 })).toHaveText("Connect a program");
  await expect(main).toContainText(`“${source}” asks for a key of yours`);
  await expect(main).toContainText("test-program/1");
  await expect(main).toContainText("127.0.0.1");
  await expect(main.getByLabel("Name of the key")).toHaveValue(source);
  await main.getByLabel("Name of the key").fill("my laptop");
  await main.getByRole("button", { name: "Approve" }).click();
  await expect(main).toContainText("Go back to the program");
  const fetched = (await (await poll(hub, begun.id)).json()) as Session;
  expect(fetched.accessKeySecret).toMatch(/^U2FsdGVkX1/);
  await main.getByRole("link", { name: "Your API keys" }).click();
  await expect(page.getByRole("table")).toContainText("my laptop");

  // Once.
  await page.goto(begun.page);
  await expect(main).toContainText("There is nothing to approve");
  await expect(main.getByRole("button", { name: "Approve" })).toHaveCount(0);
});

test("deny", async ({ page, hub }) => {
  const begun = await begin(hub);
  await page.goto(begun.page);
  await page.getByRole("main").getByRole("button", { name: "Deny" }).click();
  await expect(page.getByRole("main")).toContainText("The program got no key");
  expect((await poll(hub, begun.id)).status).toBe(403);
});

test("a name that cannot be is refused beside its field", async ({ page, hub }) => {
  const begun = await begin(hub);
  await page.goto(begun.page);
  const main = page.getByRole("main");
  await main.getByLabel("Name of the key").fill(" ");
  await main.getByRole("button", { name: "Approve" }).click();
  await expect(main).toContainText(/1 to 80 characters/);
  await main.getByLabel("Name of the key").fill("second try");
  await main.getByRole("button", { name: "Approve" }).click();
  await expect(main).toContainText("Go back to the program");
});

test("in Chinese", async ({ page, context, hub }) => {
  await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
  const begun = await begin(hub);
  await page.goto(begun.page);
  await expect(page.getByRole("main")).toContainText("请求获得你的密钥");
  await page.getByRole("main").getByRole("button", { name: "批准" }).click();
  await expect(page.getByRole("main")).toContainText("请回到程序中");
});

test.describe("a stranger", () => {
  test.use({ role: "nobody" });

  test("signs in first and comes back", async ({ page, hub }) => {
    const begun = await begin(hub);
    await page.goto(begun.page);
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await expect(page.getByRole("main").getByRole("button", { name: "Approve" })).toHaveCount(0);
  });
});
