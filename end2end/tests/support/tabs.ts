// Tabs that the tests of a worker share which only look: what a page loads and compiles once it has for all of them. Each sees the
// console in its own way, so that one test can hold what they see against each other.
import type { Browser, Page } from "@playwright/test";
import { wake } from "./awake.ts";
import { script } from "./complaints.ts";
import type { House, Role } from "./house.ts";
import { resize } from "./layout.ts";
import { hold } from "./still.ts";

/** How a tab sees the console: in English, in Chinese, or in English without JavaScript. */
export type Sight = "english" | "chinese" | "plain";

/** The tabs of a worker, by hub, role and sight. */
export class Tabs {
  private readonly opened = new Map<string, Promise<Page>>();

  constructor(private readonly browser: Browser) {}

  /** The tab of this kind, as new. */
  async lend(house: House, role: Role, sight: Sight): Promise<Page> {
    const key = `${house.hub.url} ${role} ${sight}`;
    let opening = this.opened.get(key);
    if (!opening) {
      opening = this.open(house, role, sight);
      this.opened.set(key, opening);
    }
    const tab = await opening;
    await resize(tab, 1280);
    await tab.emulateMedia({ colorScheme: null, reducedMotion: null });
    return tab;
  }

  private async open(house: House, role: Role, sight: Sight): Promise<Page> {
    const storageState = await house.state(role);
    const context = await this.browser.newContext({ storageState, baseURL: house.hub.url, javaScriptEnabled: sight !== "plain" });
    if (sight === "chinese") await context.addCookies([{ name: "hub_language", value: "zh-CN", url: house.hub.url }]);
    if (sight !== "plain") await context.addInitScript({ content: script });
    const page = await (await wake(context)).newPage();
    await hold(page);
    return page;
  }
}
