// Listens to everything a browser does in a test and remembers what must not happen: console errors (refused by the content
// policy among them), uncaught errors, failed requests, and any request that leaves the origin. `test.ts` fails the test
// for each; `guard.spec.ts` proves that it does.
import type { BrowserContext, ConsoleMessage, Page, Request, Response, WebError } from "@playwright/test";

/** A request that the browser gave up because the person went on: a navigation that was replaced, a stream that was stopped. */
const GIVEN_UP = "net::ERR_ABORTED";

/** A page offers its script all the same; a browser that may not run it says so in these words. */
const UNSCRIPTED = [/^failed request: GET \S+\/pkg\/hub\.js(\?\S*)? \(csp\)$/, /^console warning: The resource \S+\/pkg\/hub\.wasm\S* was preloaded .* but not used/];

/** What was seen. */
export class Watch {
  /** What must not happen and did. */
  private found: string[] = [];
  /** What a test brings about on purpose. */
  private allowed: RegExp[] = [];

  /** Requests may only go to `origin`. */
  constructor(private readonly origin: string) {}

  /** Watches all pages of `context`, those that are opened later too; `scripts` says whether they may run any. What it answers ends
   *  that. */
  follow(context: BrowserContext, scripts = true): () => void {
    const note = (problem: string) => {
      if (scripts || !UNSCRIPTED.some((known) => known.test(problem))) this.found.push(problem);
    };
    const request = (request: Request) => {
      const url = new URL(request.url());
      // `data:` and `blob:` go nowhere.
      if (/^(https?|wss?):$/.test(url.protocol) && url.origin !== this.origin) note(`request off the origin: ${request.method()} ${request.url()}`);
    };
    const failed = (request: Request) => {
      const reason = request.failure()?.errorText ?? "unknown";
      if (reason !== GIVEN_UP) note(`failed request: ${request.method()} ${request.url()} (${reason})`);
    };
    const response = (response: Response) => {
      if (response.status() >= 500) note(`status ${response.status()}: ${response.request().method()} ${response.url()}`);
    };
    const error = (error: WebError) => note(`uncaught error: ${error.error().message}`);
    const message = (message: ConsoleMessage) => {
      if (message.type() === "error" || message.type() === "warning") note(`console ${message.type()}: ${message.text()}`);
    };
    const opened = (page: Page) => page.on("crash", () => note(`page crashed: ${page.url()}`));
    context.on("request", request).on("requestfailed", failed).on("response", response);
    context.on("weberror", error).on("console", message).on("page", opened);
    return () => {
      context.off("request", request).off("requestfailed", failed).off("response", response);
      context.off("weberror", error).off("console", message).off("page", opened);
    };
  }

  /** From now to the end of the test, what this describes is what the test is about. */
  allow(...expected: RegExp[]): void {
    this.allowed.push(...expected);
  }

  /** The page that is opened next answers with this status; Chromium tells the console about it. */
  expectStatus(status: number): void {
    this.allow(new RegExp(`^console error: Failed to load resource: the server responded with a status of ${status} `));
  }

  /** What was seen and not expected, so far. */
  get problems(): string[] {
    return this.found.filter((problem) => !this.allowed.some((expected) => expected.test(problem)));
  }

  /** The same, and forgets it: for the test that proves that this class sees what it should. */
  take(): string[] {
    const problems = this.problems;
    this.found = [];
    return problems;
  }
}
