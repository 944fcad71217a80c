// What holds for every page: a title, one heading of the first level, a language, landmarks, no sideways scrolling from a
// telephone to a wide screen, and on a screen of work nothing that hides its end in a box of its own. That a page stands
// the same before its script arrives is `still.script.spec.ts`; accessibility in depth is `axe.script.spec.ts`.
import type { Page } from "@playwright/test";
import type { Furniture } from "./support/furnish.ts";
import { everywhere } from "./support/places.ts";
import { expect, test } from "./support/test.ts";

/** Pixels by which the page is wider than its window. */
function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

/** What scrolls sideways within the page. Code does; nothing else needs to where there is room. */
function hidden(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("body *:not(pre, textarea, input)")]
      .filter((box) => box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX))
      .map((box) => `${box.tagName}.${box.className}`),
  );
}

/** The page stands well at every width. */
async function fits(page: Page, widths = [320, 360, 768, 1280, 1920]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 1000 ? 800 : 1080 });
    await expect.poll(() => overhang(page), `sideways scrolling at ${width} px`).toBeLessThanOrEqual(0);
    if (width >= 1280) expect(await hidden(page), `hidden at ${width} px`).toEqual([]);
  }
}

for (const { stage, all } of everywhere) {
  for (const role of ["nobody", "admin", "member"] as const) {
    const places = all.filter((place) => (place.role ?? "admin") === role);
    if (places.length === 0) continue;
    test.describe(`${stage}, ${role}`, () => {
      test.use({ stage, role });
      for (const place of places) {
        test(place.name, async ({ tab: page, watch, house }) => {
          if (place.status) watch.expectStatus(place.status);
          const path = stage === "furnished" ? place.path(house.things) : place.path({} as never);
          const answer = await page.goto(path);
          expect(answer?.status()).toBe(place.status ?? 200);
          expect(answer?.headers()["content-type"]).toContain("text/html");
          await expect(page).toHaveTitle(/^.{3,} · AIGNE Hub$/);
          await expect(page.locator("html")).toHaveAttribute("lang", "en");
          await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
          await expect(page.getByRole("main")).toHaveCount(1);
          await fits(page);
        });
      }
    });
  }
}

/** All pages that an admin of a furnished hub sees, one after the other. */
async function walk(page: Page, things: Furniture, look: (name: string) => Promise<void>): Promise<void> {
  for (const { stage, all } of everywhere) {
    if (stage !== "furnished") continue;
    for (const place of all.filter((place) => (place.role ?? "admin") === "admin" && !place.status)) {
      await page.goto(place.path(things));
      await test.step(place.name, () => look(place.name));
    }
  }
}

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("every page fits as well", async ({ page, house }) => {
    test.setTimeout(240_000);
    await walk(page, house.things, () => fits(page, [360, 1280]));
  });
});

test.describe("in Chinese", () => {
  test("every page speaks it", async ({ page, context, house, hub }) => {
    test.setTimeout(240_000);
    await context.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
    await walk(page, house.things, async (name) => {
      await expect(page.locator("html"), name).toHaveAttribute("lang", "zh-CN");
      await expect(page, name).toHaveTitle(/\p{Script=Han}.* · AIGNE Hub$|^(ada|moss)@example\.com · AIGNE Hub$|^(Atlas Inference|OpenAI|Simulated|Welcome credits|staging backend|assistant|Assistants) · AIGNE Hub$/u);
      await expect(page.getByRole("main"), name).toContainText(/\p{Script=Han}/u);
      await fits(page, [360, 1280]);
    });
  });
});
