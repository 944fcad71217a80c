// What people do on several pages, in the words of the pages.
import { expect, type Page } from "@playwright/test";

/** Somebody who can sign in. */
export interface Person {
  email: string;
  password: string;
}

/** Types e-mail and password on the sign-in page that is open, and presses the button. */
export async function fillSignIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in and waits for the page behind, whose navigation may speak another language. */
export async function signIn(page: Page, person: Person, navigation = "Main"): Promise<void> {
  await page.goto("/sign-in");
  await fillSignIn(page, person);
  await expect(page.getByRole("navigation", { name: navigation })).toBeAttached();
}

/** Presses "Sign out" in the person's own menu. */
export async function signOut(page: Page): Promise<void> {
  await page.locator("summary").filter({ hasText: "Account of " }).click();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Sign in to AIGNE Hub" })).toBeVisible();
}

/** Adds a server known by its base URL alone, and arrives at its page. */
export async function addServer(page: Page, name: string, title: string, baseUrl: string, credential: string): Promise<void> {
  await page.goto("/providers/new");
  await page.getByRole("link", { name: /^OpenAI-compatible/ }).click();
  await page.getByLabel("Name for people").fill(title);
  await page.getByLabel("Name in model names").fill(name);
  await page.getByLabel("Base URL").fill(baseUrl);
  await page.getByLabel("API key of the provider").fill(credential);
  await page.getByRole("button", { name: "Add and test provider" }).click();
  await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
}

/** Makes a key and gives back its secret from the page that shows it once. */
export async function createKey(page: Page, name: string): Promise<string> {
  await page.goto("/keys/new");
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("heading", { name: `Key “${name}” is ready` })).toBeVisible();
  return page.getByLabel("The new key").inputValue();
}

/** Changes a setting by its page: `choose` fills in the new value. Arrives at the settings, which say what it is now. */
export async function changeSetting(page: Page, name: string, choose: (page: Page) => Promise<void>): Promise<void> {
  await page.goto(`/settings/change/${name}`);
  await choose(page);
  await page.getByRole("button", { name: "Look at the change" }).click();
  await page.getByRole("button", { name: "Change it" }).click();
  await expect(page.getByRole("heading", { name: "Settings", level: 1 })).toBeVisible();
}
