// The houses of a worker. What all houses have in common is built once a run (`foundry.ts`): a hub is set up, stopped, and the houses
// of tests are copies of its folder. Those of a worker share one fake provider, whose address stands in that folder; each sees only
// what arrived since it was built.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Foundry } from "./foundry.ts";
import { House, type Mould, type Stage } from "./house.ts";
import { sql } from "./sqlite.ts";
import { Upstream } from "./upstream.ts";

/** What each stage is built upon. */
const below = { equipped: "owned", furnished: "equipped" } as const;

/** The houses of a worker. */
export class Street {
  private readonly houses = new Map<string, Promise<House>>();
  private readonly moulds = new Map<Stage, Promise<Mould>>();
  private provider?: Promise<Upstream>;
  private file = "";

  constructor(private readonly foundry: Foundry) {}

  /** The house of this file, or the furnished one that all share. Tests of a file follow each other: with the next file the houses of
   *  the last one are left, as a hub that nobody looks at costs something too. */
  async house(file: string, stage: Stage, alone: boolean, mail: boolean): Promise<House> {
    const shared = stage === "furnished" && !alone && !mail;
    if (file !== this.file) {
      await this.end((key) => key !== "furnished");
      this.file = file;
    }
    const key = shared ? stage : `${file} ${stage} ${mail}`;
    let house = this.houses.get(key);
    if (!house) {
      house = this.build(stage, mail);
      this.houses.set(key, house);
    }
    return house;
  }

  private async build(stage: Stage, mail: boolean): Promise<House> {
    if (stage === "new") return House.empty({ mail });
    return House.cast(await this.mould(stage), await this.upstream(), mail);
  }

  private mould(stage: Exclude<Stage, "new">): Promise<Mould> {
    let mould = this.moulds.get(stage);
    if (!mould) {
      mould = this.make(stage);
      this.moulds.set(stage, mould);
    }
    return mould;
  }

  /** The mould that all workers share, with the provider of this one. */
  private async make(stage: Exclude<Stage, "new">): Promise<Mould> {
    const { folder: shared, ...account } = await this.foundry.once(stage, () => this.found(stage));
    const folder = await mkdtemp(join(tmpdir(), "hub-mould-"));
    await cp(shared, folder, { recursive: true });
    const own = account.provider && (await this.upstream()).baseUrl;
    if (own !== account.provider) {
      await sql({ folder }, `UPDATE provider SET base_url = '${own}' WHERE base_url = '${account.provider}'`);
    }
    return { folder, account };
  }

  /** Sets up a hub that is nobody's copy. */
  private async found(stage: Exclude<Stage, "new">): Promise<Mould> {
    const house = stage === "owned" ? await House.empty() : await House.cast(await this.mould(below[stage]), await this.upstream());
    try {
      await house.fill(stage);
    } catch (error) {
      await house.leave();
      throw error;
    }
    return house.mould();
  }

  private async upstream(): Promise<Upstream> {
    this.provider ??= Upstream.start();
    return (await this.provider).anew();
  }

  private async end(which: (key: string) => boolean): Promise<void> {
    const ended = [...this.houses].filter(([key]) => which(key));
    for (const [key] of ended) this.houses.delete(key);
    await Promise.allSettled(ended.map(async ([, house]) => (await house).leave()));
  }

  /** Leaves all of them. */
  async leave(): Promise<void> {
    await this.end(() => true);
    await Promise.allSettled([...this.moulds.values()].map(async (mould) => rm((await mould).folder, { recursive: true, force: true })));
    await (await this.provider)?.stop();
  }
}
