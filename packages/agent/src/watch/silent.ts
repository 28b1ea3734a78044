import { filesystemOf } from "@sigil/host";
import type { Config } from "../config.ts";
import { homesOf } from "../machine.ts";

/** A home on a filesystem that sends no events (NFS, SMB, FUSE); null: all send them, or it cannot be told. */
export async function silentHome(config: Config): Promise<string | null> {
  const { homes } = await homesOf(config);
  for (const home of homes) {
    const filesystem = await filesystemOf(home.path, config.platform);
    if (filesystem.deliversEvents === "no")
      return `${home.path} is on ${filesystem.name}, which sends no events`;
  }
  return null;
}
