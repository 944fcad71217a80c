// When a page's islands wake.
import type { BrowserContext } from "@playwright/test";

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
