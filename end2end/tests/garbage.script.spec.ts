// Nonsense in addresses and forms is answered with a page or a refusal, never with a failure of the hub.
import type { House } from "./support/house.ts";
import { everywhere } from "./support/places.ts";
import { expect, test } from "./support/test.ts";

test.use({ alone: true });
// Some ask for a thousand pages.
test.describe.configure({ timeout: 240_000 });

const values = [
  "", " ", "0", "-1", "99999999999999999999", "9223372036854775807", "-9223372036854775808", "1e9", "NaN", "null", "true",
  "'", "\"", "' OR 1=1 --", "%", "_", "%00", "%FF", "%C3%28", "\u{0}", "\u{202e}", "中文", "🦀", "../../etc/passwd",
  "<script>alert(1)</script>", "{{7*7}}", "call_", "call_zzzzzzzzzzzzz", "call_0000000000000", "CALL_0000000000001", "a".repeat(3000),
  "2026-02-30T99:99", "9999999-01-01", "-9999-01-01T00:00", "0000-00-00", "2026-01-01T00:00:60Z", "1970-01-01", "today", "now-1d",
  "asc", "desc", "name; DROP TABLE person", "id,name", "-created_at", "[]", "{}", "[1,2]", "a,b,c", "a\tb\nc", "\r\nset-cookie: a=b",
  "prov_0000000000001", "user_zzzzzzzzzzzzz", "bmE", "bmE=", "eyJpZCI6MX0", "18446744073709551616", "0x10", "1.5", "+1", "٣", "e\u0301".repeat(50),
];

const parameters: Record<string, string[]> = {
  "/": ["x"],
  "/calls": ["range", "from", "until", "state", "concern", "endpoint", "model", "provider", "user", "key", "project", "size", "before", "after", "open"],
  "/credits": ["size", "before", "after"],
  "/projects": ["q", "before", "after"],
  "/providers/new": ["preset"],
  "/models": ["q", "provider", "ability", "state", "page"],
  "/prices": ["q", "provider", "state", "after", "before"],
  "/pricing": ["q", "provider", "sort", "down", "after", "before"],
  "/keys": ["all", "user", "project", "state", "before", "after"],
  "/users": ["q", "role", "state", "size", "before", "after"],
  "/audit/audit.csv": ["range", "from", "until", "action", "who", "subject"],
  "/audit": ["range", "from", "until", "action", "who", "subject", "size", "before", "after", "open"],
  "/playground": ["model"],
  "/sign-in": ["next"],
  "/setup": ["token"],
  "/search": ["q"],
  "/settings": ["q"],
  "/settings/change/mode": ["to"],
  "/settings/change/starter-credit": ["to"],
};

/** What the lists of the admin API are asked with: each value is taken, or refused by the name of its member. */
const asked: Record<string, string[]> = {
  "/users": ["q", "role", "state", "cursor", "limit"],
  "/keys": ["user", "project", "cursor", "limit"],
  "/projects": ["q", "cursor", "limit"],
  "/calls": ["user", "key", "project", "provider", "state", "endpoint", "concern", "model", "from", "until", "cursor", "limit"],
  "/audit": ["by", "action", "subject", "from", "until", "cursor", "limit"],
  "/audit.csv": ["by", "action", "subject", "from", "until"],
  "/models": ["q", "provider", "enabled", "cursor", "limit"],
  "/prices": ["q", "provider", "state", "cursor", "limit"],
  "/invitations": ["cursor", "limit"],
  "/limits": ["subject"],
};

/** What a member is shown lists of. */
const listed: Record<string, string[]> = {
  "/calls": parameters["/calls"],
  "/keys": parameters["/keys"],
  "/credits": parameters["/credits"],
  "/projects": parameters["/projects"],
  "/search": parameters["/search"],
};

/** As it may stand in an address; what is encoded already stays as broken as it is. */
const written = (value: string) => (/^%[0-9A-F]{2}/.test(value) ? value : encodeURIComponent(value));

