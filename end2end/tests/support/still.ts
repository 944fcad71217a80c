// Nothing moves when the islands wake: their script is held back until the page stands, and every box is compared afterwards.
import type { Page, Response } from "@playwright/test";
import { resize } from "./layout.ts";

declare global {
  interface Window {
    /** Lets the islands' script be compiled, and is fulfilled when it has woken them. */
    wake: () => Promise<void>;
    /** Where every element stood, by the width of the window. */
    boxes: Record<number, Map<Element, string>>;
  }
}

/** From the next page on, islands sleep until `wake` is called. */
export async function hold(page: Page): Promise<void> {
  await page.addInitScript(() => {
    let [release, compiled] = [() => {}, () => {}];
    const released = new Promise<void>((resolve) => (release = resolve));
    const awake = new Promise<void>((resolve) => (compiled = resolve));
    const own = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...words) => {
      await released;
      const made = await own.apply(WebAssembly, words);
      compiled();
      return made;
    };
    window.wake = async () => {
      release();
      // Where there is no island, nothing sleeps and nothing is compiled.
      if (!document.querySelector("leptos-island")) return;
      await awake;
      // Whatever an island does at once is done before the next turn, and drawn two frames later.
      await new Promise((turn) => setTimeout(turn));
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    };
  });
}

/** Opens a page in a tab whose islands are held, wakes them at the last of these widths, and gives back what is elsewhere or larger
 *  than before at any of them. */
export async function arrive(page: Page, path: string, widths: number[]): Promise<{ answer: Response | null; moved: string[] }> {
  const answer = await page.goto(path);
  await page.evaluate(drawn);
  for (const width of widths) {
    await resize(page, width);
    await page.evaluate(settle);
    await page.evaluate(remember, width);
  }
  await page.evaluate(() => window.wake());
  const moved: string[] = [];
  for (const width of widths.toReversed()) {
    await resize(page, width);
    await page.evaluate(settle);
    for (const change of await page.evaluate(compare, width)) moved.push(`${width} px: ${change}`);
  }
  return { answer, moved };
}

/** Waits until everything is drawn. Runs within the page, as does what follows. */
async function drawn(): Promise<void> {
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
}

/** Ends what still turns or fades and comes to an end by itself: a machine that is slow looks at it half-way. */
function settle(): void {
  for (const animation of document.getAnimations()) {
    if (Number.isFinite(Number(animation.effect?.getComputedTiming().endTime))) animation.finish();
  }
}

/** Notes where everything is. */
function remember(width: number): void {
  window.scrollTo(0, 0);
  const box = (element: Element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map((number) => number.toFixed(1)).join(" ");
  };
  window.boxes ??= {};
  window.boxes[width] = new Map([...document.body.querySelectorAll("*")].map((element) => [element, box(element)]));
}

/** What is elsewhere or larger than it was. */
function compare(width: number): string[] {
  window.scrollTo(0, 0);
  const found: string[] = [];
  for (const element of document.body.querySelectorAll("*")) {
    const { x, y, width: wide, height } = element.getBoundingClientRect();
    const now = [x, y, wide, height].map((number) => number.toFixed(1)).join(" ");
    const before = window.boxes[width]?.get(element) ?? "0.0 0.0 0.0 0.0";
    if (now !== before) found.push(`${element.nodeName} ${element.getAttribute("class") ?? ""}: ${before} → ${now}`);
  }
  return found;
}
