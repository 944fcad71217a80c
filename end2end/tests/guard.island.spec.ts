// As `guard.spec.ts`: the misdeeds that need a script.
import { complaints } from "./support/complaints.ts";
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

test("what axe is to see, it sees: in each theme, at each width, in the system's own colours, and what moves", async ({ page, watch }) => {
  await page.goto("/sign-in");
  await page.evaluate(() => {
    const rules = `
      #pale { color: light-dark(#ddd, black); background: light-dark(white, black); }
      #dim { color: light-dark(black, #333); background: light-dark(white, black); }
      @media (forced-colors: active) { #own { forced-color-adjust: none; color: #777; background: #555; } }
      .tiny { display: block; inline-size: 8px; block-size: 8px; padding: 0; border: 0; margin: 0; }
      @keyframes runs { to { opacity: 0.5 } }
      #runs { animation: runs 1s infinite; }`;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
    document.querySelector("main")?.insertAdjacentHTML(
      "beforeend",
      "<p id=pale>pale</p><p id=dim>dim</p><p id=own>own</p><p id=runs>runs</p><div><button class=tiny aria-label=one></button><button class=tiny aria-label=two></button></div>",
    );
  });
  const found = (await complaints(page)).join("\n");
  for (const seen of [/light 360: color-contrast: #pale/, /dark 1280: color-contrast: #dim/, /keeps its own colours .*own/, /light 320: target-size: button\[aria-label/, /moves although .*runs/]) {
    expect(found).toMatch(seen);
  }
  watch.take();
});
