// Signing in by identity providers: the real hub, the certified `oidc-provider`, a second one of another issuer with the same
// subjects, and a fake of GitHub. What a correct provider never says is said by the layer before it.

import assert from "node:assert/strict";
import { createHmac, createPublicKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";

import { databases, email, Hub, password } from "./hub.mjs";
import { Browser } from "./identity/browser.mjs";
import { Github } from "./identity/github.mjs";
import { IdentityProvider } from "./identity/provider.mjs";

// What the file says: a provider that nobody can change in the console, and GitHub.
function file(partner, github) {
  return `
[[identity_provider]]
slug = "partner"
title = "Partner"
issuer = "${partner.issuer}"
client_id = "hub"
client_secret_file = "partner.secret"

[[identity_provider]]
slug = "github"
title = "GitHub"
kind = "oauth2"
authorize_url = "${github.url}/login/oauth/authorize"
token_url = "${github.url}/login/oauth/access_token"
userinfo_url = "${github.url}/user"
emails_url = "${github.url}/user/emails"
client_id = "${github.client.id}"
client_secret = "${github.client.secret}"
scopes = ["read:user", "user:email"]
`;
}

const secret = "the-secret-of-the-hub-0123456789";
const rules = "groups: hub-admins = admin\notherwise = member";

for (const [name, database] of databases()) {
  describe(`on ${name}`, () => {
    let hub;
    let company;
    let partner;
    let github;
    let admin;
    let people = 0;

    before(async () => {
      [company, partner, github] = await Promise.all([IdentityProvider.listen(), IdentityProvider.listen(), Github.listen()]);
      hub = await Hub.start((hub) => {
        writeFileSync(path.join(hub.folder, "hub.toml"), file(partner, github));
        writeFileSync(path.join(hub.folder, "partner.secret"), `${secret}\n`);
        hub.run(["settings", "set", "registration", "open"]);
      }, database);
      await company.serve(hub.address, "company");
      await partner.serve(hub.address, "partner");

      admin = new Browser(hub.address);
      await byPassword(admin);
      await admin.go("/identity-providers/new?kind=oidc");
      await admin.send(/create_identity_provider/, {
        slug: "company",
        title: "Company",
        issuer: `${company.issuer}/.well-known/openid-configuration`,
        client_id: "hub",
        secret,
        scopes: "openid email profile groups",
        domains: "example.com",
        roles: rules,
      });
      assert.match(admin.text(), /Company answers\. Signing keys: 1\. It ends sessions at sign-out/);
    });

    after(async () => {
      await Promise.all([hub.end(), company.end(), partner.end(), github.end()]);
    });

    beforeEach(() => {
      for (const provider of [company, partner]) {
        provider.up();
        provider.spoilt = {};
        provider.spoilToken = undefined;
      }
    });

    // Somebody new at the company, or whatever `about` says of them.
    function hire(about = {}) {
      people += 1;
      const sub = `person-${people}`;
      company.people[sub] = { email: `${sub}@example.com`, email_verified: true, name: `Person ${people}`, groups: [], ...about };
      company.who = sub;
      return { sub, email: company.people[sub].email };
    }

    // The hub believes for 3 seconds that a provider does not answer.
    function forgotten() {
      return new Promise((done) => setTimeout(done, 3_500));
    }

    async function byPassword(browser, who = email, typed = password) {
      await browser.go("/sign-in");
      browser.signIn = browser.form(/name="password"/).action;
      return browser.send(/name="password"/, { email: who, password: typed });
    }

    async function by(provider, browser = new Browser(hub.address), options = {}) {
      await browser.go("/sign-in");
      return browser.send(new RegExp(`Continue with ${provider}`), {}, options);
    }

    async function whoIs(browser) {
      await browser.window().go("/account").then((page) => (browser.seen = page.text()));
      return browser.seen.match(/[\w.+-]+@[\w.-]+/)?.[0];
    }

    const isCallback = (url) => url.origin === hub.address && url.pathname.endsWith("/callback");
    const user = (mail) => hub.run(["user", "list"]).find((user) => user.email === mail);

    // The newest entries of the audit, as the page of an admin tells them.
    async function audit(action) {
      await admin.go(`/audit?action=${action}`);
      return admin.text();
    }

    // Nobody was signed in, and this is why.
    async function refused(browser, words) {
      assert.match(browser.text(), words);
      assert.equal(new URL(browser.url).pathname, "/sign-in");
      await browser.go("/account");
      assert.equal(new URL(browser.url).pathname, "/sign-in");
    }

    test("a stranger registers, comes again as the same person, and gets the credit of new people", async () => {
      hub.run(["settings", "set", "starter-credit", "5"]);
      const { email } = hire();
      const browser = await by("Company");
      assert.match(browser.text(), /Your account was made, and you sign in to it by Company from now on/);
      assert.equal(await whoIs(browser), email);
      const first = user(email);
      assert.equal(first.role, "member");
      assert.equal(hub.run(["credits", "balance", "--user", email]).balance, "5.00");
      const again = await by("Company");
      assert.doesNotMatch(again.text(), /Your account was made/);
      assert.equal(await whoIs(again), email);
      assert.equal(user(email).id, first.id);
      assert.match(await audit("user.register"), new RegExp(email));
      hub.run(["settings", "set", "starter-credit", "0"]);
    });

    test("the person is led on to the page that was asked for, and nowhere else", async () => {
      hire();
      const browser = new Browser(hub.address);
      await browser.go("/calls?state=failed");
      await browser.send(/Continue with Company/);
      assert.equal(browser.url, `${hub.address}/calls?state=failed`);
      const other = new Browser(hub.address);
      await other.go("/sign-in?next=//evil.example/");
      await other.send(/Continue with Company/);
      // Who is new is welcomed first.
      assert.equal(other.url, `${hub.address}/welcome`);
    });

    test("the mail may change, the subject makes the person", async () => {
      const { sub, email } = hire();
      await by("Company");
      company.people[sub].email = "renamed@example.com";
      assert.equal(await whoIs(await by("Company")), email);
    });

    test("another domain is refused, at the first and at every later sign-in", async () => {
      hire({ email: "eve@evil.example" });
      await refused(await by("Company"), /People of evil\.example cannot sign in by Company/);
      assert.equal(user("eve@evil.example"), undefined);
      const { sub } = hire();
      await by("Company");
      company.people[sub].email = "gone@elsewhere.example";
      await refused(await by("Company"), /People of elsewhere\.example cannot sign in/);
    });

    test("an address that is not verified counts for nothing", async () => {
      for (const email_verified of [false, undefined]) {
        const { email } = hire({ email_verified });
        await refused(await by("Company"), /Company says that your e-mail address is not verified/);
        assert.equal(user(email), undefined);
      }
      hire({ email: undefined });
      await refused(await by("Company"), /Company told no e-mail address/);
    });

    test("a token that was not made for this sign-in is refused", async () => {
      hire();
      const answers = {
        nonce: [(claims) => ({ ...claims, nonce: "another" }), /it was not made for this sign-in/],
        "no nonce": [({ nonce, ...claims }) => claims, /it was not made for this sign-in/],
        expiry: [(claims) => ({ ...claims, exp: claims.iat - 1 }), /it has expired/],
        future: [(claims) => ({ ...claims, iat: claims.iat + 300 }), /it is from the future/],
        audience: [(claims) => ({ ...claims, aud: "somebody-else" }), /it was made for another client/],
        issuer: [(claims) => ({ ...claims, iss: partner.issuer }), /it was made by another issuer/],
      };
      for (const [change, words] of Object.values(answers)) {
        company.spoilToken = async (told, claims, sign) => ({ ...told, id_token: await sign(change(claims)) });
        await refused(await by("Company"), words);
      }
      company.spoilToken = async (told) => ({ ...told, id_token: undefined });
      await refused(await by("Company"), /there is no ID token/);
      // The layer itself leaves a token as it is, and clocks may differ a little.
      const ahead = (claims) => ({ ...claims, iat: claims.iat + 60 });
      company.spoilToken = async (told, claims, sign) => ({ ...told, id_token: await sign(ahead(claims)) });
      assert.ok(await whoIs(await by("Company")));
    });

    test("a signature by another key, under the name of a known one, is refused", async () => {
      hire();
      const thief = await company.stolenName();
      company.spoilToken = async (told, claims, sign) => ({ ...told, id_token: await sign(claims, thief) });
      await refused(await by("Company"), /its signature does not fit/);
      const unsigned = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
      company.spoilToken = async (told, claims) => ({ ...told, id_token: `${unsigned({ alg: "none" })}.${unsigned(claims)}.` });
      await refused(await by("Company"), /is not a valid proof of who you are|not the JSON that was expected/);
      // Nor does one count that is signed by what everybody knows: the provider's public key taken for a secret, or an empty one.
      const { d, ...known } = company.key;
      for (const lie of [JSON.stringify(known), createPublicKey({ key: known, format: "jwk" }).export({ type: "spki", format: "pem" }), ""]) {
        company.spoilToken = async (told, claims) => {
          const head = `${unsigned({ alg: "HS256", kid: known.kid })}.${unsigned(claims)}`;
          return { ...told, id_token: `${head}.${createHmac("sha256", lie).update(head).digest("base64url")}` };
        };
        await refused(await by("Company"), /its signature does not fit/);
      }
      assert.match(await audit("identity.refuse"), /token_signature|Sign-in by a provider refused/);
    });

    test("userinfo must speak of the person in the token", async () => {
      hire();
      company.spoilt["/me"] = (_, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ sub: "somebody-else", email: "boss@example.com", email_verified: true }));
      };
      await refused(await by("Company"), /its parts speak of different people/);
    });

    test("keys that were rotated are fetched anew, and not for every unknown name", async () => {
      const { email } = hire();
      await by("Company");
      await company.rotate();
      const before = company.asked.filter((path) => path === "/jwks").length;
      // All who come while they are fetched wait for them.
      company.spoilt["/jwks"] = async (request, response) => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        return company.handle(request, response);
      };
      const browsers = await Promise.all(Array.from({ length: 5 }, () => by("Company")));
      for (const browser of browsers) assert.equal(await whoIs(browser), email, browser.text());
      const asked = () => company.asked.filter((path) => path === "/jwks").length - before;
      assert.equal(asked(), 1);
      company.spoilToken = async (told, claims, sign) => {
        const key = { ...(await company.stolenName()), kid: "never-seen" };
        return { ...told, id_token: await sign(claims, key) };
      };
      await refused(await by("Company"), /its signature does not fit/);
      await refused(await by("Company"), /its signature does not fit/);
      assert.equal(asked(), 1);
    });

    test("a callback works once, in the browser that began, and for the provider that was asked", async () => {
      const { email } = hire();
      const browser = new Browser(hub.address);
      await by("Company", browser, { until: isCallback });
      const callback = browser.next;

      // Another browser, a state of nobody, another provider's address: none of them uses it up.
      await refused(await new Browser(hub.address).go(callback), /was not begun in this browser/);
      const wrong = new URL(callback);
      wrong.searchParams.set("state", "0".repeat(64));
      await refused(await browser.window().go(wrong), /was not begun in this browser/);

      await browser.go(callback);
      assert.equal(await whoIs(browser), email);
      // Again, by the same browser and by one that shares its cookies from before.
      const replay = await new Browser(hub.address).go(callback);
      await refused(replay, /was not begun in this browser, was answered already/);

      // A state of ours with a code that was used: the provider refuses it.
      const second = new Browser(hub.address);
      await by("Company", second, { until: isCallback });
      second.next.searchParams.set("code", callback.searchParams.get("code"));
      await refused(await second.go(second.next), /did not accept its own code \(invalid_grant\)/);

      const third = new Browser(hub.address);
      await by("Company", third, { until: isCallback });
      third.next.pathname = "/sign-in/partner/callback";
      await refused(await third.go(third.next), /was not begun in this browser/);

      const fourth = new Browser(hub.address);
      await by("Company", fourth, { until: isCallback });
      fourth.next.searchParams.set("iss", partner.issuer);
      await refused(await fourth.go(fourth.next), /Company refused: issuer_mismatch/);
    });

    test("the address to come back to is made of HUB_PUBLIC_URL, whatever Host says", async () => {
      const page = await new Browser(hub.address).go("/sign-in");
      const { action, fields } = page.form(/Continue with Company/);
      const answer = await new Promise((resolve, reject) => {
        const headers = {
          host: "evil.example",
          origin: hub.address,
          accept: "text/html",
          "content-type": "application/x-www-form-urlencoded",
          "x-forwarded-host": "evil.example",
          "x-forwarded-proto": "https",
        };
        const asked = request(new URL(action, hub.address), { method: "POST", headers }, resolve);
        asked.on("error", reject);
        asked.end(fields.toString());
      });
      answer.resume();
      const back = new URL(answer.headers.location).searchParams.get("redirect_uri");
      assert.equal(back, `${hub.address}/sign-in/company/callback`);
    });

    test("looking ahead uses nothing up", async () => {
      const { email } = hire();
      const browser = new Browser(hub.address);
      await by("Company", browser, { until: isCallback });
      const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
      const head = await fetch(browser.next, { method: "HEAD", headers: { cookie }, redirect: "manual" });
      assert.equal(head.status, 405);
      await browser.go(browser.next);
      assert.equal(await whoIs(browser), email);
    });

    test("two windows of one browser may both be at the provider", async () => {
      const { email } = hire();
      const browser = new Browser(hub.address);
      const other = browser.window();
      await by("Company", browser, { until: isCallback });
      await by("Company", other, { until: isCallback });
      await browser.go(browser.next);
      assert.equal(await whoIs(browser), email);
    });

    test("who says no at the provider is not signed in", async () => {
      company.who = undefined;
      await refused(await by("Company"), /You did not agree at Company/);
    });

    test("a provider that is down stops neither the page nor whoever has a password", async () => {
      hire();
      company.down();
      partner.down();
      const page = await new Browser(hub.address).go("/sign-in");
      assert.match(page.text(), /Continue with Company.*or by password/);
      const local = new Browser(hub.address);
      await byPassword(local);
      assert.equal(await whoIs(local), email);
      // Company was discovered before, so the browser may go there; the hub asks it in vain for a proof.
      company.up();
      const browser = new Browser(hub.address);
      await by("Company", browser, { until: isCallback });
      company.down();
      await refused(await browser.go(browser.next), /Company does not answer/);
      // Partner never was.
      await refused(await by("Partner"), /Partner does not answer/);
      partner.up();
      await forgotten();
      partner.spoilt["/.well-known/openid-configuration"] = (_, response) => response.writeHead(500).end("<html>");
      await refused(await by("Partner"), /Partner does not answer: it answered discovery with status 500/);
      await forgotten();
    });

    test("an account with the same mail is never taken over; its owner links by signing in first", async () => {
      const mail = `local-${people}@example.com`;
      hub.run(["user", "create", "--email", mail, "--password-stdin"], "a local password");
      const before = user(mail);
      hire({ email: mail });
      await refused(await by("Company"), new RegExp(`There is already an account with ${mail}.*link Company under Account`));

      const browser = new Browser(hub.address);
      await byPassword(browser, mail, "a local password");
      await browser.go("/account");
      // A session alone links nothing.
      await browser.send(/Link Company/, { current: "not the password" });
      assert.match(browser.text(), /not your current password/);
      await browser.send(/Link Company/, { current: "a local password" });
      assert.equal(browser.url, `${hub.address}/account`);
      assert.match(browser.text(), /Company is linked\. You can sign in by it from now on/);
      const linked = await by("Company");
      assert.equal(await whoIs(linked), mail);
      assert.equal(user(mail).id, before.id);
      assert.match(await audit("identity.link"), new RegExp(mail));

      // Nobody else can link it, not even by beginning.
      const other = `other-${people}@example.com`;
      hub.run(["user", "create", "--email", other, "--password-stdin"], "a local password");
      const thief = new Browser(hub.address);
      await byPassword(thief, other, "a local password");
      await thief.go("/account");
      await thief.send(/Link Company/, { current: "a local password" });
      assert.match(thief.text(), /This identity belongs to another account/);

      // Nor takes it away: the form of its owner, sent by somebody else.
      await linked.go("/account");
      const { action, fields } = linked.form(/unlink_identity/);
      await thief.go("/account");
      await thief.go(action, { method: "POST", body: fields });
      assert.match(thief.text(), /There is no such linked identity/);
      assert.equal(await whoIs(await by("Company")), mail);
      await linked.send(/unlink_identity/);
      assert.match(linked.text(), /It is unlinked/);
      await refused(await by("Company"), /There is already an account/);
      assert.match(await audit("identity.unlink"), new RegExp(mail));
    });

    test("a link that somebody else finishes links nothing", async () => {
      const browser = new Browser(hub.address);
      await byPassword(browser);
      hire();
      await browser.go("/account");
      await browser.send(/Link Company/, { current: password }, { until: isCallback });
      const callback = browser.next;
      // The same browser, signed out meanwhile: its session and what it kept are gone.
      await browser.go("/account");
      await browser.send(/\/sign_out/);
      await refused(await browser.go(callback), /was not begun in this browser/);
    });

    test("the only way in cannot be unlinked", async () => {
      const { email } = hire();
      const browser = await by("Company");
      await browser.go("/account");
      assert.doesNotMatch(browser.text(), /Change password/);
      await browser.send(/unlink_identity/);
      assert.match(browser.text(), /This is your only way to sign in/);
      assert.equal(await whoIs(await by("Company")), email);
    });

    test("two issuers may both know a person-1, and they are two people", async () => {
      const { sub, email } = hire();
      partner.people[sub] = { email: `partner-${sub}@partner.example`, email_verified: true };
      partner.who = sub;
      assert.equal(await whoIs(await by("Company")), email);
      assert.equal(await whoIs(await by("Partner")), `partner-${sub}@partner.example`);
      assert.notEqual(user(email).id, user(`partner-${sub}@partner.example`).id);
    });

    test("claims make roles at each sign-in, and what runs notices", async () => {
      const { sub, email } = hire({ groups: ["staff", "hub-admins"] });
      const browser = await by("Company");
      assert.equal(user(email).role, "admin");
      await browser.go("/users");
      assert.equal(browser.status, 200);
      company.people[sub].groups = ["staff"];
      await by("Company");
      assert.equal(user(email).role, "member");
      // What runs notices at once.
      await browser.go("/users");
      assert.equal(browser.status, 403);
      assert.match(await audit("user.set_role"), new RegExp(email));
    });

    test("claims make places in projects at each sign-in, and keys follow them", async () => {
      const [data, web, old] = ["Data", "Web", "Old"].map((name) => hub.run(["project", "create", "--name", name, "--payer", email]).id);
      const victim = hire();
      await by("Company");
      const personal = user(victim.email).id.replace(/^user_/, "proj_");
      const places = [
        `groups: leads = admin in ${data}`,
        `groups: data = member in ${data}`,
        `otherwise = none in ${data}`,
        `groups: web = reader in ${web}`,
        `groups: data = member in ${old}`,
        `groups: data = admin in ${personal}`,
      ];
      const ruled = async (roles) => {
        await admin.go("/identity-providers/company/edit");
        await admin.send(/update_identity_provider/, { roles });
        assert.match(admin.text(), /Saved\. Company answers/);
      };
      await ruled([rules, ...places].join("\n"));
      hub.run(["project", "archive", old]);

      const { sub, email: mail } = hire({ groups: ["data"] });
      const browser = await by("Company");
      const status = async (id) => (await browser.go(`/projects/${id}`)).status;
      const seen = async () => [await status(data), await status(web), await status(old), await status(personal)];
      // Nobody joins what has ended, or what is somebody's own, whatever a rule says.
      assert.deepEqual(await seen(), [200, 404, 404, 404]);
      await browser.go("/keys/new");
      await browser.send(/create_key/, { name: "by claims", project: data });
      const key = browser.page.match(/sk-hub-[\w-]{43}/)[0];
      await hub.control("POST", "forbid", { text: key });
      const call = async () => {
        const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
        const body = JSON.stringify({ model: "fake/gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] });
        const answer = await fetch(`${hub.baseURL}/chat/completions`, { method: "POST", headers, body });
        return [answer.status, (await answer.json()).error?.code];
      };
      assert.deepEqual(await call(), [200, undefined]);
      // What they are in the hub goes by the rules of the hub.
      assert.equal(user(mail).role, "member");
      await browser.go(`/projects/${data}/edit`);
      assert.equal(browser.status, 403);

      // Moved to another team: out of the one, a reader of the other.
      company.people[sub].groups = ["web"];
      await by("Company");
      assert.deepEqual(await call(), [401, "not_a_project_member"]);
      assert.deepEqual(await seen(), [404, 200, 404, 404]);
      await browser.go("/keys/new");
      await browser.send(/create_key/, { name: "as a reader", project: web });
      assert.doesNotMatch(browser.page, /sk-hub-/);
      assert.match(browser.text(), /Your role does not allow this/);

      // Back as who leads it: the first rule that fits counts. What no rule takes away stays.
      company.people[sub].groups = ["data", "leads"];
      await by("Company");
      assert.deepEqual(await call(), [200, undefined]);
      assert.deepEqual(await seen(), [200, 200, 404, 404]);
      await browser.go(`/projects/${data}/edit`);
      assert.equal(browser.status, 200);

      // Each move is told, and that the provider made it.
      assert.match(await audit("project.set_role"), /Data/);
      await admin.go(admin.page.match(/href="(\/audit\?[^"]*open=[^"]*)"/)[1].replaceAll("&amp;", "&"));
      assert.match(admin.text(), /by_claims_of.*company/);
      await ruled(rules);
      // Without a rule about it a place stays as it is.
      company.people[sub].groups = [];
      await by("Company");
      assert.deepEqual(await seen(), [200, 200, 404, 404]);
    });

    test("registration is open, by invitation, or closed", async () => {
      const { email } = hire();
      hub.run(["settings", "set", "registration", "closed"]);
      await refused(await by("Company"), /new ones are made by admins only/);
      hub.run(["settings", "set", "registration", "invitation"]);
      await refused(await by("Company"), /open by invitation/);
      assert.equal(user(email), undefined);
      hub.run(["settings", "set", "registration", "open"]);
      assert.equal(await whoIs(await by("Company")), email);
      // Who is here already comes in whatever it is.
      hub.run(["settings", "set", "registration", "closed"]);
      assert.equal(await whoIs(await by("Company")), email);
      hub.run(["settings", "set", "registration", "open"]);
    });

    test("somebody suspended stays outside", async () => {
      const { email } = hire();
      await by("Company");
      await admin.go(`/users/${user(email).id}`);
      await admin.send(/suspend_user/);
      await refused(await by("Company"), /Your account is suspended/);
    });

    test("signing out ends the session at the provider, too", async () => {
      hire();
      const browser = await by("Company");
      await browser.go("/account");
      await browser.send(/\/sign_out/);
      const there = new URL(browser.next ?? browser.url);
      assert.match(browser.page, /Sign out there too/, there.href);
      await browser.send(/logoutForm/, { logout: "yes" });
      assert.equal(browser.url, `${hub.address}/sign-in`);
      await browser.go("/account");
      assert.equal(new URL(browser.url).pathname, "/sign-in");
    });

    test("GitHub's kind: code, token, user and the primary mail", async () => {
      const browser = await by("GitHub");
      assert.match(browser.text(), /you sign in to it by GitHub from now on/);
      assert.equal(await whoIs(browser), "octocat@github.com");
      assert.equal(github.scope, "read:user user:email");
      assert.equal(await whoIs(await by("GitHub")), "octocat@github.com");
      // The same address under another number is somebody else.
      github.user = { ...github.user, id: 1 };
      await refused(await by("GitHub"), /There is already an account with octocat@github\.com/);
      github.emails = [{ email: "new@github.com", verified: false, primary: true }];
      await refused(await by("GitHub"), /not verified/);
      // A used code is an error with status 200 there.
      const replay = new Browser(hub.address);
      await by("GitHub", replay, { until: isCallback });
      github.codes.clear();
      await refused(await replay.go(replay.next), /GitHub did not accept its own code \(bad_verification_code\)/);
    });

    test("what the file says is shown, and changed nowhere else; no secret is shown", async () => {
      await admin.go("/identity-providers");
      assert.match(admin.text(), /Partner file/);
      await admin.go("/identity-providers/partner/edit");
      assert.match(admin.text(), /stands in the configuration file.*given, not shown/);
      assert.match(admin.page, new RegExp(`${hub.address}/sign-in/partner/callback`));
      assert.ok(!admin.page.includes(secret));
      await admin.go("/identity-providers/company/edit");
      assert.ok(!admin.page.includes(secret) && admin.text().includes("One is stored"));
      assert.doesNotMatch(admin.page, /id="file"/);
      // The same form for the file's is refused by the engine.
      const { action, fields } = admin.form(/switch_identity_provider/);
      fields.set("slug", "partner");
      await admin.go(action, { method: "POST", body: fields });
      assert.match(admin.text(), /stands in the configuration file, and can only be changed there/);
      assert.ok(!(await audit("identity_provider")).includes(secret));
    });

    test("a provider that does not answer is not added, and its words are shown", async () => {
      const form = { slug: "typo", title: "Typo", issuer: `${company.issuer}/nothing`, client_id: "hub" };
      await admin.go("/identity-providers/new?kind=oidc");
      await admin.send(/create_identity_provider/, form);
      assert.match(admin.text(), /Typo does not answer: it answered discovery with status 404/);
      assert.match(admin.page, /value="typo"/);
      await admin.send(/create_identity_provider/, { ...form, issuer: `${company.issuer}/` });
      assert.match(admin.text(), /its discovery does not fit: unexpected issuer/);
      // Nor is anybody asked whom an admin could not have named: its keys lie at an address without https.
      const asked = company.asked.length;
      const elsewhere = company.issuer.replace("127.0.0.1", "0.0.0.0");
      const names = { authorization_endpoint: "auth", token_endpoint: "token", jwks_uri: "jwks" };
      company.spoilt["/.well-known/openid-configuration"] = (_, response) => {
        const told = { issuer: company.issuer, response_types_supported: ["code"], subject_types_supported: ["public"] };
        for (const [name, path] of Object.entries(names)) told[name] = `${name === "jwks_uri" ? elsewhere : company.issuer}/${path}`;
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ ...told, id_token_signing_alg_values_supported: ["ES256"] }));
      };
      await admin.send(/create_identity_provider/, { ...form, issuer: company.issuer });
      assert.match(admin.text(), /it names an address without https/);
      assert.deepEqual(company.asked.slice(asked), ["/.well-known/openid-configuration"]);
      company.spoilt = {};
      await admin.send(/create_identity_provider/, { ...form, issuer: "http://login.example.com" });
      assert.match(admin.text(), /An address begins with https:/);
      await admin.send(/create_identity_provider/, { ...form, roles: "groups: x = owner" });
      assert.match(admin.text(), /nobody becomes an owner by one/);
    });

    test("another host drops the secret", async () => {
      await admin.go("/identity-providers/new?kind=oidc");
      await admin.send(/create_identity_provider/, { slug: "moving", title: "Moving", issuer: company.issuer, client_id: "hub", secret });
      await admin.go("/identity-providers/moving/edit");
      await admin.send(/update_identity_provider/, { scopes: "openid email" });
      assert.match(admin.text(), /Saved\. Moving answers/);
      assert.match(admin.text(), /One is stored/);
      await admin.send(/update_identity_provider/, { issuer: partner.issuer });
      assert.match(admin.text(), /its client secret was removed/);
      assert.doesNotMatch(admin.text(), /One is stored/);
      await admin.go("/identity-providers/moving/delete");
      await admin.send(/delete_identity_provider/, { typed: "wrong" });
      assert.match(admin.text(), /does not match/);
      await admin.send(/delete_identity_provider/, { typed: "moving" });
      assert.match(admin.text(), /The identity provider was deleted/);
      await refused(await new Browser(hub.address).go("/sign-in/moving/callback?state=x&code=y"), /was not begun/);
    });

    test("passwords go off only while an admin can do without, and the command line brings them back", async () => {
      await admin.go("/settings/change/local-passwords?to=off");
      await admin.send(/save_setting/);
      assert.match(admin.text(), /No admin could sign in any more/);
      assert.throws(() => hub.run(["settings", "set", "local-passwords", "off"]), /No admin could sign in any more/);

      hire({ groups: ["hub-admins"] });
      const boss = await by("Company");
      await boss.go("/settings/change/local-passwords?to=off");
      await boss.send(/save_setting/);
      assert.match(boss.text(), /Passwords is now: Off/);

      const page = await new Browser(hub.address).go("/sign-in");
      assert.doesNotMatch(page.page, /type="password"/);
      // The form of a page from before.
      const old = new Browser(hub.address);
      old.url = `${hub.address}/sign-in`;
      const body = new URLSearchParams({ email, password });
      await old.go(admin.signIn, { method: "POST", body });
      assert.match(old.text(), /Passwords are switched off here/);

      // Neither may the last way in go.
      await boss.go("/identity-providers/company/edit");
      await boss.send(/switch_identity_provider/);
      assert.match(boss.text(), /No admin could sign in any more/);
      await boss.go("/identity-providers/company/delete");
      await boss.send(/delete_identity_provider/, { typed: "company" });
      assert.match(boss.text(), /No admin could sign in any more/);

      assert.equal(hub.run(["settings", "set", "local-passwords", "on"]).value, "on");
      const local = new Browser(hub.address);
      await byPassword(local);
      assert.equal(await whoIs(local), email);
    });

    test("a disabled provider brings nobody, and has no button", async () => {
      const { email } = hire();
      const browser = new Browser(hub.address);
      await by("Company", browser, { until: isCallback });
      await admin.go("/identity-providers/company/edit");
      await admin.send(/switch_identity_provider/);
      assert.match(admin.text(), /It is disabled/);
      await refused(await browser.go(browser.next), /does not exist, or was switched off/);
      assert.doesNotMatch((await new Browser(hub.address).go("/sign-in")).text(), /Company/);
      assert.equal(user(email), undefined);
      await admin.go("/identity-providers/company/edit");
      await admin.send(/switch_identity_provider/);
      assert.equal(await whoIs(await by("Company")), email);
    });
  });
}
