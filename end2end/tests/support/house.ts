// Where a test takes place: a hub, the fake provider behind it, and who is signed in. Kept for the life of a worker, by name.
import { request, type BrowserContextOptions } from "@playwright/test";
import { equip, furnish, type Equipment, type Furniture } from "./furnish.ts";
import { Hub } from "./hub.ts";
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

type State = Exclude<BrowserContextOptions["storageState"], string | undefined>;

/** The people of an "owned" hub. */
export const people = {
  admin: { email: "ada@example.com", password: "correct horse battery" },
  member: { email: "moss@example.com", password: "grass stone water" },
};

/** A hub with its provider and its people. */
export class House {
  private readonly states = new Map<Role, Promise<State>>();

  private constructor(
    readonly hub: Hub,
    private readonly equipped?: Equipment,
    private readonly furnished?: Furniture,
    private provider?: Promise<Upstream>,
  ) {}

  static async build(stage: Stage, database?: string, words: string[] = [], mail = false): Promise<House> {
    const hub = await Hub.start(database, words, mail);
    try {
      if (stage === "new") return new House(hub);
      await hub.command(["user", "create", "--email", people.admin.email, "--role", "admin", "--password-stdin"], people.admin.password);
      await hub.command(["user", "create", "--email", people.member.email, "--password-stdin"], people.member.password);
      if (stage === "owned") return await new House(hub).welcomed();
      const upstream = await Upstream.start();
      const equipment = await equip(hub, upstream);
      const furniture = stage === "furnished" ? await furnish(hub, upstream, equipment) : undefined;
      return await new House(hub, equipment, furniture, Promise.resolve(upstream)).welcomed();
    } catch (error) {
      await hub.stop();
      throw error;
    }
  }

  /** The member has been here before: who comes first is shown how to begin. */
  private async welcomed(): Promise<this> {
    await this.state("member");
    return this;
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

  async leave(): Promise<void> {
    await this.hub.stop();
    await (await this.provider)?.stop();
  }
}

/** The houses of a worker. */
export class Street {
  private readonly houses = new Map<string, Promise<House>>();

  /** The house of this name, or the one that all share. */
  house(name: string, stage: Stage, alone: boolean, mail = false): Promise<House> {
    const key = stage === "furnished" && !alone && !mail ? stage : `${name} ${stage} ${mail}`;
    let house = this.houses.get(key);
    if (!house) {
      house = House.build(stage, undefined, [], mail);
      this.houses.set(key, house);
    }
    return house;
  }

  async leave(): Promise<void> {
    await Promise.allSettled([...this.houses.values()].map(async (house) => (await house).leave()));
  }
}
