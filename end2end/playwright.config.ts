// How the browser tests run: Debian's own Chromium (tools/find-chromium.sh), and every spec twice, with JavaScript and without.
// Two kinds run once, with it: `*.island.spec.ts` tests what only moves with JavaScript, and `*.script.spec.ts` looks at
// pages by means of a script (axe) or is the same either way.
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// tools/test.sh names the browser; by hand, Debian's places will do.
const places = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
const executablePath = process.env.HUB_CHROMIUM || places.find((place) => existsSync(place));

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  fullyParallel: false,
  // One more than there are processors on a small machine: a test waits for frames, clocks and answers as well.
  workers: 3,
  // Three browsers, three hubs and two cores: in CI two more tries are granted, and Playwright's summary calls it flaky.
  retries: process.env.CI ? 2 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  // Long enough for a machine that has other things to do; a test that passes does not wait.
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    screenshot: "only-on-failure",
    // A trace of every test that passes costs a fifth of the time.
    trace: process.env.HUB_TRACE ? "retain-on-failure" : "on-first-retry",
    launchOptions: {
      executablePath,
      // Nothing that leaves for the network on its own, and no sandbox where tests run as root.
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // No name is ever looked up: what leaves the machine by mistake fails, and the watch sees it.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      ],
    },
  },
  projects: [
    { name: "with JavaScript", use: { javaScriptEnabled: true } },
    { name: "without JavaScript", testIgnore: /\.(island|script)\.spec\.ts$/, use: { javaScriptEnabled: false } },
  ],
});
