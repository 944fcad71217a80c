// The `test` of every spec: opens pages of a real hub as somebody, and fails on what no page may ever do (`watch.ts`).
//
//   test.use({ stage: "owned", role: "admin" })   a hub of this file's own, with its people, seen by the admin
//   test.use({ stage: "equipped" })               the same with a provider and a key
//   (nothing)                                     the shared hub with providers, keys and calls, seen by the admin
import { type BrowserContext, type Page, test as base, expect } from "@playwright/test";
import { wake } from "./awake.ts";
import { House, type Role, type Stage, Street } from "./house.ts";
import type { Hub } from "./hub.ts";
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
  /** A tab that all tests of a worker share which only look: what a page loads and compiles once it has for all of them. */
  tab: Page;
}

interface Shared {
  street: Street;
  tabs: Map<string, Promise<Page>>;
}

export const test = base.extend<Choices & Things, Shared>({
  stage: ["furnished", { option: true }],
  alone: [false, { option: true }],
  mail: [false, { option: true }],
  role: ["admin", { option: true }],
  street: [
    async ({}, use) => {
      const street = new Street();
      await use(street);
      await street.leave();
    },
    { scope: "worker" },
  ],
  // They go with the browser.
  tabs: [async ({}, use) => use(new Map()), { scope: "worker" }],
  house: async ({ street, stage, alone, mail }, use, info) => use(await street.house(info.file, stage, alone, mail)),
  hub: async ({ house }, use) => use(house.hub),
  upstream: async ({ house }, use) => use(await house.upstream()),
  baseURL: async ({ hub }, use) => use(hub.url),
  storageState: async ({ house, stage, role }, use) => use(await house.state(stage === "new" ? "nobody" : role)),
  watch: [
    async ({ hub, javaScriptEnabled }, use, info) => {
      const watch = new Watch(hub.url, javaScriptEnabled !== false);
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
  context: async ({ context, watch }, use) => {
    const end = watch.follow(context);
    await use(await wake(context));
    end();
  },
  stranger: async ({ browser, watch }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await wake(await browser.newContext({ storageState: { cookies: [], origins: [] } }));
      opened.push(context);
      watch.follow(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },
  tab: async ({ browser, tabs, house, stage, role, watch, viewport }, use) => {
    const key = `${house.hub.url} ${role}`;
    let opening = tabs.get(key);
    if (!opening) {
      const storageState = await house.state(stage === "new" ? "nobody" : role);
      const context = browser.newContext({ storageState, baseURL: house.hub.url }).then(wake);
      opening = context.then((context) => context.newPage());
      tabs.set(key, opening);
    }
    const tab = await opening;
    await tab.setViewportSize(viewport ?? { width: 1280, height: 900 });
    await tab.emulateMedia({ colorScheme: null, reducedMotion: null });
    const end = watch.follow(tab.context());
    await use(tab);
    // A test may have left it anywhere; what still loads there is not the next one's.
    await tab.goto("about:blank");
    end();
  },
});
