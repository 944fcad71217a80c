// A pseudo-locale, made of a page in both languages: what differs between them came from the table of texts, and is written anew
// with accents, in brackets, and two fifths longer. What does not differ was written by hand, or is data. It is made in the
// browser from what the hub serves, so no build of the hub can speak it.
import type { Page } from "@playwright/test";

/** The texts of a page by the place at which they stand: words within elements, and attributes that people read or hear. */
export type Texts = Record<string, string>;

/** Reads them. Runs within the page. */
function read(): Texts {
  const texts: Texts = { title: document.title };
  const attributes = ["aria-label", "title", "placeholder", "alt"];
  const walk = (element: Element, at: string) => {
    if (/^(SCRIPT|STYLE|TEMPLATE|NOSCRIPT)$/.test(element.tagName)) return;
    for (const name of attributes) {
      const value = element.getAttribute(name);
      if (value?.trim()) texts[`${at}@${name}`] = value.trim();
    }
    // Neighbouring pieces of one sentence may be cut elsewhere in the other language.
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent ?? "");
    const text = own.join(" ").replace(/\s+/g, " ").trim();
    if (text) texts[at] = text;
    [...element.children].forEach((child, number) => walk(child, `${at}/${child.tagName.toLowerCase()}${number}`));
  };
  walk(document.body, "");
  return texts;
}

export function texts(page: Page): Promise<Texts> {
  return page.evaluate(read);
}

/** The places at which both languages say the same in letters. */
export function alike(english: Texts, chinese: Texts): string[] {
  return Object.keys(english).filter((at) => english[at] === chinese[at] && /\p{L}{2}/u.test(english[at]));
}

/** Writes every text that differs between the languages anew: in brackets, with accents, two fifths longer. */
export function lengthen(page: Page, places: string[]): Promise<void> {
  return page.evaluate((places) => {
    const accents: Record<string, string> = { a: "á", c: "ç", e: "é", i: "í", n: "ñ", o: "ö", s: "š", u: "ü", A: "Á", E: "É", I: "Í", O: "Ö", S: "Š", U: "Ü" };
    const written = (text: string) => {
      const accented = text.replace(/[acinseouAEIOSU]/g, (letter) => accents[letter] ?? letter);
      // The brackets are part of what is added.
      const missing = Math.max(0, Math.ceil(text.length * 0.4) - 2);
      const more = " lörém".repeat(Math.ceil(missing / 6)).slice(0, missing);
      return `[${accented}${more}]`;
    };
    const wanted = new Set(places);
    const walk = (element: Element, at: string) => {
      if (/^(SCRIPT|STYLE|TEMPLATE|NOSCRIPT)$/.test(element.tagName)) return;
      if (wanted.has(`${at}@placeholder`)) element.setAttribute("placeholder", written(element.getAttribute("placeholder") ?? ""));
      if (wanted.has(at)) {
        element.toggleAttribute("data-pseudo", true);
        const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim());
        for (const node of own) node.textContent = written(node.textContent ?? "");
      }
      [...element.children].forEach((child, number) => walk(child, `${at}/${child.tagName.toLowerCase()}${number}`));
    };
    walk(document.body, "");
  }, places);
}

/** Lengthened texts that are cut off, or that stick out of their box or of the page. */
export function broken(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over > 0) found.push(`the page is ${over} px too wide`);
    for (const element of document.querySelectorAll<HTMLElement>("[data-pseudo]")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".visually-hidden, option")) continue;
      const name = `${element.tagName}.${element.className}: ${element.textContent?.slice(0, 60)}`;
      const range = document.createRange();
      range.selectNodeContents(element);
      // The box that the text must keep within: the nearest one that is no piece of a line.
      let box: HTMLElement = element;
      while (getComputedStyle(box).display === "inline" && box.parentElement) box = box.parentElement;
      const { left, right, top, bottom } = box.getBoundingClientRect();
      if (right - left <= 1 || bottom - top <= 1) continue;
      const outside = [...range.getClientRects()].some((line) => line.width > 0 && (line.right > right + 1.5 || line.left < left - 1.5));
      if (outside) found.push(`sticks out: ${name}`);
      for (let around: HTMLElement | null = box; around && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (!/hidden|clip/.test(style.overflowX + style.overflowY)) continue;
        const edge = around.getBoundingClientRect();
        if (edge.width <= 1 || edge.height <= 1) break;
        const cut = [...range.getClientRects()].some((line) => line.width > 0 && (line.right > edge.right + 1.5 || line.bottom > edge.bottom + 3));
        if (cut) found.push(`cut off: ${name}`);
        break;
      }
    }
    return found;
  });
}
