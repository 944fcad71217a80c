// A real OpenID Connect provider (npm `oidc-provider`, certified) on a free port of 127.0.0.1, whose people sign in and consent
// at once. Before it stands a thin layer that can spoil what it says, for what a correct implementation will not do.
// Used by the tests here and by the browser tests.

import { createServer } from "node:http";

import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

let keys = 0;

// A signing key with a name of its own.
async function newKey() {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  keys += 1;
  return { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: `key-${keys}` };
}

export class IdentityProvider {
  // Listens; who asks before `serve` gets 503.
  static async listen() {
    const made = new IdentityProvider();
    // People by subject; `who` is the one who sits at the browser.
    made.people = {};
    made.who = undefined;
    made.spoilt = {};
    made.asked = [];
    made.server = createServer((request, response) => made.answer(request, response));
    await new Promise((resolve) => made.server.listen(0, "127.0.0.1", resolve));
    made.issuer = `http://127.0.0.1:${made.server.address().port}`;
    return made;
  }

  // Begins to serve the hub at `url`, under the name `slug` that it has there.
  async serve(url, slug, client = {}) {
    this.client = {
      client_id: "hub",
      client_secret: "the-secret-of-the-hub-0123456789",
      redirect_uris: [`${url}/sign-in/${slug}/callback`],
      post_logout_redirect_uris: [`${url}/sign-in`],
      id_token_signed_response_alg: "ES256",
      ...client,
    };
    await this.rotate();
  }

  // Signs with another key from now on, and no longer knows the one before.
  async rotate() {
    this.key = await newKey();
    const provider = new Provider(this.issuer, {
      clients: [this.client],
      jwks: { keys: [this.key] },
      cookies: { keys: ["a key of the provider's own cookies"] },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
      scopes: ["openid", "offline_access", "email", "profile", "groups"],
      features: {
        devInteractions: { enabled: false },
        rpInitiatedLogout: {
          enabled: true,
          // Asks nobody: the form posts itself in a browser, and is found by whoever has no scripts.
          logoutSource: (ctx, form) => {
            ctx.body = `<!DOCTYPE html><title>Sign out</title>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out there too</button>`;
          },
        },
      },
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_, sub) => this.people[sub] && { accountId: sub, claims: () => ({ sub, ...this.people[sub] }) },
      ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, Interaction: 600, Grant: 600, Session: 600 },
    });
    // Its own words about a development set-up and about refusals are not the test's.
    provider.on("server_error", (_, error) => console.error(error));
    this.provider = provider;
    this.handle = provider.callback();
  }

  // From now on: no connection is answered at all.
  down() {
    this.broken = true;
  }

  up() {
    this.broken = false;
  }

  async answer(request, response) {
    const path = new URL(request.url, this.issuer).pathname;
    this.asked.push(path);
    if (this.broken) return request.socket.destroy();
    if (this.spoilt[path]) return this.spoilt[path](request, response);
    // What a browser asks of every site.
    if (path === "/favicon.ico") return response.writeHead(204).end();
    if (!this.handle) return response.writeHead(503).end();
    if (path.startsWith("/interaction/")) return this.interact(request, response);
    if (path === "/token" && this.spoilToken) this.respell(response);
    return this.handle(request, response);
  }

  // Signs the person in and consents, or says no for them.
  async interact(request, response) {
    const { provider } = this;
    const { params, prompt, session } = await provider.interactionDetails(request, response);
    if (!this.who) {
      return provider.interactionFinished(request, response, { error: "access_denied" });
    }
    const accountId = session?.accountId ?? this.who;
    if (prompt.name === "login") {
      return provider.interactionFinished(request, response, { login: { accountId: this.who, remember: false } });
    }
    const grant = new provider.Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
  }

  // Rewrites the answer of the token endpoint: `spoilToken` gets the claims and a way to sign them.
  respell(response) {
    const pieces = [];
    const { end } = response;
    const { spoilToken } = this;
    response.write = (piece) => pieces.push(Buffer.from(piece)) > 0;
    response.end = async (piece) => {
      if (piece) pieces.push(Buffer.from(piece));
      let text = Buffer.concat(pieces).toString();
      const told = JSON.parse(text);
      if (told.id_token) {
        const sign = (claims, key = this.key) => new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: key.kid }).sign(key);
        text = JSON.stringify(await spoilToken(told, decodeJwt(told.id_token), sign));
        response.setHeader("content-length", Buffer.byteLength(text));
      }
      end.call(response, text);
    };
  }

  // A key that this provider does not know, under the name of the one that it has.
  async stolenName() {
    return { ...(await newKey()), kid: this.key.kid };
  }

  async end() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
