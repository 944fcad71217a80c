// Every page of the console, seen at once in English, in Chinese and without JavaScript: a title, one heading of the first level, a
// language and landmarks; room at every width; nothing that moves when its script arrives; nothing that axe complains about, light
// and dark; nothing that is said in one language only; and texts that are two fifths longer break nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { untranslated } from "./support/alike.ts";
import { complaints, wordsComplaints } from "./support/complaints.ts";
import type { Furniture } from "./support/furnish.ts";
import { fits, resize } from "./support/layout.ts";
import { everywhere } from "./support/places.ts";
import { projectRoot } from "./support/process.ts";
import { broken, lengthen, texts } from "./support/pseudo.ts";
import { arrive } from "./support/still.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ mode: "parallel" });

/** Looked at elsewhere: it needs the id of a credential, which a click finds (`axe.script.spec.ts`); they need a
 * real identity provider (`identity.spec.ts`). */
const elsewhere = [
  "/providers/:id/credentials/:credential/delete",
  "/identity-providers/:slug/edit",
  "/identity-providers/:slug/delete",
];

/** Titles in Chinese, and those that are the name of a thing or a person. */
const chineseTitle = /\p{Script=Han}.* · AIGNE Hub$|^(ada|moss)@example\.com · AIGNE Hub$|^(Atlas Inference|OpenAI|Simulated|Welcome credits|staging backend|assistant|Assistants) · AIGNE Hub$/u;

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

for (const { stage, all } of everywhere) {
  for (const role of ["nobody", "admin", "member"] as const) {
    const places = all.filter((place) => (place.role ?? "admin") === role);
    if (places.length === 0) continue;
    test.describe(`${stage}, ${role}`, () => {
      test.use({ stage, role });
      for (const place of places) {
        test(place.name, async ({ tab, chinese, plain, watch, house }) => {
          if (place.status) watch.expectStatus(place.status);
          const path = stage === "furnished" ? place.path(house.things) : place.path({} as never);
          const [{ answer, moved }, other] = await Promise.all([arrive(tab, path, [1280, 360]), arrive(chinese, path, [1280]), plain.goto(path)]);

          expect.soft(moved, "moves when its script arrives").toEqual([]);
          expect.soft(other.moved, "in Chinese: moves when its script arrives").toEqual([]);
          expect.soft(answer?.status()).toBe(place.status ?? 200);
          expect.soft(answer?.headers()["content-type"]).toContain("text/html");
          expect.soft(answer?.headers()["content-security-policy"]).toContain("script-src 'nonce-");
          await expect.soft(tab).toHaveTitle(/^.{3,} · AIGNE Hub$/);
          await expect.soft(tab.locator("html")).toHaveAttribute("lang", "en");
          await expect.soft(tab.getByRole("heading", { level: 1 })).toHaveCount(1);
          await expect.soft(tab.getByRole("main")).toHaveCount(1);
          await expect.soft(chinese.locator("html")).toHaveAttribute("lang", "zh-CN");
          await expect.soft(chinese).toHaveTitle(chineseTitle);
          await expect.soft(chinese.getByRole("main")).toContainText(/\p{Script=Han}/u);

          await Promise.all([fits(tab, "in English"), fits(chinese, "in Chinese", [1280, 360]), fits(plain, "without JavaScript", [1280, 360])]);
          const [seen, gesehen] = await Promise.all([complaints(tab), wordsComplaints(chinese)]);
          expect.soft(seen, "axe").toEqual([]);
          expect.soft(gesehen, "axe in Chinese").toEqual([]);

          // Last, as it writes the page anew.
          const [said, gesagt] = [await texts(tab), await texts(chinese)];
          expect.soft(untranslated(said, gesagt), "in both languages").toEqual([]);
          await lengthen(tab, Object.keys(said).filter((at) => said[at] !== gesagt[at]));
          for (const width of [1280, 360]) {
            await resize(tab, width);
            expect.soft(await broken(tab), `longer texts at ${width} px`).toEqual([]);
          }
        });
      }
    });
  }
}
