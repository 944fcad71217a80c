// A log of a million calls: a page of it comes as fast as one of a small log, and turning pages neither skips nor repeats a call
// while new ones arrive. (`ux.md` E27)
import type { Hub } from "./support/hub.ts";
import { sql } from "./support/sqlite.ts";
import { expect, type Page, test } from "./support/test.ts";

test.use({ alone: true });
test.describe.configure({ mode: "serial" });

const MILLION = 1_000_000;
/** Rows that one statement writes: what is written waits beside the file until then. */
const AT_ONCE = 100_000;
/** A second, in the ids of calls: they begin with milliseconds. */
const SECOND = 1000 * 2 ** 22;

/** Puts a million copies of a call before the first one of the log, two seconds from each to the next; every 97th has failed. */
async function fill(hub: Hub, call: string): Promise<void> {
  const columns = (await sql(hub, "SELECT name FROM pragma_table_info('call')")).map(([name]) => String(name));
  const [[first]] = await sql(hub, "SELECT CAST(min(id) AS TEXT) FROM call");
  const own: Record<string, string> = {
    id: `${first} - i * 2 * ${SECOND}`,
    started_at: "started_at - i * 2000000",
    state: "CASE WHEN i % 97 = 0 THEN 'failed' ELSE state END",
    model_asked: "'atlas/model-' || i % 50",
    model_served: "'atlas/model-' || i % 50",
  };
  const piece = (from: number) => `
    WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${from + AT_ONCE - 1})
    INSERT INTO call (${columns.join(", ")}) SELECT ${columns.map((name) => own[name] ?? name).join(", ")}
    FROM n, (SELECT * FROM call WHERE id = ${numberOf(call)})`;
  for (let done = 0; done < MILLION; done += AT_ONCE) await sql(hub, piece(done + 1), "PRAGMA wal_checkpoint(PASSIVE)");
}

/** The number that the text of an id stands for. */
function numberOf(id: string): bigint {
  const letters = "0123456789abcdefghjkmnpqrstvwxyz";
  return [...id.split("_")[1]].reduce((number, letter) => number * 32n + BigInt(letters.indexOf(letter)), 0n);
}

const rows = (page: Page) => page.getByRole("table", { name: "Calls" }).locator("tbody .row-link");

/** The calls that the page lists, the newest first. */
async function listed(page: Page): Promise<string[]> {
  const addresses = await rows(page).evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
  return addresses.map((address) => new URL(address).searchParams.get("open") ?? "");
}

test("first rows come within half a second, whatever they are narrowed by", async ({ page, hub, house }) => {
  test.setTimeout(180_000);
  const { calls, users, providers } = house.things;
  await fill(hub, calls.answered);
  const [[count]] = await sql(hub, "SELECT count(*) FROM call");
  expect(count).toBeGreaterThan(MILLION);
  const filters = [
    "", "&size=100", "&state=failed", "&model=model-7", "&model=nothing-like-this", "&endpoint=embeddings",
    `&user=${users.admin}&provider=${providers.working}&model=model-1`, `&before=${numberOf(calls.answered) - BigInt(400_000 * SECOND)}`,
  ];
  for (const filter of filters) {
    const took: number[] = [];
    // What the hub computed: how long others kept the machine from it is not its time, and what else it did is least in the best try.
    for (let tries = 0; tries < 5 && !took.some((time) => time <= 500); tries += 1) {
      const begun = hub.cpu;
      const answer = await page.request.get(`/calls?range=all${filter}`);
      took.push(hub.cpu - begun);
      expect(answer.status(), filter).toBe(200);
    }
    expect(Math.min(...took), `milliseconds for “${filter}”`).toBeLessThanOrEqual(500);
  }
  // Counting never holds the rows up: it ends at a thousand.
  await page.goto("/calls?range=all");
  await expect(page.getByText("50 of more than 1,000 calls")).toBeVisible();
});

test("what another price would have made of a million calls comes within seconds", async ({ page, hub }) => {
  // All of them were paid by a version of this one.
  const models = await hub.command<Array<{ id: string; name: string }>>(["model", "list"]);
  const model = models.find(({ name }) => name === "atlas/gpt-4o-mini")?.id;
  const { key } = await hub.command<{ key: string }>(["key", "create", "--user", "ada@example.com", "--name", "robot", "--scope", "manage"]);
  const headers = { authorization: `Bearer ${key}` };
  await expect.poll(async () => (await page.request.get("/api/admin/settings", { headers })).status()).toBe(200);
  // Two seconds where nothing else is done; a slow machine that does all tests at once takes twice as long.
  const most = 4000;
  const took: number[] = [];
  for (let tries = 0; tries < 5 && !took.some((time) => time <= most); tries += 1) {
    const begun = hub.cpu;
    const answer = await page.request.post(`/api/admin/models/${model}/price/effect`, { headers, data: { cost: { input: "0.30", output: "1.20", cache_read: "0.15" }, margin_percent: "20" } });
    took.push(hub.cpu - begun);
    expect(answer.status()).toBe(200);
    const told = await answer.json();
    expect(told.calls).toBeGreaterThan(MILLION);
  }
  expect(Math.min(...took), "milliseconds").toBeLessThanOrEqual(most);
});

test("turning pages skips and repeats nothing while calls arrive", async ({ page, hub, house }) => {
  const arrive = async () => {
    const answer = await hub.chat(house.things.key.secret, "simulated/echo", "One more");
    await answer.text();
    return answer.headers.get("x-request-id") ?? "";
  };
  await page.goto("/calls?range=all&size=100");
  const there = await sql(hub, `SELECT CAST(id AS TEXT) FROM call WHERE id <= ${numberOf((await listed(page))[0])} ORDER BY id DESC LIMIT 500`);
  const pages = [await listed(page)];
  const arrived: string[] = [];
  for (let turned = 1; turned < 5; turned += 1) {
    arrived.push(await arrive());
    await page.getByRole("link", { name: "Older" }).click();
    await expect(page).toHaveURL(/before=/);
    await expect.poll(async () => (await listed(page))[0]).not.toBe(pages.at(-1)?.[0]);
    pages.push(await listed(page));
  }
  expect(pages.flat().map((id) => String(numberOf(id)))).toEqual(there.flat());
  for (let turned = pages.length - 2; turned >= 0; turned -= 1) {
    arrived.push(await arrive());
    await page.getByRole("link", { name: "Newer" }).click();
    await expect.poll(() => listed(page), `back on page ${turned + 1}`).toEqual(pages[turned]);
  }
  // Those that arrived stand on the page before, all of them and nothing else.
  await expect(async () => {
    await page.goto(page.url());
    await page.getByRole("link", { name: "Newer" }).click();
    expect((await listed(page)).filter((id) => !pages[0].includes(id))).toEqual(arrived.toReversed());
  }).toPass();
});
