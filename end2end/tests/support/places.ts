// Every page of the console with its states, for the specs that look at all of them and for `screens`.
import type { Furniture } from "./furnish.ts";
import type { Role, Stage } from "./house.ts";

/** A page to look at. */
export interface Place {
  /** Names the test and the picture. */
  name: string;
  /** Where it is, in a furnished hub. */
  path: (things: Furniture) => string;
  /** Whose page it is; the admin's by default. */
  role?: Role;
  /** The status it answers with, when that is not 200. */
  status?: number;
}

const fixed = (path: string) => () => path;

/** The pages of a hub that is in use. */
export const places: Place[] = [
  { name: "sign-in", path: fixed("/sign-in"), role: "nobody" },
  { name: "setup-over", path: fixed("/setup?token=old"), role: "nobody" },
  { name: "forgot-no-mail", path: fixed("/forgot"), role: "nobody" },
  { name: "register-closed", path: fixed("/register"), role: "nobody" },
  { name: "reset-over", path: fixed("/reset?token=old"), role: "nobody" },
  { name: "register-over", path: fixed("/register/complete?token=old"), role: "nobody" },
  { name: "confirm-over", path: fixed("/confirm?token=old"), role: "nobody" },
  { name: "invite-over", path: fixed("/invite?token=old"), role: "nobody" },
  { name: "welcome", path: fixed("/welcome"), role: "member" },
  { name: "invitations-none", path: fixed("/invitations") },
  { name: "invitation-new", path: fixed("/invitations/new") },
  { name: "mail-none", path: fixed("/settings/mail") },
  { name: "home", path: fixed("/") },
  { name: "home-member", path: fixed("/"), role: "member" },
  { name: "calls", path: fixed("/calls") },
  { name: "calls-open", path: ({ calls }) => `/calls?open=${calls.streamed}` },
  { name: "calls-filtered", path: fixed("/calls?state=failed&range=7d") },
  { name: "calls-more-filters", path: ({ providers }) => `/calls?provider=${providers.working}&range=custom` },
  { name: "calls-concern", path: fixed("/calls?range=30d&concern=doubted") },
  { name: "calls-no-match", path: fixed("/calls?model=nothing-like-this") },
  { name: "call", path: ({ calls }) => `/calls/${calls.streamed}` },
  { name: "call-failed", path: ({ calls }) => `/calls/${calls.failed}` },
  { name: "providers", path: fixed("/providers") },
  { name: "provider-new", path: fixed("/providers/new") },
  { name: "provider-new-form", path: fixed("/providers/new?preset=openai") },
  { name: "provider", path: ({ providers }) => `/providers/${providers.working}` },
  { name: "provider-failing", path: ({ providers }) => `/providers/${providers.failing}` },
  { name: "provider-simulated", path: ({ providers }) => `/providers/${providers.simulated}` },
  { name: "provider-edit", path: ({ providers }) => `/providers/${providers.working}/edit` },
  { name: "provider-delete", path: ({ providers }) => `/providers/${providers.working}/delete` },
  { name: "models", path: fixed("/models") },
  { name: "models-able", path: fixed("/models?ability=vision") },
  { name: "provider-new-google", path: fixed("/providers/new?preset=google") },
  { name: "models-no-match", path: fixed("/models?q=nothing-like-this") },
  { name: "prices", path: fixed("/prices") },
  { name: "prices-below-cost", path: fixed("/prices?state=below-cost") },
  { name: "prices-no-match", path: fixed("/prices?q=nothing-like-this") },
  { name: "price", path: ({ models }) => `/prices/${models.priced}` },
  { name: "price-below-cost", path: ({ models }) => `/prices/${models.belowCost}` },
  { name: "price-unpriced", path: ({ models }) => `/prices/${models.unpriced}` },
  { name: "pricing", path: fixed("/pricing"), role: "nobody" },
  { name: "pricing-sorted", path: fixed("/pricing?sort=input&down=1"), role: "nobody" },
  { name: "pricing-no-match", path: fixed("/pricing?q=nothing-like-this"), role: "nobody" },
  { name: "pricing-signed-in", path: fixed("/pricing"), role: "member" },
  { name: "keys", path: fixed("/keys") },
  { name: "keys-all", path: fixed("/keys?all=1") },
  { name: "key-new", path: fixed("/keys/new") },
  { name: "key-shown-before", path: ({ key }) => `/keys/${key.id}/created` },
  { name: "key-revoke", path: ({ key }) => `/keys/${key.id}/revoke` },
  { name: "key-revoked", path: ({ revoked }) => `/keys/${revoked.id}/revoke` },
  { name: "key", path: ({ key }) => `/keys/${key.id}` },
  { name: "key-bound", path: ({ project }) => `/keys/${project.key}`, role: "member" },
  { name: "key-delete", path: ({ key }) => `/keys/${key.id}/delete` },
  { name: "limits-key", path: ({ project }) => `/limits/key/${project.key}` },
  { name: "limits-user", path: ({ users }) => `/limits/user/${users.member}` },
  { name: "keys-no-match", path: fixed("/keys?state=expired") },
  { name: "projects", path: fixed("/projects") },
  { name: "projects-member", path: fixed("/projects"), role: "member" },
  { name: "project-new", path: fixed("/projects/new") },
  { name: "project", path: ({ project }) => `/projects/${project.id}` },
  { name: "project-member", path: ({ project }) => `/projects/${project.id}`, role: "member" },
  { name: "project-edit", path: ({ project }) => `/projects/${project.id}/edit` },
  { name: "project-archive", path: ({ project }) => `/projects/${project.id}/archive` },
  { name: "connect-over", path: fixed("/connect") },
  { name: "connect-done", path: fixed("/connect?done=approved"), role: "member" },
  { name: "users", path: fixed("/users") },
  { name: "users-no-match", path: fixed("/users?q=nobody-like-this") },
  { name: "user-new", path: fixed("/users/new") },
  { name: "user", path: ({ users }) => `/users/${users.member}` },
  { name: "user-credits", path: ({ users }) => `/users/${users.member}/credits` },
  { name: "user-credits-grant", path: ({ users }) => `/users/${users.member}/credits/grant` },
  { name: "user-credits-adjust", path: ({ users }) => `/users/${users.member}/credits/adjust` },
  { name: "user-credits-lot", path: ({ users, lot }) => `/users/${users.member}/credits/lots/${lot}` },
  { name: "credits", path: fixed("/credits"), role: "member" },
  { name: "credits-none", path: fixed("/credits") },
  { name: "user-delete", path: ({ users }) => `/users/${users.member}/delete` },
  { name: "users-role", path: fixed("/users?role=member&state=active") },
  { name: "settings", path: fixed("/settings") },
  { name: "settings-searched", path: fixed("/settings?q=credit") },
  { name: "settings-no-match", path: fixed("/settings?q=nothing-like-this") },
  { name: "setting", path: fixed("/settings/change/mode") },
  { name: "setting-typed", path: fixed("/settings/change/starter-credit?to=nonsense") },
  { name: "setting-preview", path: fixed("/settings/change/mode?to=service-provider") },
  { name: "search", path: fixed("/search") },
  { name: "search-found", path: fixed("/search?q=at") },
  { name: "search-no-match", path: fixed("/search?q=nothing-like-this") },
  { name: "identity-providers-none", path: fixed("/identity-providers") },
  { name: "identity-provider-new", path: fixed("/identity-providers/new") },
  { name: "identity-provider-new-oidc", path: fixed("/identity-providers/new?kind=oidc") },
  { name: "identity-provider-new-github", path: fixed("/identity-providers/new?kind=github") },
  { name: "books", path: fixed("/books") },
  { name: "audit", path: fixed("/audit") },
  { name: "audit-filtered", path: fixed("/audit?range=7d&action=key&who=command%20line") },
  { name: "audit-dates", path: fixed("/audit?range=custom&from=2026-01-01T00:00") },
  { name: "audit-no-match", path: fixed("/audit?before=1") },
  { name: "audit-no-such-thing", path: fixed("/audit?subject=nothing-like-this") },
  { name: "playground", path: fixed("/playground") },
  { name: "account", path: fixed("/account") },
  { name: "forbidden", path: fixed("/providers"), role: "member", status: 403 },
  { name: "not-found", path: fixed("/no/such/page"), status: 404 },
];

/** The pages of a hub in which nothing has happened. */
export const emptyPlaces: Place[] = [
  { name: "empty-home", path: fixed("/") },
  { name: "empty-home-member", path: fixed("/"), role: "member" },
  { name: "empty-calls", path: fixed("/calls") },
  { name: "empty-providers", path: fixed("/providers") },
  { name: "empty-models", path: fixed("/models") },
  { name: "empty-credits", path: fixed("/credits"), role: "member" },
  { name: "empty-books", path: fixed("/books") },
  { name: "empty-prices", path: fixed("/prices") },
  { name: "empty-pricing", path: fixed("/pricing"), role: "nobody" },
  { name: "empty-keys", path: fixed("/keys") },
  { name: "empty-playground", path: fixed("/playground") },
  { name: "empty-playground-member", path: fixed("/playground"), role: "member" },
];

/** Both lists with the stage that each belongs to. */
export const everywhere: Array<{ stage: Stage; all: Place[] }> = [
  { stage: "furnished", all: places },
  { stage: "owned", all: emptyPlaces },
];
