// A new database on the PostgreSQL that `HUB_TEST_POSTGRES_URL` names; `tools/postgres.sh` starts a throwaway one.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { projectRoot } from "./process.ts";

/** Makes an empty database and gives back its address. It goes with its server, which lives as long as the tests. */
export function newDatabase(): string {
  const server = process.env.HUB_TEST_POSTGRES_URL;
  if (!server) throw new Error("HUB_TEST_POSTGRES_URL is not set: run this through `make test-browser`, or under `tools/postgres.sh`");
  const name = `browser_${randomBytes(6).toString("hex")}`;
  const programs = execFileSync(join(projectRoot, "tools/find-postgres.sh"), { encoding: "utf8" }).trim();
  execFileSync(join(programs, "psql"), ["-X", "-q", "-d", server, "-c", `CREATE DATABASE ${name}`]);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
