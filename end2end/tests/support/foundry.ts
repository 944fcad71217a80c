// Moulds that all workers share: whoever needs one first makes it, the others wait for it. They lie in the run's folder of results,
// which Playwright empties at the beginning of each run.
import { cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Equipment, Furniture } from "./furnish.ts";
import type { Role, State } from "./house.ts";

/** What a house was when its hub was stopped: all but the hub's files. */
export interface Account {
  /** Who was signed in. */
  states: Partial<Record<Role, State>>;
  equipment?: Equipment;
  furniture?: Furniture;
  /** Where its provider listened. */
  provider?: string;
}

/** A mould that may be copied and must not be changed. */
export interface Shared extends Account {
  /** The hub's files. */
  folder: string;
}

/** The moulds of a run. */
export class Foundry {
  constructor(private readonly folder: string) {}

  /** The mould of this name. `make` is called once in all workers; the files that it answers with are taken away. */
  async once(name: string, make: () => Promise<{ folder: string; account: Account }>): Promise<Shared> {
    const [place, lock] = [join(this.folder, name), join(this.folder, `${name}.lock`)];
    const written = join(place, "account.json");
    await mkdir(this.folder, { recursive: true });
    for (;; await pause(50)) {
      if (await exists(written)) return { folder: join(place, "hub"), ...(JSON.parse(await readFile(written, "utf8")) as Account) };
      if (!(await taken(lock))) continue;
      // Another may have made it between the two looks.
      if (await exists(written)) continue;
      try {
        const { folder, account } = await make();
        await cp(folder, join(place, "hub"), { recursive: true });
        await rm(folder, { recursive: true });
        await writeFile(`${written}.new`, JSON.stringify(account));
        await rename(`${written}.new`, written);
      } finally {
        await rm(lock, { force: true });
      }
    }
  }
}

/** Takes the lock, also that of a worker that is gone. */
async function taken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const holder = Number(await readFile(lock, "utf8").catch(() => ""));
    // Of those who see that it is gone, one moves the lock away.
    if (holder && !(await exists(`/proc/${holder}`))) await rename(lock, `${lock}.${process.pid}`).catch(() => {});
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
