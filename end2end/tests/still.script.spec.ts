// Nothing moves when the islands wake: their script is held back until the page stands, and every box is compared afterwards.
import { listen } from "./support/awake.ts";
import { everywhere } from "./support/places.ts";
import { expect, test, type Page } from "./support/test.ts";

declare global {
  interface Window {
    boxes: Map<Element, string>;
  }
}

/** Opens the page, lets its script in once everything is drawn, and gives back what is elsewhere or larger than before. */
async function moved(page: Page, path: string): Promise<string[]> {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/hub.wasm*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(path, { waitUntil: "domcontentloaded" });
  // Nothing sleeps here.
  if ((await page.locator("leptos-island").count()) === 0) return [];
  await page.evaluate(async () => {
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const box = (element: Element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      return [x, y, width, height].map((number) => number.toFixed(1)).join(" ");
    };
    window.boxes = new Map([...document.body.querySelectorAll("*")].map((element) => [element, box(element)]));
  });
  release();
  return page.evaluate(async () => {
    await window.compiled;
    // Whatever an island does at once is done before the next turn, and drawn two frames later.
    await new Promise((turn) => setTimeout(turn));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const found: string[] = [];
    for (const element of document.body.querySelectorAll("*")) {
      const { x, y, width, height } = element.getBoundingClientRect();
      const now = [x, y, width, height].map((number) => number.toFixed(1)).join(" ");
      const before = window.boxes.get(element) ?? "0.0 0.0 0.0 0.0";
      if (now !== before) found.push(`${element.nodeName} ${element.getAttribute("class") ?? ""}: ${before} → ${now}`);
    }
    return found;
  });
}

for (const { stage, all } of everywhere) {
  test.describe(stage, () => {
    test.use({ stage });

    for (const width of [1280, 360]) {
      test(`no page moves when its script arrives, at ${width} px`, async ({ page, house }) => {
        test.setTimeout(120_000);
        await page.setViewportSize({ width, height: 740 });
        await listen(page);
        for (const place of all.filter((place) => (place.role ?? "admin") === "admin" && !place.status)) {
          expect(await moved(page, stage === "furnished" ? place.path(house.things) : place.path({} as never)), place.name).toEqual([]);
          await page.unroute("**/hub.wasm*");
        }
      });
    }
  });
}
