// Takes a picture of every page at 1280 and 360 px, light and dark: `calls-dark-360.png`.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { everywhere } from "../tests/support/places.ts";
import { projectRoot } from "../tests/support/process.ts";
import { addServer, createKey } from "../tests/support/steps.ts";
import { expect, test } from "../tests/support/test.ts";

const folder = process.env.HUB_SCREENS ?? join(projectRoot, "target/screens");

async function shoot(page: Page, name: string): Promise<void> {
  // What sticks to the window's edge would stand in the middle of a picture of the whole page.
  await page.evaluate(() => window.scrollTo(0, 0));
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true, animations: "disabled" });
    }
  }
}

for (const { stage, all } of everywhere) {
  for (const role of ["nobody", "admin", "member"] as const) {
    const places = all.filter((place) => (place.role ?? "admin") === role);
    if (places.length === 0) continue;
    test.describe(`${stage}, ${role}`, () => {
      test.use({ stage, role });
      for (const place of places) {
        test(place.name, async ({ page, watch, house }) => {
          if (place.status) watch.expectStatus(place.status);
          await page.goto(stage === "furnished" ? place.path(house.things) : place.path({} as never));
          await shoot(page, place.name);
        });
      }
    });
  }
}

test.describe("a new hub", () => {
  test.use({ stage: "new", role: "nobody" });

  test("set-up", async ({ page, hub }) => {
    await page.goto(hub.setupLink);
    await shoot(page, "setup");
  });
});

test.describe("for a moment", () => {
  test.use({ stage: "equipped" });

  test("a new key", async ({ page }) => {
    await createKey(page, "notebook");
    await shoot(page, "key-created");
  });

  test("a provider in trouble", async ({ page }) => {
    await addServer(page, "nowhere", "Nowhere", "http://127.0.0.1:9/v1", "sk-whatever-000");
    await shoot(page, "provider-refused");
  });

  test("a refused form", async ({ page }) => {
    await page.goto("/providers/new?preset=compatible");
    await page.getByLabel("Name for people").fill("Twice");
    await page.getByLabel("Name in model names").fill("atlas");
    await page.getByLabel("Base URL").fill("http://127.0.0.1:9/v1");
    await page.getByRole("button", { name: "Add and test provider" }).click();
    await expect(page.locator(".error")).toBeVisible();
    await shoot(page, "form-refused");
  });

  test("a conversation", async ({ page }) => {
    await page.goto("/playground?model=atlas/gpt-4o-mini");
    const send = async (text: string) => {
      await page.getByRole("textbox", { name: "Message" }).fill(text);
      await page.getByRole("button", { name: "Send" }).click();
      await expect(page.getByRole("article", { name: "Answer" }).last()).toHaveAttribute("aria-busy", "false");
    };
    await send("Compare two ways to store passwords.\n\n| Way | Cost | Safe |\n|---|---|---|\n| argon2id | 40 ms | yes |\n| SHA-256 | 1 µs | no |\n\n```rust\nlet hash = argon2.hash_password(password, &salt)?;\n```");
    await page.getByRole("combobox", { name: "Model" }).selectOption("atlas/fault-500");
    await send("And when the provider is down?");
    await shoot(page, "playground-conversation");
  });

  test("an open change", async ({ page }) => {
    await page.goto("/audit");
    await page.getByRole("main").locator("tbody a").first().click();
    await shoot(page, "audit-open");
  });
});

test.describe("in Chinese", () => {
  for (const [name, path] of [["home", "/"], ["calls", "/calls"], ["providers", "/providers"], ["account", "/account"]]) {
    test(name, async ({ page, context, hub }) => {
      await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
      await page.goto(path);
      await shoot(page, `zh-${name}`);
    });
  }
});
