// A browser without JavaScript: keeps cookies, finds forms on their pages, follows redirects wherever they lead.

// 127.0.0.1 has one jar for all its ports, as in a browser.
export class Browser {
  constructor(origin) {
    this.origin = origin;
    this.cookies = new Map();
  }

  // A second window of the same browser.
  window() {
    const other = new Browser(this.origin);
    other.cookies = this.cookies;
    return other;
  }

  // Asks, and stops before an address for which `until` is true; the page then has that address as `next`.
  async go(address, { method = "GET", body, until = () => false } = {}) {
    let url = new URL(address, this.url ?? this.origin);
    for (let hops = 0; hops < 15; hops += 1) {
      const headers = { accept: "text/html", "accept-language": "en" };
      if (this.cookies.size) headers.cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      if (method === "POST") headers.origin = new URL(this.url).origin;
      const answer = await fetch(url, { method, body, headers, redirect: "manual" });
      for (const line of answer.headers.getSetCookie()) this.keep(line);
      const location = answer.headers.get("location");
      if (!location) {
        this.url = url.href;
        this.status = answer.status;
        this.page = await answer.text();
        return this;
      }
      await answer.text();
      const next = new URL(location, url);
      if (until(next)) {
        this.next = next;
        return this;
      }
      if (url.origin === this.origin) this.url = url.href;
      url = next;
      [method, body] = ["GET", undefined];
    }
    throw new Error(`too many redirects at ${url}`);
  }

  keep(line) {
    const [pair] = line.split(";");
    const at = pair.indexOf("=");
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  // The first form of this page whose HTML matches, with what stands in it.
  form(pattern) {
    for (const [whole, head, inner] of this.page.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)) {
      if (!pattern.test(whole)) continue;
      const fields = new URLSearchParams();
      for (const [tag] of inner.matchAll(/<(?:input|textarea|select)[^>]*>/g)) {
        const get = (name) => plain(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "");
        if (get("name") && !/type="(checkbox|radio)"/.test(tag)) fields.append(get("name"), get("value"));
      }
      return { action: plain(head.match(/action="([^"]*)"/)[1]), fields };
    }
    throw new Error(`no form like ${pattern} at ${this.url}:\n${this.text()}`);
  }

  // Sends that form, some fields typed.
  async send(pattern, typed = {}, options = {}) {
    const { action, fields } = this.form(pattern);
    for (const [name, value] of Object.entries(typed)) fields.set(name, value);
    return this.go(action, { method: "POST", body: fields, ...options });
  }

  // The words of the page.
  text() {
    const body = this.page.replace(/<(script|style)[\s\S]*?<\/\1>/g, " ").replace(/<[^>]*>/g, " ");
    return plain(body).replace(/\s+/g, " ").trim();
  }
}

function plain(text) {
  const signs = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'" };
  return text.replace(/&(amp|lt|gt|quot|#x27|#39);/g, (sign) => signs[sign]);
}
