// Both languages on every page: nothing is said in one language only, and texts that are two fifths longer break no page.
import { everywhere, type Place } from "./support/places.ts";
import { alike, broken, lengthen, texts } from "./support/pseudo.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ mode: "parallel" });

/** What is alike in every language: names of things and people, words of machines, units, signs of keys, what was typed. */
const data = [
  /^(call|key|user|prov|cred|model|lot|price|aud|sess|proj)_\w+/,
  /[\w.+-]+@[\w.-]+/,
  /^\S+\/\S*$/,
  /^[\w.-]+\.(com|example)$/,
  /HUB_|AIGNE|OpenAI|OpenID|Anthropic|Google|GitHub|Ollama|DeepSeek|Doubao|Groq|Mistral|OpenRouter|Poe|xAI|Playwright/,
  /^(Atlas Inference|Simulated|atlas|openai|simulated|node|default|staging backend|old laptop|notebook|first|Assistants?|assistant|STARTTLS|TLS)$/,
  /^(echo|text|slow-writer|fault-\S+|gpt-\S+|o\d\S*|text-embedding-\S+|store messages\S* name|store messages\S*)$/,
  /^(English|中文|Ctrl K|Esc|USD|UTC|JSON|CSV|curl|Shell|Rust|Node\.js|token|tokens|Codex CLI|Claude Code|(Python|JavaScript)( \(.*\))?)$/,
  /^[\d.,]+ (ms|µs|s|KB|MB)$|^\d+(KB|MB)$|^\d{4}-\d\d-\d\d|^[A-Z]{2}$|^(sk-|AIza)/,
  // Values of the configuration, and what people and providers have said.
  /^(warn|full|normal|shared|owned|text|json)$|^\(file \S+\)$/,
  /^(\d )?(Welcome credits|The last digits|Refund, failed|Granted by mistake|Bank transfer|That was for somebody|Counted twice)/,
  /^(Incorrect API key provided|The server had an error|Atlas Inference failed to answer)/,
];

/** Elements whose words are machines' or people's own. */
const machines = /\/(code|pre|kbd|data|time|textarea|del|ins)\d+(@|\/|$)/;

for (const { stage, all } of everywhere) {
  for (const role of ["nobody", "admin", "member"] as const) {
    const places = all.filter((place) => (place.role ?? "admin") === role);
    if (places.length === 0) continue;
    test.describe(`${stage}, ${role}`, () => {
      test.use({ stage, role });

      test("every text has two languages, and room to be longer", async ({ tab, house, hub, browser, watch }) => {
        test.setTimeout(240_000);
        const other = await browser.newContext({ storageState: await house.state(role), baseURL: hub.url });
        await other.addCookies([{ name: "hub_language", value: "zh-CN", url: hub.url }]);
        const chinese = await other.newPage();
        const found: string[] = [];
        const path = (place: Place) => (stage === "furnished" ? place.path(house.things) : place.path({} as never));
        for (const place of places) {
          if (place.status) watch.expectStatus(place.status);
          await tab.setViewportSize({ width: 1280, height: 900 });
          await Promise.all([tab.goto(path(place)), chinese.goto(path(place))]);
          const [said, gesagt] = [await texts(tab), await texts(chinese)];
          for (const at of alike(said, gesagt)) {
            if (!machines.test(at) && !data.some((known) => known.test(said[at]))) found.push(`${place.name}: in both languages: ${said[at]} (${at})`);
          }
          await lengthen(tab, Object.keys(said).filter((at) => said[at] !== gesagt[at]));
          for (const width of [1280, 360]) {
            await tab.setViewportSize({ width, height: 900 });
            for (const problem of await broken(tab)) found.push(`${place.name}: ${width} px: ${problem}`);
          }
        }
        await other.close();
        expect(found).toEqual([]);
      });
    });
  }
}
