// Pictures of every page, for people to look at: `npm run screens`. They go to HUB_SCREENS, or to target/screens.
import { defineConfig } from "@playwright/test";
import tests from "./playwright.config.ts";

export default defineConfig({
  ...tests,
  testDir: "screens",
  timeout: 120_000,
  use: { ...tests.use, screenshot: "off", trace: "off" },
  projects: [{ name: "pictures" }],
});
