// As `guard.spec.ts`: the misdeeds that need a script.
import { expect, test } from "./support/test.ts";

test.use({ role: "nobody" });

test("a script's request off the origin is noticed", async ({ page, watch }) => {
  await page.goto("/sign-in");
  await page.evaluate(() => fetch("http://127.0.0.1:9/elsewhere").catch(() => undefined));
  expect(watch.take().join("\n")).toContain("request off the origin: GET http://127.0.0.1:9/elsewhere");
});

test("what the content policy refuses is noticed", async ({ page, watch }) => {
  await page.goto("/sign-in");
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("style"), { textContent: "body { color: red }" })));
  await expect.poll(() => watch.problems.join("\n")).toContain("Content Security Policy");
  watch.take();
});

test("an inline script is refused", async ({ page, watch }) => {
  await page.goto("/sign-in");
  await page.evaluate(() => document.body.insertAdjacentHTML("beforeend", "<button id=planted onclick=\"document.title = 'ran'\">Planted</button>"));
  await page.evaluate(() => document.getElementById("planted")?.click());
  await expect.poll(() => watch.problems.join("\n")).toContain("Content Security Policy");
  expect(await page.title()).not.toBe("ran");
  watch.take();
});

test("an uncaught error and a console error are noticed", async ({ page, watch }) => {
  await page.goto("/sign-in");
  await page.evaluate(() => {
    console.error("said on purpose");
    setTimeout(() => {
      throw new Error("thrown on purpose");
    });
  });
  await expect.poll(() => watch.problems).toEqual(["console error: said on purpose", "uncaught error: thrown on purpose"]);
  watch.take();
});
