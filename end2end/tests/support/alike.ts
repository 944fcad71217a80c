// What both languages of a page may say alike, for `places.script.spec.ts`.
import { alike, type Texts } from "./pseudo.ts";

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

/** What is said in one language only. */
export function untranslated(english: Texts, chinese: Texts): string[] {
  const found = alike(english, chinese).filter((at) => !machines.test(at) && !data.some((known) => known.test(english[at])));
  return found.map((at) => `${english[at]} (${at})`);
}