/** Asks for each of these, a few at a time, and gives back what is wrong with the answers. */
async function wrong(house: House, addresses: string[], headers: Record<string, string>, look: (address: string, answer: Response, body: string) => string | undefined): Promise<string[]> {
  const [left, found]: [string[], string[]] = [[...addresses], []];
  const asking = async () => {
    for (let address = left.pop(); address !== undefined; address = left.pop()) {
      const answer = await fetch(house.hub.url + address, { headers, redirect: "manual" });
      const problem = look(address, answer, await answer.text());
      if (problem) found.push(`${address.slice(0, 120)} ${problem}`);
    }
  };
  await Promise.all([asking(), asking(), asking(), asking()]);
  expect(house.hub.log, "the hub's log").not.toContain("panicked");
  return found;
}

/** Of somebody's browser. */
async function browser(house: House, role: "admin" | "member"): Promise<Record<string, string>> {
  const { cookies } = await house.state(role);
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; "), accept: "text/html" };
}

/** Asks for each of these as the admin, and gives back what was answered with another status than these. */
async function odd(house: House, addresses: string[], expected: number[]): Promise<string[]> {
  return wrong(house, addresses, await browser(house, "admin"), (_, { status }) => (expected.includes(status) ? undefined : `answered ${status}`));
}

/** Ids of things that a page shows or leads to. */
const idsIn = (html: string) => new Set(html.match(/\b(?:call|key|user|proj|lot|prov|model)_[0-9a-z]{13}\b/g) ?? []);

for (const [path, names] of Object.entries(parameters)) {
  test(`values of ${path}`, async ({ house }) => {
    const addresses = names.flatMap((name) => values.map((value) => `${path}?${name}=${written(value)}`));
    addresses.push(`${path}?${names.map((name) => `${name}=x&${name}=y&${name}`).join("&")}`);
    expect(await odd(house, addresses, [200, 302, 303, 307, 404])).toEqual([]);
  });
}

test("there are fifty values, and more", () => {
  expect(new Set(values).size).toBeGreaterThanOrEqual(50);
});

for (const [path, names] of Object.entries(asked)) {
  test(`values of /api/admin${path}`, async ({ house, hub }) => {
    const { key } = await hub.command<{ key: string }>(["key", "create", "--user", "ada@example.com", "--name", "robot", "--scope", "manage"]);
    const headers = { authorization: `Bearer ${key}` };
    await expect.poll(async () => (await fetch(`${house.hub.url}/api/admin/settings`, { headers })).status).toBe(200);
    const addresses = names.flatMap((name) => values.map((value) => `/api/admin${path}?${name}=${written(value)}`));
    addresses.push(`/api/admin${path}?${names[0]}=x&${names[0]}=y`);
    const found = await wrong(house, addresses, headers, (address, { status }, body) => {
      if (status === 200) return undefined;
      const name = /[?]([a-z]+)=/.exec(address)?.[1];
      // What cannot be read as an address has no member to name.
      const told = (status === 422 && JSON.parse(body).error.field === name) || (status === 400 && /%(?:FF|C3|00)/.test(address)) || (path === "/limits" && status === 404);
      return told ? undefined : `answered ${status}: ${body.slice(0, 200)}`;
    });
    expect(found).toEqual([]);
  });
}

for (const [path, names] of Object.entries(listed)) {
  test(`no value of ${path} shows a member what is another's`, async ({ house }) => {
    const headers = await browser(house, "member");
    const { users, calls, key, revoked, providers, memberKey, project, models } = house.things;
    // What they see without any value, and what is theirs anyway.
    const own = new Set([users.member, calls.members, memberKey.id, project.id, project.key, house.things.lot, ...Object.values(models)]);
    for (const address of [path, `${path}?range=all`, `${path}?all=1`, "/"]) {
      const answer = await fetch(house.hub.url + address, { headers });
      for (const id of idsIn(await answer.text())) own.add(id);
    }
    const others = [users.admin, calls.answered, calls.failed, calls.streamed, key.id, revoked.id, providers.working, "ada@example.com"];
    for (const id of others) expect(own.has(id), id).toBe(false);
    const more = path === "/calls" ? "range=all&" : "";
    const addresses = names.flatMap((name) => [...values, ...others].map((value) => `${path}?${name === "range" ? "" : more}${name}=${written(value)}`));
    const found = await wrong(house, addresses, headers, (address, { status }, body) => {
      if (![200, 302, 303, 307, 404].includes(status)) return `answered ${status}`;
      // What was asked for may be said again, as in the field that it stands in.
      const shown = [...idsIn(body)].filter((id) => !own.has(id) && !address.includes(id));
      return shown.length > 0 ? `shows ${shown.join(" ")}` : undefined;
    });
    expect(found).toEqual([]);
  });
}

