// What members and strangers get to see, and what is not there.
import { expect, test } from "./support/test.ts";

const admins = ["/providers", "/providers/new", "/models", "/prices", "/users", "/users/new", "/audit", "/keys?all=1"];

test.describe("a member", () => {
  test.use({ role: "member" });

  test("is told that a page is not for their role", async ({ page, watch, house }) => {
    watch.expectStatus(403);
    const { providers, users } = house.things;
    for (const path of [...admins, `/providers/${providers.working}`, `/users/${users.admin}`]) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(403);
      await expect(page.getByRole("heading", { level: 1 }), path).toHaveText("Your role does not show this");
    }
    await expect(page.getByRole("main").getByRole("link", { name: "Overview" })).toBeVisible();
  });

  test("has no way to them in the navigation", async ({ page }) => {
    await page.goto("/");
    const navigation = page.getByRole("navigation", { name: "Main" });
    await expect(navigation.getByRole("link")).toHaveText([/AIGNE Hub/, "Overview", "Calls", "Playground", "API keys", "Projects", "Credits", "Price list", "Account"]);
  });

  test("sees only their own calls and keys", async ({ page, watch, house }) => {
    const { calls, key } = house.things;
    await page.goto("/calls?range=all");
    // Their own, and the one of the project that they manage.
    await expect(page.getByRole("table", { name: "Calls" }).getByRole("row")).toHaveCount(3);
    await expect(page.getByRole("complementary")).toHaveCount(0);
    await page.goto(`/calls?range=all&open=${calls.failed}`);
    await expect(page.getByRole("complementary")).toContainText("No such call");
    watch.expectStatus(404);
    for (const path of [`/calls/${calls.failed}`, `/keys/${key.id}/revoke`, `/keys/${key.id}/created`]) {
      expect((await page.goto(path))?.status(), path).toBe(404);
    }
    expect((await page.goto(`/calls/${calls.members}`))?.status()).toBe(200);
  });
});

test("what is not there answers 404 and says what to do", async ({ page, watch }) => {
  watch.expectStatus(404);
  const gone = ["/no/such/page", "/calls/call_0000000000001", "/calls/x", "/providers/prov_0000000000001", "/keys/key_0000000000001/revoke", "/users/user_0000000000001", "/users/%00"];
  for (const path of gone) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 }), path).toHaveText("There is nothing here");
    await expect(page.getByRole("main").getByRole("link", { name: "Overview" }), path).toBeVisible();
  }
});

test.describe("a stranger", () => {
  test.use({ role: "nobody" });

  test("is led to the sign-in page from everywhere", async ({ page }) => {
    for (const path of ["/", "/calls", "/keys", "/playground", "/account", ...admins]) {
      await page.goto(path);
      await expect(page, path).toHaveURL(path === "/" ? "/sign-in" : /\/sign-in\?next=/);
    }
  });
});
