// Looks into a hub's own SQLite file from outside, for what no page and no command can bring about: a million rows, a table that
// is gone. Python brings SQLite along, and is there wherever the SDKs are tested.
import { execFile } from "node:child_process";
import { join } from "node:path";
import type { Hub } from "./hub.ts";

const script = `
import json, sqlite3, sys
file, statements = sys.argv[1], json.load(sys.stdin)
base = sqlite3.connect(file, timeout=60, isolation_level=None)
rows = []
for statement in statements:
    rows = base.execute(statement).fetchall()
json.dump(rows, sys.stdout)
`;

/** Runs these statements one after the other, each in a transaction of its own, and gives back the rows of the last. */
export function sql(hub: Pick<Hub, "folder">, ...statements: string[]): Promise<unknown[][]> {
  return new Promise((resolve, reject) => {
    const child = execFile("python3", ["-c", script, join(hub.folder, "hub.db")], { maxBuffer: 2 ** 26 }, (error, out, complaint) => {
      if (error) reject(new Error(complaint || error.message));
      else resolve(JSON.parse(out) as unknown[][]);
    });
    child.stdin?.on("error", () => {}).end(JSON.stringify(statements));
  });
}
