// The playground against the clock: a token is seen as soon as it is there, and Stop is heard at once. (`ux.md` E23)
//
// The provider writes within this test, so both ends have one clock. A loaded machine adds to every try; a hub or a page that
// holds something back does so each time. So the best of several tries counts.
import type { Locator, Page } from "@playwright/test";
import { setPrice } from "./support/furnish.ts";
import { Handmade } from "./support/handmade.ts";
import { people } from "./support/house.ts";
import { expect, test } from "./support/test.ts";

test.use({ stage: "equipped" });

const answer = (page: Page): Locator => page.getByRole("article", { name: "Answer" }).last();

async function send(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Notes in the page when each word like `token-1` was first painted, and when Stop was pressed. Runs within the page. */
function watchClock(): void {
  const painted: Record<string, number> = {};
  Object.assign(window, { painted });
  new MutationObserver(() => {
    for (const [word] of document.querySelector("main")?.textContent?.matchAll(/token-\d+/g) ?? []) {
      if (word in painted) continue;
      painted[word] = 0;
      // The turn after a frame begins when that frame is painted.
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (painted[word] = Date.now());
        port2.postMessage(0);
      });
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
  addEventListener("click", (event) => {
    if ((event.target as Element).closest("button")?.textContent?.includes("Stop")) Object.assign(window, { stopped: Date.now() });
  }, { capture: true });
}

test("the first token is painted within 100 ms, before another one is sent", async ({ page, hub }) => {
  const provider = await Handmade.start();
  try {
    await provider.open(page, hub, "prompt");
    await page.evaluate(watchClock);
    const took: number[] = [];
    for (let tries = 1; tries <= 10 && !took.some((time) => time <= 100); tries += 1) {
      await send(page, `Question ${tries}`);
      const answering = await provider.question();
      const word = `token-${tries}`;
      const said = answering.say({ content: word });
      // Nothing follows until it is seen: whoever waits for more waits for ever.
      const painted = () => page.evaluate((word) => (window as unknown as { painted: Record<string, number> }).painted[word] ?? 0, word);
      await expect.poll(painted).toBeGreaterThan(0);
      took.push((await painted()) - said);
      answering.end();
      await expect(answer(page)).toHaveAttribute("aria-busy", "false");
    }
    expect(Math.min(...took), `of ${took.join(", ")} ms`).toBeLessThanOrEqual(100);
  } finally {
    await provider.stop();
  }
});

test("Stop ends the call at the provider within 500 ms, and keeps the text and what it has cost", async ({ page, hub }) => {
  await hub.command(["settings", "set", "mode", "service-provider"]);
  await hub.command(["credits", "grant", "--user", people.admin.email, "--amount", "5", "--reason", "to stop with"]);
  const provider = await Handmade.start();
  try {
    await provider.open(page, hub, "stopped");
    await setPrice(hub, "stopped/handmade", "2.5", "10");
    // Until the server has seen the price, an answer costs nothing.
    await expect.poll(async () => (await page.request.get("/pricing?q=stopped")).text()).toContain("12.00");
    await page.evaluate(watchClock);
    const took: number[] = [];
    for (let tries = 1; tries <= 10 && !took.some((time) => time <= 500); tries += 1) {
      await send(page, `Write until you are stopped, ${tries}`);
      const answering = await provider.question();
      answering.say({ content: `token-${tries} and so on` });
      await expect(answer(page)).toContainText(`token-${tries}`);
      await page.getByRole("button", { name: "Stop" }).click();
      const ended = await answering.ended;
      took.push(ended - (await page.evaluate(() => (window as unknown as { stopped: number }).stopped)));
      await expect(answer(page)).toContainText("Stopped by you. What had come is kept.");
      await expect(answer(page)).toContainText(`token-${tries} and so on`);
    }
    expect(Math.min(...took), `of ${took.join(", ")} ms`).toBeLessThanOrEqual(500);
    const cost = answer(page).locator(".metrics span").filter({ hasText: /credits$/ });
    await expect(cost).toHaveText(/^0\.0*[1-9]\d* credits$/);
    const charge = (await cost.locator("b").textContent()) ?? "";
    await page.goto((await answer(page).getByRole("link", { name: "Open the call in the log" }).getAttribute("href")) ?? "");
    await expect(page.getByRole("region", { name: "Summary" })).toContainText("stopped");
    await expect(page.getByRole("main")).toContainText(charge);
  } finally {
    await provider.stop();
  }
});
