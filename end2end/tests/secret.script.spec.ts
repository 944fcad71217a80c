// A key's secret is shown once, to whoever made it, and stands nowhere else: in no page, no file, no answer of any interface and no
// log. (`ux.md` E11)
import { createKey } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

test("a new key's secret is in one answer and never again", async ({ page, hub }) => {
  const holding: string[] = [];
  let secret = "";
  const bodies: Array<Promise<{ address: string; text: string }>> = [];
  page.on("response", (response) => {
    const address = `${response.request().method()} ${new URL(response.url()).pathname}`;
    bodies.push(response.text().catch(() => "").then((text) => ({ address, text })));
  });
  secret = await createKey(page, "seen once");
  const shown = new URL(page.url()).pathname;
  await page.reload();
  await expect(page.getByText("was shown once and cannot be shown again")).toBeVisible();
  const key = shown.split("/")[2];
  for (const path of ["/keys", "/keys?all=1", `/keys/${key}`, `/keys/${key}/revoke`, "/audit", "/calls", "/search?q=seen+once", "/account"]) await page.goto(path);
  await page.goto("/keys");
  expect((await hub.chat(secret, "atlas/gpt-4o-mini", "Hello")).status).toBe(200);
  // Programs ask by a key: cookies mean nothing there.
  const robot = await hub.command<{ key: string }>(["key", "create", "--user", "ada@example.com", "--name", "robot", "--scope", "manage"]);
  const headers = { authorization: `Bearer ${robot.key}` };
  await expect.poll(async () => (await page.request.get("/api/admin/keys", { headers })).status()).toBe(200);
  for (const path of ["/calls", "/audit", "/audit/audit.csv", "/api/admin/keys", `/api/admin/keys/${key}`, "/api/admin/audit"]) {
    const answer = await page.request.get(path, path.startsWith("/api/") ? { headers } : {});
    expect(answer.status(), path).toBe(200);
    bodies.push(answer.text().then((text) => ({ address: `GET ${path}`, text })));
  }
  for (const { address, text } of await Promise.all(bodies)) if (text.includes(secret)) holding.push(address);
  expect(holding).toEqual([`GET ${shown}`]);
  expect(JSON.stringify(await hub.command(["key", "list"]))).not.toContain(secret);
  expect(hub.log).not.toContain(secret);
  expect(hub.printed).not.toContain(secret);
  // What is left of it tells one key from another.
  await page.goto(`/keys/${key}`);
  await expect(page.getByRole("main")).toContainText(secret.slice(-3));
});
