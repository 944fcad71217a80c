// A person at the console in a browser without JavaScript: signs in, and approves or denies what a program asks for.

import assert from "node:assert/strict";

import { email } from "./hub.mjs";

// Cookies, redirects, and forms, at one hub.
export class Browser {
  cookies = new Map();

  constructor(origin) {
    this.origin = origin;
  }

  async open(path, form) {
    const headers = { cookie: [...this.cookies].map((pair) => pair.join("=")).join("; "), accept: "text/html" };
    if (form) headers["content-type"] = "application/x-www-form-urlencoded";
    const body = form && new URLSearchParams(form).toString();
    const answer = await fetch(`${this.origin}${path}`, { method: form ? "POST" : "GET", headers, body, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.cookies.set(name, value);
    }
    const next = answer.headers.get("location");
    if (!next) return { status: answer.status, path, text: await answer.text() };
    return this.open(next.replace(this.origin, ""));
  }

  signIn(next) {
    return this.open("/do/app/pages/gate/sign_in/sign_in", { email, password: "a long sdk password", next });
  }

  // Opens the page to which a program has led, and presses one of its buttons: `approve` or `deny`.
  async answer(page, id, source, what) {
    const seen = await this.open(page);
    assert.equal(hidden(seen.text, "token"), id);
    const form = { token: id, source, name: source };
    return this.open(`/do/app/pages/connect/actions/${what}_connection`, form);
  }
}

const hidden = (text, name) => text.match(new RegExp(`<input type="hidden" name="${name}" value="([^"]*)"`))[1];
