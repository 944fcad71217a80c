// Where a test takes place: a hub, the fake provider behind it, and who is signed in. `street.ts` keeps them.
import { request, type BrowserContextOptions } from "@playwright/test";
import { equip, furnish, type Equipment, type Furniture } from "./furnish.ts";
import type { Account } from "./foundry.ts";
import { Hub, type Start } from "./hub.ts";
import { Upstream } from "./upstream.ts";

/** How far a hub is set up when a test gets it. */
export type Stage =
  /** Just started; nobody can sign in. */
  | "new"
  /** With an admin and a member. */
  | "owned"
  /** With a provider and a key besides. */
  | "equipped"
  /** With more providers, keys, and calls. Shared unless a test asks for one alone: leave it as it is. */
  | "furnished";

/** Who looks at the pages. */
export type Role = "nobody" | "admin" | "member";

/** The cookies of somebody who is signed in. */
export type State = Exclude<BrowserContextOptions["storageState"], string | undefined>;

/** The people of an "owned" hub. */
export const people = {
  admin: { email: "ada@example.com", password: "correct horse battery" },
  member: { email: "moss@example.com", password: "grass stone water" },
};

/** What a house was when its hub was stopped, to build houses from. */
export interface Mould {
  /** The hub's files. */
  folder: string;
  /** What else there was to know of it. */
  account: Account;
}

/** A hub with its provider and its people. */
export class House {
  private constructor(
    readonly hub: Hub,
    private provider?: Promise<Upstream>,
    private readonly states = new Map<Role, Promise<State>>(),
    private equipped?: Equipment,
    private furnished?: Furniture,
  ) {}

  /** One with a hub in which nobody has been. */
  static async empty(options: Start = {}): Promise<House> {
    return new House(await Hub.start(options));
  }

  /** One like that from which the mould was made. `upstream` stands where the provider of the mould stood. */
  static async cast(mould: Mould, upstream: Upstream, mail = false): Promise<House> {
    const hub = await Hub.start({ mail, from: mould.folder });
    const { states, equipment, furniture } = mould.account;
    const known = Object.entries(states).map(([role, state]) => [role as Role, Promise.resolve(state)] as const);
    return new House(hub, Promise.resolve(upstream), new Map(known), equipment, furniture);
  }

  /** Brings it from the stage before to this one. */
  async fill(stage: Exclude<Stage, "new">): Promise<void> {
    if (stage === "owned") {
      await this.hub.command(["user", "create", "--email", people.admin.email, "--role", "admin", "--password-stdin"], people.admin.password);
      await this.hub.command(["user", "create", "--email", people.member.email, "--password-stdin"], people.member.password);
      // The member has been here before: who comes first is shown how to begin.
      await this.state("member");
    } else if (stage === "equipped") {
      this.equipped = await equip(this.hub, await this.upstream());
    } else {
      this.furnished = await furnish(this.hub, await this.upstream(), this.equipment);
    }
  }

  /** Stops its hub and gives back what it was; its files are the caller's. */
  async mould(): Promise<Mould> {
    const folder = await this.hub.rest();
    const states: Account["states"] = {};
    for (const [role, state] of this.states) states[role] = await state;
    const provider = (await this.provider)?.baseUrl;
    return { folder, account: { states, equipment: this.equipped, furniture: this.furnished, provider } };
  }

  /** What an equipped hub has. */
  get equipment(): Equipment {
    if (!this.equipped) throw new Error("this hub is not equipped");
    return this.equipped;
  }

  /** What stands in a furnished hub. */
  get things(): Furniture {
    if (!this.furnished) throw new Error("this hub is not furnished");
    return this.furnished;
  }

  /** The fake provider of this house. */
  upstream(): Promise<Upstream> {
    this.provider ??= Upstream.start();
    return this.provider;
  }

  /** The cookies of somebody who signed in once, shared by all tests of this house. */
  state(role: Role): Promise<State> {
    let state = this.states.get(role);
    if (!state) {
      state = this.signIn(role);
      this.states.set(role, state);
    }
    return state;
  }

  private async signIn(role: Role): Promise<State> {
    if (role === "nobody") return { cookies: [], origins: [] };
    const browser = await request.newContext({ baseURL: this.hub.url });
    const page = await (await browser.get("/sign-in")).text();
    const action = page.match(/action="(\/do\/[^"]*\/sign_in)"/)?.[1];
    if (!action) throw new Error("the sign-in page has no form");
    const answer = await browser.post(action, { form: people[role], headers: { origin: this.hub.url } });
    if (!answer.ok() || answer.url().includes("/sign-in")) throw new Error(`${role} could not sign in: ${answer.status()} ${answer.url()}`);
    const state = await browser.storageState();
    await browser.dispose();
    return state;
  }

  /** Ends its hub, and its provider where that is its own. */
  async leave(): Promise<void> {
    await this.hub.stop();
    await (await this.provider)?.stop();
  }
}
