// Reads mail that a hub has written into its folder.
import { readFile, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Hub } from "./hub.ts";

/** Where a hub's mail goes. */
export const mailFolder = (hub: { folder: string }) => join(hub.folder, "mail");

/** The path with the token by which a mail to `address` opens `page`, once it has come; the mail is taken away. */
export async function tokenOf(hub: Hub, address: string, page: string): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(50)) {
    const names = await readdir(mailFolder(hub)).catch(() => []);
    for (const name of names) {
      const path = join(mailFolder(hub), name);
      const text = (await readFile(path, "utf8")).replaceAll("=\r\n", "").replaceAll("=3D", "=");
      const found = text.match(new RegExp(`${page}\\?token=[0-9a-f]{64}`))?.[0];
      if (found && text.includes(`To: ${address}`) && text.includes("</html>")) {
        await unlink(path);
        return found;
      }
    }
  }
  throw new Error(`no mail to ${address} has come; log:\n${hub.log}`);
}
