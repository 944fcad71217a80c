// Pages as roles beyond admin and member see them, and as an admin who looks as somebody else.
import { people } from "../tests/support/house.ts";
import { signIn } from "../tests/support/steps.ts";
import { test } from "../tests/support/test.ts";
import { shoot, twoLooks as looks } from "./pictures.ts";

test.use({ alone: true });

for (const role of ["auditor", "billing"] as const) {
  test(role, async ({ stranger, hub, house, watch }) => {
    const who = { email: `${role}@example.com`, password: "a password for pictures" };
    await hub.command(["user", "create", "--email", who.email, "--role", role, "--password-stdin"], who.password);
    const page = await stranger();
    await signIn(page, who);
    watch.expectStatus(403);
    const { providers, models, users, calls } = house.things;
    const member = `/users/${users.member}`;
    const all: Record<string, string> = { home: "/", calls: "/calls", call: `/calls/${calls.answered}`, prices: "/prices", price: `/prices/${models.priced}`, users: "/users", user: member, "user-credits": `${member}/credits`, books: "/books", settings: "/settings", keys: "/keys", account: "/account" };
    const more: Record<string, string> = { providers: "/providers", provider: `/providers/${providers.working}`, models: "/models", audit: "/audit", forbidden: "/users/new" };
    for (const [name, path] of Object.entries(role === "auditor" ? { ...all, ...more } : all)) {
      await page.goto(path);
      await shoot(page, `${role}-${name}`, looks);
    }
  });
}

test("view-as", async ({ page, house, watch }) => {
  await page.goto(`/users/${house.things.users.member}`);
  await page.getByRole("button", { name: "View as this user" }).click();
  watch.expectStatus(403);
  for (const [name, path] of Object.entries({ home: "/", keys: "/keys", forbidden: "/users" })) {
    await page.goto(path);
    await shoot(page, `view-as-${name}`, looks);
  }
  await page.goto("/keys/new");
  await page.getByLabel("Name").fill(people.member.email);
  await page.getByRole("button", { name: "Create key" }).click();
  await shoot(page, "view-as-refused", looks);
});
