import { join } from "node:path";
import { claimDirectory } from "./directory.ts";
import { coded } from "./error.ts";
import type { SpoolFiles } from "./files.ts";
import type { KeepContext } from "./keep.ts";
import {
  IDENTITY_NAME,
  listSpool,
  MARK_NAME,
  partPath,
  QUARANTINE_NAME,
  segmentsOf,
  stemOf,
} from "./layout.ts";
import { nodeFiles } from "./node-files.ts";

type AsideContext = Pick<KeepContext, "files" | "dir">;

/** A name tried more often than this was put there to be in the way. */
const NAMES_MAX = 10_000;

/**
 * Moves a link, directory, pipe or device out of the way, as it is: what a link leads to is not touched.
 * @returns where it is now, or null when it is what it should be, or nothing
 */
export async function moveIrregular(context: AsideContext, name: string): Promise<string | null> {
  const facts = await context.files.lstat(join(context.dir, name));
  const right = name === QUARANTINE_NAME ? "directory" : "file";
  if (facts === null || facts.kind === right) return null;
  return await moveAside(context, name);
}

/** Into the quarantine; the quarantine itself beside it. Nothing that is there already is replaced. */
export async function moveAside({ files, dir }: AsideContext, name: string): Promise<string> {
  if (name !== QUARANTINE_NAME) {
    await moveIrregular({ files, dir }, QUARANTINE_NAME);
    await claimDirectory(files, join(dir, QUARANTINE_NAME));
  }
  const to = await freeName(
    { files, dir },
    name === QUARANTINE_NAME ? name : join(QUARANTINE_NAME, name),
  );
  await files.rename(join(dir, name), join(dir, to));
  await files.syncDir(dir);
  return to;
}

/** Names in the quarantine of what was none of the spool's own files. @throws SIGIL_SPOOL_IO */
export async function listAside(
  dir: string,
  files: SpoolFiles = nodeFiles,
): Promise<readonly string[]> {
  const quarantine = join(dir, QUARANTINE_NAME);
  return await coded("cannot list the quarantine", async () => {
    if ((await files.lstat(quarantine))?.kind !== "directory") return [];
    return (await files.readdir(quarantine)).filter((name) => /\.moved(-\d+)?$/.test(name));
  });
}

/** Keeps what is about to be replaced, where that can be: a full disk must not keep the spool from opening. */
export async function keepAside(context: AsideContext, name: string): Promise<string | null> {
  try {
    return await moveAside(context, name);
  } catch {
    return null;
  }
}

async function freeName({ files, dir }: AsideContext, name: string): Promise<string> {
  for (let again = 1; again < NAMES_MAX; again += 1) {
    const tried = `${name}.moved${again === 1 ? "" : `-${again}`}`;
    if ((await files.lstat(join(dir, tried))) === null) return tried;
  }
  return `${name}.moved`;
}

/** What recovery works on must be regular files: nothing put in their place may keep the spool from opening. */
export async function moveIrregulars(context: KeepContext): Promise<void> {
  for (const name of [QUARANTINE_NAME, IDENTITY_NAME, MARK_NAME]) await moveReported(context, name);
  for (;;) {
    const last = segmentsOf(await listSpool(context.files, context.dir)).at(-1);
    if (last === undefined) return;
    await moveReported(context, `${stemOf(last.first)}.idx`);
    if (!(await moveReported(context, `${stemOf(last.first)}.jsonl`))) return;
  }
}

/** @returns whether it was moved */
export async function moveReported(context: KeepContext, name: string): Promise<boolean> {
  const to = await moveIrregular(context, name);
  if (to !== null) context.report({ kind: "moved_aside", file: name, to });
  return to !== null;
}

/** A directory in the place of a new file: the one thing that cannot be unlinked. */
export async function clearTheWay(
  context: AsideContext,
  first: number,
  part: "jsonl" | "idx",
): Promise<void> {
  const facts = await context.files.lstat(partPath(context.dir, first, part));
  if (facts?.kind === "directory") await moveAside(context, `${stemOf(first)}.${part}`);
}
