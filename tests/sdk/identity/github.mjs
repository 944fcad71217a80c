// A fake of what GitHub answers to an OAuth app, by its public documentation:
// https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (code, token, errors with status 200),
// https://docs.github.com/en/rest/users/users#get-the-authenticated-user, https://docs.github.com/en/rest/users/emails.

import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const client = { id: "Iv1.0123456789abcdef", secret: "github-secret-0123456789" };

export class Github {
  static async listen() {
    const made = new Github();
    made.client = client;
    made.codes = new Map();
    made.user = { login: "octocat", id: 583231, name: "monalisa octocat", email: null };
    made.emails = [{ email: "octocat@github.com", verified: true, primary: true, visibility: "public" }];
    made.server = createServer((request, response) => made.answer(request, response));
    await new Promise((resolve) => made.server.listen(0, "127.0.0.1", resolve));
    made.url = `http://127.0.0.1:${made.server.address().port}`;
    return made;
  }

  async answer(request, response) {
    const url = new URL(request.url, this.url);
    const json = (status, body) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
      response.end(JSON.stringify(body));
    };
    // The API refuses whoever does not say who they are, and whoever has no token.
    const allowed = request.headers.authorization === `Bearer ${this.token}` && request.headers["user-agent"];
    switch (`${request.method} ${url.pathname}`) {
      case "GET /login/oauth/authorize": {
        const code = randomBytes(10).toString("hex");
        this.codes.set(code, Object.fromEntries(url.searchParams));
        const back = new URL(url.searchParams.get("redirect_uri"));
        back.searchParams.set("code", code);
        back.searchParams.set("state", url.searchParams.get("state"));
        response.writeHead(302, { location: back.href });
        return response.end();
      }
      case "POST /login/oauth/access_token": {
        const pieces = [];
        for await (const piece of request) pieces.push(piece);
        const form = new URLSearchParams(Buffer.concat(pieces).toString());
        const asked = this.codes.get(form.get("code"));
        this.codes.delete(form.get("code"));
        if (request.headers.accept !== "application/json") {
          response.writeHead(200, { "content-type": "application/x-www-form-urlencoded" });
          return response.end("error=this_test_wants_json");
        }
        if (form.get("client_id") !== client.id || form.get("client_secret") !== client.secret) {
          return json(200, { error: "incorrect_client_credentials", error_description: "The client_id and/or client_secret passed are incorrect." });
        }
        const proof = createHash("sha256").update(form.get("code_verifier") ?? "").digest("base64url");
        if (!asked || asked.redirect_uri !== form.get("redirect_uri") || asked.code_challenge !== proof) {
          return json(200, { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." });
        }
        this.scope = asked.scope;
        this.token = `gho_${randomBytes(18).toString("hex")}`;
        return json(200, { access_token: this.token, scope: asked.scope.replace(" ", ","), token_type: "bearer" });
      }
      case "GET /user":
        return allowed ? json(200, this.user) : json(401, { message: "Requires authentication" });
      case "GET /user/emails":
        return allowed ? json(200, this.emails) : json(401, { message: "Requires authentication" });
      default:
        return json(404, { message: "Not Found" });
    }
  }

  async end() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
