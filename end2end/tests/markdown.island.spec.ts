// Whatever a model writes is shown, and none of it runs, loads or leads anywhere dangerous.
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

/** What a hostile answer may hold. Each would set `window.ran`, open a dialog or load something if it came to life. */
const payloads = [
  "<script>window.ran = 1</script>",
  "<img src=x onerror=\"window.ran = 1\">",
  "<svg onload=\"window.ran = 1\"><script>window.ran = 1</script></svg>",
  "<iframe src=\"javascript:parent.ran = 1\"></iframe>",
  "<iframe srcdoc=\"<script>parent.ran = 1</script>\"></iframe>",
  "<style>body { display: none }</style>",
  "<link rel=stylesheet href=https://evil.example/x.css>",
  "<meta http-equiv=refresh content=\"0;url=https://evil.example\">",
  "<form action=/do/x><button autofocus onfocus=\"window.ran = 1\">press</button></form>",
  "<object data=\"data:text/html,<script>window.ran = 1</script>\"></object><embed src=x>",
  "<base href=https://evil.example/>",
  "<details open ontoggle=\"window.ran = 1\">x</details>",
  "<math><mtext><table><mglyph><style><img src onerror=window.ran=1>",
  "inline <b onclick=\"window.ran = 1\">bold</b> and <a href=\"javascript:window.ran=1\">link</a>",
  "[click](javascript:window.ran=1) [click](JaVaScRiPt:window.ran=1) [click](&#106;avascript:window.ran=1) [click](java%0ascript:window.ran=1)",
  "[click](data:text/html,<script>window.ran=1</script>) [click](vbscript:x) [click](//evil.example) [click](/do/pages/account)",
  "![picture](https://evil.example/pixel.png) ![picture](javascript:window.ran=1) ![picture](data:image/svg+xml,<svg onload=window.ran=1>)",
  "<javascript:window.ran=1> <https://example.com/\"onmouseover=\"window.ran=1>",
  "[a]: javascript:window.ran=1\n\n[a] [b][a]",
  "```html\n<script>window.ran = 1</script>\n```",
  "`<img src=x onerror=window.ran=1>`",
  "| <script>window.ran=1</script> | <img src=x onerror=window.ran=1> |\n|-|-|\n| [x](javascript:window.ran=1) | y |",
  "# <img src=x onerror=window.ran=1>\n\n- [x] <svg onload=window.ran=1>",
  "</div></article></main><script>window.ran = 1</script>",
  "{{constructor.constructor('window.ran=1')()}} ${window.ran=1} <!-- --><script>window.ran=1</script>-->",
];

test("no payload comes to life", async ({ page }) => {
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const answers = page.getByRole("article", { name: "Answer" });
  for (const [index, payload] of payloads.entries()) {
    await page.getByRole("textbox", { name: "Message" }).fill(`\n\n${payload}`);
    await page.getByRole("button", { name: "Send" }).click();
    await expect(answers).toHaveCount(index + 1);
    await expect(answers.last()).toHaveAttribute("aria-busy", "false");
  }
  const found = await page.evaluate(() => {
    const alive: string[] = [];
    const allowed = "p,br,hr,code,pre,h2,h3,h4,h5,h6,ul,ol,li,a,div,span,table,thead,tbody,tr,th,td,em,strong,del,blockquote,button,svg,use".split(",");
    for (const element of document.querySelectorAll(".msg-text.prose *")) {
      if (!allowed.includes(element.localName)) alive.push(element.outerHTML);
      if (element.localName === "svg" && !element.classList.contains("icon")) alive.push(element.outerHTML);
      for (const attribute of element.attributes) {
        if (attribute.name.startsWith("on") || ["src", "srcdoc", "style", "action", "formaction", "id", "name"].includes(attribute.name)) alive.push(element.outerHTML);
      }
      if (element.localName === "a" && !/^(https?:\/\/|mailto:)/i.test(element.getAttribute("href") ?? "")) alive.push(element.outerHTML);
      if (element.localName === "a" && !(element.getAttribute("rel") ?? "").includes("noopener")) alive.push(element.outerHTML);
    }
    return alive;
  });
  expect(found).toEqual([]);
  expect(dialogs).toEqual([]);
  expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined();
  // It is all there to be read.
  await expect(answers.first()).toContainText("<script>window.ran = 1</script>");
});

test("ordinary Markdown is drawn", async ({ page }) => {
  await page.goto("/playground?model=atlas/gpt-4o-mini");
  const text = "\n\n# Title\n\nSome **bold**, *slanted*, ~~gone~~ and `code`.\n\n1. one\n2. two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[Rust](https://www.rust-lang.org)\n\n- [x] done\n";
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
  const answer = page.getByRole("article", { name: "Answer" });
  await expect(answer.getByRole("heading", { name: "Title", level: 2 })).toBeVisible();
  await expect(answer.locator("strong")).toHaveText("bold");
  await expect(answer.locator("ol li")).toHaveText(["one", "two"]);
  await expect(answer.getByRole("cell")).toHaveText(["1", "2"]);
  await expect(answer.locator("blockquote")).toHaveText("quoted");
  const link = answer.getByRole("link", { name: "Rust" });
  await expect(link).toHaveAttribute("href", "https://www.rust-lang.org");
  await expect(link).toHaveAttribute("target", "_blank");
});
