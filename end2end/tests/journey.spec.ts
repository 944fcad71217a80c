// A newcomer's way: set-up link, provider, key, a call by the official SDK, the call in the log, a conversation in the
// playground, one that is stopped, the key revoked.
// With JavaScript and without; the steps build on each other.
import { fillSignIn } from "./support/steps.ts";
import { call, connect, converse, founder, lookUp, revoke, setUp, stop } from "./support/journey.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "new" });
test.describe.configure({ mode: "serial" });

let secret = "";

test("the set-up link makes the first admin, once", async ({ page, house, stranger }) => setUp(page, house, stranger));

test.describe("signed in", () => {
  test.beforeEach(async ({ page }) => {
    await page.goto("/sign-in");
    await fillSignIn(page, founder);
    await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  });

  test("a provider is connected; a wrong credential shows what the upstream says", async ({ page, house }) => connect(page, house));

  test("the checklist knows what is done", async ({ page }) => {
    await expect(page.getByRole("region", { name: "Set-up" }).getByText("1 of 3 done")).toBeVisible();
  });

  test("a key is shown once and the SDK calls with it", async ({ page, house }) => {
    secret = await call(page, house);
  });

  test("the call stands in the log with tokens and times", async ({ page }) => lookUp(page));

  test("the checklist is gone when its work is done, for one admin alone too", async ({ page }) => {
    await expect(page.getByRole("region", { name: "Recent calls" }).getByRole("row")).toHaveCount(3);
    await expect(page.getByRole("region", { name: "Set-up" })).toHaveCount(0);
  });

  test("the playground answers, and the answer stands in the log", async ({ page, javaScriptEnabled }) => converse(page, javaScriptEnabled !== false));

  test("an answer that is stopped stops at the provider", async ({ page, house, javaScriptEnabled }) => stop(page, house, javaScriptEnabled !== false));

  test("a revoked key is refused by the next request", async ({ page, house }) => revoke(page, house, secret));

  test("nothing of the hub's secrets reached the provider", async ({ upstream }) => {
    expect(await upstream.violations()).toEqual([]);
  });
});
