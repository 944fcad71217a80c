// What calls come to when something went wrong with their money, and what only a service provider's pages show.
import { execFileSync } from "node:child_process";
import { setPrice } from "../tests/support/furnish.ts";
import { people } from "../tests/support/house.ts";
import { expect, test } from "../tests/support/test.ts";
import { shoot } from "./pictures.ts";

test.use({ stage: "furnished", alone: true });

test("calls to look at", async ({ page, hub, house, upstream, watch }) => {
  watch.allow(/failed request/);
  const { key, models } = house.things;
  await hub.command(["settings", "set", "mode", "service-provider"]);
  await hub.command(["credits", "grant", "--user", people.admin.email, "--amount", "20", "--expires", "40d", "--reason", "For trying things out"]);
  await setPrice(hub, "atlas/slow-writer", "2.5", "10");
  const ask = async (model: string, text: string, more: object = {}) => {
    const answer = await hub.chat(key.secret, model, text, more);
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  const plain = await ask("atlas/gpt-4o", "write 40 words");
  await upstream.fault("usage-nonsense", { times: 1 });
  const doubted = await ask("atlas/gpt-4o", "write 30 words");
  const write = () => hub.chat(key.secret, "atlas/slow-writer", "write 4000 words", { stream: true });
  // The server has seen the new price within a moment.
  let running = await write();
  await expect(async () => {
    if (running.status !== 200) running = await write();
    expect(running.status).toBe(200);
  }).toPass();
  await running.body?.getReader().read();
  await hub.crash();
  const unbilled = running.headers.get("x-request-id") ?? "";
  // Rare, and slow to bring about: the columns are written as the hub writes them.
  const script = `
import sqlite3, sys
books = sqlite3.connect(sys.argv[1])
newest = [row[0] for row in books.execute("SELECT id FROM call WHERE charge > 0 ORDER BY id DESC LIMIT 2")]
books.execute("UPDATE call SET loss = 4120 WHERE id = ?", (newest[1],))
books.execute("UPDATE call SET late = 1, lost = 1 WHERE id IN (SELECT id FROM call WHERE model_served = 'simulated/echo' ORDER BY id LIMIT 1)")
books.commit()`;
  execFileSync("python3", ["-c", script, `${hub.folder}/hub.db`]);
  await page.goto("/books");
  await shoot(page, "books-attention");
  await page.getByRole("button", { name: "Prove the books now" }).click();
  await expect(async () => {
    await page.goto("/books");
    await expect(page.getByRole("region", { name: "Last proof" })).toBeVisible({ timeout: 500 });
  }).toPass();
  await shoot(page, "books-proved");
  await page.goto("/calls?range=30d&concern=doubted");
  await shoot(page, "calls-doubted");
  await page.goto("/calls?range=30d&concern=unbilled");
  await shoot(page, "calls-unbilled");
  for (const [name, id] of Object.entries({ plain, doubted, unbilled })) {
    await page.goto(`/calls/${id}`);
    await shoot(page, `call-${name}`);
  }
  await page.goto(`/calls?concern=doubted&open=${doubted}`);
  await shoot(page, "calls-doubted-open");
  await page.goto("/calls?concern=late&range=30d");
  await page.getByRole("table", { name: "Calls" }).locator("tbody a").first().click();
  await shoot(page, "calls-late-open");
  await page.goto("/calls?concern=loss&range=30d");
  await page.getByRole("table", { name: "Calls" }).locator("tbody a").first().click();
  await shoot(page, "calls-loss-open");
  await page.goto(`/prices/${models.priced}`);
  await shoot(page, "price-context");
  for (const place of ["/prices", "/pricing", "/credits", `/users/${house.things.users.member}/credits`, "/"]) {
    await page.goto(place);
    await shoot(page, `money-${place.split("/").filter(Boolean).slice(0, 1).join("") || "home"}${place.includes("credits") && place.length > 10 ? "-of-user" : ""}`);
  }
});
