// What axe complains about on a page, light and dark, wide and narrow, and in the system's own colours.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type axe from "axe-core";
import { resize } from "./layout.ts";

declare global {
  interface Window {
    axe: typeof axe;
    /** Every element of the page as it was when last looked at. */
    shape: string[];
  }
}

/** Goes into every page that is looked at, unless its context brings it along; the readable form is more than twice as much to send and to compile. */
export const script = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Everything that axe knows of, for the first theme. */
const everything: axe.RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  // Nothing else is read, and collecting it takes most of the time.
  resultTypes: ["violations"],
  // No rule among these reads style sheets, and no page plays sound or film.
  preload: false,
};

/** What the second theme can change: it has other colours and nothing else, which is looked at as well. */
const colours: axe.RunOptions = { ...everything, runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

/** What the narrowest screen can change: fingers have less room. */
const targets: axe.RunOptions = { ...everything, runOnly: { type: "rule", values: ["target-size"] } };

/** What axe complains about on the page as it stands, each with the element and the reason. */
async function run(page: Page, name: string, options: axe.RunOptions): Promise<string[]> {
  // What the content policy allows pages does not bind the test that looks at them.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(script);
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${name}: ${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

/** The same page in another language: other words, which take other room. Its colours are those of the first, in both themes, and
 * of what words can change the narrow screen adds the room for fingers. */
export async function wordsComplaints(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await resize(page, 1280);
  const wide = await run(page, "light 1280", everything);
  await resize(page, 360);
  return [...wide, ...(await run(page, "light 360", targets))];
}

/** Everything that axe complains about. */
export async function complaints(page: Page): Promise<string[]> {
  const found: string[] = [];
  const look = async (theme: string, width: number, options: axe.RunOptions) => found.push(...(await run(page, `${theme} ${width}`, options)));
  // What began when motion was welcome may come to its end; what never ends has to stop.
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (Number.isFinite(animation.effect?.getComputedTiming().endTime)) animation.finish();
    }
  });
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const moving of await page.evaluate(moves)) found.push(`moves although the person wants no motion: ${moving}`);
  for (const width of [360, 1280]) {
    await resize(page, width);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await look("light", width, everything);
    await page.evaluate(shape);
    await page.emulateMedia({ colorScheme: "dark" });
    await look("dark", width, colours);
    for (const change of await page.evaluate(shape)) found.push(`dark ${width}: differs by more than colour: ${change}`);
  }
  await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
  for (const text of await page.evaluate(ownColours)) found.push(`keeps its own colours where the system's are chosen: ${text}`);
  await page.emulateMedia({ forcedColors: null });
  await resize(page, 320);
  await look("light", 320, targets);
  return found;
}

/** What moves for longer than an eye sees. */
function moves(): string[] {
  const running = document.getAnimations().filter((animation) => Number(animation.effect?.getComputedTiming().duration) > 50);
  return running.map((animation) => (animation.effect as KeyframeEffect).target?.outerHTML.slice(0, 80) ?? "");
}

/** Texts that the colours which somebody chose for the whole system do not reach: all others the browser makes readable. */
function ownColours(): string[] {
  const texts = [...document.querySelectorAll("body *")].filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()));
  return texts.filter((element) => getComputedStyle(element).forcedColorAdjust === "none").map((element) => element.outerHTML.slice(0, 80));
}

/** Notes every element of the page as its name, its place and whether it is seen, and gives back what differs from the last time. */
function shape(): string[] {
  const before = window.shape;
  window.shape = [...document.querySelectorAll("*")].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const { visibility, display } = getComputedStyle(element);
    return [element.nodeName, x, y, width, height, visibility, display].join(" ");
  });
  if (!before) return [];
  return window.shape.flatMap((box, at) => (box === before[at] ? [] : [`${before[at]} → ${box}`]));
}
