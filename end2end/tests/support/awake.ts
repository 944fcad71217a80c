// When a page's islands are awake: for tests that must not begin before that, or that compare what was before with what is after.
import type { Page } from "@playwright/test";

declare global {
  interface Window {
    /** Fulfilled when the browser has compiled the islands' script; what wakes them follows in the same turn. */
    compiled: Promise<void>;
  }
}

/** From the next page on, `compiled` tells. */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.compiled = new Promise((compiled) => {
      const own = WebAssembly.instantiateStreaming;
      WebAssembly.instantiateStreaming = async (...words) => {
        const made = await own.apply(WebAssembly, words);
        compiled();
        return made;
      };
    });
  });
}
