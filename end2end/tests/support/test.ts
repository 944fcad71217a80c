// The `test` of every spec: opens pages of a real hub as somebody, and fails on what no page may ever do (`watch.ts`).
//
//   test.use({ stage: "owned", role: "admin" })   a hub of this file's own, with its people, seen by the admin
//   test.use({ stage: "equipped" })               the same with a provider and a key
//   (nothing)                                     the shared hub with providers, keys and calls, seen by the admin
import { join } from "node:path";
import { type BrowserContext, type Page, test as base, expect } from "@playwright/test";
import { wake } from "./awake.ts";
import { Foundry } from "./foundry.ts";
import type { House, Role, Stage } from "./house.ts";
import type { Hub } from "./hub.ts";
import { Street } from "./street.ts";
import { type Sight, Tabs } from "./tabs.ts";
import type { Upstream } from "./upstream.ts";
import { Watch } from "./watch.ts";

export { expect };
export type { Page, Locator } from "@playwright/test";

interface Choices {
  /** How far the hub is set up. */
  stage: Stage;
  /** A furnished hub of this file's own, to be changed at will. */
  alone: boolean;
  /** The hub of this file sends mail, into a folder. */
  mail: boolean;
  /** Who is signed in. */
  role: Role;
}

interface Things {
  /** The hub with its surroundings. */
  house: House;
  /** The hub itself. */
  hub: Hub;
  /** The fake provider. */
  upstream: Upstream;
  /** What the browser must not do. */
  watch: Watch;
  /** Opens a page in a browser where nobody is signed in, watched like the first. */
  stranger: () => Promise<Page>;
  /** A tab that all tests of a worker share which only look. */
  tab: Page;
  /** The same in Chinese. */
  chinese: Page;
  /** The same without JavaScript. */
  plain: Page;
}

interface Shared {
  street: Street;
  tabs: Tabs;
}

type Lent = Pick<Choices & Things, "house" | "role" | "watch" | "stage"> & Pick<Shared, "tabs">;

/** Lends a shared tab to one test. */
const lend = (sight: Sight) => async ({ tabs, house, stage, role, watch }: Lent, use: (tab: Page) => Promise<void>) => {
  const tab = await tabs.lend(house, stage === "new" ? "nobody" : role, sight);
  const end = watch.follow(tab.context(), sight !== "plain");
  await use(tab);
  end();
};

export const test = base.extend<Choices & Things, Shared>({
  stage: ["furnished", { option: true }],
  alone: [false, { option: true }],
  mail: [false, { option: true }],
  role: ["admin", { option: true }],
  street: [
    async ({}, use, info) => {
      const street = new Street(new Foundry(join(info.project.outputDir, "moulds")));
      await use(street);
      await street.leave();
    },
    { scope: "worker" },
  ],
  // They go with the browser.
  tabs: [async ({ browser }, use) => use(new Tabs(browser)), { scope: "worker" }],
  house: async ({ street, stage, alone, mail }, use, info) => use(await street.house(info.file, stage, alone, mail)),
  hub: async ({ house }, use) => use(house.hub),
  upstream: async ({ house }, use) => use(await house.upstream()),
  baseURL: async ({ hub }, use) => use(hub.url),
  storageState: async ({ house, stage, role }, use) => use(await house.state(stage === "new" ? "nobody" : role)),
  watch: [
    async ({ hub }, use, info) => {
      const watch = new Watch(hub.url);
      const logged = hub.log.length;
      await use(watch);
      const log = hub.log.slice(logged);
      if (log) await info.attach("hub.log", { body: log, contentType: "text/plain" });
      expect(watch.problems, "what the browser must not do").toEqual([]);
      expect(log, "the hub's log").not.toContain("panicked");
    },
    { auto: true },
  ],
  // Only who opens a page of their own has a context of their own: half of the tests look at the shared tab.
  context: async ({ context, watch, javaScriptEnabled }, use) => {
    const end = watch.follow(context, javaScriptEnabled !== false);
    await use(await wake(context));
    end();
  },
  stranger: async ({ browser, watch, javaScriptEnabled }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await wake(await browser.newContext({ storageState: { cookies: [], origins: [] } }));
      opened.push(context);
      watch.follow(context, javaScriptEnabled !== false);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },
  tab: lend("english"),
  chinese: lend("chinese"),
  plain: lend("plain"),
});
