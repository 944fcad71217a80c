// The list of places is whole: every route of the console is on it, so that axe, layout and pictures leave none out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Furniture } from "./support/furnish.ts";
import { everywhere } from "./support/places.ts";
import { projectRoot } from "./support/process.ts";
import { expect, test } from "./support/test.ts";

/** Looked at elsewhere: it needs the id of a credential, which a click finds (`axe.script.spec.ts`); they need a
 * real identity provider (`identity.spec.ts`). */
const elsewhere = [
  "/providers/:id/credentials/:credential/delete",
  "/identity-providers/:slug/edit",
  "/identity-providers/:slug/delete",
];

test("every route has a place", () => {
  const source = readFileSync(join(projectRoot, "app/src/pages.rs"), "utf8");
  const routes = [...source.matchAll(/path!\("([^"]+)"\)/g)].map(([, route]) => route);
  expect(routes.length).toBeGreaterThan(20);
  // Whatever a place asks of the furniture, it gets a word without a slash.
  const anything: unknown = new Proxy(() => "id", { get: (_, name) => (name === Symbol.toPrimitive ? () => "id" : anything) });
  const paths = everywhere.flatMap(({ all }) => all.map((place) => place.path(anything as Furniture).split("?")[0]));
  const missing = routes.filter((route) => {
    const shape = new RegExp(`^${route.replace(/:\w+/g, "[^/]+")}$`);
    return !elsewhere.includes(route) && !paths.some((path) => shape.test(path));
  });
  expect(missing).toEqual([]);
});
