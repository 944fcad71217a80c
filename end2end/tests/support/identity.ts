// A real OpenID Connect provider for a test: the one of tests/sdk, and how an admin adds it in the console.
import { expect, type Page } from "@playwright/test";
// @ts-expect-error: plain JavaScript
import { IdentityProvider } from "../../../tests/sdk/identity/provider.mjs";
import type { Watch } from "./watch.ts";

/** The provider, as far as tests use it. */
export interface Company {
  issuer: string;
  people: Record<string, { email: string; email_verified: boolean; groups?: string[] }>;
  who: string | undefined;
  serve(url: string, slug: string): Promise<void>;
  down(): void;
  end(): Promise<void>;
}

const secret = "the-secret-of-the-hub-0123456789";

/** Starts a provider for the hub at `url`, which knows it as `company`. Browsers may go there from now on. */
export async function startCompany(url: string, watch: Watch): Promise<Company> {
  const company = (await IdentityProvider.listen()) as Company;
  await company.serve(url, "company");
  watch.allow(new RegExp(`^request off the origin: (GET|POST) ${company.issuer}/`));
  return company;
}

/** Adds it in the console, as an admin who is signed in. */
export async function addCompany(page: Page, company: Company, rules = ""): Promise<void> {
  await page.goto("/identity-providers");
  await page.getByRole("link", { name: "Add identity provider" }).click();
  await page.getByRole("link", { name: /^OpenID Connect/ }).click();
  await page.getByLabel("Name on its button").fill("Company");
  await page.getByLabel("Name in addresses").fill("company");
  await page.getByLabel("Issuer").fill(company.issuer);
  await page.getByLabel("Client id").fill("hub");
  await page.getByLabel("Client secret").fill(secret);
  await page.getByLabel("Scopes").fill("openid email profile groups");
  await page.getByLabel("Mail domains that may come").fill("example.com");
  await page.getByLabel("Roles by claims").fill(rules);
  await page.getByRole("button", { name: "Test and add provider" }).click();
  await expect(page.getByText(/Company answers\. Signing keys: 1/)).toBeVisible();
}
