// Every page as it stands, in English and in Chinese.
import { everywhere } from "../tests/support/places.ts";
import { test } from "../tests/support/test.ts";
import { everyLook, shoot, twoLooks } from "./pictures.ts";

const languages = [
  { tag: "en", prefix: "", looks: everyLook },
  { tag: "zh-CN", prefix: "zh-", looks: twoLooks },
];

for (const { stage, all } of everywhere) {
  for (const role of ["nobody", "admin", "member"] as const) {
    const places = all.filter((place) => (place.role ?? "admin") === role);
    if (places.length === 0) continue;
    test.describe(`${stage}, ${role}`, () => {
      test.use({ stage, role });
      for (const place of places) {
        for (const { tag, prefix, looks } of languages) {
          test(`${prefix}${place.name}`, async ({ page, context, watch, house, hub }) => {
            if (place.status) watch.expectStatus(place.status);
            await context.addCookies([{ name: "hub_language", value: tag, url: hub.url }]);
            await page.goto(stage === "furnished" ? place.path(house.things) : place.path({} as never));
            await shoot(page, prefix + place.name, [...looks]);
          });
        }
      }
    });
  }
}
