// Whether a page stands well at a width: no sideways scrolling from a telephone to a wide screen, and on a screen of work nothing
// that hides its end in a box of its own.
import { expect, type Locator, type Page } from "@playwright/test";

/** Makes the window this wide, where it is not. */
export async function resize(page: Page, width: number): Promise<void> {
  if (page.viewportSize()?.width !== width) await page.setViewportSize({ width, height: 900 });
}

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

/** The page stands well at each of these widths; what does not is told, and the test goes on. */
export async function fits(page: Page, how: string, widths = [1280, 1920, 768, 320, 360]): Promise<void> {
  for (const width of widths) {
    await resize(page, width);
    await expect.soft.poll(() => overhang(page), `${how}: sideways scrolling at ${width} px`).toBeLessThanOrEqual(0);
    if (width >= 1280) expect.soft(await hidden(page), `${how}: hidden at ${width} px`).toEqual([]);
  }
}

/** What lies in these boxes and reaches beyond their end. */
export function reachingOut(boxes: Locator): Promise<string[]> {
  return boxes.evaluateAll((found) =>
    found.flatMap((box) => {
      const end = box.getBoundingClientRect().right + 0.5;
      const inner = [...box.querySelectorAll(":not(pre *, .visually-hidden)")].filter((one) => one.getBoundingClientRect().right > end);
      return inner.map((one) => `${one.tagName}.${one.className}: ${one.textContent?.trim().slice(0, 40)}`);
    }),
  );
}
