// When a page's islands are awake: for tests that must not begin before that, or that compare what was before with what is after.
import type { BrowserContext, Page } from "@playwright/test";

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

/**
 * Islands are woken in the browser's idle time. A headless shell draws only what somebody looks at, and where nothing is to be
 * drawn no idle time is ever announced: there it comes with the next turn. With it a test waits for no more than it did.
 */
export async function wake(context: BrowserContext): Promise<BrowserContext> {
  await context.addInitScript(() => {
    window.requestIdleCallback = (callback) => window.setTimeout(() => callback({ didTimeout: false, timeRemaining: () => 50 }));
  });
  return context;
}
