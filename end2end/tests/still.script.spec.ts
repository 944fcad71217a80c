// Nothing moves once it is there: what the islands' script wakes up stands in its final place and size before it arrives.
import { everywhere } from "./support/places.ts";
import { expect, test, type Page } from "./support/test.ts";

interface Shift extends PerformanceEntry {
  value: number;
  sources: Array<{ node?: Element }>;
}

declare global {
  interface Window {
    shifts: Array<{ at: number; what: string }>;
  }
}

/** Opens the page and gives back what moved on it after its script arrived. Pages without islands have nothing to wake. */
async function moved(page: Page, path: string): Promise<string[]> {
  await page.goto(path);
  if ((await page.locator("leptos-island").count()) === 0) return [];
  const arrived = await page.waitForFunction(() => {
    const found = performance.getEntriesByType("resource").find((entry) => entry.name.includes("hub.wasm")) as PerformanceResourceTiming | undefined;
    return found?.responseEnd;
  });
  await page.waitForLoadState("networkidle");
  return page.evaluate(
    (since) => new Promise<string[]>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.shifts.filter(({ at }) => at >= since).map(({ what }) => what))))),
    Number(await arrived.jsonValue()),
  );
}

for (const { stage, all } of everywhere) {
  test.describe(stage, () => {
    test.use({ stage });

    for (const width of [1280, 360]) {
      test(`no page of this hub moves at ${width} px`, async ({ page, house, watch }) => {
        await page.setViewportSize({ width, height: 740 });
        await page.addInitScript(() => {
          window.shifts = [];
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries() as Shift[]) window.shifts.push({ at: entry.startTime, what: entry.sources.map(({ node }) => node?.className || node?.nodeName).join(", ") });
          }).observe({ type: "layout-shift", buffered: true });
        });
        for (const place of all.filter((place) => (place.role ?? "admin") === "admin")) {
          if (place.status) watch.expectStatus(place.status);
          expect(await moved(page, stage === "furnished" ? place.path(house.things) : place.path({} as never)), place.name).toEqual([]);
        }
      });
    }
  });
}
