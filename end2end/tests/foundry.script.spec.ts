// What all workers share is made by one of them, also when another has failed at it or died over it. No page is opened.
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Foundry } from "./support/foundry.ts";

/** A mould with one file. */
async function make(content: string): Promise<{ folder: string; account: { states: object; provider: string } }> {
  const folder = await mkdtemp(join(tmpdir(), "hub-foundry-"));
  await writeFile(join(folder, "hub.db"), content);
  return { folder, account: { states: {}, provider: content } };
}

test("many ask, one makes it", async ({}, info) => {
  const folder = info.outputPath("moulds");
  let made = 0;
  const asked = Array.from({ length: 5 }, () => new Foundry(folder).once("owned", () => make(`number ${(made += 1)}`)));
  for (const shared of await Promise.all(asked)) {
    expect(shared.provider).toBe("number 1");
    expect(await readFile(join(shared.folder, "hub.db"), "utf8")).toBe("number 1");
  }
  expect(made).toBe(1);
});

test("who fails at it leaves it to the next", async ({}, info) => {
  const foundry = new Foundry(info.outputPath("moulds"));
  await expect(foundry.once("owned", () => Promise.reject(new Error("no room")))).rejects.toThrow("no room");
  expect((await foundry.once("owned", () => make("whole"))).provider).toBe("whole");
});

test("who died over it holds nobody up", async ({}, info) => {
  const folder = info.outputPath("moulds");
  await mkdir(folder, { recursive: true });
  const { pid } = spawnSync("true");
  await writeFile(join(folder, "owned.lock"), String(pid));
  const asked = Array.from({ length: 3 }, (_, number) => new Foundry(folder).once("owned", () => make(`by ${number}`)));
  const all = await Promise.all(asked);
  expect(new Set(all.map((shared) => shared.provider)).size).toBe(1);
});
