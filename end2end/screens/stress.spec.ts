// Names as long as they may be, and texts that nothing breaks: no page may scroll sideways or lose its buttons.
import { addServer, createKey } from "../tests/support/steps.ts";
import { expect, test } from "../tests/support/test.ts";
import { shoot } from "./pictures.ts";

const word = (letters: number) => "Donaudampfschifffahrtsgesellschaftskapitaen".repeat(6).slice(0, letters);

test.use({ stage: "equipped", alone: true });

test("long names", async ({ page, hub, upstream }) => {
  const email = `${word(60).toLowerCase()}@${word(50).toLowerCase()}.${word(40).toLowerCase()}.example`;
  await hub.command(["user", "create", "--email", email, "--password-stdin"], "long enough to be a password");
  await addServer(page, word(32).toLowerCase(), word(80), upstream.baseUrl, "sk-refused-00000000000000000000000000");
  const provider = new URL(page.url()).pathname;
  await shoot(page, "long-provider");
  const secret = await createKey(page, word(80));
  await shoot(page, "long-key-created");
  await hub.chat(secret, `${word(32).toLowerCase()}/${word(190)}`, "no such model");
  await hub.chat(secret, "atlas/gpt-4o-mini", "hello");
  const { key } = await hub.command<{ key: string }>(["key", "create", "--user", email, "--name", word(80)]);
  await hub.knows(key, "atlas/gpt-4o-mini");
  await hub.chat(key, "atlas/gpt-4o-mini", "hello");
  for (const [name, path] of [
    ["home", "/"],
    ["calls", "/calls"],
    ["providers", "/providers"],
    ["provider-edit", `${provider}/edit`],
    ["provider-delete", `${provider}/delete`],
    ["models", "/models"],
    ["keys", "/keys?all=1"],
    ["users", "/users"],
    ["audit", "/audit"],
    ["playground", "/playground"],
  ]) {
    await page.goto(path);
    for (const width of [1280, 768, 360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${path} at ${width}`).toBeLessThanOrEqual(width);
      const cut = await page.locator(".table-wrap").evaluateAll((wraps) => wraps.map((wrap) => wrap.scrollWidth - wrap.clientWidth));
      expect(Math.max(0, ...cut), `tables of ${path} at ${width}`).toBe(0);
    }
    await shoot(page, `long-${name}`);
  }
  await page.goto("/users");
  await page.getByRole("link", { name: email }).click();
  await shoot(page, "long-user");
  await page.goto("/calls");
  await page.locator("tbody a").first().click();
  await shoot(page, "long-call-open");
  await page.goto("/audit");
  await page.locator("tbody a").first().click();
  await shoot(page, "long-audit-open");
});
