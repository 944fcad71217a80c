// A list that shows nothing says why: nothing yet, nothing like this, not for you, it failed. Each says what to do next, and a way
// that it offers leads somewhere; what failed names its request, which stands in the hub's log. (`ux.md` E28)
import type { Locator } from "@playwright/test";
import { sql } from "./support/sqlite.ts";
import { expect, test } from "./support/test.ts";

/** A list of the console. */
interface List {
  path: string;
  /** The table without which it cannot be made; none where it is made of what the hub holds in memory. */
  table?: string;
  /** What a query is that nothing matches; none where nothing can be narrowed. */
  without?: string;
  /** Anybody who signs in has one of their own. */
  everybody?: boolean;
  /** Something always stands there. */
  neverEmpty?: boolean;
}

const lists: List[] = [
  { path: "/calls", table: "call", without: "?range=all&model=nothing-like-this", everybody: true },
  { path: "/keys", table: "api_key", without: "?state=expired", everybody: true },
  { path: "/providers", table: "provider" },
  { path: "/models", table: "model", without: "?q=nothing-like-this" },
  { path: "/prices", table: "price", without: "?q=nothing-like-this" },
  { path: "/pricing", without: "?q=nothing-like-this", everybody: true },
  // Without people nobody is signed in, and no page is made at all.
  { path: "/users", without: "?q=nothing-like-this", neverEmpty: true },
  { path: "/audit", table: "audit", without: "?subject=nothing-like-this", neverEmpty: true },
  { path: "/invitations", table: "invitation" },
  { path: "/identity-providers", table: "identity_provider" },
  { path: "/projects", table: "project", everybody: true, neverEmpty: true },
];

/** What stands in the list's place says something of its own, and every way that it offers leads somewhere. */
async function goesOn(state: Locator, origin: string): Promise<string> {
  await expect(state).toHaveCount(1);
  const ways = state.getByRole("link");
  expect(await ways.count(), `ways to go on from ${state.page().url()}`).toBeGreaterThan(0);
  for (const way of await ways.all()) {
    const answer = await state.page().request.get(new URL((await way.getAttribute("href")) ?? "", origin).href);
    expect(answer.status(), await way.innerText()).toBe(200);
  }
  const words = await state.innerText();
  expect(words.length, "says more than a word").toBeGreaterThan(40);
  return state.getByRole("heading").innerText();
}

const heads = new Map<string, string[]>();
test.describe.configure({ mode: "serial" });

/** Remembers what a list said: it must not have said the same for another reason. */
function note(path: string, head: string): void {
  const before = heads.get(path) ?? [];
  expect(before, `${path} says something else for another reason`).not.toContain(head);
  heads.set(path, [...before, head]);
}

test.describe("nothing yet, and what failed", () => {
  test.use({ stage: "owned" });

  test("a list of nothing says how to begin", async ({ page, hub }) => {
    for (const { path } of lists.filter((list) => !list.neverEmpty)) {
      await page.goto(path);
      note(path, await goesOn(page.getByRole("main").locator(".state:not(.state-s)"), hub.url));
    }
  });

  test("a list that failed can be tried again, and names its request", async ({ page, hub, watch }) => {
    watch.allow(/\b500\b/);
    for (const { path, table } of lists) {
      if (!table) continue;
      await sql(hub, `ALTER TABLE ${table} RENAME TO gone`);
      const answer = await page.goto(path);
      await sql(hub, `ALTER TABLE gone RENAME TO ${table}`);
      expect(answer?.status(), path).toBe(500);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("The hub could not make this page");
      const request = await page.locator(".state-id code").innerText();
      expect(answer?.headers()["x-request-id"], path).toBe(request);
      expect(hub.log, path).toContain(request);
      await expect(page.locator(".state-id").getByRole("button", { name: "Copy" })).toBeVisible();
      note(path, await goesOn(page.locator(".state"), hub.url));
      await page.getByRole("link", { name: "Try again" }).click();
      await expect(page.getByRole("heading", { level: 1 }), path).not.toHaveText("The hub could not make this page");
    }
  });
});

test("a list of which the filter leaves nothing can be widened", async ({ page, hub }) => {
  for (const { path, without } of lists) {
    if (!without) continue;
    await page.goto(path + without);
    const state = page.getByRole("main").locator(".state:not(.state-s)");
    note(path, await goesOn(state, hub.url));
    await state.getByRole("link").first().click();
    await expect(state, `${path}: shows something again`).toHaveCount(0);
  }
});

test.describe("to a member", () => {
  test.use({ role: "member" });

  test("a list for others says whose it is, and names its request", async ({ page, hub, watch }) => {
    watch.expectStatus(403);
    for (const { path, everybody } of lists) {
      if (everybody) continue;
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(403);
      note(path, await goesOn(page.locator(".state"), hub.url));
      expect(await page.locator(".state-id code").innerText(), path).toBe(answer?.headers()["x-request-id"]);
    }
  });
});
