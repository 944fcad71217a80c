// Signing in and out: errors, delays, where it leads, and who may send forms.
import { people } from "./support/house.ts";
import { fillSignIn, signIn, signOut } from "./support/steps.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "owned", role: "nobody" });
// The last test makes the hub refuse this machine's address for a while.
test.describe.configure({ mode: "serial" });

test("a wrong password and an unknown person get the same sentence, and the address stays typed", async ({ page }) => {
  await page.goto("/sign-in");
  for (const email of [people.admin.email, "nobody@example.com"]) {
    await fillSignIn(page, { email, password: "not the password" });
    await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator(".error")).toHaveText("E-mail or password is wrong.");
    await expect(page.getByLabel("E-mail")).toHaveValue(email);
    await expect(page.getByLabel("Password")).toHaveValue("");
  }
  await page.reload();
  await expect(page.locator(".error")).toHaveCount(0);
});

test("signing in leads to the page that was asked for, with its query", async ({ page }) => {
  await page.goto("/calls?state=failed&range=7d");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await fillSignIn(page, people.admin);
  await expect(page).toHaveURL("/calls?state=failed&range=7d");
});

test("a refused password keeps the way on", async ({ page }) => {
  await page.goto("/sign-in?next=/keys");
  await fillSignIn(page, { ...people.member, password: "not the password" });
  await expect(page.locator(".error")).toBeVisible();
  await fillSignIn(page, people.member);
  await expect(page).toHaveURL("/keys");
});

for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "%2F%2Fevil.example"]) {
  test(`?next=${next} leads home`, async ({ page }) => {
    await page.goto(`/sign-in?next=${next.startsWith("%") ? next : encodeURIComponent(next)}`);
    await fillSignIn(page, people.member);
    await expect(page).toHaveURL("/");
    // Also for somebody who is signed in already.
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`);
    await expect(page).toHaveURL("/");
  });
}

test("signing out ends the session", async ({ page }) => {
  await signIn(page, people.member);
  const cookies = await page.context().cookies();
  await signOut(page);
  await page.goto("/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  // Nor does the old cookie work any more.
  await page.context().addCookies(cookies);
  await page.goto("/keys");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("the session's cookie is out of reach of scripts and other sites", async ({ page }) => {
  await signIn(page, people.member);
  const session = (await page.context().cookies()).filter((cookie) => !["hub_language", "hub_theme"].includes(cookie.name));
  expect(session).toHaveLength(1);
  expect(session[0]).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});

test("a form from another site is refused", async ({ page }) => {
  await signIn(page, people.admin);
  const action = await page.locator("form", { has: page.getByRole("button", { name: "中文" }) }).getAttribute("action");
  const form = { language: "zh-CN", back: "/" };
  const foreign = await page.request.post(action ?? "", { form, headers: { origin: "https://evil.example", "sec-fetch-site": "cross-site" } });
  expect(foreign.status()).toBe(403);
  const own = await page.request.post(action ?? "", { form: { ...form, language: "en" }, headers: { origin: new URL(page.url()).origin } });
  expect(own.status()).toBe(200);
});

test("many failures are delayed, for the right password too", async ({ page }) => {
  await page.goto("/sign-in");
  const error = page.locator(".error");
  // Each failure beyond the fifth doubles the delay; guessing goes on until it is long enough to be seen.
  await expect(async () => {
    await fillSignIn(page, { ...people.admin, password: "one more guess" });
    await expect(error).toContainText(/^Too many failed attempts\. Try again in ([4-9]|\d\d) seconds\.$/, { timeout: 1_000 });
  }).toPass({ intervals: [0], timeout: 25_000 });
  await fillSignIn(page, people.admin);
  await expect(error).toContainText("Too many failed attempts.");
});