test("what means nothing leaves the address, and what means something stays", async ({ page, house }) => {
  const { providers, project } = house.things;
  const lists: Array<[path: string, nonsense: string, sense: string]> = [
    ["/calls", "range=soon&state=maybe&endpoint=x&concern=x&provider=x&key=1&project=%F0%9F%A6%80&size=large&open=call_x&before=x&from=yesterday", `model=gpt&provider=${providers.working}`],
    ["/audit", "range=x&action=x&size=x&open=x&after=now&until=2026-02-30T99:99", "who=ada%40example.com"],
    ["/users", "role=king&state=x&size=-1&before=x", "q=moss"],
    ["/models", "provider=x&ability=x&state=x&page=x", "q=gpt"],
    ["/prices", "state=x", "q=gpt"],
    ["/pricing", "sort=x&down=x", "q=gpt"],
    ["/keys", "all=x&state=x&project=x&before=x&after=x", `project=${project.id}`],
  ];
  for (const [path, nonsense, sense] of lists) {
    // Each value alone, and all of them beside what makes sense.
    for (const value of nonsense.split("&")) {
      expect((await page.goto(`${path}?${value}`))?.status(), value).toBe(200);
      await expect(page, value).toHaveURL(path);
    }
    const repeated = nonsense.split("&").filter((value) => !sense.startsWith(value.split("=")[0]) && !sense.includes(`&${value.split("=")[0]}=`));
    await page.goto(`${path}?${[...repeated, sense].join("&")}`);
    await expect(page).toHaveURL(`${path}?${sense}`);
  }
});

test("ids in paths", async ({ house }) => {
  const ids = values.filter((value) => value !== "" && !value.includes(".."));
  const addresses = ["/calls/", "/providers/", "/prices/", "/users/", "/settings/change/"].flatMap((path) => ids.map((value) => path + written(value)));
  expect(await odd(house, addresses, [200, 307, 308, 400, 404])).toEqual([]);
});

/** The forms of a page that post. Runs within the browser, which reads the page without drawing it. */
async function formsOf(path: string): Promise<Array<{ action: string; names: string[] }>> {
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), "text/html");
  return [...page.querySelectorAll('form[method="post"]')].map((form) => ({
    action: form.getAttribute("action") ?? "",
    names: [...form.querySelectorAll("[name]")].map((field) => field.getAttribute("name") ?? ""),
  }));
}

test("forms with nothing or nonsense in them", async ({ tab: page, house, hub }) => {
  // Every form of the console, each with many kinds of nonsense.
  test.setTimeout(240_000);
  const actions = new Map<string, string[]>();
  await page.goto("/keys");
  for (const { stage, all } of everywhere) {
    if (stage !== "furnished") continue;
    for (const place of all.filter((place) => (place.role ?? "admin") === "admin" && !place.status)) {
      for (const form of await page.evaluate(formsOf, place.path(house.things))) actions.set(form.action, form.names);
    }
  }
  expect(actions.size).toBeGreaterThan(20);
  const headers = { origin: hub.url };
  for (const [action, names] of actions) {
    // These end the session that the other tests share.
    if (/\/(sign_out|end_\w+sessions?)$/.test(action)) continue;
    for (const value of [undefined, "", "nonsense", "\u{0}", "-1", "99999999999999999999", "x".repeat(5000)]) {
      const form = value === undefined ? {} : Object.fromEntries(names.map((name) => [name, value]));
      const answer = await page.request.post(action, { form, headers, maxRedirects: 0 });
      expect(answer.status(), `${action} with ${String(value).slice(0, 20)}`).toBeLessThan(500);
    }
    const raw = await page.request.post(action, { data: Buffer.from([0xff, 0xfe, 0x00]), headers: { ...headers, "content-type": "application/x-www-form-urlencoded" }, maxRedirects: 0 });
    expect(raw.status(), `${action} with bytes`).toBeLessThan(500);
  }
});
