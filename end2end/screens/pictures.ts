// Takes pictures of a page: `calls-dark-360.png`.
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { projectRoot } from "../tests/support/process.ts";

const folder = process.env.HUB_SCREENS ?? join(projectRoot, "target/screens");

/** How a page is looked at. */
export interface Look {
  width: 1280 | 360;
  colorScheme: "light" | "dark";
}

/** Both widths in both themes. */
export const everyLook: Look[] = [1280, 360].flatMap((width) => (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme }) as Look));

/** The widest in light and the narrowest in dark: enough where only words or rights differ. */
export const twoLooks: Look[] = [
  { width: 1280, colorScheme: "light" },
  { width: 360, colorScheme: "dark" },
];

/** Shows the page as `look` says, the whole of it unless `windowOnly`, and keeps the picture. */
export async function shootOne(page: Page, name: string, look: Look, windowOnly = false): Promise<void> {
  await page.setViewportSize({ width: look.width, height: look.width === 360 ? 740 : 900 });
  await page.emulateMedia({ colorScheme: look.colorScheme, reducedMotion: "reduce" });
  const path = join(folder, `${name}-${look.colorScheme}-${look.width}.png`);
  await page.screenshot({ path, fullPage: !windowOnly, animations: "disabled" });
}

/** The same page in every look. */
export async function shoot(page: Page, name: string, looks = everyLook): Promise<void> {
  // What sticks to the window's edge would stand in the middle of a picture of the whole page.
  await page.evaluate(() => window.scrollTo(0, 0));
  for (const look of looks) await shootOne(page, name, look);
}
